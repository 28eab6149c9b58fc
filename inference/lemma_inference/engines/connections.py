"""HTTP to one engine: connections that are kept open, and what it means when one fails.

An engine may close an idle connection in the very moment that it is used, which says nothing of the engine:
such a request is sent once more, on a new connection (bifrost#1305). Nothing is sent twice once a byte of an
answer has come. The kernel probes idle and waiting connections, so that a machine that lost its power is
noticed in seconds, also while a long prompt is read and nothing is expected to come.
"""

import asyncio
import socket
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Literal, Self

import aiohttp

from lemma_inference.errors import EngineAbsent, EngineLost

# The engine's paths that are ever asked; nothing of a client's makes up a path.
Path = Literal["/v1/chat/completions", "/v1/completions", "/v1/embeddings", "/tokenize"]

# A peer that answers no probe is given up after about 10 + 3 x 5 s, and one that takes no data after 30 s.
PROBES = {"TCP_KEEPIDLE": 10, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 30_000}


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds for each phase. `first_byte` covers the reading of the prompt only: nobody waits inside the
    engine, so it need not cover a queue. `whole` bounds all of it, `errand` a short question."""

    connect: float = 2.0
    first_byte: float = 600.0
    between_chunks: float = 120.0
    whole: float = 3600.0
    errand: float = 30.0


class Connections:
    """Made on first use, because they belong to the running event loop."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._kept: aiohttp.ClientSession | None = None
        self._fresh: aiohttp.ClientSession | None = None
        self._closing: set[asyncio.Task[None]] = set()
        self._answers: set[aiohttp.ClientResponse] = set()
        self._cuts = 0

    async def post(
        self, base: str, path: Path, data: bytes, headers: dict[str, str]
    ) -> aiohttp.ClientResponse:
        """The engine's answer, once it has begun. The caller closes it by `close`.

        Raises `EngineAbsent` where the engine never had the request, and `EngineLost` where it did.
        """
        url, trace, cuts = base + path, _Reuse(), self._cuts
        try:
            response = await self._sent(self._keeping(), url, data, headers, trace)
        except _Stale as error:
            if self._cuts != cuts:  # It was we who closed the connection.
                raise EngineLost("The engine was given up before it answered.") from error
            response = await self._sent(self._opening(), url, data, headers, _Reuse())
        self._answers.add(response)
        return response

    def close(self, response: aiohttp.ClientResponse) -> None:
        """Of an answer that was read to its end, the connection is kept; any other is closed with it."""
        self._answers.discard(response)
        response.close()

    async def _sent(
        self,
        session: aiohttp.ClientSession,
        url: str,
        data: bytes,
        headers: dict[str, str],
        trace: "_Reuse",
    ) -> aiohttp.ClientResponse:
        try:
            async with asyncio.timeout(self._patience.first_byte):
                return await session.post(
                    url, data=data, headers=headers, allow_redirects=False, trace_request_ctx=trace
                )
        except aiohttp.ConnectionTimeoutError as error:
            seconds = self._patience.connect
            raise EngineAbsent(f"The engine accepted no connection within {seconds:g} s.") from error
        except aiohttp.ClientConnectorError as error:
            raise EngineAbsent("The engine cannot be reached.") from error
        except (aiohttp.ClientError, ConnectionError) as error:
            if trace.reused and _before_a_byte(error):
                raise _Stale from error
            raise EngineLost("The engine broke off the connection before it answered.") from error
        except TimeoutError as error:
            seconds = self._patience.first_byte
            raise EngineLost(f"The engine did not begin an answer within {seconds:g} s.") from error

    def cut(self) -> None:
        """Ends all that is under way. Whoever waits for it learns it now."""
        self._cuts += 1
        for response in self._answers:  # The session leaves those that read them waiting.
            response.close()
        for session in self._take():
            task = asyncio.get_running_loop().create_task(session.close())
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    async def aclose(self) -> None:
        for session in self._take():
            await session.close()
        await asyncio.gather(*self._closing)

    def _take(self) -> list[aiohttp.ClientSession]:
        sessions = [session for session in (self._kept, self._fresh) if session is not None]
        self._kept = self._fresh = None
        return sessions

    def _keeping(self) -> aiohttp.ClientSession:
        if self._kept is None:
            traces = aiohttp.TraceConfig()
            traces.on_connection_reuseconn.append(_note_reuse)
            # Shorter than the 5 s after which uvicorn, which vLLM runs on, closes an idle connection.
            self._kept = self._session([traces], keepalive_timeout=4.0)
        return self._kept

    def _opening(self) -> aiohttp.ClientSession:
        if self._fresh is None:
            self._fresh = self._session([], force_close=True)
        return self._fresh

    def _session(self, traces: list[aiohttp.TraceConfig], **pool: Any) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, socket_factory=_probed, **pool),
            timeout=aiohttp.ClientTimeout(
                total=None, connect=self._patience.connect, sock_connect=self._patience.connect
            ),
            headers={"Content-Type": "application/json"},
            cookie_jar=aiohttp.DummyCookieJar(),
            trace_configs=traces,
            trust_env=False,
            auto_decompress=False,
            read_bufsize=2**16,
        )


class Watch:
    """Reads an answer and gives up when the engine is silent for too long.

    There is one timer for each answer, which is moved when it rings and not with each part: at thousands of
    parts a second timers would be most of the work. Time in which nobody reads, because the client is slow,
    is not the engine's.
    """

    def __init__(self, response: aiohttp.ClientResponse, patience: Patience) -> None:
        self._response = response
        self._loop = asyncio.get_running_loop()
        self._until = self._loop.time() + patience.whole
        self._patience = patience
        self._limit = patience.first_byte
        self._since: float | None = None
        self._over = ""
        self._timer: asyncio.TimerHandle | None = None

    def __enter__(self) -> Self:
        self._ring_in(self._limit)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._timer is not None:
            self._timer.cancel()

    async def read(self) -> bytes:
        """What has come since the last time, at least a byte; nothing at the end. Raises `EngineLost`."""
        self._since = self._loop.time()
        try:
            data = await self._response.content.readany()
        except (aiohttp.ClientError, ConnectionError) as error:
            raise EngineLost(self._over or "The engine broke off the connection.") from error
        self._since = None
        self._limit = self._patience.between_chunks
        return data

    def _ring_in(self, seconds: float) -> None:
        self._timer = self._loop.call_later(seconds, self._ring)

    def _ring(self) -> None:
        now = self._loop.time()
        silent = 0.0 if self._since is None else now - self._since
        if silent >= self._limit:
            self._over = f"The engine was silent for {self._limit:g} s."
        elif now >= self._until:
            self._over = f"The engine did not finish within {self._patience.whole:g} s."
        else:
            self._ring_in(min(self._limit - silent, self._until - now))
            return
        self._response.close()


class _Stale(Exception):
    """A connection that was kept open was dead before the engine had the request."""


class _Reuse:
    """What aiohttp tells of the connection that a request was sent on."""

    reused = False


async def _note_reuse(_: object, context: Any, __: object) -> None:
    context.trace_request_ctx.reused = True


def _before_a_byte(error: Exception) -> bool:
    """aiohttp puts the part of an answer that it has into the error."""
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return isinstance(error.message, str)
    return isinstance(error, ConnectionError | aiohttp.ClientOSError)


def _probed(address: Any) -> socket.socket:
    """A socket whose peer is probed while nothing is sent; how often, where the system lets us say so."""
    family, kind, protocol, *_ = address
    made = socket.socket(family, kind, protocol)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in PROBES.items():
        if hasattr(socket, name):
            made.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
    return made
