"""The path, and nothing else."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from lemma_inference.apis.answering import CallerOf, as_stream, in_one_piece
from lemma_inference.apis.answers import Completion
from lemma_inference.apis.completions import render
from lemma_inference.apis.completions.protocol import CompletionRequest
from lemma_inference.apis.openapi import answer, failures
from lemma_inference.apis.render import Events, Head
from lemma_inference.apis.serving import Serving
from lemma_inference.callers import Caller


def completions_router(serving: Serving, caller_of: CallerOf) -> APIRouter:
    router = APIRouter(tags=["completions"])

    @router.post(
        "/v1/completions",
        operation_id="completion-complete",
        response_model=None,
        responses=answer(Completion, stream=Completion) | failures(400, 401, 403, 404, 413, 429, 502, 503),
    )
    async def complete(
        body: CompletionRequest, request: Request, caller: Annotated[Caller, Depends(caller_of)]
    ) -> Response:
        """What follows a prompt, in one piece or as a stream."""
        serving.check_model(body.model)
        head = Head(body.model, render.PREFIX)
        deltas = serving.answer(body.ask(), caller, model=body.model, whole=not body.stream)
        if not body.stream:
            whole = render.whole(head, deltas, logprobs=body.logprobs is not None)
            return await in_one_piece(request, whole, lambda: serving.standing(caller))
        events = Events(head, render.KIND, render.Chunks(), body.usage_at_end, body.usage_on_chunks)
        return await as_stream(request, deltas, events, lambda: serving.standing(caller))

    return router
