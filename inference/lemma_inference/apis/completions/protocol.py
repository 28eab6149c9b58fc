"""The bodies of OpenAI completions, as far as we keep them: one prompt, one answer."""

from typing import Annotated, Any, Literal

from pydantic import Field

from lemma_inference.apis.sampling import Sampling, Text
from lemma_inference.engines.protocol import Ask

TokenId = Annotated[int, Field(ge=0, le=2**31 - 1)]
Tokens = Annotated[list[TokenId], Field(min_length=1)]


class CompletionRequest(Sampling):
    """The request body. `prompt` is a text or token ids, alone or as a list of one."""

    prompt: (
        Annotated[Text, Field(min_length=1)]
        | Tokens
        | Annotated[list[Text], Field(min_length=1, max_length=1)]
        | Annotated[list[Tokens], Field(min_length=1, max_length=1)]
    )
    # OpenAI's own default, so that a client that leaves it out gets what it knows.
    max_tokens: int | None = Field(16, ge=1, le=2**31 - 1)
    logprobs: int | None = Field(None, ge=0, le=20)
    echo: Literal[False] | None = False
    best_of: Literal[1] | None = 1
    suffix: Literal[""] | None = None

    def ask(self) -> Ask:
        """The same in the service's words."""
        prompt: Any = self.prompt
        if isinstance(prompt, list) and isinstance(prompt[0], str | list):
            prompt = prompt[0]
        fields = self.common()
        fields["max_tokens"] = self.max_tokens or 16
        return Ask(
            prompt=prompt if isinstance(prompt, str) else tuple(prompt),
            top_logprobs=self.logprobs,
            **fields,
        )
