"""The one place that turns errors into `application/problem+json` (RFC 9457)."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.routing import Match, Route
from starlette.types import Scope

from lemma.core.errors import InvalidInput, LemmaError, NotFound


class Problem(BaseModel):
    """What every error answers with. `code` is stable; `detail` says what to do."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(examples=["urn:lemma:error:run_not_found"])
    title: str = Field(examples=["There is no such run"])
    status: int = Field(examples=[404])
    code: str = Field(examples=["run_not_found"])
    detail: str = Field(examples=["There is no run with this id. List the runs to find it."])
    request_id: str | None = Field(default=None, examples=["019ab2c5b1e57c3e9a6d0f6c1d2e3f4a"])
    errors: list[dict[str, str]] | None = Field(
        default=None, description="For invalid_input: each `field` that cannot be used and its `message`."
    )


class BadRequest(LemmaError):
    """The request is not HTTP as we understand it."""

    status = 400
    code = "bad_request"
    title = "The request cannot be understood"


class MethodNotAllowed(LemmaError):
    """The address exists, the method does not."""

    status = 405
    code = "method_not_allowed"
    title = "This address does not take that method"


class RequestTooLarge(LemmaError):
    """The body is larger than this address takes."""

    status = 413
    code = "request_too_large"
    title = "The request is too large"


class UnsupportedMediaType(LemmaError):
    """The body is of a kind that this address does not take."""

    status = 415
    code = "unsupported_media_type"
    title = "This kind of body is not taken here"


class InternalError(LemmaError):
    """Ours to mend. The detail never says what broke: that is in the log, under the request id."""


_BY_STATUS: dict[int, tuple[type[LemmaError], str]] = {
    404: (NotFound, "There is nothing at this address."),
    405: (MethodNotAllowed, "Use one of the methods that the Allow header names."),
    413: (RequestTooLarge, "Send less at once."),
    415: (UnsupportedMediaType, "Send application/json or multipart/form-data."),
}


def problem_response(
    error: LemmaError, scope: Scope, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """The answer for an error, with the id of the request that met it."""
    body = {**error.problem(), "request_id": scope.get("state", {}).get("request_id")}
    return JSONResponse(
        body,
        status_code=error.status,
        media_type="application/problem+json",
        headers={"Cache-Control": "no-store", **(headers or {})},
    )


def install(app: FastAPI, routers: Sequence[APIRouter]) -> None:
    """Answer every kind of error of this app with a problem. `routers` are those that it was built from."""

    @app.exception_handler(LemmaError)
    async def known(request: Request, error: LemmaError) -> JSONResponse:
        headers = {"Retry-After": "5"} if error.status == 503 else None
        return problem_response(error, request.scope, headers)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        return problem_response(_invalid_input(error.errors()), request.scope)

    @app.exception_handler(HTTPException)
    async def framework(request: Request, error: HTTPException) -> JSONResponse:
        headers = dict(error.headers or {})
        if error.status_code == 405:
            headers["Allow"] = ", ".join(sorted(_methods_at(routers, request.scope)))
        return problem_response(_from_framework(error), request.scope, headers)


def _methods_at(routers: Sequence[APIRouter], scope: Scope) -> set[str]:
    """All methods of an address: the framework's own Allow names those of one route only."""
    found: set[str] = set()
    for route in (route for router in routers for route in router.routes):
        if isinstance(route, Route) and route.matches(scope)[0] is not Match.NONE:
            found |= route.methods or set()
    return found


def responses(*errors: type[LemmaError]) -> dict[int | str, dict[str, Any]]:
    """What an operation's OpenAPI says about its errors: one entry a status, naming the codes."""
    by_status: dict[int, list[str]] = {}
    known: tuple[type[LemmaError], ...] = (*errors, InvalidInput)
    for error in known:
        by_status.setdefault(error.status, []).append(f"`{error.code}`: {error.title}.")
    return {
        status: {
            "description": "\n\n".join(lines),
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status, lines in sorted(by_status.items())
    }


def _invalid_input(errors: Sequence[Any]) -> LemmaError:
    """Name each field and what is wrong with it; never repeat what was sent."""
    found = [
        {"field": ".".join(_printable(part) for part in each["loc"]), "message": str(each["msg"])}
        for each in errors[:20]
    ]
    names = ", ".join(each["field"] for each in found)
    return InvalidInput(f"Correct these and send it again: {names}.", errors=found)


def _printable(part: object) -> str:
    """A part of a field's address: names that a caller made up are shortened and kept printable."""
    return "".join(c for c in str(part)[:60] if c.isprintable())


def _from_framework(error: HTTPException) -> LemmaError:
    """The framework's own errors (routing, body parsing) as ours."""
    kind, detail = _BY_STATUS.get(error.status_code, (BadRequest, "The request cannot be read. Check it."))
    return kind(detail)
