"""The edge of a request: its id, its log line, and the last net under it."""

import logging
import time

from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lemma.core.errors import LemmaError
from lemma.core.ids import new_id
from lemma.http.problems import InternalError, problem_response

log = logging.getLogger("lemma.http")


class RequestEdge:
    """Names each request, and answers with a problem what nobody else caught.

    The log line holds the route's template, never the address itself or a body: ids are fine there,
    names and contents of documents are not.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = new_id().hex
        scope.setdefault("state", {})["request_id"] = request_id
        begun = time.monotonic()
        status = 0

        async def named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-Id"] = request_id
            await send(message)

        try:
            await self.app(scope, receive, named)
        except ClientDisconnect:
            log.info("request %s: the caller went away", request_id)
        except LemmaError as error:
            if status:
                raise
            await problem_response(error, scope)(scope, receive, named)
        except Exception:  # The process edge: logged with the id, answered as a problem.
            log.exception("request %s failed", request_id)
            if not status:
                detail = "This is our mistake, and it is logged. If it happens again, send us the request id."
                await problem_response(InternalError(detail), scope)(scope, receive, named)
        finally:
            route = getattr(scope.get("route"), "path", "-")
            took = (time.monotonic() - begun) * 1000
            log.info("request %s %s %s %d %.0f ms", request_id, scope["method"], route, status, took)
