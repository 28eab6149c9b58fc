"""What the backend asks of the inference service, and what it gets back. No HTTP in here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

Style = Literal["compact", "full"]
Logprobs = Literal["raw", "masked"]
RequestClass = Literal["interactive", "batch"]
Finish = Literal["stop", "length"]


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """A served model, as far as a prompt's author needs to know it.

    `context` is in tokens, prompt and answer together. `style` is the prompt style it was made for.
    `logprobs` says over what its probabilities are normalised: the whole vocabulary ("raw"), or only
    what the grammar allowed at that step ("masked"). `weights` is the SHA-256 of the served weights where
    the service names it. `window` is how many tokens of a document's lines it reads best at once; 0 is as
    many as fit.
    """

    id: str
    context: int
    style: Style
    logprobs: Logprobs
    weights: str = ""
    window: int = 0


@dataclass(frozen=True, slots=True)
class TokenLogprob:
    """One token of an answer: its text, its natural-log probability, and the likeliest alternatives.

    The texts of an answer's tokens, joined, are the answer. A token that ends inside a character has an
    empty text; the token that completes the character has all of it.
    """

    text: str
    logprob: float
    top: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Call:
    """One request for an answer.

    `messages` are OpenAI chat messages (`role`, `content`). `grammar` is Lark for llguidance; None lets
    the model write freely. `temperature` 0 is greedy. `request_class` decides who waits for whom. `customer`
    is an opaque id of the organisation that it is for: the service is fair between those, and keeps their
    prompts out of each other's cache.
    """

    model: str
    messages: Sequence[Mapping[str, str]]
    max_tokens: int
    grammar: str | None = None
    temperature: float = 0.0
    request_class: RequestClass = "interactive"
    customer: str = ""
    top_logprobs: int = 0
    stop: tuple[str, ...] = ()
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class Completion:
    """An answer. `finish` is "length" where `max_tokens` or the model's context cut it off.

    `tokens` is empty unless the call asked for `top_logprobs` of 1 or more.
    """

    text: str
    finish: Finish
    model: str
    prompt_tokens: int
    completion_tokens: int
    tokens: tuple[TokenLogprob, ...] = ()


@dataclass(frozen=True, slots=True)
class UsagePage:
    """Records of what requests used, in the order of their numbers. `gateway` and `seq` together are unique
    for good. `after` is where the next page begins."""

    gateway: str
    records: Sequence[Mapping[str, Any]]
    after: int


class UsageFeed(Protocol):
    """What the inference service wrote down of its use. May raise the errors of `errors.py`."""

    async def usage(self, gateway: str | None, after: int, limit: int = 500) -> UsagePage | None:
        """The records beyond number `after`; None where the service writes nothing down. `gateway` is whose
        numbers the caller has: another one's page begins at its start."""
        ...

    async def usage_kept(self, gateway: str, seq: int) -> None:
        """Says that all records up to this one are kept for good, so that the service may forget them."""
        ...


class InferenceGateway(Protocol):
    """Answers from open models. Every method may raise the errors of `errors.py`, and no others."""

    async def models(self) -> list[ModelInfo]:
        """The models that are served now."""
        ...

    async def counter(self, model: str) -> Callable[[str], int]:
        """A function that counts a text's tokens for this model, without further requests.

        It is exact where the model's tokenizer is known, otherwise an upper estimate. The few tokens that
        the chat template puts around each message are not in it.
        """
        ...

    async def complete(self, call: Call) -> Completion:
        """One answer. Cancelling the awaiting task stops the work on the engine too."""
        ...
