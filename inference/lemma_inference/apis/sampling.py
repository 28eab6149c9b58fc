"""The fields that chats and completions share. What we would ignore is refused, so that nobody believes in
it."""

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic.config import JsonValue

from lemma_inference.apis.rules import belongs_to, exactly_one, needs_true, not_both
from lemma_inference.engines import grammar


def _whole(value: object) -> object:
    """JSON knows one kind of number, in which 5.0 is 5."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _nothing(value: bool) -> bool:
    if value:
        raise ValueError("only false is taken")
    return value


ROUNDED = BeforeValidator(_whole)
Whole = Annotated[int, ROUNDED]
# Numbers that engines keep in 32 bits.
Count = Annotated[int, Field(ge=0, le=2**31 - 1), ROUNDED]
Positive = Annotated[int, Field(ge=1, le=2**31 - 1), ROUNDED]
TopK = Annotated[int, Field(ge=-1, le=2**31 - 1), ROUNDED]
Top = Annotated[int, Field(ge=0, le=20), ROUNDED]
One = Annotated[int, Field(ge=1, le=1), ROUNDED]
# What is taken where it asks for nothing.
No = Annotated[bool, AfterValidator(_nothing), Field(json_schema_extra={"const": False})]
Empty = Annotated[list[Any], Field(max_length=0)]
EmptyMapping = Annotated[dict[str, Any], Field(max_length=0)]
# Engines keep seeds in 64 bits; of a longer one they get the lower.
SEEDS = 2**63
PRIORITY = "Taken off: how urgent a request is, its key says."


class Strict(BaseModel):
    """A body, or a part of one, that has no other fields, and whose types are as they are written: "5" is no
    number. Where null is allowed it means the same as leaving the field out."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class StreamOptions(Strict):
    """`include_usage` ends a stream with a chunk that counts the request; `continuous_usage_stats` puts the
    running count on every chunk as well, as vLLM does."""

    model_config = ConfigDict(
        json_schema_extra=needs_true("continuous_usage_stats", {"const": True}, "include_usage")
    )

    include_usage: bool | None = False
    continuous_usage_stats: bool | None = False

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.continuous_usage_stats and not self.include_usage:
            raise ValueError("continuous_usage_stats needs include_usage: true")
        return self


class StructuredOutputs(Strict):
    """What the answer must be, in vLLM's form: exactly one of these. `grammar` is Lark for llguidance."""

    model_config = ConfigDict(json_schema_extra=exactly_one("grammar", "json", "regex", "choice"))

    grammar: Annotated[str, Field(min_length=1)] | None = None
    json_schema: dict[str, Any] | None = Field(None, alias="json")
    regex: str | None = None
    choice: Annotated[list[str], Field(min_length=1)] | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        given = [self.grammar, self.json_schema, self.regex, self.choice]
        if sum(form is not None for form in given) != 1:
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
    json_schema: dict[str, Any] = Field(alias="schema")
    strict: bool | None = None


class ResponseFormat(Strict):
    """OpenAI's form of the same. `json_object` is any JSON object."""

    model_config = ConfigDict(json_schema_extra=belongs_to("json_schema", "type", "json_schema"))

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

    `user`, `safety_identifier`, `prompt_cache_key` and `metadata` have no effect on an answer, at OpenAI or
    here, and are let through. So is `priority`, which is taken off: how urgent a request is, its key says.
    `store` and `logit_bias` are taken where they ask for nothing.
    """

    RULES: ClassVar[list[JsonValue]] = [
        needs_true("stream_options", {"type": "object"}, "stream"),
        not_both("structured_outputs", "response_format"),
    ]

    model: str = Field(description="The id of a served model, as `GET /v1/models` lists it.")
    max_tokens: Positive | None = Field(None, description="At most so many tokens of answer.")
    temperature: float | None = Field(1.0, ge=0.0, le=2.0, allow_inf_nan=False)
    top_p: float | None = Field(1.0, gt=0.0, le=1.0, allow_inf_nan=False)
    top_k: TopK | None = Field(None, description="0, -1: no limit.")
    min_p: float | None = Field(None, ge=0.0, le=1.0, allow_inf_nan=False)
    presence_penalty: float | None = Field(None, ge=-2.0, le=2.0, allow_inf_nan=False)
    frequency_penalty: float | None = Field(None, ge=-2.0, le=2.0, allow_inf_nan=False)
    repetition_penalty: float | None = Field(None, gt=0.0, le=10.0, allow_inf_nan=False)
    min_tokens: Count | None = None
    ignore_eos: bool | None = False
    seed: Whole | None = None
    stop: str | Annotated[list[str], Field(max_length=16)] | None = None
    n: One | None = 1
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    structured_outputs: StructuredOutputs | None = None
    response_format: ResponseFormat | None = None
    user: str | None = None
    safety_identifier: str | None = None
    prompt_cache_key: str | None = None
    metadata: dict[str, Any] | None = None
    store: No | None = None
    logit_bias: EmptyMapping | None = None
    priority: Whole | None = Field(None, description=PRIORITY)

    @model_validator(mode="after")
    def _sampling_consistent(self) -> Self:
        if self.stream_options is not None and not self.stream:
            raise ValueError("stream_options needs stream: true")
        if self.structured_outputs and self.response_format:
            raise ValueError("give structured_outputs or response_format, not both")
        most = self.longest()
        if self.min_tokens is not None and most is not None and self.min_tokens > most:
            raise ValueError("min_tokens is more than max_tokens")
        return self

    def longest(self) -> int | None:
        """The most tokens that the answer may have; None for as many as there is room for."""
        return self.max_tokens

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
            "max_tokens": self.longest(),
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
            "seed": self.seed if self.seed is None else self.seed % SEEDS,
        }
