"""What research feels of batch work, in simulated time, on the fake engine's own scheduler.

    python -m tests.bench.inference_model

Research asks with 1,000 tokens for 128, at random times. Batch has always more to do: 2,000, 4,000, 8,000
or 32,000 tokens for 300. Every number is decided by the seed.
"""

import random
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

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
    """Research requests a second; how many batch requests are in the engine at most, and how many of these
    have no first token yet, which is what a gateway that counts prompts bounds."""

    research_rate: float
    batch_in_flight: int
    batch_reading: int = 1_000_000
    seconds: float = 300.0
    seed: int = 0


@dataclass(slots=True)
class Outcome:
    """Milliseconds of research requests, and tokens of batch answers a second."""

    first: list[float] = field(default_factory=list)
    between: list[float] = field(default_factory=list)
    asked: int = 0
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

    batch: list[Request] = []
    while now < load.seconds:
        while coming is not None and coming <= now:
            outcome.asked += 1
            owner = _Watched(coming)
            scheduler.add(
                Request(f"r{serial}", RESEARCH_PROMPT, RESEARCH_TOKENS, RESEARCH, coming, owner=owner)
            )
            serial += 1
            coming = next(arrivals, None)
        reading = sum(not request.output for request in batch)
        for _ in range(min(load.batch_in_flight - len(batch), load.batch_reading - reading)):
            batch.append(Request(f"b{serial}", rng.choice(BATCH_PROMPTS), BATCH_TOKENS, BATCH, now))
            scheduler.add(batch[-1])
            serial += 1
        if not scheduler.unfinished:
            now = load.seconds if coming is None else coming
            continue
        step = scheduler.schedule()
        now += pace.seconds(step)
        if scheduler.complete(step, write):
            batch = [request for request in batch if request.finish is None]
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


ENGINE = Limits(policy="priority", kv_blocks=KV_BLOCKS["8b-h100"])
SMALL_STEPS = replace(ENGINE, max_num_batched_tokens=2048, long_prefill_token_threshold=512)
RATES = (0.2, 1.0, 4.0)
# Name; limits; batch requests in flight, and of these without a first token; research rates.
ROWS: list[tuple[str, Limits, int, int, Sequence[float]]] = [
    ("batch alone", ENGINE, 256, 256, (0.0,)),
    ("0 research alone", ENGINE, 0, 0, RATES),
    ("B `priority` only", ENGINE, 256, 256, RATES),
    ("`fcfs`", replace(ENGINE, policy="fcfs"), 256, 256, (1.0,)),
    ("B, threshold 1024", replace(ENGINE, long_prefill_token_threshold=1024), 256, 256, (1.0,)),
    ("B, steps of 2048, threshold 512", SMALL_STEPS, 256, 256, (1.0,)),
    ("F these, and at most 2 batch prompts read, 48 in flight", SMALL_STEPS, 48, 2, RATES),
]


def table(seeds: Sequence[int] = (0, 1, 2, 3), seconds: float = 300.0) -> Iterator[str]:
    """First token and between tokens in ms as p50/p99; how many of the research requests had one."""
    yield "| configuration | research/s | answered | first token | between | batch tok/s | preemptions |"
    yield "|---|---|---|---|---|---|---|"
    for name, limits, in_flight, reading, rates in ROWS:
        for rate in rates:
            loads = [Load(rate, in_flight, reading, seconds, seed) for seed in seeds]
            runs = [simulate(load, limits, PRESETS["8b-h100"]) for load in loads]
            first = [value for run in runs for value in run.first]
            between = [value for run in runs for value in run.between]
            yield (
                f"| {name} | {rate:g} | {len(first)} of {sum(run.asked for run in runs)}"
                f" | {percentile(first, 0.5):.0f}/{percentile(first, 0.99):.0f}"
                f" | {percentile(between, 0.5):.1f}/{percentile(between, 0.99):.1f}"
                f" | {statistics.mean(run.batch for run in runs):.0f}"
                f" | {statistics.mean(run.preemptions for run in runs):.0f} |"
            )


if __name__ == "__main__":
    for line in table():
        print(line)
