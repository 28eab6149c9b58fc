"""The service as it is put together: its settings say where traces go, and every request is followed."""

import asyncio
import io
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from prometheus_client.parser import text_string_to_metric_families

from lemma_inference.admission import Policy
from lemma_inference.assembly import Built, defuser
from lemma_inference.engines.vllm import Vllm
from lemma_inference.fleet import House, Member, Served
from lemma_inference.main import app_for
from lemma_inference.settings import Settings
from lemma_inference.telemetry import logs
from tests.unit.inference.loggers import logging_kept
from tests.unit.inference.scripted import Wire, stream, told, upstream

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
CLIENTS = {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}
CHAT = "/v1/chat/completions"


class Collector:
    """Takes spans as a collector of OpenTelemetry's does."""

    def __init__(self) -> None:
        self.url = ""
        self.spans: list[Span] = []

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Collector"]:
        async with await asyncio.start_server(self._take, "127.0.0.1", 0) as server:
            self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            yield self

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        fields = dict(line.lower().split(": ", 1) for line in head.splitlines()[1:] if line)
        request = ExportTraceServiceRequest.FromString(
            await reader.readexactly(int(fields["content-length"]))
        )
        self.spans += [s for r in request.resource_spans for scope in r.scope_spans for s in scope.spans]
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()


async def test_one_request_is_told_alike_everywhere() -> None:
    """The journal's id is the log's and the engine's; the client's trace is the span's and the engine's."""
    said = io.StringIO()
    with logging_kept():
        logs.configure("json", "info", said)
        async with Collector().running() as collector, upstream(Vllm("m"), _answer) as (before, engine):
            served = Served("m", 4096, "compact", "masked", "vllm")
            house = House(served, [Member("gpu0", before)], Policy.alone(4), defuser(served))
            app = app_for(Settings(engine="fake", otlp_endpoint=collector.url), Built((house,), (before,)))
            async with app.router.lifespan_context(app):
                transport = httpx.ASGITransport(app)
                async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
                    body = {"model": "m", "messages": [{"role": "user", "content": "hello"}], "max_tokens": 4}
                    assert (await client.post(CHAT, json=body, headers=CLIENTS)).status_code == 200
                    page = (await client.get("/metrics")).text
    lines = [json.loads(line) for line in said.getvalue().splitlines()]
    [line] = [one for one in lines if one["logger"] == "lemma_inference.requests"]
    [wire] = [one for one in engine.seen if one.path == CHAT]
    spans = {span.name: span for span in collector.spans}
    attempt = spans["attempt"]
    assert wire.headers["traceparent"] == f"00-{TRACE}-{attempt.span_id.hex()}-01"
    assert spans["chat m"].trace_id.hex() == line["trace"] == TRACE
    assert re.fullmatch(r"[0-9a-f]{32}", line["request"])
    assert line["request"] == wire.headers["x-request-id"]
    assert (line["replica"], line["code"], line["status"]) == ("gpu0", "stop", 200)
    facts = {one.key: one.value.string_value for one in attempt.attributes}
    assert facts["lemma.replica"] == "gpu0"
    figures = {s.name: s.value for f in text_string_to_metric_families(page) for s in f.samples}
    assert figures["lemma_inference_open_requests"] == 0
    assert figures["lemma_inference_build_info"] == 1
    assert figures["lemma_inference_http_responses_total"] == 1


async def _answer(wire: Wire) -> None:
    await stream(*told(["a", "b"]))(wire)
