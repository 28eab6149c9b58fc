"""HTTP/1.1 on a socket of our own, so that it can be broken in every way in which sockets break.

No server beneath us would stop reading, close before the first byte, or let a pooled connection go stale on
demand. It also does no more than it must: this engine is used to time what stands before it.
"""

import asyncio
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, cast

HEAD_BYTES = 64 * 1024
BODY_BYTES = 64 * 1024 * 1024

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_REASONS = {status.value: status.phrase for status in HTTPStatus}


class _Malformed(Exception):
    """Not HTTP as we know it."""


@dataclass(slots=True)
class _Head:
    """A request before its body. `length` None is a body in chunks."""

    method: str
    path: str
    headers: dict[str, str]
    length: int | None
    keep_alive: bool


class Exchange:
    """One request and its answer. `gone` is called if the client leaves before the answer is complete, and
    `drained` when a client that read too slowly has caught up."""

    __slots__ = (
        "_connection",
        "_keep_alive",
        "body",
        "complete",
        "drained",
        "gone",
        "headers",
        "method",
        "path",
    )

    def __init__(self, connection: "Connection", head: _Head, body: bytes) -> None:
        self._connection = connection
        self._keep_alive = head.keep_alive
        self.method = head.method
        self.path = head.path
        self.headers = head.headers
        self.body = body
        self.complete = False
        self.gone: Callable[[], None] | None = None
        self.drained: Callable[[], None] | None = None

    @property
    def writable(self) -> bool:
        """Whether the client keeps up with what is written."""
        return self._connection.writable

    @property
    def served(self) -> int:
        """How many requests came on this connection before this one."""
        return self._connection.served

    def json(self, status: int, value: Any, headers: Iterable[tuple[str, str]] = ()) -> None:
        self.send(status, _encode(value).encode("utf-8", "replace"), headers=headers)

    def send(
        self,
        status: int,
        body: bytes = b"",
        kind: str = "application/json",
        headers: Iterable[tuple[str, str]] = (),
    ) -> None:
        """The whole answer."""
        head = self._head(status, [("content-type", kind), ("content-length", str(len(body))), *headers])
        self._connection.write(head if self.method == "HEAD" else head + body)
        self._end()

    def open(self, headers: Iterable[tuple[str, str]] = ()) -> None:
        """The head of a stream of server-sent events."""
        kind = ("content-type", "text/event-stream; charset=utf-8")
        self._connection.write(self._head(200, [kind, ("transfer-encoding", "chunked"), *headers]))

    def write(self, data: bytes) -> None:
        """The next part of a stream."""
        self._connection.write(b"%x\r\n%b\r\n" % (len(data), data))

    def close(self) -> None:
        """The end of a stream."""
        self._connection.write(b"0\r\n\r\n")
        self._end()

    def kill(self) -> None:
        """Breaks the connection off."""
        self._connection.kill()

    def _head(self, status: int, headers: Iterable[tuple[str, str]]) -> bytes:
        lines = [f"HTTP/1.1 {status} {_REASONS.get(status, 'Unknown')}", "server: uvicorn"]
        lines += [f"{name}: {value}" for name, value in headers]
        if not self._keep_alive:
            lines.append("connection: close")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")

    def _end(self) -> None:
        self.complete = True
        self.gone = self.drained = None
        self._connection.answered(self._keep_alive)


App = Callable[[Exchange], None]


