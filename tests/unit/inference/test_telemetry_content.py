"""No prompt and no answer in any log, metric or span: a canary goes through everything that can happen.

Every logger that exists is at DEBUG, so nothing is quiet only because of a level. A second handler, with
logging's own formatter, listens to the same records and must find the canary: that shows that it was there
to be leaked.
"""

import asyncio
import io
import logging
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
import uvicorn
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from lemma_inference.admission import Policy
from lemma_inference.assembly import Built, defuser
from lemma_inference.engines.fake import FakeEngine
from lemma_inference.engines.fakevllm.faults import Faults
from lemma_inference.engines.protocol import Ask, Delta, Engine
from lemma_inference.engines.replica import Replica
from lemma_inference.engines.upstream import Upstream
from lemma_inference.engines.vllm import Vllm
from lemma_inference.fleet import House, Member, Served
from lemma_inference.main import app_for
from lemma_inference.settings import Settings
from lemma_inference.telemetry import Follow, Telemetry, logs
from lemma_inference.telemetry.otel import OtelTracing
from tests.unit.inference.fake_engine import Fake, fake
from tests.unit.inference.loggers import logging_kept

CANARY = "canary-9c41e7"
CHAT = "/v1/chat/completions"
PATIENCE = 60.0


class Clumsy(FakeEngine):
    """Fails in a way that nobody foresaw, and says what it worked on."""

    async def generate(self, ask: Ask) -> AsyncGenerator[Delta, None]:
        raise RuntimeError(f"Could not make sense of {list(ask.messages)}")
        yield Delta()


@dataclass
class Watched:
    """A gateway, all that it says, and the engine behind its model `m`."""

    engine: Fake
    client: httpx.AsyncClient
    telemetry: Telemetry
    said: io.StringIO
    machines: io.StringIO
    unguarded: io.StringIO
    spans: InMemorySpanExporter
    answers: list[str] = field(default_factory=list)

    async def ask(self, path: str = CHAT, **fields: Any) -> int:
        headers = fields.pop("headers", {})
        response = await self.client.post(path, json=fields, headers=headers)
        self.answers.append(response.text)
        return response.status_code

    async def seen(self) -> str:
        """All that can be seen from outside of this gateway, once it is quiet."""
        scraped = (await self.client.get("/metrics")).text
        spans = "".join(span.to_json() for span in self.spans.get_finished_spans())
        own = self.telemetry.text().decode()
        health = (await self.client.get("/health")).text
        return "\n".join([self.said.getvalue(), self.machines.getvalue(), scraped, own, spans, health])


@contextmanager
def everything_logged() -> Iterator[tuple[io.StringIO, io.StringIO, io.StringIO]]:
    """As people, as machines and as nobody should read it; every logger at DEBUG."""
    streams = io.StringIO(), io.StringIO(), io.StringIO()
    with logging_kept() as loggers:
        machines = logs.configure("json", "debug", streams[1])
        logs.configure("text", "debug", streams[0])
        unguarded = logging.StreamHandler(streams[2])
        unguarded.setFormatter(logging.Formatter("%(name)s %(message)s"))
        logging.getLogger().handlers += [machines, unguarded]
        for one in loggers:
            one.setLevel(logging.DEBUG)
        yield streams


def house(name: str, engine: Engine, context: int) -> House:
    served = Served(name, context, "compact", engine.logprobs, engine.name)
    return House(served, [Member("1", engine)], Policy.alone(4), defuser(served))


@asynccontextmanager
async def watched() -> AsyncIterator[Watched]:
    spans = InMemorySpanExporter()
    telemetry = Telemetry(1.0, OtelTracing(SimpleSpanProcessor(spans), 1.0, "1"))
    loop = asyncio.get_running_loop()
    debugging = loop.get_debug()
    async with AsyncExitStack() as stack:
        streams = stack.enter_context(everything_logged())
        engine = await stack.enter_async_context(fake("--max-model-len", "4096"))
        replica = Replica()
        replica.up(engine.url, None)
        upstream = Upstream(replica, Vllm("fake"), slots=8)
        houses = house("m", upstream, 4096), house("clumsy", Clumsy(), 4096)
        app = app_for(Settings(engine="fake"), Built(houses, (upstream,)))
        url = await stack.enter_async_context(listening(Follow(app, telemetry)))
        client = httpx.AsyncClient(base_url=url, timeout=PATIENCE, trust_env=False)
        await stack.enter_async_context(client)
        loop.set_debug(True)  # asyncio prints more then, results of tasks among it.
        stack.callback(loop.set_debug, debugging)
        yield Watched(engine, client, telemetry, *streams, spans)


