"""The one hierarchy of errors.

A feature declares its errors as subclasses at the top of its `errors.py`; `lemma.http.problems` is
the one place that turns them into `application/problem+json` (RFC 9457). The command line prints the
same object. Nobody raises `HTTPException`.
"""

from typing import Any, ClassVar


class LemmaError(Exception):
    """An error that a caller may see: a status, a stable code, and a sentence that says what to do.

    `detail` must be safe to show: never a secret, never another customer's data, never document text.
    `extra` holds further members of the problem object, such as `limit` or `field`.
    """

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal_error"
    title: ClassVar[str] = "Something went wrong on our side"

    def __init__(self, detail: str, **extra: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.extra = extra

    def problem(self) -> dict[str, Any]:
        """The problem object, without the request id that the HTTP edge adds."""
        return {
            "type": f"urn:lemma:error:{self.code}",
            "title": self.title,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
            **self.extra,
        }


class InvalidInput(LemmaError):
    """What was sent cannot be used as it is."""

    status = 422
    code = "invalid_input"
    title = "The input cannot be used"


class NotFound(LemmaError):
    """There is no such thing, or the caller may not know of it: the two look the same."""

    status = 404
    code = "not_found"
    title = "Not found"


class Conflict(LemmaError):
    """The thing is not in a state that allows this."""

    status = 409
    code = "conflict"
    title = "Conflict with the current state"


class Unavailable(LemmaError):
    """Something that we depend on does not answer; trying again later helps."""

    status = 503
    code = "unavailable"
    title = "Temporarily unavailable"
