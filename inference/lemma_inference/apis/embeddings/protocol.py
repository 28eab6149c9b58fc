"""The bodies of OpenAI embeddings, as far as we keep them."""

import base64
import struct
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from lemma_inference.apis.completions.protocol import NonEmpty, Tokens
from lemma_inference.apis.sampling import PRIORITY, ROUNDED, Positive, Strict, Whole
from lemma_inference.engines.protocol import EmbedAsk, Embeddings

# OpenAI's own bound.
MOST_INPUTS = 2048
Truncation = Literal[-1] | Positive
EXAMPLE: JsonDict = {"model": "starter", "input": ["one text", "another"]}


class EmbeddingRequest(Strict):
    """The request body. `input` is a text, token ids, or a list of either. `user` has no effect, and
    `priority` is taken off."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    model: str = Field(description="The id of a served model, as `GET /v1/models` lists it.")
    input: (
        NonEmpty
        | Tokens
        | Annotated[list[NonEmpty], Field(min_length=1, max_length=MOST_INPUTS)]
        | Annotated[list[Tokens], Field(min_length=1, max_length=MOST_INPUTS)]
    )
    encoding_format: Literal["float", "base64"] | None = "float"
    dimensions: Annotated[int, Field(ge=1, le=65_536), ROUNDED] | None = None
    truncate_prompt_tokens: Truncation | None = Field(
        None, description="vLLM's: inputs are cut to so many tokens; -1 is as many as the model reads."
    )
    user: str | None = None
    priority: Whole | None = Field(None, description=PRIORITY)

    def ask(self) -> EmbedAsk:
        """The same in the service's words."""
        given: Any = self.input
        several = isinstance(given, list) and isinstance(given[0], str | list)
        inputs = given if several else [given]
        return EmbedAsk(
            tuple(one if isinstance(one, str) else tuple(one) for one in inputs),
            self.dimensions,
            self.truncate_prompt_tokens,
        )

    def body(self, found: Embeddings) -> dict[str, Any]:
        """The answer."""
        as_text = self.encoding_format == "base64"
        return {
            "object": "list",
            "model": self.model,
            "data": [
                {
                    "object": "embedding",
                    "index": index,
                    "embedding": _base64(vector) if as_text else vector,
                }
                for index, vector in enumerate(found.vectors)
            ],
            "usage": {"prompt_tokens": found.usage.prompt, "total_tokens": found.usage.prompt},
        }


def _base64(vector: tuple[float, ...]) -> str:
    """Four bytes for each number, little-endian, as OpenAI's clients expect."""
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode("ascii")