@asynccontextmanager
async def listening(app: Any) -> AsyncIterator[str]:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=2))
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]  # not in a test's process
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        async with asyncio.timeout(PATIENCE):
            while not server.started:  # noqa: ASYNC110 - uvicorn offers no event
                await asyncio.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task
        listener.close()


def chat(**fields: Any) -> dict[str, Any]:
    messages = [{"role": "user", "content": f"Repeat {CANARY} please."}]
    return {"model": "m", "messages": messages, "max_tokens": 32} | fields


REPEAT = {"structured_outputs": {"grammar": f'start: "{CANARY}"'}}


async def test_answers_leave_no_trace_of_what_they_say() -> None:
    async with watched() as gateway:
        assert await gateway.ask(**chat(**REPEAT)) == 200
        assert CANARY in gateway.answers[-1], "the engine was to say it"
        assert await gateway.ask(**chat(**REPEAT, stream=True)) == 200
        assert await gateway.ask("/v1/completions", model="m", prompt=CANARY, max_tokens=4) == 200
        assert await gateway.ask("/v1/embeddings", model="m", input=CANARY) in {200, 400}
        seen = await gateway.seen()
        assert CANARY not in seen
        assert seen.count("chat ended with stop.") == 4, "a line for people and one for machines of each"
        assert '"name": "chat m"' in seen


async def test_refusals_leave_no_trace() -> None:
    async with watched() as gateway:
        grammar = {"structured_outputs": {"grammar": f"start: {CANARY}"}}
        long = [{"role": "user", "content": f"{CANARY} " * 4096}]
        for status, fields in (
            (400, chat(**grammar)),
            (400, chat(messages=long)),
            (400, chat(**{CANARY: 1})),
            (400, chat(temperature=CANARY)),
            (404, chat(model=CANARY)),
        ):
            assert await gateway.ask(**fields) == status, fields
        response = await gateway.client.post(CHAT, content=f'{{"messages": "{CANARY}')
        assert response.status_code == 400
        assert (await gateway.client.post(f"/v1/{CANARY}?q={CANARY}")).status_code == 404
        headers = {"traceparent": CANARY, "X-Lemma-Customer": CANARY, "baggage": f"a={CANARY}"}
        await gateway.ask(**chat(headers=headers))
        assert CANARY not in await gateway.seen()


@pytest.mark.parametrize(
    ("faults", "code"),
    [
        (Faults(status=500), "engine_unavailable"),
        (Faults(status=400), "engine_refused"),
        (Faults(close_first=True), "engine_lost"),
        (Faults(close_after=1), "engine_lost"),
        (Faults(error_after=1), "engine_lost"),
        (Faults(garbage_after=1), "engine_lost"),
        (Faults(leave_grammar=True), "grammar_broken"),
    ],
    ids=lambda value: str(
        {k: v for k, v in value.as_dict().items() if v} if isinstance(value, Faults) else value
    ),
)
async def test_broken_engines_leave_no_trace(faults: Faults, code: str) -> None:
    async with watched() as gateway:
        gateway.engine.server.set_faults(faults)
        for stream in (False, True):
            await gateway.ask(**chat(**REPEAT, stream=stream))
        seen = await gateway.seen()
        assert CANARY not in seen
        assert f"chat ended with {code}." in seen, gateway.said.getvalue()


async def test_what_nobody_foresaw_leaves_no_trace() -> None:
    async with watched() as gateway:
        assert await gateway.ask(**chat(model="clumsy")) == 500
        seen = await gateway.seen()
        assert CANARY in gateway.unguarded.getvalue(), "the canary was there to be leaked"
        assert CANARY not in seen
        assert "RuntimeError at " in seen
        assert "test_telemetry_content.py:" in seen, "the place is told"


async def test_a_client_that_goes_away_leaves_no_trace() -> None:
    async with watched() as gateway:
        gone = gateway.client.stream("POST", CHAT, json=chat(stream=True, max_tokens=2000))
        async with gone as response:
            async for _ in response.aiter_lines():
                break
        async with asyncio.timeout(PATIENCE):
            while "chat ended with aborted." not in gateway.said.getvalue():  # noqa: ASYNC110 - a log has no event
                await asyncio.sleep(0.02)
        assert CANARY not in await gateway.seen()
