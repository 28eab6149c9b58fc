"""Spans by the conventions for generative AI, and W3C trace context from the client to the engine."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode
from starlette.types import ASGIApp, Receive, Scope, Send

from lemma_inference.callers import Caller
from lemma_inference.engines.protocol import Usage
from lemma_inference.telemetry import Follow, Telemetry, tracing_to
from lemma_inference.telemetry.otel import OtelTracing
from lemma_inference.telemetry.tracing import checked_traceparent, current

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
SAMPLED, NOT_SAMPLED = f"00-{TRACE}-{PARENT}-01", f"00-{TRACE}-{PARENT}-00"
LAB = Caller("lab", "lab-key", "research")
CHAT = "/v1/chat/completions"


class Traced:
    """A telemetry whose spans can be read."""

    def __init__(self, part: float = 1.0) -> None:
        self.exporter = InMemorySpanExporter()
        self.telemetry = Telemetry(1.0, OtelTracing(SimpleSpanProcessor(self.exporter), part, "1"))

    def spans(self) -> dict[str, ReadableSpan]:
        return {span.name: span for span in self.exporter.get_finished_spans()}

    async def ask(self, app: ASGIApp, path: str = CHAT, **headers: str) -> httpx.Response:
        transport = httpx.ASGITransport(Follow(app, self.telemetry), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
            return await client.post(path, headers=headers)


@contextmanager
def traced(part: float = 1.0) -> Iterator[Traced]:
    one = Traced(part)
    yield one
    one.telemetry.close()


async def respond(send: Send, status: int = 200) -> None:
    await send({"type": "http.response.start", "status": status, "headers": []})
    await send({"type": "http.response.body", "body": b"{}"})


def app_that(telemetry: Telemetry, seen: list[str | None] | None = None) -> ASGIApp:
    """Tells the story of a request that was yanked, then lost, then answered."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        telemetry.queued(LAB, "m", "r1")
        telemetry.dispatched(LAB, "m", 0.25, "gpu0")
        telemetry.yanked(LAB, "m", 10)
        telemetry.dispatched(LAB, "m", 0.05, "gpu0")
        telemetry.failed_over("m", "gpu0")
        telemetry.dispatched(LAB, "m", 0.0, "gpu1")
        if seen is not None:  # As an engine's client asks, in a task of its own.
            seen.append(await asyncio.create_task(_traceparent(telemetry)))
        telemetry.first_token(LAB, "m", 0.5)
        telemetry.finished(LAB, "m", "stop", 1.0, Usage(20, 5, 7))
        await respond(send)

    return app


async def _traceparent(telemetry: Telemetry) -> str | None:
    return telemetry.traceparent()


async def test_a_request_is_a_span_by_the_conventions() -> None:
    with traced() as one:
        await one.ask(app_that(one.telemetry))
        span = one.spans()["chat m"]
    assert span.kind is SpanKind.SERVER
    assert span.attributes is not None
    assert dict(span.attributes) == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "lemma",
        "gen_ai.request.model": "m",
        "gen_ai.response.finish_reasons": ("stop",),
        "gen_ai.response.id": "r1",
        "gen_ai.response.time_to_first_chunk": 0.5,
        "gen_ai.usage.cache_read.input_tokens": 5,
        "gen_ai.usage.input_tokens": 20,
        "gen_ai.usage.output_tokens": 7,
        "http.response.status_code": 200,
        "http.route": CHAT,
        "lemma.class": "research",
        "lemma.tenant": "lab",
        "server.address": "gateway",
        "server.port": 0,
    }
    assert span.status.status_code is StatusCode.UNSET


async def test_its_attempts_tell_what_became_of_them() -> None:
    with traced() as one:
        await one.ask(app_that(one.telemetry))
        spans = one.exporter.get_finished_spans()
    [root] = [span for span in spans if span.name == "chat m"]
    queues = [span for span in spans if span.name == "queue"]
    attempts = [span for span in spans if span.name == "attempt"]
    children = [*queues, *attempts]
    assert root.context is not None
    assert all(child.parent and child.parent.span_id == root.context.span_id for child in children)
    assert [_seconds(span) >= least for span, least in zip(queues, (0.25, 0.05, 0.0), strict=True)] == [
        True
    ] * 3
    told = [
        (dict(a.attributes or {}), [event.name for event in a.events], a.status.description) for a in attempts
    ]
    assert told == [
        ({"lemma.attempt": 1, "lemma.replica": "gpu0"}, ["yanked"], "yanked"),
        ({"lemma.attempt": 2, "lemma.replica": "gpu0"}, ["failed_over"], "failed_over"),
        ({"lemma.attempt": 3, "lemma.replica": "gpu1"}, ["first_token"], None),
    ]
    assert all(span.kind is SpanKind.CLIENT for span in attempts)


def _seconds(span: ReadableSpan) -> float:
    assert span.start_time is not None
    assert span.end_time is not None
    return (span.end_time - span.start_time) / 1e9


async def test_the_clients_trace_goes_on_in_the_engine() -> None:
    seen: list[str | None] = []
    with traced() as one:
        await one.ask(app_that(one.telemetry, seen), traceparent=SAMPLED)
        spans = one.exporter.get_finished_spans()
    root = one_named(spans, "chat m")
    assert root.context is not None
    assert f"{root.context.trace_id:032x}" == TRACE
    assert root.parent is not None
    assert f"{root.parent.span_id:016x}" == PARENT
    last = [span for span in spans if span.name == "attempt"][-1]
    assert last.context is not None
    assert seen == [f"00-{TRACE}-{last.context.span_id:016x}-01"]


