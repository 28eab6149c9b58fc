"""Streams to clients that listen, leave, or only hold the line."""

import asyncio
from collections.abc import AsyncGenerator

from starlette.types import Message

from lemma_inference.apis.streams import EventStream

SCOPE = {"type": "http"}
PATIENT = 30.0


class Client:
    """The other side of an ASGI connection. It takes `takes` parts and then does not come back for more."""

    def __init__(self, takes: int = 10**6) -> None:
        self.left = asyncio.Event()
        self.got: list[Message] = []
        self._takes = takes

    async def receive(self) -> Message:
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        if len(self.got) >= self._takes:
            await asyncio.Event().wait()
        self.got.append(message)


class Source:
    """Events, and whether their generator was closed."""

    def __init__(self, count: int | None = None, pace: float = 0.0) -> None:
        self.closed = False
        self.given = 0
        self._count, self._pace = count, pace

    async def events(self) -> AsyncGenerator[bytes, None]:
        try:
            while self._count is None or self.given < self._count:
                self.given += 1
                yield b"data: x\n\n"
                await asyncio.sleep(self._pace)
        finally:
            self.closed = True


async def test_all_events_arrive_and_the_end() -> None:
    client, source = Client(), Source(3)
    await EventStream(source.events())(SCOPE, client.receive, client.send)
    assert client.got[0]["status"] == 200
    assert [message.get("body") for message in client.got[1:]] == [b"data: x\n\n"] * 3 + [b""]
    assert source.closed


async def test_a_client_that_leaves_ends_the_work() -> None:
    client, source = Client(), Source(pace=0.01)
    task = asyncio.create_task(EventStream(source.events())(SCOPE, client.receive, client.send))
    async with asyncio.timeout(PATIENT):
        while not client.got:  # noqa: ASYNC110 - the test's own client has no event for it
            await asyncio.sleep(0.01)
        client.left.set()
        await task
    assert source.closed


async def test_a_client_that_takes_nothing_ends_it_too() -> None:
    client, source = Client(takes=3), Source()
    async with asyncio.timeout(PATIENT):
        await EventStream(source.events(), patience=0.2)(SCOPE, client.receive, client.send)
    assert (source.closed, source.given) == (True, 3)


async def test_a_client_that_waits_for_a_slow_engine_is_not_gone() -> None:
    client, source = Client(), Source(2, pace=0.6)
    await EventStream(source.events(), patience=0.2)(SCOPE, client.receive, client.send)
    assert len(client.got) == 4
