"""The honest fake: no model, but every promise of the protocol is kept.

Its answers obey the grammar, its counts add up, it refuses what the service refuses, and the same request
gets the same answer. Tests script answers, slow it down, make it fail, and read what it was asked.
"""

import asyncio
import hashlib
import json
import math
import random
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from lemma.core.errors import LemmaError
from lemma.gateways.inference.errors import ContextOverflow, ModelUnknown
from lemma.gateways.inference.protocol import Call, Completion, ModelInfo, TokenLogprob, UsagePage
from lemma.gateways.inference.walk import walk

FAKE_MODEL = ModelInfo(id="fake", context=65_536, style="full", logprobs="masked")

Script = Callable[[Call], str | None]


def count_bytes(text: str) -> int:
    """The fake's tokenizer: one token for each byte."""
    return len(text.encode())


@dataclass
class FakeInference:
    """Answers by the script where there is one, else by walking the grammar.

    `answers` are given out in order, one for each call. `script` is asked for each call after that and may
    decline with None. `failures` are raised in order, one for each call, before anything else. `delay` is
    seconds for each call. `calls` is what was asked; `running` and `peak` count calls in flight.
    """

    model: ModelInfo = FAKE_MODEL
    seed: int = 0
    delay: float = 0.0
    answers: deque[str] = field(default_factory=deque)
    script: Script | None = None
    failures: deque[LemmaError] = field(default_factory=deque)
    calls: list[Call] = field(default_factory=list)
    running: int = 0
    peak: int = 0
    cancelled: int = 0

    def will_answer(self, *answers: str) -> "FakeInference":
        """The next calls get these answers, in this order."""
        self.answers.extend(answers)
        return self

    def will_fail(self, *errors: LemmaError) -> "FakeInference":
        """The next calls fail with these errors, in this order."""
        self.failures.extend(errors)
        return self

    async def models(self) -> list[ModelInfo]:
        return [self.model]

    async def counter(self, model: str) -> Callable[[str], int]:
        self._check_model(model)
        return count_bytes

    async def complete(self, call: Call) -> Completion:
        self.calls.append(call)
        self.running += 1
        self.peak = max(self.peak, self.running)
        try:
            if self.delay:
                await asyncio.sleep(self.delay)
            if self.failures:
                raise self.failures.popleft()
            return self._answer(call)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        finally:
            self.running -= 1

    def _answer(self, call: Call) -> Completion:
        self._check_model(call.model)
        prompt_tokens = sum(count_bytes(message["content"]) for message in call.messages)
        room = self.model.context - prompt_tokens
        if room <= 0:
            raise ContextOverflow(
                f"The prompt has {prompt_tokens} tokens; the model's context is {self.model.context}.",
                prompt_tokens=prompt_tokens,
                context=self.model.context,
            )
        rng = random.Random(_fingerprint(call, self.seed))  # noqa: S311 - repeatable, not secret
        text, complete = self._text(call, rng, min(call.max_tokens, room))
        text, stopped = _cut(text, call.stop)
        return Completion(
            text=text,
            finish="stop" if complete or stopped else "length",
            model=self.model.id,
            prompt_tokens=prompt_tokens,
            completion_tokens=count_bytes(text),
            tokens=tuple(_logprobs(text, rng)) if call.top_logprobs else (),
        )

    def _text(self, call: Call, rng: random.Random, max_tokens: int) -> tuple[str, bool]:
        scripted = self.answers.popleft() if self.answers else self.script(call) if self.script else None
        if scripted is not None:
            cut = scripted.encode()[:max_tokens].decode(errors="ignore")
            return cut, cut == scripted
        if call.grammar is None:
            return "fake"[:max_tokens], max_tokens >= len("fake")
        return walk(call.grammar, rng=rng, max_tokens=max_tokens)

    def _check_model(self, model: str) -> None:
        if model != self.model.id:
            raise ModelUnknown(f"The model {model!r} is not served; {self.model.id!r} is.")


@dataclass
class FakeUsage:
    """The honest fake of `UsageFeed`: records that tests put in, numbered from 1. `gateway` None keeps
    nothing.

    `failures` are raised in order, one for each page. `kept` is what was acknowledged.
    """

    gateway: str | None = "fake"
    records: list[dict[str, Any]] = field(default_factory=list)
    failures: deque[LemmaError] = field(default_factory=deque)
    kept: list[tuple[str, int]] = field(default_factory=list)

    def used(self, **fields: Any) -> "FakeUsage":
        """One more request was served."""
        plain = {
            "tenant": "local",
            "customer": "",
            "class": "interactive",
            "model": "fake",
            "prompt": 10,
            "cached": 0,
            "completion": 5,
            "wasted_prompt": 0,
            "wasted_completion": 0,
            "finish": "stop",
        }
        self.records.append(
            plain | fields | {"seq": len(self.records) + 1, "end": fields.get("end", time.time())}
        )
        return self

    async def usage(self, gateway: str | None, after: int, limit: int = 500) -> UsagePage | None:
        if self.failures:
            raise self.failures.popleft()
        if self.gateway is None:
            return None
        begin = after if gateway in {None, self.gateway} else 0
        page = self.records[begin : begin + limit]
        return UsagePage(self.gateway, page, page[-1]["seq"] if page else begin)

    async def usage_kept(self, gateway: str, seq: int) -> None:
        self.kept.append((gateway, seq))


def _fingerprint(call: Call, seed: int) -> int:
    """The same request gets the same answer, on every machine and in every process."""
    asked = json.dumps([call.model, [dict(m) for m in call.messages], call.grammar, call.seed, seed])
    return int.from_bytes(hashlib.sha256(asked.encode()).digest()[:8], "big")


def _cut(text: str, stops: Iterable[str]) -> tuple[str, bool]:
    """The text before the first stop word, and whether there was one."""
    found = [at for at in (text.find(stop) for stop in stops) if at >= 0]
    return (text[: min(found)], True) if found else (text, False)


def _logprobs(text: str, rng: random.Random) -> Iterable[TokenLogprob]:
    """Invented probabilities that are at least possible: the token and one rival sum to 1 at most."""
    for character in text:
        probability = rng.uniform(0.5, 1.0)
        rival = ("-" if character != "-" else "1", math.log(max(1.0 - probability, 1e-9)))
        yield TokenLogprob(character, math.log(probability), ((character, math.log(probability)), rival))
