"""What every request passes first: the size of its body, and the key that says who asks."""

from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lemma_inference.apis import problems
from lemma_inference.callers import Caller
from lemma_inference.errors import Forbidden, TooLarge
from lemma_inference.keys import Keys, Wish


class BodyLimit:
    """Stops reading after so many bytes, whatever the headers claim. Pure ASGI, so that disconnects still
    reach the routes."""

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self._app = app
        self._max = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if declared.isdigit() and int(declared) > self._max:
            error = TooLarge(f"The body may have at most {self._max} bytes.", limit=self._max)
            await problems.response(error)(scope, receive, send)
            return
        read = 0

        async def limited() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > self._max:
                raise TooLarge(f"The body may have at most {self._max} bytes.", limit=self._max)
            return message

        await self._app(scope, limited, send)


class Callers:
    """A route dependency: who asks, by the key and what the key allows. Async, so that it costs no thread."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    async def __call__(self, request: Request) -> Caller:
        """Raises `Unauthorized`, `Forbidden` and `InvalidRequest`."""
        headers = request.headers
        return self._keys.caller(
            Wish(
                key=_bearer(request),
                request_class=headers.get("X-Lemma-Class"),
                customer=headers.get("X-Lemma-Customer"),
                within=headers.get("X-Lemma-Within"),
            )
        )


class Admins:
    """A route dependency: only keys that may see what all tenants used."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    async def __call__(self, request: Request) -> None:
        """Raises `Unauthorized` and `Forbidden`."""
        if not self._keys.holder(_bearer(request)).admin:
            raise Forbidden("This needs a key with `admin = true` in the file of keys.")


def _bearer(request: Request) -> str | None:
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" and key.strip() else None
