"""Which connections are ended because nothing moves on them."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import ClassVar

import pytest
import uvicorn
from fastapi import FastAPI
from starlette.responses import StreamingResponse

from lemma_inference.apis import problems
from lemma_inference.listener import Impatient

HEAD = b"POST /read HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 7\r\n"


class Hasty(Impatient):
    every: ClassVar[float] = 0.02
    grace: ClassVar[float] = 0.2
    takes: ClassVar[float] = 0.2


class Lazy(Hasty):
    grace: ClassVar[float] = 600.0


@asynccontextmanager
async def listening(
    protocol: type[Impatient], closed: asyncio.Event | None = None, keep_alive: int = 5
) -> AsyncIterator[tuple[str, int]]:
    app = FastAPI()
    problems.install(app)

    @app.post("/read")
    async def read(body: dict[str, int]) -> int:
        return body["a"]

    @app.get("/flood")
    async def flood() -> StreamingResponse:
        async def parts() -> AsyncIterator[bytes]:
            try:
                for _ in range(20_000):  # More than any buffer takes, and not for ever.
                    yield bytes(65_536)
                    await asyncio.sleep(0)
            finally:
                if closed is not None:
                    closed.set()

        return StreamingResponse(parts())

    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(
        app,
        log_level="critical",
        http=protocol,
        timeout_keep_alive=keep_alive,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        async with asyncio.timeout(60.0):
            while not server.started:  # noqa: ASYNC110 - uvicorn offers no event
                await asyncio.sleep(0.01)
        yield listener.getsockname()
    finally:
        server.should_exit = True
        await task
        listener.close()


@pytest.mark.parametrize("sent", [b"", HEAD[:20], HEAD, HEAD + b"\r\n", HEAD + b"\r\n{"])
async def test_a_request_that_does_not_come_is_not_waited_for(
    sent: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async with listening(Hasty) as address:
        reader, writer = await asyncio.open_connection(*address)
        writer.write(sent)
        async with asyncio.timeout(30.0):
            with suppress(ConnectionError):  # As the kernel tells of an abort.
                assert not await reader.read()
        writer.close()
    assert not [one for one in caplog.records if one.levelno >= logging.ERROR]


async def test_a_client_that_takes_nothing_is_given_up_and_its_answer_ends() -> None:
    closed = asyncio.Event()
    async with listening(Lazy, closed) as address:
        _, writer = await asyncio.open_connection(*address, limit=1024)
        writer.write(b"GET /flood HTTP/1.1\r\nHost: x\r\n\r\n")
        async with asyncio.timeout(30.0):
            await closed.wait()
        writer.close()


async def test_requests_that_come_are_answered_one_after_the_other_on_one_connection() -> None:
    async with listening(Hasty) as address:
        reader, writer = await asyncio.open_connection(*address)
        for _ in range(3):
            writer.write(HEAD + b'\r\n{"a":4}')
            async with asyncio.timeout(30.0):
                assert b"200 OK" in await reader.readuntil(b"\r\n\r\n")
                assert await reader.readexactly(1) == b"4"
            await asyncio.sleep(0.1)
        writer.close()


async def test_an_idle_connection_is_kept_for_longer_than_uvicorn_would() -> None:
    async with listening(Impatient, keep_alive=1) as address:
        reader, writer = await asyncio.open_connection(*address)
        for _ in range(2):
            writer.write(HEAD + b'\r\n{"a":4}')
            async with asyncio.timeout(30.0):
                assert b"200 OK" in await reader.readuntil(b"\r\n\r\n")
                assert await reader.readexactly(1) == b"4"
            await asyncio.sleep(1.5)
        writer.close()