class Connection(asyncio.Protocol):
    """Reads one request after the other; the next one is looked at when the answer is complete."""

    def __init__(
        self, app: App, everyone: set["Connection"], idle_seconds: float, *, deaf: bool = False
    ) -> None:
        self._deaf = deaf
        self._app = app
        self._everyone = everyone
        self._idle_seconds = idle_seconds
        self._transport: asyncio.Transport | None = None
        self._idle: asyncio.TimerHandle | None = None
        self._buffer = bytearray()
        self._head: _Head | None = None
        self._exchange: Exchange | None = None
        self._parsing = False
        self.writable = True
        self.served = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._everyone.add(self)
        if self._deaf:
            self._transport.pause_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._everyone.discard(self)
        self._stop_idling()
        if self._exchange and self._exchange.gone:
            self._exchange.gone()

    def data_received(self, data: bytes) -> None:
        self._stop_idling()
        self._buffer += data
        if len(self._buffer) > BODY_BYTES + HEAD_BYTES:
            self.kill()
        self._advance()

    def pause_writing(self) -> None:
        self.writable = False

    def resume_writing(self) -> None:
        self.writable = True
        if self._exchange and self._exchange.drained:
            self._exchange.drained()

    def write(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)

    def kill(self) -> None:
        """Closes at once; what was not yet sent is lost."""
        if self._transport is not None:
            self._transport.abort()

    def deafen(self, deaf: bool) -> None:
        """Deaf, nothing more is read, not even that the other side has left."""
        if self._transport is None:
            return
        if deaf:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()

    def answered(self, keep_alive: bool) -> None:
        """The answer is complete."""
        self._exchange = None
        self.served += 1
        if self._transport is None:
            return
        if not keep_alive:
            self._transport.close()
            return
        self._idle = asyncio.get_running_loop().call_later(self._idle_seconds, self._transport.close)
        if self._buffer:
            self._stop_idling()
            self._advance()

    def _stop_idling(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None

    def _advance(self) -> None:
        """Hands on every request that is complete. An answer may come while we are at it, hence the flag."""
        if self._parsing:
            return
        self._parsing = True
        try:
            while self._exchange is None and self._transport is not None:
                exchange = self._parsed()
                if exchange is None:
                    return
                self._exchange = exchange
                self._app(exchange)
        except _Malformed:
            self.write(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
            if self._transport is not None:
                self._transport.close()
        finally:
            self._parsing = False

    def _parsed(self) -> Exchange | None:
        """The next request, once all of it is there."""
        if self._head is None:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                if len(self._buffer) > HEAD_BYTES:
                    raise _Malformed
                return None
            self._head = _parse_head(bytes(self._buffer[:end]).decode("latin-1"))
            del self._buffer[: end + 4]
            if self._head.headers.get("expect", "").lower() == "100-continue":
                self.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        head = self._head
        if head.length is None:
            body, used = _parse_chunks(self._buffer)
        else:
            used = head.length if len(self._buffer) >= head.length else 0
            body = bytes(self._buffer[: head.length]) if used == head.length else None
        if body is None:
            return None
        del self._buffer[:used]
        self._head = None
        return Exchange(self, head, body)


def _parse_head(text: str) -> _Head:
    first, *lines = text.split("\r\n")
    try:
        method, target, version = first.split(" ")
        pairs = (line.split(":", 1) for line in lines)
        headers = {name.lower(): value.strip() for name, value in pairs}
        length = int(headers.get("content-length", "0"))
    except ValueError as error:
        raise _Malformed from error
    if not version.startswith("HTTP/1.") or not 0 <= length <= BODY_BYTES:
        raise _Malformed
    chunked = "chunked" in headers.get("transfer-encoding", "").lower()
    wish = headers.get("connection", "").lower()
    keep_alive = wish != "close" if version == "HTTP/1.1" else wish == "keep-alive"
    return _Head(method, target.split("?", 1)[0], headers, None if chunked else length, keep_alive)


def _parse_chunks(buffer: bytearray) -> tuple[bytes | None, int]:
    """A body in chunks and the bytes that it took; None while a part of it is missing."""
    body = bytearray()
    at = 0
    while True:
        end = buffer.find(b"\r\n", at)
        if end < 0:
            return None, 0
        try:
            size = int(bytes(buffer[at:end]).split(b";")[0], 16)
        except ValueError as error:
            raise _Malformed from error
        start = end + 2
        if len(buffer) < start + size + 2:
            return None, 0
        body += buffer[start : start + size]
        at = start + size + 2
        if size == 0:
            return bytes(body), at
