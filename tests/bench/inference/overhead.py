"""What standing in between costs: our gateway, LiteLLM's proxy and the Rust vllm-router over one fake engine.

All take turns in short slices of the same run, with the same arrivals, because this machine is never the same
twice. The overhead is the difference of percentiles against asking the engine itself. Ours checks a key,
reserves a budget and writes a journal on disk; LiteLLM checks a key; the router does neither.
"""

import asyncio
import itertools
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.inference import processes
from tests.bench.inference.client import Client, Make, Reply, closed_loop, open_loop
from tests.bench.inference.figures import interval, percentile, rows, verdict
from tests.bench.inference.processes import KEYS, LITELLM, LITELLM_KEY, MODEL, ROUTER, Child

ANSWER = 8
PROMPT = "The invoice of the third of May is over 1,204.50 euros. Which account does it belong to? " * 2
AT_ONCE = 16
# Milliseconds added at 200 requests a second; megabytes.
MOST_MEDIAN, MOST_TAIL, MOST_MEMORY = 2.0, 10.0, 150.0


@dataclass(frozen=True)
class Plan:
    """Rounds in which each has one slice of `seconds`, at each of the rates; then minutes of steady load."""

    rates: Sequence[float] = (20.0, 200.0)
    rounds: int = 6
    seconds: float = 5.0
    soak_minutes: float = 10.0
    soak_rate: float = 20.0

    @classmethod
    def quick(cls) -> "Plan":
        return cls(rounds=3, seconds=3.0, soak_minutes=1.0)


@dataclass
class Way:
    """One way to the engine. `key` is what its clients send."""

    name: str
    child: Child
    key: str = ""
    client: Client = field(init=False)
    at_start: float = 0.0
    at_end: float = 0.0

    def __post_init__(self) -> None:
        self.client = Client(self.child.url)

    def make(self, stream: bool) -> Make:
        body = {
            "model": MODEL,
            "messages": [{"role": "user", "content": PROMPT}],
            "max_tokens": ANSWER,
            "stream": stream,
        }
        if stream:
            body["stream_options"] = {"include_usage": True}
        headers = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        request = self.client.request("/v1/chat/completions", body, headers)
        return lambda: request


@dataclass
class Slice:
    """What one way did at one load, over all rounds. Seconds of processor time and requests of the same."""

    replies: list[Reply] = field(default_factory=list)
    processor: float = 0.0
    wall: float = 0.0

    @property
    def good(self) -> list[float]:
        """Milliseconds of those that were answered in full."""
        return [reply.seconds * 1000.0 for reply in self.replies if reply.ok]

    @property
    def failed(self) -> int:
        return sum(not reply.ok for reply in self.replies)

    @property
    def per_second(self) -> float:
        return len(self.good) / self.wall

    @property
    def processor_ms(self) -> float:
        return self.processor * 1000.0 / max(1, len(self.replies))


Load = tuple[bool, float | None, bool]  # Streamed; requests a second, or as many as go; random arrivals.


async def measure(plan: Plan) -> str:
    """The tables, as Markdown."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lemma-bench-")))
        ways = await _ways(folder, stack)
        found: dict[tuple[str, Load], Slice] = {}
        loads = _loads(plan)
        for way in ways:  # Warm up, and let lazy parts load.
            await closed_loop(way.client, way.make(stream=False), 4, 1.0)
            await closed_loop(way.client, way.make(stream=True), 4, 1.0)
            way.at_start = way.child.resident
        for load, turn in itertools.product(loads, range(plan.rounds)):
            for way in ways if turn % 2 else reversed(ways):
                print(f"  {_named(load)}, {way.name}", file=sys.stderr, flush=True)
                if _keeps_up(found, way, load):
                    await _slice(found.setdefault((way.name, load), Slice()), way, load, plan, turn)
        await _soak(ways, plan)
        return "\n\n".join(_tables(ways, loads, found, plan))


async def _ways(folder: Path, stack: AsyncExitStack) -> list[Way]:
    """The engine itself, ours, and those peers that are installed."""

    async def started(child: Child) -> Child:
        stack.push_async_callback(child.stop)
        return await child.start()

    engine = await started(processes.engine(folder, "engine", "--answer-tokens", str(ANSWER)))
    deployment = "context = 8192\nseats = 256"
    ours = await started(processes.gateway(folder, [engine], deployment=deployment))
    ways = [Way("direct", engine), Way("gateway", ours, KEYS["product"])]
    if LITELLM.exists():
        ways.append(Way("LiteLLM", await started(processes.litellm(folder, [engine])), LITELLM_KEY))
    if ROUTER.exists():
        ways.append(Way("vllm-router", await started(processes.router(folder, [engine]))))
    return ways


def _loads(plan: Plan) -> list[Load]:
    paced: list[Load] = [
        (stream, rate, poisson)
        for stream in (False, True)
        for rate in plan.rates
        for poisson in (True, False)
        if poisson or rate == max(plan.rates)
    ]
    return [(False, None, False), (True, None, False), *paced]


def _keeps_up(found: dict[tuple[str, Load], Slice], way: Way, load: Load) -> bool:
    """Whether it is worth asking at this rate: beyond what goes at most, latency is only a queue's length."""
    stream, rate, _ = load
    most = found.get((way.name, (stream, None, False)))
    return rate is None or most is None or 0.9 * most.per_second > rate


