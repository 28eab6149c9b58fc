"""Counts tokens by the engine's own tokenizer, without the chat template."""

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from lemma_inference.engines.protocol import Engine


class TokenizeRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: str


class TokenizeResponse(BaseModel):
    count: int


def tokenize_router(engine: Engine) -> APIRouter:
    router = APIRouter(tags=["tokenize"])

    @router.post("/tokenize", operation_id="tokenize")
    async def tokenize(body: TokenizeRequest) -> TokenizeResponse:
        """How many tokens the text has."""
        return TokenizeResponse(count=await engine.count(body.text))

    return router
