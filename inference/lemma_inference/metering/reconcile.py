"""Whether the engines counted the same tokens as we did.

An engine counts all that it worked on, so thrown-away attempts are on our side too. vLLM counts a prompt,
with what its cache held of it, once it is read, and a token when it is made. llama.cpp counts what it read of
a prompt beyond its cache, and the tokens of an answer when it is complete: one that was broken off is missing
there.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

import httpx

from lemma_inference.metering.meter import Worked
from lemma_inference.metering.record import Record

# Model and replica.
Place = tuple[str, str]
VLLM = ("vllm:prompt_tokens_total", "vllm:generation_tokens_total")
LLAMA = ("llamacpp:prompt_tokens_total", "llamacpp:tokens_predicted_total")
STARTED = "process_start_time_seconds"


class Source(NamedTuple):
    """Where a replica's metrics are, and the key for them."""

    url: str
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Counters:
    """An engine's own. `started` is when it did, if it says so; `cached` whether prompts count with what its
    cache held."""

    prompt: int
    completion: int
    started: float | None
    cached: bool

    def follows(self, earlier: "Counters") -> bool:
        """Whether these go on from those, and not from a start in between."""
        return (
            self.prompt >= earlier.prompt
            and self.completion >= earlier.completion
            and self.started == earlier.started
        )


@dataclass(frozen=True, slots=True)
class Drift:
    """What we metered for a replica and what it counted, since `since` (of the clock).

    `restarts` are starts of the engine in that time; what it did between our last look and such a start is on
    neither side. `trouble` says why there is nothing to compare.
    """

    model: str
    replica: str
    since: float
    metered_prompt: int = 0
    counted_prompt: int = 0
    metered_completion: int = 0
    counted_completion: int = 0
    restarts: int = 0
    trouble: str = ""

    @property
    def prompt(self) -> int:
        """Tokens that the engine counted and we did not; negative where it is the other way round."""
        return self.counted_prompt - self.metered_prompt

    @property
    def completion(self) -> int:
        """The same for answers."""
        return self.counted_completion - self.metered_completion

    @property
    def share(self) -> float:
        """Of all that was counted or metered, so much is on one side only."""
        counted = self.counted_prompt + self.counted_completion
        metered = self.metered_prompt + self.metered_completion
        return (abs(self.prompt) + abs(self.completion)) / max(1, counted, metered)

    def body(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self) | {"prompt": self.prompt, "completion": self.completion, "share": self.share}


@dataclass(frozen=True, slots=True)
class Report:
    """All replicas that were looked at."""

    drifts: list[Drift]

    @property
    def worst(self) -> float:
        """The largest share."""
        return max((drift.share for drift in self.drifts), default=0.0)

    @property
    def incomplete(self) -> bool:
        """Whether a replica could not be compared."""
        return any(drift.trouble for drift in self.drifts)


def counters(page: str) -> Counters | None:
    """From a page of metrics in Prometheus' text format; None where the engine is none that we know."""
    sums: dict[str, float] = {}
    for line in page.splitlines():
        name, _, rest = line.partition("{") if "{" in line else line.partition(" ")
        if name in VLLM or name in LLAMA or name == STARTED:
            try:
                value = float(rest.rpartition("} ")[2].split()[0])
            except (ValueError, IndexError):
                continue
            sums[name] = sums.get(name, 0.0) + value
    for (prompt, completion), cached in ((VLLM, True), (LLAMA, False)):
        if prompt in sums and completion in sums:
            return Counters(int(sums[prompt]), int(sums[completion]), sums.get(STARTED), cached)
    return None


async def fetch(client: httpx.AsyncClient, source: Source) -> str:
    """The page of metrics. Raises `httpx.HTTPError`."""
    headers = {"Authorization": f"Bearer {source.key}"} if source.key else {}
    response = await client.get(f"{source.url}/metrics", headers=headers)
    response.raise_for_status()
    return response.text


