"""A client that costs little: what it measures shares two cores with it.

HTTP/1.1 over kept connections, one request at a time on each. Nothing is decoded while the answer comes:
parts are counted by their `data: `, and the last bytes are kept for the count of tokens.
"""

import asyncio
import itertools
import json
import random
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast
from urllib.parse import urlsplit

KEPT = 2048
END = b"\r\n0\r\n\r\n"
COMPLETION = re.compile(rb'"completion_tokens": ?(\d+)')
CACHED = re.compile(rb'"cached_tokens": ?(\d+)')
LONGEST = 600.0


@dataclass(slots=True)
class Reply:
    """One answer. Times are of `time.perf_counter`; `times` has one for each part of a stream."""

    sent: float
    status: int = 0
    times: list[float] = field(default_factory=list)
    ended: float = 0.0
    tail: bytes = b""
    broken: bool = False

    @property
    def ok(self) -> bool:
        return self.status == 200 and not self.broken and bool(self.ended)

    @property
    def seconds(self) -> float:
        """To the last byte."""
        return self.ended - self.sent

    @property
    def first(self) -> float:
        """Seconds to the first part."""
        return self.times[0] - self.sent

    @property
    def gaps(self) -> list[float]:
        """Seconds between parts. The last part of a stream may be the count alone and come with the one
        before it."""
        return [after - before for before, after in itertools.pairwise(self.times)]

    @property
    def tokens(self) -> int:
        """Of the answer, as the last count said."""
        found = COMPLETION.findall(self.tail)
        return int(found[-1]) if found else 0


class _Wire(asyncio.Protocol):
    """One connection."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._reply: Reply | None = None
        self._done: asyncio.Future[None] | None = None
        self._head = b""
        self._left = -1  # Bytes of the body still to come; -1 where the body says itself when it ends.
        self._closes = False

    @property
    def usable(self) -> bool:
        return self._transport is not None and not self._transport.is_closing() and not self._closes

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are of no class of asyncio's.
        self._transport = cast(asyncio.Transport, transport)

    async def ask(self, request: bytes) -> Reply:
        assert self._transport is not None
        self._reply = reply = Reply(time.perf_counter())
        self._head, self._left, self._closes = b"", -1, False
        self._done = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        try:
            async with asyncio.timeout(LONGEST):
                await self._done
        except (asyncio.CancelledError, TimeoutError):
            self._transport.abort()
            raise
        return reply

    def data_received(self, data: bytes) -> None:
        reply = self._reply
        if reply is None:
            return
        now = time.perf_counter()
        if not reply.status:
            self._head += data
            head, found, data = self._head.partition(b"\r\n\r\n")
            if not found:
                return
            self._read_head(reply, head.lower())
            if not data and self._left:
                return
        reply.times += [now] * data.count(b"data: ")
        reply.tail = (reply.tail + data)[-KEPT:]
        if self._left > 0:
            self._left -= len(data)
        if not self._left or (self._left < 0 and (b"\r\n" + reply.tail).endswith(END)):
            reply.ended = now
            self._over()

    def connection_lost(self, _: Exception | None) -> None:
        if self._reply is not None:
            self._reply.broken = True
            self._over()

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def _read_head(self, reply: Reply, head: bytes) -> None:
        reply.status = int(head[9:12])
        self._closes = b"connection: close" in head
        length = re.search(rb"content-length: (\d+)", head)
        self._left = int(length[1]) if length else -1

    def _over(self) -> None:
        self._reply = None
        if self._done is not None and not self._done.done():
            self._done.set_result(None)


class Client:
    """Asks one server; opens as many connections as are needed at once."""

    def __init__(self, url: str) -> None:
        self._host, self._port = urlsplit(url).hostname or "", urlsplit(url).port or 80
        self._idle: list[_Wire] = []

    def request(self, path: str, body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> bytes:
        """The bytes of a request, so that making them is not measured."""
        payload = json.dumps(body).encode()
        lines = [f"POST {path} HTTP/1.1", f"Host: {self._host}:{self._port}", "Accept: */*"]
        lines += [f"Content-Type: application/json\r\nContent-Length: {len(payload)}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + payload

    async def ask(self, request: bytes) -> Reply:
        """One answer. A kept connection that its server closes just then says nothing of the server, so the
        request goes again on a new one, and counts from when it was first sent."""
        wire = None
        while self._idle and wire is None:
            wire = self._idle.pop()
            wire = wire if wire.usable else None
        if wire is not None:
            reply = await self._ask(wire, request)
            if reply.status or not reply.broken:
                return reply
            return replace(await self._ask(await self._connect(), request), sent=reply.sent)
        return await self._ask(await self._connect(), request)

    async def _connect(self) -> _Wire:
        loop = asyncio.get_running_loop()
        _, wire = await loop.create_connection(_Wire, self._host, self._port)
        return wire

    async def _ask(self, wire: _Wire, request: bytes) -> Reply:
        reply = await wire.ask(request)
        if wire.usable:
            self._idle.append(wire)
        return reply

    def close(self) -> None:
        for wire in self._idle:
            wire.close()
        self._idle.clear()


Make = Callable[[], bytes]


async def open_loop(
    client: Client, make: Make, rate: float, seconds: float, seed: int, *, poisson: bool = True
) -> list[Reply]:
    """Requests at this rate whether or not earlier ones are answered; returns when all are."""
    rng = random.Random(seed)
    loop = asyncio.get_running_loop()
    begin = loop.time()
    tasks: list[asyncio.Task[Reply]] = []
    due = 0.0
    while True:
        due += rng.expovariate(rate) if poisson else 1.0 / rate
        if due >= seconds:
            break
        await asyncio.sleep(max(0.0, begin + due - loop.time()))
        tasks.append(asyncio.create_task(client.ask(make())))
    return list(await asyncio.gather(*tasks)) if tasks else []


async def closed_loop(client: Client, make: Make, at_once: int, seconds: float) -> list[Reply]:
    """So many requests at once, each followed by the next, until the time is over."""
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    replies: list[Reply] = []

    async def worker() -> None:
        while loop.time() < until:
            replies.append(await client.ask(make()))

    await asyncio.gather(*(worker() for _ in range(at_once)))
    return replies


class Supply:
    """Clients that always want more, until they are stopped. What they got is in `replies`."""

    def __init__(self, client: Client) -> None:
        self.replies: list[Reply] = []
        self._client = client
        self._tasks: list[asyncio.Task[None]] = []

    def start(self, make: Make, at_once: int) -> None:
        """So many requests at once, each followed by the next."""
        self._tasks += [asyncio.create_task(self._worker(make)) for _ in range(at_once)]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _worker(self, make: Make) -> None:
        while True:
            reply = await self._client.ask(make())
            self.replies.append(reply)
            if not reply.ok:
                await asyncio.sleep(0.2)
