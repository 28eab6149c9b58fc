"""What is served, with the facts that a prompt's author needs in the member `lemma`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from fastapi import APIRouter, Response

from lemma_inference.engines.protocol import Logprobs
from lemma_inference.errors import ModelUnknown


@dataclass(frozen=True, slots=True)
class Served:
    """The served model. `tokenizer` is its pinned tokenizer.json, where it has one; `weights` the SHA-256 of
    the file that is served, so that a measurement can say what it measured; `window` how many tokens of lines
    it reads best at once, 0 for as many as fit."""

    id: str
    context: int
    style: Literal["compact", "full"]
    logprobs: Logprobs
    engine: str
    tokenizer: Path | None = None
    weights: str = ""
    window: int = 0

    def body(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "object": "model",
            "created": 0,
            "owned_by": "lemma",
            "max_model_len": self.context,
            "lemma": {
                "style": self.style,
                "context": self.context,
                "logprobs": self.logprobs,
                "engine": self.engine,
                "weights": self.weights,
                "window": self.window,
            },
        }


def models_router(served: Served) -> APIRouter:
    router = APIRouter(tags=["models"])

    def known(model: str) -> None:
        if model != served.id:
            raise ModelUnknown(f"The model {model!r} is not served here; {served.id!r} is.")

    @router.get("/v1/models", operation_id="models-list")
    async def list_models() -> dict[str, Any]:
        """The models that are served."""
        return {"object": "list", "data": [served.body()]}

    @router.get("/v1/models/{model}", operation_id="models-get")
    async def get_model(model: str) -> dict[str, Any]:
        """One model."""
        known(model)
        return served.body()

    @router.get("/v1/models/{model}/tokenizer", operation_id="models-tokenizer", response_model=None)
    def get_tokenizer(model: str) -> Response:
        """The model's tokenizer.json, so that a client counts tokens by itself; 204 where there is none."""
        known(model)
        if served.tokenizer is None:
            return Response(status_code=204)
        return Response(served.tokenizer.read_bytes(), media_type="application/json")

    return router