@dataclass(slots=True)
class _Watched:
    """A replica under watch: where both sides stood when we last looked, and what came since the first
    look."""

    since: float
    last: Counters | None = None
    metered: Worked = field(default_factory=Worked)
    sums: Worked = field(default_factory=Worked)
    counted: Worked = field(default_factory=Worked)
    restarts: int = 0
    trouble: str = "It was not looked at yet."


class Reconciler:
    """Compares while the gateway runs. `seen` is `Metering.seen`."""

    def __init__(
        self, seen: Callable[[], Mapping[Place, Worked]], clock: Callable[[], float] = time.time
    ) -> None:
        self._seen = seen
        self._clock = clock
        self._watched: dict[Place, _Watched] = {}

    async def look(self, client: httpx.AsyncClient, sources: Mapping[Place, Source]) -> Report:
        """Asks each replica. One that does not answer keeps what was compared before."""
        for place, source in sources.items():
            try:
                self.observe(place, await fetch(client, source))
            except httpx.HTTPError as error:
                self._at(place).trouble = f"Its metrics cannot be read: {type(error).__name__}."
        for place in set(self._watched) - set(sources):
            del self._watched[place]
        return self.report()

    def observe(self, place: Place, page: str) -> None:
        """A replica's page of metrics, as of now."""
        watched, found = self._at(place), counters(page)
        if found is None:
            watched.trouble = "Its metrics have no counters of tokens."
            return
        watched.trouble = ""
        now = self._seen().get(place, Worked())
        last, before = watched.last, watched.metered
        watched.last, watched.metered = found, Worked(now.prompt, now.cached, now.completion)
        if last is None:
            watched.since = self._clock()
        elif not found.follows(last):
            watched.restarts += 1
        else:
            watched.counted.prompt += found.prompt - last.prompt
            watched.counted.completion += found.completion - last.completion
            cached = 0 if found.cached else now.cached - before.cached
            watched.sums.prompt += now.prompt - before.prompt - cached
            watched.sums.completion += now.completion - before.completion

    def report(self) -> Report:
        """As of the last look."""
        return Report([_drift(place, watched) for place, watched in sorted(self._watched.items())])

    def _at(self, place: Place) -> _Watched:
        return self._watched.setdefault(place, _Watched(self._clock()))


def _drift(place: Place, watched: _Watched) -> Drift:
    return Drift(
        *place,
        since=watched.since,
        metered_prompt=watched.sums.prompt,
        counted_prompt=watched.counted.prompt,
        metered_completion=watched.sums.completion,
        counted_completion=watched.counted.completion,
        restarts=watched.restarts,
        trouble=watched.trouble,
    )


def compare(records: Iterable[Record], found: Mapping[Place, Counters | None]) -> Report:
    """The journal with engines as they are now, since each engine's start; since the journal's, where an
    engine does not say when it started. Right once no request is under way."""
    sums = {place: Worked() for place in found}
    since: dict[Place, float] = {}
    for record in records:
        for replica, prompt, cached, completion in (
            (record.replica, record.prompt, record.cached, record.completion),
            *record.wasted,
        ):
            place = record.model, replica
            engine = found.get(place)
            if engine is None or (engine.started is not None and record.end < engine.started):
                continue
            since.setdefault(place, record.at if engine.started is None else engine.started)
            sums[place].prompt += prompt - (0 if engine.cached else cached)
            sums[place].completion += completion
    return Report([_compared(place, engine, sums[place], since) for place, engine in sorted(found.items())])


def _compared(place: Place, engine: Counters | None, sums: Worked, since: Mapping[Place, float]) -> Drift:
    if engine is None:
        return Drift(*place, since=0.0, trouble="Its metrics cannot be read, or have no counters of tokens.")
    return Drift(
        *place,
        since=since.get(place, engine.started or 0.0),
        metered_prompt=sums.prompt,
        counted_prompt=engine.prompt,
        metered_completion=sums.completion,
        counted_completion=engine.completion,
    )
