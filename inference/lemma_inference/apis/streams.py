"""Streams that notice when nobody listens any more.

A client that goes away while its request waits, or between two tokens, frees its seat at once: nothing is
sent meanwhile, so a failed write would come too late.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Coroutine, Mapping
from contextlib import aclosing
from typing import Any, TypeVar

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

T = TypeVar("T")

# Seconds for which a client may take nothing at all of an answer.
CLIENT_PATIENCE = 120.0


class ClientGone(Exception):
    """The client closed the connection; there is nobody to answer."""


async def unless_gone(receive: Receive, work: Coroutine[Any, Any, T], *signs: asyncio.Future[None]) -> T:
    """The work's result. Cancels the work and raises `ClientGone` when the client closes the connection, or
    one of the `signs` says that it might as well have."""
    task = asyncio.ensure_future(work)
    either: list[asyncio.Future[Any]] = [task, asyncio.ensure_future(_disconnected(receive)), *signs]
    try:
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        raise ClientGone
    finally:
        for future in either:
            await _cancelled(future)


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _cancelled(task: Awaitable[Any]) -> None:
    """Cancels and waits until the task has cleaned up. A task that is done is left as it is."""
    future = asyncio.ensure_future(task)
    if not future.done():
        future.cancel()
        await asyncio.wait({future})


class EventStream(Response):
    """Server-sent events from a generator, which is closed whatever happens. A client that takes nothing for
    `patience` seconds, while all buffers between us are full, counts as gone: it keeps a seat from others."""

    media_type = "text/event-stream"

    def __init__(
        self,
        events: AsyncGenerator[bytes, None],
        *,
        headers: Mapping[str, str] | None = None,
        patience: float = CLIENT_PATIENCE,
    ) -> None:
        own = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        super().__init__(headers=own | dict(headers or {}))
        self._events = events
        self._patience = patience
        # Since when the client has taken nothing of what is sent to it.
        self._since: float | None = None
        del self.headers["content-length"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with aclosing(self._events):
            stalled = asyncio.ensure_future(self._stalled())
            try:
                await unless_gone(receive, self._pump(send), stalled)
            except ClientGone:
                return

    async def _pump(self, send: Send) -> None:
        clock = asyncio.get_running_loop().time
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        async for event in self._events:
            self._since = clock()
            await send({"type": "http.response.body", "body": event, "more_body": True})
            self._since = None
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _stalled(self) -> None:
        """Returns once the client has taken nothing for too long. It looks now and then, because a timer for
        each part would be most of the work."""
        clock = asyncio.get_running_loop().time
        while self._since is None or clock() - self._since < self._patience:  # noqa: ASYNC110 - as it says
            await asyncio.sleep(self._patience / 8)