async def _slice(into: Slice, way: Way, load: Load, plan: Plan, turn: int) -> None:
    stream, rate, poisson = load
    make, loop = way.make(stream), asyncio.get_running_loop()
    used, began = way.child.processor_seconds, loop.time()
    if rate is None:
        into.replies += await closed_loop(way.client, make, AT_ONCE, plan.seconds)
    else:
        into.replies += await open_loop(way.client, make, rate, plan.seconds, turn, poisson=poisson)
    into.wall += loop.time() - began
    into.processor += way.child.processor_seconds - used
    way.client.close()  # No connection grows old while the others have their turn.


async def _soak(ways: Sequence[Way], plan: Plan) -> None:
    """Steady load on all at once; what matters is memory."""

    async def one(way: Way) -> None:
        seconds, rate = plan.soak_minutes * 60.0 / 2, plan.soak_rate
        for stream in (False, True):
            await open_loop(way.client, way.make(stream), rate, seconds, seed=1)
        way.at_end = way.child.resident

    await asyncio.gather(*(one(way) for way in ways if way.name != "direct"))


def _tables(
    ways: Sequence[Way], loads: Sequence[Load], found: dict[tuple[str, Load], Slice], plan: Plan
) -> Iterator[str]:
    yield "**Latency** of answers of 8 tokens, milliseconds; added is the difference to direct."
    head = ["load", "way", "n", "failed", "p50", "p99 (95 %)", "added p50", "added p99", "CPU ms a request"]
    body: list[list[object]] = []
    for load in loads:
        if load[1] is None:
            continue
        base = found["direct", load].good if ("direct", load) in found else []
        for way in ways:
            one = found.get((way.name, load))
            if one is None:
                most = found[way.name, (load[0], None, False)].per_second
                body.append([_named(load), way.name, f"at most {most:.0f}/s", *([""] * (len(head) - 3))])
                continue
            low, high = interval(one.good, 0.99)
            added = [percentile(one.good, share) - percentile(base, share) for share in (0.5, 0.99)]
            body.append([
                _named(load), way.name, len(one.replies), one.failed, f"{percentile(one.good, 0.5):.2f}",
                f"{percentile(one.good, 0.99):.1f} ({low:.1f} to {high:.1f})",
                *(["", ""] if way.name == "direct" else [f"{added[0]:.2f}", f"{added[1]:.1f}"]),
                f"{one.processor_ms:.2f}",
            ])  # fmt: skip
    yield rows(head, body)
    yield f"**Throughput** of {AT_ONCE} connections, each asking again at once, and **memory**."
    body = []
    for way in ways:
        whole, streamed = found[way.name, (False, None, False)], found[way.name, (True, None, False)]
        memory = f"{way.at_start:.0f}", "" if way.name == "direct" else f"{way.at_end:.0f}"
        body.append([way.name, *(f"{one.per_second:.0f}" for one in (whole, streamed)),
                     *(f"{one.processor_ms:.2f}" for one in (whole, streamed)), *memory])  # fmt: skip
    minutes = f"MB after {plan.soak_minutes:g} min at {plan.soak_rate:g}/s"
    yield rows(["way", "whole/s", "streamed/s", "CPU ms", "CPU ms streamed", "MB at start", minutes], body)
    yield rows(["target", "measured", ""], list(_targets(ways, loads, found, plan)))


def _targets(
    ways: Sequence[Way], loads: Sequence[Load], found: dict[tuple[str, Load], Slice], plan: Plan
) -> Iterator[list[object]]:
    for share, most in ((0.5, MOST_MEDIAN), (0.99, MOST_TAIL)):
        for load in loads:
            if load[1] is None:
                continue
            added = _added(found, "gateway", load, share)
            if load[1] == max(plan.rates):
                name = f"added p{share * 100:g} at most {most:g} ms, {_named(load)}"
                yield [name, f"{added:.2f} ms", verdict(added, most)]
            if ("LiteLLM", load) in found:
                peer = _added(found, "LiteLLM", load, share)
                name = f"a third of LiteLLM's added p{share * 100:g}, {_named(load)}"
                yield [name, f"{added:.2f} of {peer:.1f} ms", verdict(added, peer / 3)]
    ours = next(way for way in ways if way.name == "gateway")
    yield [f"memory at most {MOST_MEMORY:g} MB", f"{ours.at_end:.0f} MB", verdict(ours.at_end, MOST_MEMORY)]


def _added(found: dict[tuple[str, Load], Slice], way: str, load: Load, share: float) -> float:
    """Milliseconds more than without it; nan where one of the two was not measured."""
    there, base = found.get((way, load)), found.get(("direct", load))
    if there is None or base is None:
        return float("nan")
    return percentile(there.good, share) - percentile(base.good, share)


def _named(load: Load) -> str:
    stream, rate, poisson = load
    if rate is None:
        return f"as many as go, {'streamed' if stream else 'whole'}"
    return f"{rate:g}/s {'Poisson' if poisson else 'even'}, {'streamed' if stream else 'whole'}"
