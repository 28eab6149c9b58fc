"""Counts tokens by the engine's own tokenizer, without the chat template."""

from collections.abc import Mapping

from fastapi import APIRouter
from pydantic import BaseModel

from lemma_inference.apis.openapi import failures
from lemma_inference.apis.sampling import Strict
from lemma_inference.errors import EngineUnavailable, InvalidRequest, ModelUnknown
from lemma_inference.fleet import House


class TokenizeRequest(Strict):
    """`model` may be left out where one model is served."""

    text: str
    model: str | None = None


class TokenizeResponse(BaseModel):
    count: int


def tokenize_router(houses: Mapping[str, House]) -> APIRouter:
    router = APIRouter(tags=["tokenize"])

    def house(model: str | None) -> House:
        if model is None and len(houses) == 1:
            return next(iter(houses.values()))
        if model is None:
            raise InvalidRequest("Several models are served here; say which by model.", param="model")
        if model not in houses:
            raise ModelUnknown(f"The model {model!r} is not served here.")
        return houses[model]

    @router.post("/tokenize", operation_id="tokenize", responses=failures(400, 401, 404, 413, 503))
    async def tokenize(body: TokenizeRequest) -> TokenizeResponse:
        """How many tokens the text has."""
        member = next((m for m in house(body.model).members.values() if m.available()), None)
        if member is None:
            raise EngineUnavailable("No engine of this model answers. Try again shortly.")
        return TokenizeResponse(count=await member.engine.count(body.text))

    return router
