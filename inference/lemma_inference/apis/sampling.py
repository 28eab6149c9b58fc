"""The fields that chats and completions share. What we would ignore is refused, so that nobody believes in
it."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from lemma_inference.engines import grammar

Text = Annotated[str, StringConstraints(strict=True)]


class Strict(BaseModel):
    """A body, or a part of one, that has no other fields."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class StreamOptions(Strict):
    """`continuous_usage_stats` puts the running count on every chunk, as vLLM does."""

    include_usage: bool | None = False
    continuous_usage_stats: bool | None = False


class StructuredOutputs(Strict):
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
        """The same as Lark."""
        if self.json_schema is not None:
            return grammar.json_schema_lark(self.json_schema)
        if self.regex is not None:
            return grammar.regex_lark(self.regex)
        if self.choice is not None:
            return grammar.choice_lark(self.choice)
        return self.grammar


class JsonSchema(Strict):
    name: str = ""
    description: str | None = None
    json_schema: dict[str, Any] | bool = Field(alias="schema")
    strict: bool | None = None


class ResponseFormat(Strict):
    """OpenAI's form of the same."""

    type: Literal["text", "json_object", "json_schema"]
    json_schema: JsonSchema | None = None

    @model_validator(mode="after")
    def _schema_where_due(self) -> Self:
        if (self.type == "json_schema") != (self.json_schema is not None):
            raise ValueError("json_schema belongs to type json_schema, and only there")
        return self

    def lark(self) -> str | None:
        """The same as Lark; None for plain text."""
        if self.type == "text":
            return None
        return grammar.json_schema_lark(
            self.json_schema.json_schema if self.json_schema else {"type": "object"}
        )


class Sampling(Strict):
    """How an answer is drawn, how long it may be, and what it must look like.

    `user`, `metadata` and `store` have no effect on an answer, at OpenAI or here, and are let through. So is
    `priority`, which is taken off: how urgent a request is, its key says.
    """

    model: str
    max_tokens: int | None = Field(None, ge=1, le=2**31 - 1)
    temperature: float | None = Field(1.0, ge=0.0, le=2.0, allow_inf_nan=False)
    top_p: float | None = Field(1.0, gt=0.0, le=1.0, allow_inf_nan=False)
    top_k: int | None = Field(None, ge=-1, le=2**31 - 1)
    min_p: float | None = Field(None, ge=0.0, le=1.0, allow_inf_nan=False)
    presence_penalty: float | None = Field(None, ge=-2.0, le=2.0, allow_inf_nan=False)
    frequency_penalty: float | None = Field(None, ge=-2.0, le=2.0, allow_inf_nan=False)
    repetition_penalty: float | None = Field(None, gt=0.0, le=10.0, allow_inf_nan=False)
    min_tokens: int | None = Field(None, ge=0, le=2**31 - 1)
    ignore_eos: bool | None = False
    seed: int | None = Field(None, ge=0, le=2**32 - 2)
    stop: Text | Annotated[list[Text], Field(max_length=16)] | None = None
    n: Literal[1] | None = 1
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    structured_outputs: StructuredOutputs | None = None
    response_format: ResponseFormat | None = None
    user: str | None = None
    metadata: dict[str, Any] | None = None
    store: bool | None = None
    priority: int | None = None

    @model_validator(mode="after")
    def _sampling_consistent(self) -> Self:
        if self.stream_options is not None and not self.stream:
            raise ValueError("stream_options needs stream: true")
        if self.structured_outputs and self.response_format and self.response_format.type != "text":
            raise ValueError("give structured_outputs or response_format, not both")
        return self

    @property
    def usage_at_end(self) -> bool:
        """Whether a stream ends with a chunk that counts the whole request."""
        return self.stream_options is not None and bool(self.stream_options.include_usage)

    @property
    def usage_on_chunks(self) -> bool:
        """Whether each chunk of a stream carries the count so far."""
        return self.usage_at_end and bool(self.stream_options and self.stream_options.continuous_usage_stats)

    def common(self) -> dict[str, Any]:
        """The fields of an `Ask` that these are."""
        forms = (self.structured_outputs, self.response_format)
        stops = [self.stop] if isinstance(self.stop, str) else self.stop or []
        return {
            "max_tokens": self.max_tokens,
            "temperature": 1.0 if self.temperature is None else self.temperature,
            "top_p": self.top_p or 1.0,
            "top_k": self.top_k,
            "min_p": self.min_p,
            "presence_penalty": self.presence_penalty,
            "frequency_penalty": self.frequency_penalty,
            "repetition_penalty": self.repetition_penalty,
            "min_tokens": self.min_tokens,
            "ignore_eos": bool(self.ignore_eos),
            "grammar": next((lark for form in forms if form and (lark := form.lark()) is not None), None),
            "stop": tuple(stop for stop in stops if stop),
            "seed": self.seed,
        }
