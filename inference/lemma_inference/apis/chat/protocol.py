"""The bodies of OpenAI chat completions, as far as we keep them. What we would ignore is refused."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from lemma_inference.engines import grammar
from lemma_inference.engines.protocol import Ask

Text = Annotated[str, StringConstraints(strict=True)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TextPart(_Strict):
    type: Literal["text"]
    text: Text


class Message(_Strict):
    """One turn. Content may be text or a list of text parts; pictures are not taken."""

    role: Literal["system", "user", "assistant"]
    content: Text | list[TextPart]

    def plain(self) -> dict[str, str]:
        """Role and content with the parts joined."""
        text = self.content if isinstance(self.content, str) else "".join(p.text for p in self.content)
        return {"role": self.role, "content": text}


class StreamOptions(_Strict):
    include_usage: bool = False


class StructuredOutputs(_Strict):
    """What the answer must be, in vLLM's form: exactly one of these. `grammar` is Lark for llguidance."""

    grammar: Annotated[Text, StringConstraints(min_length=1)] | None = None
    json_schema: dict[str, Any] | bool | None = Field(None, alias="json")
    regex: Text | None = None
    choice: Annotated[list[Text], Field(min_length=1)] | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if len(self.model_fields_set) != 1 or self.lark() is None:
            raise ValueError("give exactly one of grammar, json, regex, choice")
        return self

    def lark(self) -> str | None:
        if self.json_schema is not None:
            return grammar.json_schema_lark(self.json_schema)
        if self.regex is not None:
            return grammar.regex_lark(self.regex)
        if self.choice is not None:
            return grammar.choice_lark(self.choice)
        return self.grammar


class JsonSchema(_Strict):
    name: str = ""
    description: str | None = None
    json_schema: dict[str, Any] | bool = Field(alias="schema")
    strict: bool | None = None


class ResponseFormat(_Strict):
    """OpenAI's form of the same."""

    type: Literal["text", "json_object", "json_schema"]
    json_schema: JsonSchema | None = None

    @model_validator(mode="after")
    def _schema_where_due(self) -> Self:
        if (self.type == "json_schema") != (self.json_schema is not None):
            raise ValueError("json_schema belongs to type json_schema, and only there")
        return self

    def lark(self) -> str | None:
        if self.type == "text":
            return None
        return grammar.json_schema_lark(
            self.json_schema.json_schema if self.json_schema else {"type": "object"}
        )


class ChatRequest(_Strict):
    """The request body."""

    model: str
    messages: list[Message] = Field(min_length=1)
    max_tokens: int | None = Field(None, ge=1)
    max_completion_tokens: int | None = Field(None, ge=1)
    temperature: float = Field(1.0, ge=0.0, le=2.0, allow_inf_nan=False)
    top_p: float = Field(1.0, gt=0.0, le=1.0, allow_inf_nan=False)
    seed: int | None = Field(None, ge=0, le=2**32 - 2)
    stop: Text | Annotated[list[Text], Field(max_length=16)] | None = None
    n: Literal[1] = 1
    stream: bool = False
    stream_options: StreamOptions | None = None
    logprobs: bool = False
    top_logprobs: int | None = Field(None, ge=0, le=20)
    structured_outputs: StructuredOutputs | None = None
    response_format: ResponseFormat | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.top_logprobs is not None and not self.logprobs:
            raise ValueError("top_logprobs needs logprobs: true")
        if self.stream_options is not None and not self.stream:
            raise ValueError("stream_options needs stream: true")
        if self.max_tokens is not None and self.max_completion_tokens is not None:
            raise ValueError("give max_tokens or max_completion_tokens, not both")
        if self.structured_outputs and self.response_format and self.response_format.type != "text":
            raise ValueError("give structured_outputs or response_format, not both")
        return self

    def ask(self) -> Ask:
        """The same in the service's words."""
        forms = (self.structured_outputs, self.response_format)
        stops = [self.stop] if isinstance(self.stop, str) else self.stop or []
        return Ask(
            messages=[message.plain() for message in self.messages],
            max_tokens=self.max_tokens or self.max_completion_tokens,
            temperature=self.temperature,
            top_p=self.top_p,
            grammar=next((lark for form in forms if form and (lark := form.lark()) is not None), None),
            stop=tuple(stop for stop in stops if stop),
            seed=self.seed,
            top_logprobs=(self.top_logprobs or 0) if self.logprobs else None,
        )
