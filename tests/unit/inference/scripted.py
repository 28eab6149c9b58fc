"""An engine that does on the wire exactly what a test says, byte by byte."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from lemma_inference.engines.connections import Patience
from lemma_inference.engines.replica import Replica
from lemma_inference.engines.upstream import Dialect, Upstream


@dataclass
class Wire:
    """One request, and the connection it came on: the how manyeth, and its how manyeth request."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]
    connection: int
    turn: int
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self, body: object, status: int = 200) -> None:
        """A whole answer; the connection stays open."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        await self.send(b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n" % (status, len(data)) + data)

    async def begin(self) -> None:
        """The head of a stream."""
        await self.send(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
        )

    async def part(self, data: bytes) -> None:
        await self.send(b"%x\r\n%s\r\n" % (len(data), data))

    async def end(self) -> None:
        await self.send(b"0\r\n\r\n")

    async def hung_up(self) -> None:
        """Waits until the other side closes the connection."""
        with suppress(ConnectionError):
            while await self.reader.read(1024):
                pass

    def reset(self) -> None:
        """Closes the connection without a farewell."""
        self.writer.transport.abort()


Behaviour = Callable[[Wire], Awaitable[None]]


@dataclass
class Scripted:
    url: str
    seen: list[Wire] = field(default_factory=list)
    connections: int = 0


@asynccontextmanager
async def scripted(behave: Behaviour) -> AsyncIterator[Scripted]:
    tasks: set[asyncio.Task[None]] = set()
    state = Scripted("")

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        connection, turn = state.connections, 0
        state.connections += 1
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while not writer.is_closing():
                wire = await _request(reader, writer, connection, turn)
                state.seen.append(wire)
                turn += 1
                await behave(wire)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    state.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield state
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@asynccontextmanager
async def upstream(
    dialect: Dialect, behave: Behaviour, patience: Patience | None = None
) -> AsyncIterator[tuple[Upstream, Scripted]]:
    """An engine that behaves so, and what the gateway has before it."""
    async with scripted(behave) as engine:
        replica = Replica()
        replica.up(engine.url, "key")
        before = Upstream(replica, dialect, slots=8, patience=patience)
        async with before.running():
            yield before, engine


def stream(*parts: str | dict[str, Any], done: bool = True) -> Behaviour:
    """Sends these chunks, and the end."""

    async def behave(wire: Wire) -> None:
        await wire.begin()
        for part in parts:
            await wire.part(f"data: {part if isinstance(part, str) else json.dumps(part)}\n\n".encode())
        if done:
            await wire.part(b"data: [DONE]\n\n")
        await wire.end()

    return behave


async def _request(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, connection: int, turn: int
) -> Wire:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Wire(head[0].split(" ")[1], headers, json.loads(body or b"{}"), connection, turn, reader, writer)


def told(texts: Sequence[str], finish: str = "stop") -> list[dict[str, Any]]:
    """Chunks of a chat with these texts."""
    ends = [None] * (len(texts) - 1) + [finish]
    return [
        {"choices": [{"delta": {"content": text}, "finish_reason": end}]}
        for text, end in zip(texts, ends, strict=True)
    ]
