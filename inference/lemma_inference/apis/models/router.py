"""What is served, with the facts that a prompt's author needs in the member `lemma`."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Response

from lemma_inference.apis.answers import ModelBody, ModelList
from lemma_inference.apis.openapi import answer, failures
from lemma_inference.errors import ModelUnknown
from lemma_inference.fleet import House, Served

TOKENIZER: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The tokenizer.json",
        "content": {"application/json": {"schema": {"type": "object"}}},
    },
    204: {"description": "The model is served without a tokenizer of its own"},
}


def models_router(houses: Mapping[str, House]) -> APIRouter:
    router = APIRouter(tags=["models"])

    def known(model: str) -> Served:
        if model not in houses:
            served = ", ".join(map(repr, houses)) or "none"
            raise ModelUnknown(f"The model {model!r} is not served here; served: {served}.")
        return houses[model].served

    @router.get(
        "/v1/models",
        operation_id="models-list",
        responses=answer(ModelList) | failures(401),
        response_model=None,
    )
    async def list_models() -> dict[str, Any]:
        """The models that are served."""
        return {"object": "list", "data": [house.served.body() for house in houses.values()]}

    @router.get(
        "/v1/models/{model:path}/tokenizer",
        operation_id="models-tokenizer",
        response_model=None,
        responses=TOKENIZER | failures(401, 404),
    )
    def get_tokenizer(model: str) -> Response:
        """The model's tokenizer.json, so that a client counts tokens by itself; 204 where there is none."""
        served = known(model)
        if served.tokenizer is None:
            return Response(status_code=204)
        return Response(served.tokenizer.read_bytes(), media_type="application/json")

    # An id may have slashes in it, as those of hubs do, so this stands after what is more exact.
    @router.get(
        "/v1/models/{model:path}",
        operation_id="models-get",
        response_model=None,
        responses=answer(ModelBody) | failures(401, 404),
    )
    async def get_model(model: str) -> dict[str, Any]:
        """One model."""
        return known(model).body()

    return router
