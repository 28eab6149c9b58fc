"""Prometheus metrics, by tenant, class and model. An event costs about a microsecond.

Names of our own begin with `lemma_inference_`. Those of the OpenTelemetry conventions for generative AI stand
beside them in Prometheus's spelling, with our tenant and class, which the conventions do not have. The number
of tenants is bounded: beyond `MOST_TENANTS` they are counted together as `other`. Models are those served.
`docs/guides/observability.md` lists all of them.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import CollectorRegistry

from lemma_inference.callers import Caller
from lemma_inference.engines.protocol import Usage
from lemma_inference.telemetry import tracing
from lemma_inference.telemetry.series import Counter, Histogram, Labels, View, family_blocks
from lemma_inference.telemetry.tracing import COMPLETE, PROVIDER, NoTracing, Trace, Tracing

Rows = Iterable[tuple[tuple[str, ...], float]]
Read = Callable[[], Iterable[Metric]]

MOST_TENANTS = 1000
OTHER = "other"
# How long, in seconds, the text of the metrics is written before others may go on.
SLICE = 0.002

# Seconds. Our own bounds are finer where research's promises lie; the conventions' are kept as they are.
WAITS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
FIRST = (0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1.0, 2.5, 5.0, 10.0, 30.0)
GAPS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 2.5)
DURATIONS = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0)
GEN_AI_FIRST = (0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)
GEN_AI_PER_TOKEN = (0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 2.5)
GEN_AI_DURATIONS = tuple(0.01 * 2**n for n in range(14))
GEN_AI_TOKENS = tuple(float(4**n) for n in range(14))

WHO = ("tenant", "class", "model")
# What the series of the histograms are kept by. The conventions' are written from the same.
TIMES = (*WHO, "operation")
GEN_AI = (
    "gen_ai_operation_name",
    "gen_ai_provider_name",
    "gen_ai_request_model",
    "lemma_tenant",
    "lemma_class",
)
OWN = "lemma_inference_"
# Paths that responses are counted by. All others are one.
PATHS = frozenset(
    {
        "/v1/chat/completions",
        "/v1/completions",
        "/v1/embeddings",
        "/v1/models",
        "/v1/usage",
        "/v1/usage/acknowledge",
        "/tokenize",
        "/health",
        "/metrics",
    }
)


class Telemetry:
    """Counts events, all of one thread. Gauges are read when somebody looks, from whoever knows them."""

    def __init__(self, research_slo_seconds: float = 1.0, tracing: Tracing | None = None) -> None:
        """`research_slo_seconds` is the time to a first token beyond which a research request counts as a
        breach of what it was promised."""
        self.tracing = tracing or NoTracing()
        self._slo = research_slo_seconds
        self._tenants: set[str] = set()
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._gauges: list[Read] = [self._registry.collect]
        self._waited = Histogram(_own("queue_wait_seconds", "Time in line.", WAITS))
        self._first = Histogram(
            _own("first_token_seconds", "Time to the first token.", FIRST),
            _gen_ai("server_time_to_first_token_seconds", "Time to the first token.", GEN_AI_FIRST),
        )
        self._gap = Histogram(_own("token_gap_seconds", "Time between two parts of an answer.", GAPS))
        self._duration = Histogram(_own("request_seconds", "Time to the end.", DURATIONS))
        self._gen_duration = Histogram(
            _gen_ai("server_request_duration_seconds", "Time to the end.", GEN_AI_DURATIONS, "error_type")
        )
        self._per_token = Histogram(
            _gen_ai("server_time_per_output_token_seconds", "After the first one.", GEN_AI_PER_TOKEN)
        )
        self._used = Histogram(
            _gen_ai("client_token_usage", "Tokens of a request.", GEN_AI_TOKENS, "gen_ai_token_type")
        )
        self._requests = _counter("requests", "Requests by how they ended.", (*WHO, "outcome"))
        self._rejected = _counter("rejections", "Requests that were not begun.", (*WHO, "reason"))
        self._tokens = _counter("tokens", "Tokens by kind.", (*WHO, "kind"))
        self._yanks = _counter("yanks", "Requests taken back for research.", WHO)
        self._wasted = _counter("wasted_prompt_tokens", "Prompt tokens that a yank threw away.", WHO)
        self._reread = _counter("reread_prompt_tokens", "Read after a yank, not found in the cache.", WHO)
        self._failed_over = _counter("failovers", "Requests made again.", ("model", "replica"))
        self._breaches = _counter("research_slo_breaches", "Late first tokens of research.", WHO)
        self._responses = _counter("http_responses", "Responses by path and status.", ("path", "status"))
        self._open: dict[Labels, int] = {}
        self._heard: dict[tuple[str, str], float] = {}
        self._drifts: dict[tuple[str, str], tuple[float, float]] = {}
        self.observe(self._present)

    @classmethod
    def off(cls) -> "Telemetry":
        """Forgets all that it is told."""
        return _Off()

    def observe(self, read: Read) -> None:
        """Further figures, read when somebody looks."""
        self._gauges.append(read)

    def text(self) -> bytes:
        """All of it in Prometheus's text format, in one go."""
        return "".join(self._blocks()).encode()

    async def slices(self) -> AsyncIterator[bytes]:
        """The same, a little at a time, so that no request waits for it long."""
        blocks: list[str] = []
        until = time.perf_counter() + SLICE
        for block in self._blocks():
            blocks.append(block)
            if time.perf_counter() > until:
                yield "".join(blocks).encode()
                blocks.clear()
                await asyncio.sleep(0)
                until = time.perf_counter() + SLICE
        yield "".join(blocks).encode()

    def traceparent(self) -> str | None:
        """What the engine is to be told of the trace that the request of this task belongs to."""
        trace = tracing.current()
        return trace.traceparent if trace else None

    def close(self) -> None:
        """Sends what is left of traces; takes seconds at most."""
        self.tracing.close()

    # Events, in the order of a request's life.

    def queued(self, caller: Caller, model: str, request: str = "") -> None:
        """It is in line. `request` is its id in the journal."""
        who = self._who(caller, model)
        self._open[who] = self._open.get(who, 0) + 1
        if trace := tracing.current():
            trace.request = request
            trace.named(caller, model)

    def rejected(self, caller: Caller, model: str, reason: str) -> None:
        """It was not begun: over budget, line full, nothing that serves it."""
        self._rejected.add((*self._who(caller, model), reason))
        if trace := tracing.current():
            trace.named(caller, model)
            trace.outcome = reason

    def dispatched(self, caller: Caller, model: str, waited: float, replica: str = "") -> None:
        """It has a seat, after so many seconds."""
        trace = tracing.current()
        self._waited.observe((*self._who(caller, model), _operation(trace)), waited)
        if trace:
            trace.named(caller, model)
            trace.dispatched(waited, replica)

    def first_token(self, caller: Caller, model: str, seconds: float) -> None:
        """Its answer begins, so many seconds after it came."""
        who = self._who(caller, model)
        trace = tracing.current()
        self._first.observe((*who, _operation(trace)), seconds)
        if caller.request_class == "research" and seconds > self._slo:
            self._breaches.add(who)
        if trace:
            trace.first_token(seconds)
            self._heard[model, trace.replica] = time.monotonic()

    def token_gap(self, caller: Caller, model: str, seconds: float) -> None:
        """A further part came, so many seconds after the last."""
        self._gap.observe((*self._who(caller, model), _operation(tracing.current())), seconds)

    def yanked(self, caller: Caller, model: str, prompt: int) -> None:
        """It was taken back after so many tokens of its prompt had been read."""
        who = self._who(caller, model)
        self._yanks.add(who)
        self._wasted.add(who, prompt)
        if trace := tracing.current():
            trace.yanked()

    def failed_over(self, model: str, replica: str) -> None:
        """It is made again because this replica was lost."""
        self._failed_over.add((model, replica))
        if trace := tracing.current():
            trace.failed_over(replica)

    def finished(self, caller: Caller, model: str, outcome: str, seconds: float, usage: Usage) -> None:
        """It is over."""
        who = self._who(caller, model)
        trace = tracing.current()
        operation = _operation(trace)
        if self._open.get(who):
            self._open[who] -= 1
        self._requests.add((*who, outcome))
        self._duration.observe((*who, operation), seconds)
        error = "" if outcome in COMPLETE else outcome
        self._gen_duration.observe((*who, operation, error), seconds)
        self._count(who, operation, usage)
        if not trace:
            return
        trace.named(caller, model)
        trace.finished(outcome, usage)
        if trace.yanks:
            self._reread.add(who, usage.prompt - usage.cached)
        if not error and trace.first and usage.completion > 1:
            each = (seconds - trace.first) / (usage.completion - 1)
            self._per_token.observe((*who, operation), each)

    def answered(self, path: str, status: int) -> None:
        """A response is out. Paths are the service's own; whatever else was asked for is `other`."""
        self._responses.add((path if path in PATHS else OTHER, str(status)))

    def reconciled(self, model: str, replica: str, share: float) -> None:
        """Of a replica's tokens, this share is on our side only, or on the engine's only."""
        self._drifts[model, replica] = share, time.monotonic()

    # Inside.

    def _count(self, who: Labels, operation: str, usage: Usage) -> None:
        self._tokens.add((*who, "input"), usage.prompt - usage.cached)
        self._tokens.add((*who, "cached"), usage.cached)
        self._tokens.add((*who, "output"), usage.completion)
        self._used.observe((*who, operation, "input"), usage.prompt)
        if operation != "embeddings":
            self._used.observe((*who, operation, "output"), usage.completion)

    def _who(self, caller: Caller, model: str) -> Labels:
        tenant = caller.tenant
        if tenant not in self._tenants:
            if len(self._tenants) >= MOST_TENANTS:
                tenant = OTHER
            else:
                self._tenants.add(tenant)
        return tenant, caller.request_class, model

    def _present(self) -> Iterable[Metric]:
        yield gauge("open_requests", "In line or under way.", WHO, self._open.items())
        now, labels = time.monotonic(), ("model", "replica")
        ages = [(place, now - at) for place, at in self._heard.items()]
        yield gauge("replica_silent_seconds", "Since it last began an answer.", labels, ages)
        shares = [(place, share) for place, (share, _) in self._drifts.items()]
        yield gauge("reconcile_drift_ratio", "Tokens that only one side counted.", labels, shares)
        ages = [(place, now - at) for place, (_, at) in self._drifts.items()]
        yield gauge("reconcile_age_seconds", "Since both sides were compared.", labels, ages)

    def _blocks(self) -> Iterator[str]:
        series = [one for one in vars(self).values() if isinstance(one, Counter | Histogram)]
        for one in series:
            yield from one.blocks()
        for read in self._gauges:
            for family in read():
                yield from family_blocks(family)


