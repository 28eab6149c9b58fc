"""The outermost layer: each request of a model is followed from here to the end of its answer."""

import logging
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lemma_inference.telemetry import tracing
from lemma_inference.telemetry.metrics import Telemetry
from lemma_inference.telemetry.tracing import PROVIDER, Trace

log = logging.getLogger("lemma_inference.requests")

# The conventions' names for what these routes do.
OPERATIONS = {
    "/v1/chat/completions": "chat",
    "/v1/completions": "text_completion",
    "/v1/embeddings": "embeddings",
}
# Where there was no response: nginx's status for a client that went away, and what the framework will say.
GONE, FAILED = 499, 500


class Follow:
    """Pure ASGI, so that disconnects still reach the routes. Counts every response, and writes one line about
    each request of a model."""

    def __init__(self, app: ASGIApp, telemetry: Telemetry) -> None:
        self._app = app
        self._telemetry = telemetry

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or tracing.current():  # Such a request is followed already.
            await self._app(scope, receive, send)
            return
        trace, status, error = self._begun(scope), 0, ""

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            with tracing.following(trace):
                await self._app(scope, receive, noted)
        except BaseException as raised:
            status, error = status or FAILED, type(raised).__name__
            raise
        finally:
            status = status or GONE
            self._telemetry.answered(scope["path"], status)
            if trace:
                trace.close(status, error)
                level = logging.WARNING if trace.broken(status, error) else logging.INFO
                fields = {"fields": _fields(trace, status)}
                log.log(level, "%s ended with %s.", trace.operation, trace.outcome or status, extra=fields)

    def _begun(self, scope: Scope) -> Trace | None:
        operation = OPERATIONS.get(scope["path"])
        if operation is None:
            return None
        attributes: dict[str, Any] = {
            "gen_ai.operation.name": operation,
            "gen_ai.provider.name": PROVIDER,
            "http.route": scope["path"],
        }
        if server := scope.get("server"):
            attributes |= {"server.address": server[0], "server.port": server[1] or 0}
        return Trace(operation, self._telemetry.tracing.begin(operation, _parent(scope), attributes))


def _parent(scope: Scope) -> str | None:
    for name, value in scope["headers"]:
        if name == b"traceparent":
            return tracing.checked_traceparent(value.decode("latin-1"))
    return None


def _fields(trace: Trace, status: int) -> dict[str, Any]:
    usage = trace.usage
    return {
        "request": trace.request,
        "trace": trace.span.trace_id,
        "tenant": trace.tenant,
        "class": trace.request_class,
        "model": trace.model,
        "replica": trace.replica,
        "status": status,
        "code": trace.outcome or str(status),
        "seconds": round(trace.seconds, 4),
        "waited": round(trace.waited, 4),
        "first_token": round(trace.first, 4),
        "input_tokens": usage.prompt,
        "cached_tokens": usage.cached,
        "output_tokens": usage.completion,
        "yanks": trace.yanks,
        "failovers": trace.failovers,
    }
