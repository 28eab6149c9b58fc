"""The bodies of OpenAI completions, as far as we keep them: one prompt, one answer."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field
from pydantic.config import JsonDict

from lemma_inference.apis.sampling import No, One, Positive, Sampling, Top
from lemma_inference.engines.protocol import Ask


def _whole_numbers(value: object) -> object:
    """A prompt may have a hundred thousand of them, so they are not asked one by one."""
    if not isinstance(value, list) or all(type(one) is int for one in value):
        return value
    return [int(one) if isinstance(one, float) and one.is_integer() else one for one in value]


NonEmpty = Annotated[str, Field(min_length=1)]
Tokens = Annotated[
    list[Annotated[int, Field(ge=0, le=2**31 - 1)]],
    Field(min_length=1),
    BeforeValidator(_whole_numbers),
]
# OpenAI's own default, so that a client that leaves it out gets what it knows.
USUAL = 16
EXAMPLE: JsonDict = {"model": "starter", "prompt": "Once upon a time", "max_tokens": 20}


class CompletionRequest(Sampling):
    """The request body. `prompt` is a text or token ids, alone or as a list of one."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE], "allOf": Sampling.RULES})

    prompt: (
        NonEmpty
        | Tokens
        | Annotated[list[NonEmpty], Field(min_length=1, max_length=1)]
        | Annotated[list[Tokens], Field(min_length=1, max_length=1)]
    )
    max_tokens: Positive | None = Field(USUAL, description="At most so many tokens of answer.")
    logprobs: Top | None = None
    echo: No | None = False
    best_of: One | None = 1
    suffix: Literal[""] | None = None

    def longest(self) -> int:
        return self.max_tokens or USUAL

    def ask(self) -> Ask:
        """The same in the service's words."""
        prompt: Any = self.prompt
        if isinstance(prompt, list) and isinstance(prompt[0], str | list):
            prompt = prompt[0]
        return Ask(
            prompt=prompt if isinstance(prompt, str) else tuple(prompt),
            top_logprobs=self.logprobs,
            **self.common(),
        )
