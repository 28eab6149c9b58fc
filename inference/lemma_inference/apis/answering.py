"""How a route gives an answer: in one piece or as a stream, and to nobody once the client is gone."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from typing import Any

import orjson
from fastapi import Request, Response

from lemma_inference.apis.render import Events
from lemma_inference.apis.streams import ClientGone, EventStream, unless_gone
from lemma_inference.callers import Caller
from lemma_inference.engines.protocol import Delta

# nginx's status for a client that closed the connection; nobody reads it but the access log.
CLIENT_CLOSED = 499

CallerOf = Callable[[Request], Awaitable[Caller]]


# The headers that say how the caller stands with its budgets, as of now.
Standing = Callable[[], dict[str, str]]


async def in_one_piece(
    request: Request, body: Coroutine[Any, Any, dict[str, Any]], standing: Standing
) -> Response:
    """The body, unless the client goes away; then the work on it is stopped."""
    try:
        data = orjson.dumps(await unless_gone(request.receive, body))
    except ClientGone:
        return Response(status_code=CLIENT_CLOSED)
    return Response(data, headers=standing(), media_type="application/json")


async def as_stream(
    request: Request, deltas: AsyncGenerator[Delta, None], events: Events, standing: Standing
) -> Response:
    """A stream. The status waits for the first part, so that a refusal never looks like a 200."""
    try:
        first = await unless_gone(request.receive, anext(deltas))
    except ClientGone:
        return Response(status_code=CLIENT_CLOSED)
    return EventStream(events.of(_with_first(first, deltas)), headers=standing())


async def _with_first(first: Delta, rest: AsyncGenerator[Delta, None]) -> AsyncGenerator[Delta, None]:
    try:
        yield first
        async for delta in rest:
            yield delta
    finally:
        await rest.aclose()
