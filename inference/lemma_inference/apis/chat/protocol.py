"""The bodies of OpenAI chat completions, as far as we keep them."""

from typing import Literal, Self

from pydantic import ConfigDict, Field, model_validator
from pydantic.config import JsonDict

from lemma_inference.apis.rules import needs_true, not_both
from lemma_inference.apis.sampling import Empty, Positive, Sampling, Strict, Top
from lemma_inference.engines.protocol import Ask

EXAMPLE: JsonDict = {
    "model": "starter",
    "messages": [{"role": "user", "content": "Say hello."}],
    "max_tokens": 20,
}


class TextPart(Strict):
    """A piece of a message."""

    type: Literal["text"]
    text: str


class Message(Strict):
    """One turn. Content may be text or a list of text parts; pictures are not taken. `developer` is OpenAI's
    newer word for `system`. The empty fields are those of an answer that is sent back as a part of the
    conversation."""

    role: Literal["system", "developer", "user", "assistant"]
    content: str | list[TextPart]
    refusal: None = None
    annotations: Empty | None = None
    audio: None = None
    function_call: None = None
    tool_calls: Empty | None = None

    def plain(self) -> dict[str, str]:
        """Role and content with the parts joined."""
        text = self.content if isinstance(self.content, str) else "".join(p.text for p in self.content)
        return {"role": "system" if self.role == "developer" else self.role, "content": text}


class ChatRequest(Sampling):
    """The request body. Tools are not offered, so the fields about them are taken where they name none."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [EXAMPLE],
            "allOf": [
                *Sampling.RULES,
                needs_true("top_logprobs", {"type": "integer", "minimum": 1}, "logprobs"),
                not_both("max_tokens", "max_completion_tokens"),
            ],
        }
    )

    messages: list[Message] = Field(min_length=1)
    max_completion_tokens: Positive | None = Field(None, description="The newer name of max_tokens.")
    logprobs: bool | None = False
    top_logprobs: Top | None = None
    tools: Empty | None = None
    tool_choice: Literal["none", "auto"] | None = None
    parallel_tool_calls: bool | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.top_logprobs and not self.logprobs:
            raise ValueError("top_logprobs needs logprobs: true")
        if self.max_tokens is not None and self.max_completion_tokens is not None:
            raise ValueError("give max_tokens or max_completion_tokens, not both")
        return self

    def longest(self) -> int | None:
        return self.max_completion_tokens or self.max_tokens

    def ask(self) -> Ask:
        """The same in the service's words."""
        return Ask(
            messages=[message.plain() for message in self.messages],
            top_logprobs=(self.top_logprobs or 0) if self.logprobs else None,
            **self.common(),
        )
