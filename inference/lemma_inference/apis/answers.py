"""The shapes of answers, for the OpenAPI document. Answers are written without them, because checking what
we wrote ourselves would be a good part of the time that a request costs; a test holds the two together."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

Finish = Literal["stop", "length"]


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PromptDetails(_Shape):
    cached_tokens: int


class UsageBody(_Shape):
    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    prompt_tokens_details: PromptDetails


class Alternative(_Shape):
    """`bytes` may be a part of a character, for which `token` has a replacement."""

    token: str
    logprob: float
    bytes: list[int]


class ChatToken(Alternative):
    top_logprobs: list[Alternative]


class ChatLogprobs(_Shape):
    content: list[ChatToken]


class AnswerMessage(_Shape):
    role: Literal["assistant"]
    content: str
    refusal: None


class ChatChoice(_Shape):
    index: Literal[0]
    message: AnswerMessage
    finish_reason: Finish
    logprobs: ChatLogprobs | None


class ChatCompletion(_Shape):
    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    choices: list[ChatChoice]
    usage: UsageBody


class MessageDelta(_Shape):
    role: Literal["assistant"] | None = None
    content: str | None = None


class ChatChunkChoice(_Shape):
    index: Literal[0]
    delta: MessageDelta
    finish_reason: Finish | None
    logprobs: ChatLogprobs | None = None


class ChatCompletionChunk(_Shape):
    """`choices` is empty in the last one, which has the usage where `stream_options` asks for it."""

    id: str
    object: Literal["chat.completion.chunk"]
    created: int
    model: str
    choices: list[ChatChunkChoice]
    usage: UsageBody | None = None


class CompletionLogprobs(_Shape):
    tokens: list[str]
    token_logprobs: list[float]
    top_logprobs: list[dict[str, float]]
    text_offset: list[int]


class CompletionChoice(_Shape):
    index: Literal[0]
    text: str
    finish_reason: Finish | None
    logprobs: CompletionLogprobs | None


class Completion(_Shape):
    """`usage` is in an answer in one piece, and in the chunks of a stream where `stream_options` asks for
    it."""

    id: str
    object: Literal["text_completion"]
    created: int
    model: str
    choices: list[CompletionChoice]
    usage: UsageBody | None = None


class EmbeddingRow(_Shape):
    """A vector: numbers, or base64 of little-endian floats of four bytes."""

    object: Literal["embedding"]
    index: int
    embedding: list[float] | str


class EmbeddingUsage(_Shape):
    prompt_tokens: int
    total_tokens: int


class EmbeddingList(_Shape):
    object: Literal["list"]
    model: str
    data: list[EmbeddingRow]
    usage: EmbeddingUsage


class ModelFacts(_Shape):
    """What the author of a prompt needs to know. `logprobs` says over what they are normalised under a
    grammar; `weights` is the SHA-256 of the file that is served; `window` how many tokens of lines the model
    reads best at once, 0 for as many as fit."""

    style: Literal["compact", "full"]
    context: int
    logprobs: Literal["raw", "masked"]
    engine: str
    weights: str
    window: int


class ModelBody(_Shape):
    id: str
    object: Literal["model"]
    created: int
    owned_by: str
    max_model_len: int
    lemma: ModelFacts


class ModelList(_Shape):
    object: Literal["list"]
    data: list[ModelBody]


SHAPES = (ChatCompletion, ChatCompletionChunk, Completion, EmbeddingList, ModelBody, ModelList)
