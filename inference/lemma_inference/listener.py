"""Clients' connections, and which of them are not kept: those that send or take next to nothing.

A server that waits for every client for as long as it likes is brought down by a few hundred that send a byte
a second (Slowloris, 2009), and one that does not read holds a seat of a GPU for good. Nobody who asks for
something is as slow as that.
"""

import asyncio
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class Impatient(HttpToolsProtocol):
    """uvicorn's protocol, which ends what makes no progress. One timer for a connection, not for a request.

    A request has `grace` seconds, and after them must have come at `rate` bytes a second, head and body
    together. A client that has not made room for more of its answer within `takes` seconds is given up.

    An idle connection is kept for `idle` seconds, which is longer than clients keep theirs (httpx 5, aiohttp
    15, nginx 60, Go 90): whoever closes first while the other sends makes a request fail that nobody may
    repeat, because nobody knows whether it was read.
    """

    every: ClassVar[float] = 5.0
    grace: ClassVar[float] = 20.0
    rate: ClassVar[float] = 100.0
    takes: ClassVar[float] = 60.0
    idle: ClassVar[float] = 120.0

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.timeout_keep_alive = self.idle  # type: ignore[assignment] # Of whole seconds, and passed on.
        # Since when a request is coming, how much of it is there; since when the client takes nothing.
        self._coming: float | None = None
        self._there = 0
        self._full: float | None = None
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # As uvicorn's.
        super().connection_made(transport)
        self._coming = self.loop.time()
        self._timer = self.loop.call_later(self.every, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._there += len(data)
        super().data_received(data)

    def on_message_begin(self) -> None:
        if self._coming is None:
            self._coming, self._there = self.loop.time(), 0
        super().on_message_begin()

    def on_message_complete(self) -> None:
        self._coming = None
        super().on_message_complete()

    def pause_writing(self) -> None:
        self._full = self.loop.time()
        super().pause_writing()

    def resume_writing(self) -> None:
        self._full = None
        super().resume_writing()

    def _look(self) -> None:
        now = self.loop.time()
        if self._coming is not None and self.flow.read_paused:
            self._coming = now  # It is we who do not read.
            self._there = 0
        coming = 0.0 if self._coming is None else now - self._coming
        full = 0.0 if self._full is None else now - self._full
        if (coming >= self.grace and self._there < self.rate * coming) or full >= self.takes:
            self.transport.abort()
        else:
            self._timer = self.loop.call_later(self.every, self._look)
