"""Spans that go to an OpenTelemetry collector. Needs the extra: `lemma-inference[otel]`.

Nothing of this is global: another library that would use the global tracer finds none, so no span of ours is
written by code that we have not read.
"""

import time
from typing import Self

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from lemma_inference.telemetry.tracing import Attributes, Span

SERVICE = "lemma-inference"


class OtelSpan:
    """A span of OpenTelemetry's."""

    def __init__(self, tracer: trace.Tracer, span: trace.Span) -> None:
        self._tracer, self._span = tracer, span

    @property
    def traceparent(self) -> str | None:
        carrier: dict[str, str] = {}
        TraceContextTextMapPropagator().inject(carrier, trace.set_span_in_context(self._span))
        return carrier.get("traceparent")

    @property
    def trace_id(self) -> str:
        return trace.format_trace_id(self._span.get_span_context().trace_id)

    def child(self, name: str, attributes: Attributes, *, ago: float = 0.0, client: bool = False) -> Self:
        span = self._tracer.start_span(
            name,
            trace.set_span_in_context(self._span, Context()),
            SpanKind.CLIENT if client else SpanKind.INTERNAL,
            attributes,
            start_time=time.time_ns() - round(ago * 1e9),
        )
        return type(self)(self._tracer, span)

    def event(self, name: str, attributes: Attributes) -> None:
        self._span.add_event(name, attributes)

    def set(self, attributes: Attributes) -> None:
        self._span.set_attributes(dict(attributes))

    def rename(self, name: str) -> None:
        self._span.update_name(name)

    def end(self, error: str = "") -> None:
        if self._span.is_recording():
            if error:
                self._span.set_status(Status(StatusCode.ERROR, error))
            self._span.end()


class OtelTracing:
    """Sends spans by a processor, in the background. Of requests without a trace of their client's `part` are
    traced; a client's decision is kept, so that its traces are whole."""

    def __init__(self, processor: SpanProcessor, part: float, version: str) -> None:
        self._provider = TracerProvider(
            sampler=ParentBased(TraceIdRatioBased(part)),
            resource=Resource.create({"service.name": SERVICE, "service.version": version}),
            shutdown_on_exit=False,
        )
        self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer(SERVICE, version)

    @classmethod
    def to(cls, endpoint: str, part: float, version: str) -> Self:
        """Sends by OTLP over HTTP to a collector such as http://127.0.0.1:4318. What a slow or lost collector
        does not take is dropped; no request waits for it."""
        exporter = OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces", timeout=5)
        return cls(BatchSpanProcessor(exporter), part, version)

    def begin(self, name: str, parent: str | None, attributes: Attributes) -> Span:
        context = Context()
        if parent:
            context = TraceContextTextMapPropagator().extract({"traceparent": parent}, context)
        return OtelSpan(self._tracer, self._tracer.start_span(name, context, SpanKind.SERVER, attributes))

    def close(self) -> None:
        self._provider.shutdown()