class _Off(Telemetry):
    def queued(self, caller: Caller, model: str, request: str = "") -> None: ...
    def rejected(self, caller: Caller, model: str, reason: str) -> None: ...
    def dispatched(self, caller: Caller, model: str, waited: float, replica: str = "") -> None: ...
    def first_token(self, caller: Caller, model: str, seconds: float) -> None: ...
    def token_gap(self, caller: Caller, model: str, seconds: float) -> None: ...
    def yanked(self, caller: Caller, model: str, prompt: int) -> None: ...
    def failed_over(self, model: str, replica: str) -> None: ...
    def finished(self, caller: Caller, model: str, outcome: str, seconds: float, usage: Usage) -> None: ...
    def answered(self, path: str, status: int) -> None: ...
    def reconciled(self, model: str, replica: str, share: float) -> None: ...


def gauge(name: str, text: str, labels: tuple[str, ...], rows: Rows) -> Metric:
    """A gauge as it is at this moment."""
    family = GaugeMetricFamily(f"{OWN}{name}", text, labels=labels)
    for values, value in rows:
        family.add_metric(values, value)
    return family


def counter(name: str, text: str, labels: tuple[str, ...], rows: Rows) -> Metric:
    """A counter that somebody else keeps."""
    family = CounterMetricFamily(f"{OWN}{name}", text, labels=labels)
    for values, value in rows:
        family.add_metric(values, value)
    return family


def _operation(trace: Trace | None) -> str:
    return trace.operation if trace else "chat"


def _counter(name: str, text: str, labels: Labels) -> Counter:
    return Counter(f"{OWN}{name}", text, labels)


def _own(name: str, text: str, bounds: tuple[float, ...]) -> View:
    return View(f"{OWN}{name}", text, TIMES, bounds, lambda labels: labels)


def _gen_ai(name: str, text: str, bounds: tuple[float, ...], further: str = "") -> View:
    def write(labels: Labels) -> Labels:
        tenant, request_class, model, operation, *rest = labels
        return (operation, PROVIDER, model, tenant, request_class, *rest)

    return View(f"gen_ai_{name}", text, (*GEN_AI, further) if further else GEN_AI, bounds, write)
