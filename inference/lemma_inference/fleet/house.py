"""One served model: what it is, the replicas that answer for it, and the line before them."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from tokenizers import Tokenizer

from lemma_inference.admission import Admission, Books, Flight, Policy
from lemma_inference.engines.protocol import Ask, EmbedAsk, Engine, Logprobs
from lemma_inference.fleet.breaker import Breaker, RetryBudget

# Chat templates add a few tokens for each turn and some around all. Both are on the safe side.
TOKENS_A_TURN = 16
TOKENS_AROUND = 128
# Texts up to so many bytes are counted on the event loop, in well under a millisecond.
SHORT = 4096
# What is set aside in a replica's cache for an answer whose length nobody stated.
USUAL_ANSWER = 1024


@dataclass(frozen=True, slots=True)
class Served:
    """The facts of a served model. `tokenizer` is its pinned tokenizer.json, where it has one; `weights` the
    SHA-256 of the file that is served, so that a measurement can say what it measured; `window` how many
    tokens of lines it reads best at once, 0 for as many as fit."""

    id: str
    context: int
    style: Literal["compact", "full"]
    logprobs: Logprobs
    engine: str
    tokenizer: Path | None = None
    weights: str = ""
    window: int = 0

    def body(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "object": "model",
            "created": 0,
            "owned_by": "lemma",
            "max_model_len": self.context,
            "lemma": {
                "style": self.style,
                "context": self.context,
                "logprobs": self.logprobs,
                "engine": self.engine,
                "weights": self.weights,
                "window": self.window,
            },
        }


@dataclass(frozen=True, slots=True)
class Member:
    """A replica as the house sees it. `kv_tokens` is 0 where the size of its cache is not known."""

    id: str
    engine: Engine
    home: bool = False
    kv_tokens: int = 0
    breaker: Breaker = field(default_factory=Breaker)

    def available(self) -> bool:
        """Whether it may be given a request now."""
        return self.engine.health().ready and self.breaker.allows()


@dataclass(frozen=True, slots=True)
class Counted:
    """Upper bounds in tokens: of the prompt, and of the answer that may follow."""

    prompt: int
    answer: int


class House:
    """A model and all that serves it."""

    def __init__(
        self,
        served: Served,
        members: Sequence[Member],
        policy: Policy,
        defuse: Callable[[str], str],
        on_yank: Callable[[Flight], None] = lambda flight: None,
    ) -> None:
        self.served = served
        self.members = {member.id: member for member in members}
        self.defuse = defuse
        self.admission = Admission([_books(member) for member in members], policy, on_yank=on_yank)
        self.retries = RetryBudget(burst=max(64, sum(member.engine.slots for member in members)))

    @property
    def ready(self) -> bool:
        return any(member.engine.health().ready for member in self.members.values())

    def has_another(self, but: set[str]) -> bool:
        """Whether a replica that is not one of these may be given a request now."""
        return any(member.available() for name, member in self.members.items() if name not in but)

    def may_retry(self, but: set[str]) -> bool:
        """Whether a request that these replicas lost may be made again; counts it where that costs."""
        others = [member for name, member in self.members.items() if name not in but]
        return any(one.available() and one.breaker.well for one in others) or self.retries.spend()

    async def count(self, ask: Ask) -> Counted:
        """How many tokens this may take at most, so that a budget that has room for it is never overshot."""
        context = self.served.context
        prompt = min(await self._prompt_tokens(ask), context)
        most = context if ask.max_tokens is None else ask.max_tokens
        return Counted(prompt, max(1, min(most, context - prompt)))

    async def count_inputs(self, ask: EmbedAsk) -> int:
        """The same for texts to embed, together."""
        return sum([await self._text_tokens(one) if isinstance(one, str) else len(one) for one in ask.inputs])

    async def _prompt_tokens(self, ask: Ask) -> int:
        if isinstance(ask.prompt, tuple):
            return len(ask.prompt)
        if ask.prompt is not None:
            return await self._text_tokens(ask.prompt)
        text = "\n".join(message["content"] for message in ask.messages)
        return await self._text_tokens(text) + TOKENS_A_TURN * len(ask.messages) + TOKENS_AROUND

    async def _text_tokens(self, text: str) -> int:
        """By the model's own tokenizer; without one, a token for each byte, which no tokenizer exceeds."""
        if self._tokenizer is None:
            return len(text.encode())
        if len(text) <= SHORT:
            return self._count(text)
        return await asyncio.to_thread(self._count, text)

    def _count(self, text: str) -> int:
        assert self._tokenizer is not None  # noqa: S101 - asked by the caller
        return len(self._tokenizer.encode(text).ids)

    @cached_property
    def _tokenizer(self) -> Tokenizer | None:
        return Tokenizer.from_file(str(self.served.tokenizer)) if self.served.tokenizer else None


def _books(member: Member) -> Books:
    return Books(member.id, member.engine.slots, member.kv_tokens, member.home, member.available)
