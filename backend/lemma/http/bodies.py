"""How large a body may be: checked before it is read, and while it is."""

from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lemma.http.problems import BadRequest, RequestTooLarge, problem_response


class BodyLimit:
    """Refuses a body that is larger than `limit(scope)` bytes, declared or not."""

    def __init__(self, app: ASGIApp, limit: Callable[[Scope], int]) -> None:
        self.app = app
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = self.limit(scope)
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if not declared.isdigit():
            error = BadRequest("Content-Length is not a number of bytes.")
            await problem_response(error, scope)(scope, receive, send)
            return
        if int(declared[:19]) > limit:
            await problem_response(_too_large(limit), scope)(scope, receive, send)
            return
        read = 0

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > limit:
                raise _too_large(limit)
            return message

        await self.app(scope, counted, send)


def _too_large(limit: int) -> RequestTooLarge:
    return RequestTooLarge(f"At most {limit:,} bytes can be sent here at once. Send less.", limit=limit)
