"""What becomes of a request whose replica is lost, or is not there."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace

import pytest

from lemma_inference.admission import Policy
from lemma_inference.apis.serving import Serving
from lemma_inference.callers import Caller
from lemma_inference.engines.protocol import Ask
from lemma_inference.engines.replica import Replica
from lemma_inference.engines.upstream import Upstream
from lemma_inference.engines.vllm import Vllm
from lemma_inference.errors import EngineUnavailable
from lemma_inference.fleet import House, Member, Served
from lemma_inference.keys import CacheSalt
from lemma_inference.metering import Metering
from lemma_inference.telemetry import Telemetry
from tests.unit.inference.scripted import scripted, stream, told

ASK = Ask(messages=[{"role": "user", "content": "hello"}], max_tokens=8)
CALLER = Caller("t", "k", "interactive")


@contextmanager
def nobody_listens() -> Iterator[str]:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{held.getsockname()[1]}"


@asynccontextmanager
async def serving(*replicas: Replica, patience: float = 15.0) -> AsyncIterator[Serving]:
    engines = [Upstream(one, Vllm("m"), slots=4) for one in replicas]
    members = [Member(f"e{number}", engine) for number, engine in enumerate(engines)]
    served = Served("m", 4096, "compact", "masked", "vllm")
    house = House(served, members, replace(Policy.alone(8), patience=patience), lambda text: text)
    try:
        yield Serving({"m": house}, Metering(), Telemetry(1.0), CacheSalt())
    finally:
        for engine in engines:
            await engine.aclose()


async def answer(here: Serving) -> str:
    deltas = here.answer(ASK, CALLER, model="m", whole=True)
    return "".join([delta.text async for delta in deltas])


async def test_to_find_nobody_there_costs_no_try() -> None:
    replica = Replica()
    async with scripted(stream(*told(["good ", "day"]))) as engine, serving(replica) as here:
        with nobody_listens() as url:
            replica.up(url, None)
            asked = asyncio.create_task(answer(here))
            breaker = here.house("m").members["e0"].breaker
            async with asyncio.timeout(30):
                while breaker.state != "open":  # noqa: ASYNC110 - nothing tells of it
                    await asyncio.sleep(0.01)
            assert not asked.done()
            replica.up(engine.url, None)
        assert await asked == "good day"


async def test_nobody_waits_longer_for_an_engine_than_patience_says() -> None:
    replica = Replica()
    with nobody_listens() as url:
        replica.up(url, None)
        async with serving(replica, patience=0.3) as here:
            began = time.monotonic()
            with pytest.raises(EngineUnavailable):
                await answer(here)
    assert time.monotonic() - began > 0.3


async def test_the_table_of_flights_says_where_a_request_is() -> None:
    replica = Replica()
    released = asyncio.Event()

    async def waits(wire: object) -> None:
        await released.wait()

    async with scripted(waits) as engine, serving(replica) as here:
        replica.up(engine.url, None)
        asked = asyncio.create_task(answer(here))
        async with asyncio.timeout(30):
            while not engine.seen:  # noqa: ASYNC110 - nothing tells of it
                await asyncio.sleep(0.01)
        assert list(here.metering.seen()) == [("m", "e0")]
        asked.cancel()
        await asyncio.wait({asked})
        released.set()
