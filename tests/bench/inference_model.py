"""What research feels of batch work in vLLM alone, in simulated time, on the fake engine's own scheduler.

    python -m tests.bench.inference_model

Research asks with 1,000 tokens for 128, at random times. Batch has always more to do: 2,000, 4,000, 8,000
or 32,000 tokens for 300. Every number is decided by the seed.
"""

import random
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from lemma_inference.engines.fakevllm.scheduler import Limits, Request, Scheduler
from lemma_inference.engines.fakevllm.timing import KV_BLOCKS, PRESETS, StepTime

RESEARCH = -100
BATCH = 100
BATCH_PROMPTS = (2_000, 4_000, 8_000, 32_000)
BATCH_TOKENS = 300
RESEARCH_PROMPT = 1_000
RESEARCH_TOKENS = 128


@dataclass(frozen=True, slots=True)
class Load:
    """Research requests a second, and how many batch requests there always are in the engine."""

    research_rate: float
    batch_in_flight: int
    seconds: float = 300.0
    seed: int = 0


@dataclass(slots=True)
class Outcome:
    """Milliseconds of research requests, and tokens of batch answers a second."""

    first: list[float] = field(default_factory=list)
    between: list[float] = field(default_factory=list)
    batch: float = 0.0
    preemptions: int = 0


@dataclass(slots=True)
class _Watched:
    """A research request's last sign of life, at `seen` seconds."""

    seen: float


def simulate(load: Load, limits: Limits, pace: StepTime) -> Outcome:
    """Plays the load until its time is over. What has no first token by then is left out."""
    rng = random.Random(load.seed)
    scheduler = Scheduler(limits)
    arrivals = _arrivals(load, rng)
    coming = next(arrivals, None)
    outcome = Outcome()
    now, batch_tokens, serial = 0.0, 0, 0

    def write(request: Request) -> bool:
        nonlocal batch_tokens
        watched = request.owner
        if isinstance(watched, _Watched):
            times = outcome.between if request.output > 1 else outcome.first
            times.append((now - watched.seen) * 1000.0)
            watched.seen = now
        else:
            batch_tokens += 1
        return False

    in_flight = 0
    while now < load.seconds:
        while coming is not None and coming <= now:
            owner = _Watched(coming)
            scheduler.add(
                Request(f"r{serial}", RESEARCH_PROMPT, RESEARCH_TOKENS, RESEARCH, coming, owner=owner)
            )
            serial += 1
            coming = next(arrivals, None)
        for _ in range(load.batch_in_flight - in_flight):
            scheduler.add(Request(f"b{serial}", rng.choice(BATCH_PROMPTS), BATCH_TOKENS, BATCH, now))
            serial += 1
            in_flight += 1
        if not scheduler.unfinished:
            now = load.seconds if coming is None else coming
            continue
        step = scheduler.schedule()
        now += pace.seconds(step)
        in_flight -= sum(request.owner is None for request in scheduler.complete(step, write))
    outcome.batch = batch_tokens / now
    outcome.preemptions = scheduler.counts.preemptions
    return outcome


def _arrivals(load: Load, rng: random.Random) -> Iterator[float]:
    when = 0.0
    while load.research_rate:
        when += rng.expovariate(load.research_rate)
        if when >= load.seconds:
            return
        yield when


def percentile(values: Sequence[float], share: float) -> float:
    """The value that so large a share of them stays below; nan for none."""
    if len(values) < 2:
        return float("nan")
    return statistics.quantiles(values, n=1000, method="inclusive")[round(share * 1000) - 1]


def table(seeds: Sequence[int] = (0, 1, 2, 3), seconds: float = 300.0) -> Iterator[str]:
    """The rows: configuration, research a second, first token and between tokens as p50/p99, batch tokens."""
    limits = Limits(policy="priority", kv_blocks=KV_BLOCKS["8b-h100"])
    yield "| configuration | research/s | first token ms | between tokens ms | batch tok/s | preemptions |"
    yield "|---|---|---|---|---|---|"
    for name, in_flight, rates in [
        ("batch alone", 256, [0.0]),
        ("0 research alone", 0, [0.2, 1.0, 4.0]),
        ("B vLLM `priority` only, defaults", 256, [0.2, 1.0, 4.0]),
    ]:
        for rate in rates:
            runs = [simulate(Load(rate, in_flight, seconds, s), limits, PRESETS["8b-h100"]) for s in seeds]
            first = [value for run in runs for value in run.first]
            between = [value for run in runs for value in run.between]
            batch = statistics.mean(run.batch for run in runs)
            preempted = statistics.mean(run.preemptions for run in runs)
            yield (
                f"| {name} | {rate:g} | {percentile(first, 0.5):.0f}/{percentile(first, 0.99):.0f}"
                f" | {percentile(between, 0.5):.1f}/{percentile(between, 0.99):.1f} | {batch:.0f}"
                f" | {preempted:.0f} |"
            )


if __name__ == "__main__":
    for line in table():
        print(line)
