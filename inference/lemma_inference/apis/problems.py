"""The one place where errors become HTTP: `application/problem+json` (RFC 9457), with the `error` member
that OpenAI clients read beside it."""

import json
import logging
from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from lemma_inference.apis.hints import hint
from lemma_inference.errors import InvalidRequest, ServiceError

log = logging.getLogger(__name__)


def problem(error: ServiceError) -> dict[str, Any]:
    """The body for this error."""
    return {
        "type": f"urn:lemma-inference:error:{error.code}",
        "title": error.title,
        "status": error.status,
        "code": error.code,
        "detail": error.detail,
        **error.extra,
        "error": {
            "message": error.detail,
            "type": error.code,
            "param": error.extra.get("param"),
            "code": error.code,
        },
    }


def response(error: ServiceError) -> Response:
    headers = {"Retry-After": str(error.extra["retry_after"])} if "retry_after" in error.extra else {}
    body = json.dumps(problem(error), ensure_ascii=False)
    return Response(body, error.status, headers, media_type="application/problem+json")


def install(app: FastAPI) -> None:
    """Answers every failure in this form, those of the framework too."""
    handlers: dict[type[Exception], Callable[[Request, Any], Response]] = {
        ServiceError: _service_error,
        RequestValidationError: _validation_error,
        HTTPException: _http_error,
        Exception: _unforeseen,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)


def _service_error(_: Request, error: ServiceError) -> Response:
    return response(error)


def _validation_error(_: Request, error: RequestValidationError) -> Response:
    """The first thing wrong, named by its field. What was sent is not repeated."""
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"] if part not in {"body", "header"})
    if first["type"] == "json_invalid":
        return response(InvalidRequest("The body is not valid JSON."))
    if first["type"] == "extra_forbidden":
        detail = f"The field {field!r} is not supported. It would be ignored, so the request is refused."
        return response(InvalidRequest(detail + hint(field), param=field))
    detail = f"{field or 'body'}: {first['msg']}."
    return response(InvalidRequest(detail + hint(field.split(".")[0]), param=field or None))


class _FrameworkError(ServiceError):
    code = "http_error"
    title = "The request cannot be served"


def _http_error(_: Request, error: HTTPException) -> Response:
    if isinstance(error.__cause__, ServiceError):  # FastAPI wraps what is raised while it reads a body.
        return response(error.__cause__)
    if error.status_code == InvalidRequest.status:
        return response(InvalidRequest("The body cannot be read as JSON."))
    translated = _FrameworkError(str(error.detail))
    body = problem(translated) | {"status": error.status_code}
    return Response(json.dumps(body), error.status_code, error.headers, media_type="application/problem+json")


def _unforeseen(request: Request, error: Exception) -> Response:
    log.error("%s %s failed.", request.method, request.url.path, exc_info=error)
    return response(ServiceError("The request failed for a reason that we did not foresee."))
