"""What every request passes first: the size of its body, and the key where one is set."""

import hmac

from fastapi import Request
from pydantic import SecretStr
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lemma_inference.apis import problems
from lemma_inference.errors import TooLarge, Unauthorized


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


class KeyCheck:
    """A route dependency: the bearer key, compared in constant time. Without a key set, all are let in."""

    def __init__(self, key: SecretStr | None) -> None:
        self._key = key.get_secret_value().encode() if key else None

    def __call__(self, request: Request) -> None:
        """Raises `Unauthorized`."""
        if self._key is None:
            return
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not hmac.compare_digest(given.strip().encode(), self._key):
            raise Unauthorized("Send the service's key as `Authorization: Bearer KEY`.")
