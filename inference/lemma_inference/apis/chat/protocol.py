"""The bodies of OpenAI chat completions, as far as we keep them."""

from typing import Literal, Self

from pydantic import Field, model_validator

from lemma_inference.apis.sampling import Sampling, Strict, Text
from lemma_inference.engines.protocol import Ask


class TextPart(Strict):
    type: Literal["text"]
    text: Text


class Message(Strict):
    """One turn. Content may be text or a list of text parts; pictures are not taken."""

    role: Literal["system", "user", "assistant"]
    content: Text | list[TextPart]

    def plain(self) -> dict[str, str]:
        """Role and content with the parts joined."""
        text = self.content if isinstance(self.content, str) else "".join(p.text for p in self.content)
        return {"role": self.role, "content": text}


class ChatRequest(Sampling):
    """The request body."""

    messages: list[Message] = Field(min_length=1)
    max_completion_tokens: int | None = Field(None, ge=1, le=2**31 - 1)
    logprobs: bool | None = False
    top_logprobs: int | None = Field(None, ge=0, le=20)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.top_logprobs is not None and not self.logprobs:
            raise ValueError("top_logprobs needs logprobs: true")
        if self.max_tokens is not None and self.max_completion_tokens is not None:
            raise ValueError("give max_tokens or max_completion_tokens, not both")
        return self

    def ask(self) -> Ask:
        """The same in the service's words."""
        fields = self.common()
        fields["max_tokens"] = self.max_tokens or self.max_completion_tokens
        return Ask(
            messages=[message.plain() for message in self.messages],
            top_logprobs=(self.top_logprobs or 0) if self.logprobs else None,
            **fields,
        )