def one_named(spans: tuple[ReadableSpan, ...], name: str) -> ReadableSpan:
    [span] = [span for span in spans if span.name == name]
    return span


async def test_a_client_that_does_not_trace_is_not_traced() -> None:
    seen: list[str | None] = []
    with traced() as one:
        await one.ask(app_that(one.telemetry, seen), traceparent=NOT_SAMPLED)
        assert not one.spans()
    [header] = seen
    assert header is not None
    assert header.startswith(f"00-{TRACE}-")
    assert header.endswith("-00")


async def test_of_the_others_a_part_is_traced() -> None:
    with traced(0.0) as one:
        await one.ask(app_that(one.telemetry))
        assert not one.spans()
        await one.ask(app_that(one.telemetry), traceparent=SAMPLED)
        assert one.spans()


async def test_where_nothing_is_traced_the_header_is_passed_on() -> None:
    telemetry, seen = Telemetry(), list[str | None]()
    transport = httpx.ASGITransport(Follow(app_that(telemetry, seen), telemetry))
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        for headers in ({"traceparent": SAMPLED}, {"traceparent": "what I want to say"}, {}):
            await client.post(CHAT, headers=headers)
    assert seen == [SAMPLED, None, None]
    assert current() is None


@pytest.mark.parametrize(
    "header",
    [
        "",
        "prompt",
        SAMPLED + "x",
        "\n" + SAMPLED,
        SAMPLED.upper(),
        f"00-{'0' * 32}-{PARENT}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"ff-{TRACE}-{PARENT}-01",
    ],
)
def test_what_is_no_traceparent_is_none(header: str) -> None:
    assert checked_traceparent(header) is None
    assert checked_traceparent(SAMPLED) == SAMPLED


@pytest.mark.parametrize(
    ("path", "name"),
    [("/v1/completions", "text_completion"), ("/v1/embeddings", "embeddings"), (CHAT, "chat")],
)
async def test_operations_have_the_conventions_names(path: str, name: str) -> None:
    async def refused(scope: Scope, receive: Receive, send: Send) -> None:
        await respond(send, 401)

    with traced() as one:
        await one.ask(refused, path)
        span = one.spans()[name]
    assert span.attributes is not None
    assert span.attributes["error.type"] == "401"
    assert span.status.status_code is StatusCode.UNSET, "a client's mistake is no failure of ours"


async def test_other_paths_are_counted_and_not_traced() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        assert current() is None
        await respond(send)

    with traced() as one:
        await one.ask(app, "/health")
        assert not one.spans()
        assert b'http_responses_total{path="/health",status="200"} 1' in one.telemetry.text()


async def test_a_failure_is_told_by_its_kind_alone() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise ValueError("The prompt was: secret")

    with traced() as one:
        await one.ask(app)
        span = one.spans()["chat"]
    assert span.status.status_code is StatusCode.ERROR
    assert span.attributes is not None
    assert span.attributes["error.type"] == "ValueError"
    assert "secret" not in span.to_json()


async def test_a_stream_that_fails_after_its_200_is_an_error() -> None:
    with traced() as one:

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            one.telemetry.queued(LAB, "m", "r1")
            one.telemetry.dispatched(LAB, "m", 0.0, "gpu0")
            one.telemetry.finished(LAB, "m", "engine_lost", 1.0, Usage(20, 0, 3))
            await respond(send)

        await one.ask(app)
        span = one.spans()["chat m"]
    assert span.status.status_code is StatusCode.ERROR
    assert span.attributes is not None
    assert span.attributes["error.type"] == "engine_lost"
    assert "gen_ai.response.finish_reasons" not in span.attributes


def test_without_an_endpoint_nothing_of_opentelemetry_is_imported() -> None:
    """In a process of its own, since this one has imported it already. FastAPI imports the API by itself."""
    code = (
        "import sys; from lemma_inference.telemetry import tracing_to; tracing_to(None, 1.0, '1'); "
        "print([name for name in sys.modules if name.startswith('opentelemetry.sdk')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout.strip() == "[]"


def test_the_extra_is_asked_for_by_name() -> None:
    code = (
        "import sys; sys.modules['opentelemetry.sdk'] = None; "
        "from lemma_inference.telemetry import tracing_to; tracing_to('http://127.0.0.1:4318', 1.0, '1')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=120
    )
    assert "SettingsWrong: Traces need OpenTelemetry's exporter." in done.stderr


async def test_spans_reach_a_collector() -> None:
    """By OTLP over HTTP, also what is left when the service stops."""
    got: list[tuple[str, bytes]] = []

    async def collect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        fields = dict(line.lower().split(": ", 1) for line in head.splitlines()[1:] if line)
        got.append((head.split(" ")[1], await reader.readexactly(int(fields["content-length"]))))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(collect, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        telemetry = Telemetry(1.0, tracing_to(f"http://127.0.0.1:{port}/", 1.0, "1"))
        transport = httpx.ASGITransport(Follow(app_that(telemetry), telemetry))
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
            await client.post(CHAT)
        await asyncio.to_thread(telemetry.close)
    [(path, data)] = got
    assert path == "/v1/traces"
    request = ExportTraceServiceRequest.FromString(data)
    names = {span.name for scope in request.resource_spans[0].scope_spans for span in scope.spans}
    assert names == {"chat m", "queue", "attempt"}
    facts = {one.key: one.value.string_value for one in request.resource_spans[0].resource.attributes}
    assert facts["service.name"] == "lemma-inference"
