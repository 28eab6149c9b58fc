"""The rows of the contention table: who stands between research and the product, and by which rules.

The same rows are played over HTTP (`contention.py`) and in simulated time (`simulated.py`), with the load of
our research report (section 3.7), so that its toy model, the simulation and the real gateway can be compared.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lemma_inference.deployments import PolicyEntry

RESEARCH_PROMPT = 1_000
RESEARCH_ANSWER = 128
BATCH_PROMPTS = (2_000, 4_000, 8_000, 32_000)
BATCH_ANSWER = 300
# Batch requests that want to be served at any time.
SUPPLY = 256
RATES = (0.2, 1.0, 4.0)
SEATS = 256
KV_TOKENS = 430_080
CONTEXT = 33_000
# vLLM's defaults on an H100, and what the guide says to start it with behind the gateway.
DEFAULTS: Mapping[str, float] = {"max-num-batched-tokens": 8192}
ADVISED: Mapping[str, float] = {
    "max-num-batched-tokens": 2048,
    "long-prefill-token-threshold": 512,
    "watermark": 0.02,
}


@dataclass(frozen=True)
class Case:
    """One row. Without a `policy` clients ask the engine itself, with vLLM's own priorities. `batch`
    and `research` are whether there is any. The first token's p99 may be that of research alone, `times` so
    long and `added` milliseconds, or anything."""

    name: str
    policy: Mapping[str, Any] | None = None
    flags: Mapping[str, float] = field(default_factory=lambda: ADVISED)
    replicas: int = 1
    home: bool = False
    batch: bool = True
    research: bool = True
    added: float | None = None
    times: float = 1.0

    def limit(self, alone: float) -> float | None:
        """Milliseconds that the p99 of the first token may be; None without a target."""
        return None if self.added is None else alone * self.times + self.added


ALONE = Case("research alone", flags=DEFAULTS, batch=False)
CASES: Sequence[Case] = (
    ALONE,
    Case("research alone, through the gateway", {"mode": "share"}, batch=False),
    Case("vLLM's priorities only", flags=DEFAULTS),
    Case("gateway, share", {"mode": "share"}, added=150.0),
    Case("gateway, strict", {"mode": "strict"}, added=60.0),
    Case(
        "home, not lent, and a shared replica", {"lend": False}, replicas=2, home=True, added=0.0, times=1.1
    ),
    Case("home, lent, strict, and a shared replica", {"mode": "strict"}, replicas=2, home=True, added=60.0),
)
# What the product gets while research is idle: all of the engine, and through the gateway.
BATCH_ONLY = Case("batch alone, vLLM's defaults", flags=DEFAULTS, research=False)
BATCH_CASES: Sequence[Case] = (
    BATCH_ONLY,
    Case("batch alone, advised flags", research=False),
    Case("batch alone, through the gateway", {"mode": "share"}, research=False),
)
LEAST_PRODUCT = 0.9


@dataclass(frozen=True)
class Scale:
    """The model, and how much of it is asked for. Prompts and answers are in tokens; `supply` is how many
    batch requests want to be served at any time."""

    model: str = "fake"
    engine: str = "fake"
    context: int = CONTEXT
    seats: int = SEATS
    kv_tokens: int = KV_TOKENS
    research_prompt: int = RESEARCH_PROMPT
    research_answer: int = RESEARCH_ANSWER
    batch_prompts: Sequence[int] = BATCH_PROMPTS
    batch_answer: int = BATCH_ANSWER
    supply: int = SUPPLY

    def deployment(self, flags: Mapping[str, float]) -> str:
        """What the gateway's file says of an engine with these flags."""
        return (
            f"context = {self.context}\nseats = {self.seats}\nkv_tokens = {self.kv_tokens}\n"
            f"batched_tokens = {flags['max-num-batched-tokens']:g}"
        )


def policy_entry(case: Case) -> PolicyEntry:
    """The policy as the gateway reads it from its file."""
    return PolicyEntry(**(case.policy or {}))


def prompts(seed: int, lengths: Sequence[int] = BATCH_PROMPTS) -> Iterator[int]:
    """The lengths of batch prompts, equally often and in no order. They come from a deck of cards, not from
    dice, because throughput follows their mean."""
    rng = random.Random(seed)
    deck = [length for length in lengths for _ in range(2)]
    while True:
        rng.shuffle(deck)
        yield from deck


def arrivals(rate: float, seconds: float, seed: int) -> Iterator[float]:
    """When research asks, as a Poisson process; never without a rate."""
    rng = random.Random(seed)
    when = 0.0
    while rate:
        when += rng.expovariate(rate)
        if when >= seconds:
            return
        yield when
