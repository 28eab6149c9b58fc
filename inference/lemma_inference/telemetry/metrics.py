"""Prometheus metrics, by tenant and class. An event costs a few microseconds: label children are kept.

Names of our own begin with `lemma_inference_`. Those of the OpenTelemetry conventions for generative AI stand
beside them in Prometheus's spelling, with our tenant and class, which the conventions do not have. The number
of tenants is bounded: beyond `MOST_TENANTS` they are counted together as `other`.
"""

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from lemma_inference.callers import Caller
from lemma_inference.engines.protocol import Usage

Buckets = tuple[float, ...]
Rows = Iterable[tuple[tuple[str, ...], float]]

MOST_TENANTS = 1000
OTHER = "other"

# Seconds. Those of the conventions for times to a token, finer where research's promises lie.
WAITS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
FIRST = (0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0, 30.0)
GAPS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 2.5)
DURATIONS = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92, 300.0)
TOKENS = tuple(float(4**n) for n in range(14))

WHO = ("tenant", "class", "model")
GEN_AI = ("gen_ai_request_model", "lemma_tenant", "lemma_class")


class Telemetry:
    """Counts events. Gauges are read when somebody looks, from whoever knows them."""

    def __init__(self, research_slo_seconds: float = 1.0) -> None:
        """`research_slo_seconds` is the time to a first token beyond which a research request counts as a
        breach of what it was promised."""
        self.registry = CollectorRegistry()
        self._slo = research_slo_seconds
        self._tenants: set[str] = set()
        self._gauges: list[Callable[[], Iterable[Metric]]] = []
        self._waited = self._histogram("queue_wait_seconds", "Time in line.", WAITS)
        self._first = self._histogram("first_token_seconds", "Time to the first token.", FIRST)
        self._gap = self._histogram("token_gap_seconds", "Time between parts.", GAPS)
        self._duration = self._histogram("request_seconds", "Time to the end.", DURATIONS)
        self._requests = self._counter("requests", "Requests by how they ended.", (*WHO, "outcome"))
        self._rejected = self._counter("rejections", "Requests that were not begun.", (*WHO, "reason"))
        self._tokens = self._counter("tokens", "Tokens by kind.", (*WHO, "kind"))
        self._yanks = self._counter("yanks", "Requests taken back for research.")
        self._wasted = self._counter("wasted_prompt_tokens", "Prompt tokens read again after a yank.")
        self._failed_over = self._counter("failovers", "Requests made again.", ("model", "replica"))
        self._breaches = self._counter("research_slo_breaches", "Late first tokens of research.")
        self._gen_duration = self._gen_ai("server_request_duration_seconds", DURATIONS)
        self._gen_first = self._gen_ai("server_time_to_first_token_seconds", FIRST)
        self._gen_gap = self._gen_ai("server_time_per_output_token_seconds", GAPS)
        self._gen_tokens = self._gen_ai("client_token_usage", TOKENS, (*GEN_AI, "gen_ai_token_type"))
        ProcessCollector(registry=self.registry)
        self.registry.register(_Gauges(self._gauges))
        self._child: Callable[..., Any] = lru_cache(maxsize=16_384)(_labelled)

    def _histogram(self, name: str, text: str, buckets: Buckets) -> Histogram:
        return Histogram(f"lemma_inference_{name}", text, WHO, buckets=buckets, registry=self.registry)

    def _counter(self, name: str, text: str, labels: tuple[str, ...] = WHO) -> Counter:
        return Counter(f"lemma_inference_{name}", text, labels, registry=self.registry)

    def _gen_ai(self, name: str, buckets: Buckets, labels: tuple[str, ...] = GEN_AI) -> Histogram:
        text = "By the OpenTelemetry conventions for generative AI."
        return Histogram(f"gen_ai_{name}", text, labels, buckets=buckets, registry=self.registry)

    def observe(self, read: Callable[[], Iterable[Metric]]) -> None:
        """Further figures, read when somebody looks."""
        self._gauges.append(read)

    def text(self) -> bytes:
        """All of it in Prometheus's text format."""
        return generate_latest(self.registry)

    # Events, in the order of a request's life.

    def rejected(self, caller: Caller, model: str, reason: str) -> None:
        """It was not begun: over budget, line full, nothing that serves it."""
        self._child(self._rejected, (*self._who(caller, model), reason)).inc()

    def dispatched(self, caller: Caller, model: str, waited: float) -> None:
        """It has a seat, after so many seconds."""
        self._child(self._waited, self._who(caller, model)).observe(waited)

    def first_token(self, caller: Caller, model: str, seconds: float) -> None:
        """Its answer begins, so many seconds after it came."""
        who = self._who(caller, model)
        self._child(self._first, who).observe(seconds)
        self._child(self._gen_first, _gen_ai(who)).observe(seconds)
        if caller.request_class == "research" and seconds > self._slo:
            self._child(self._breaches, who).inc()

    def token_gap(self, caller: Caller, model: str, seconds: float) -> None:
        """A further part came, so many seconds after the last."""
        who = self._who(caller, model)
        self._child(self._gap, who).observe(seconds)
        self._child(self._gen_gap, _gen_ai(who)).observe(seconds)

    def yanked(self, caller: Caller, model: str, prompt: int) -> None:
        """It was taken back after so many tokens of its prompt had been read."""
        who = self._who(caller, model)
        self._child(self._yanks, who).inc()
        self._child(self._wasted, who).inc(prompt)

    def failed_over(self, model: str, replica: str) -> None:
        """It is made again because this replica was lost."""
        self._child(self._failed_over, (model, replica)).inc()

    def finished(self, caller: Caller, model: str, outcome: str, seconds: float, usage: Usage) -> None:
        """It is over."""
        who = self._who(caller, model)
        self._child(self._requests, (*who, outcome)).inc()
        self._child(self._duration, who).observe(seconds)
        self._child(self._gen_duration, _gen_ai(who)).observe(seconds)
        for kind, count in (
            ("input", usage.prompt - usage.cached),
            ("cached", usage.cached),
            ("output", usage.completion),
        ):
            self._child(self._tokens, (*who, kind)).inc(count)
        self._child(self._gen_tokens, (*_gen_ai(who), "input")).observe(usage.prompt)
        self._child(self._gen_tokens, (*_gen_ai(who), "output")).observe(usage.completion)

    def _who(self, caller: Caller, model: str) -> tuple[str, str, str]:
        tenant = caller.tenant
        if tenant not in self._tenants:
            if len(self._tenants) >= MOST_TENANTS:
                tenant = OTHER
            else:
                self._tenants.add(tenant)
        return tenant, caller.request_class, model


class _Gauges(Collector):
    def __init__(self, gauges: list[Callable[[], Iterable[Metric]]]) -> None:
        self._gauges = gauges

    def collect(self) -> Iterable[Metric]:
        for read in self._gauges:
            yield from read()

    def describe(self) -> Iterable[Metric]:
        """Nothing beforehand: which figures there are depends on what is served."""
        return ()


def gauge(name: str, text: str, labels: tuple[str, ...], rows: Rows) -> Metric:
    """A gauge as it is at this moment."""
    family = GaugeMetricFamily(f"lemma_inference_{name}", text, labels=labels)
    for values, value in rows:
        family.add_metric(values, value)
    return family


def counter(name: str, text: str, labels: tuple[str, ...], rows: Rows) -> Metric:
    """A counter that somebody else keeps."""
    family = CounterMetricFamily(f"lemma_inference_{name}", text, labels=labels)
    for values, value in rows:
        family.add_metric(values, value)
    return family


def _gen_ai(who: tuple[str, str, str]) -> tuple[str, str, str]:
    tenant, request_class, model = who
    return model, tenant, request_class


def _labelled(metric: Counter | Histogram, labels: tuple[str, ...]) -> Any:
    return metric.labels(*labels)
