"""The path, and nothing else."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from lemma_inference.apis.answering import CallerOf, in_one_piece
from lemma_inference.apis.answers import EmbeddingList
from lemma_inference.apis.embeddings.protocol import EmbeddingRequest
from lemma_inference.apis.openapi import answer, failures
from lemma_inference.apis.serving import Serving
from lemma_inference.callers import Caller


def embeddings_router(serving: Serving, caller_of: CallerOf) -> APIRouter:
    router = APIRouter(tags=["embeddings"])

    @router.post(
        "/v1/embeddings",
        operation_id="embeddings-create",
        response_model=None,
        responses=answer(EmbeddingList) | failures(400, 401, 403, 404, 413, 429, 502, 503),
    )
    async def create(
        body: EmbeddingRequest, request: Request, caller: Annotated[Caller, Depends(caller_of)]
    ) -> Response:
        """A vector for each text."""
        serving.check_model(body.model)

        async def found() -> dict[str, Any]:
            return body.body(await serving.embed(body.ask(), caller, model=body.model))

        return await in_one_piece(request, found(), lambda: serving.standing(caller))

    return router
