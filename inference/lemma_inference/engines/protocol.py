"""What the service asks of an engine. Everything above this line of code is the same for every engine."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

Logprobs = Literal["raw", "masked"]
Finish = Literal["stop", "length"]
ReplicaState = Literal["starting", "ready", "draining", "down"]


@dataclass(frozen=True, slots=True)
class Ask:
    """One request, checked, in the service's own words.

    A chat has `messages`; a completion has `prompt`, text or token ids, and no messages. `grammar` is Lark
    for llguidance, or None. `top_logprobs` is None where no probabilities are asked for. `max_tokens` None
    means as many as the context has room for. The last four are the gateway's to say, never the client's:
    `priority` is vLLM's, lower is sooner; requests of different `cache_salt` share no prefix cache.
    """

    messages: Sequence[dict[str, str]] = ()
    prompt: str | tuple[int, ...] | None = None
    max_tokens: int | None = None
    temperature: float = 1.0
    top_p: float = 1.0
    grammar: str | None = None
    stop: tuple[str, ...] = ()
    seed: int | None = None
    top_logprobs: int | None = None
    top_k: int | None = None
    min_p: float | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    repetition_penalty: float | None = None
    min_tokens: int | None = None
    ignore_eos: bool = False
    priority: int = 0
    cache_salt: str | None = None
    request_id: str = ""
    traceparent: str | None = None


@dataclass(frozen=True, slots=True)
class EmbedAsk:
    """Texts, or token ids, to be embedded. `dimensions` shortens the vectors, where the model can; `truncate`
    cuts the inputs to so many tokens, -1 to as many as the model reads."""

    inputs: tuple[str | tuple[int, ...], ...]
    dimensions: int | None = None
    truncate: int | None = None
    priority: int = 0
    cache_salt: str | None = None
    request_id: str = ""
    traceparent: str | None = None


@dataclass(frozen=True, slots=True)
class Alternative:
    """A token that stood to choice. `raw` is its bytes, which may be part of a character."""

    text: str
    raw: bytes
    logprob: float


@dataclass(frozen=True, slots=True)
class Token(Alternative):
    """A token of the answer, with the likeliest ones at its place."""

    top: tuple[Alternative, ...] = ()


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens so far: of the prompt, of these from the engine's cache, and of the answer."""

    prompt: int = 0
    cached: int = 0
    completion: int = 0


@dataclass(frozen=True, slots=True)
class Delta:
    """The next part of an answer. `usage` counts the whole request so far; the last one has `finish`."""

    text: str = ""
    tokens: tuple[Token, ...] = ()
    finish: Finish | None = None
    usage: Usage | None = None


@dataclass(frozen=True, slots=True)
class Embeddings:
    """A vector for each input, in their order."""

    vectors: tuple[tuple[float, ...], ...]
    usage: Usage


@dataclass(frozen=True, slots=True)
class Health:
    """Whether the engine takes requests now, and if not, why. `since` is when its state began, in seconds of
    the epoch; 0 where nobody noted it."""

    ready: bool
    detail: str
    restarts: int = 0
    state: ReplicaState = "ready"
    since: float = 0.0


class Engine(Protocol):
    """Takes at most `slots` requests at once; the caller sees to that."""

    @property
    def name(self) -> str: ...

    @property
    def slots(self) -> int: ...

    @property
    def logprobs(self) -> Logprobs:
        """Over what probabilities are normalised under a grammar: everything ("raw") or what it allows."""
        ...

    def generate(self, ask: Ask) -> AsyncGenerator[Delta, None]:
        """The answer in parts. Closing the generator stops the engine's work on it.

        Raises `ContextOverflow`, `EngineUnavailable` and its `EngineLost`, `EngineRefused`.
        """
        ...

    async def embed(self, ask: EmbedAsk) -> Embeddings:
        """Vectors. Cancelling it stops the engine's work. Raises the same, and `NotOffered`."""
        ...

    async def count(self, text: str) -> int:
        """Tokens of the text."""
        ...

    def health(self) -> Health: ...

    async def wait_ready(self, seconds: float) -> bool:
        """Waits until the engine is ready, at most so long; whether it is."""
        ...
