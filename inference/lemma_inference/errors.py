"""What the service says when it cannot do what was asked: one hierarchy, turned into HTTP in `apis.problems`.

`detail` never holds prompt, grammar or answer text beyond what the caller sent in that very request.
"""

from typing import Any, ClassVar


class ServiceError(Exception):
    """A status, a stable code, a sentence for people, and further members of the problem object."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal_error"
    title: ClassVar[str] = "Something went wrong in the inference service"

    def __init__(self, detail: str, **extra: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.extra = extra


class InvalidRequest(ServiceError):
    """The request is malformed, or has a field that would be ignored. `param` names the field."""

    status = 400
    code = "invalid_request"
    title = "The request cannot be used"


class NotOffered(InvalidRequest):
    """A served model that does not do this: it writes and does not embed, or the other way round."""

    code = "not_offered"
    title = "The model does not do this"


class GrammarInvalid(InvalidRequest):
    """llguidance does not accept the grammar. llama.cpp would answer freely instead, so we check first."""

    code = "grammar_invalid"
    title = "The grammar is not valid"


class ContextOverflow(InvalidRequest):
    """The prompt alone fills the context. Members: `prompt_tokens`, `context`."""

    code = "context_overflow"
    title = "The prompt is too long for the model"


class TooLarge(ServiceError):
    """The body has more bytes than we read."""

    status = 413
    code = "too_large"
    title = "The request is too large"


class Unauthorized(ServiceError):
    """No key, or a wrong one."""

    status = 401
    code = "unauthorized"
    title = "A valid key is needed"


class ModelUnknown(ServiceError):
    """No such model here."""

    status = 404
    code = "model_unknown"
    title = "This model is not served"


class Busy(ServiceError):
    """The queue of this class is full. `retry_after` is in seconds."""

    status = 429
    code = "busy"
    title = "All seats and the queue are taken"

    def __init__(self, detail: str, *, retry_after: int) -> None:
        super().__init__(detail, retry_after=retry_after)
        self.retry_after = retry_after


class OverBudget(ServiceError):
    """A key or tenant has used what it may in this window. `retry_after` is in seconds. Members: `subject`,
    `limit`, `most`, `used`, `reserved`."""

    status = 429
    code = "over_budget"
    title = "The budget of this key or tenant is used up for now"

    def __init__(self, detail: str, *, retry_after: int, **extra: Any) -> None:
        super().__init__(detail, retry_after=retry_after, **extra)
        self.retry_after = retry_after


class BeyondBudget(InvalidRequest):
    """A request that may take more than a whole window allows, so that waiting would not help. Members:
    `subject`, `limit`, `most`."""

    code = "beyond_budget"
    title = "The request is larger than the budget"


class NotKept(ServiceError):
    """Usage is not written down here, so there is none to read."""

    status = 404
    code = "usage_not_kept"
    title = "This gateway keeps no journal of usage"


class JournalFull(ServiceError):
    """What this request would use could not be written down, so it is not begun."""

    status = 503
    code = "journal_full"
    title = "Usage cannot be written down at the moment"


class EngineUnavailable(ServiceError):
    """The engine is starting, restarting, or gone."""

    status = 503
    code = "engine_unavailable"
    title = "The engine does not answer at the moment"


class EngineAbsent(EngineUnavailable):
    """There is no engine to talk to, so that it certainly never had the request."""


class EngineLost(EngineUnavailable):
    """The engine went away while it worked on this request."""

    code = "engine_lost"


class EngineRefused(ServiceError):
    """The engine would not take a request that we found good: a difference between us and its version."""

    status = 502
    code = "engine_refused"
    title = "The engine refused the request"


class GrammarBroken(ServiceError):
    """The engine wrote what the grammar forbids. The answer is withheld: it is not what was promised."""

    status = 502
    code = "grammar_broken"
    title = "The engine left the grammar"


class EngineMissing(ServiceError):
    """The embedded engine cannot run on this machine as it is; `detail` says what to install."""

    code = "engine_missing"
    title = "The embedded engine cannot run here"


class ModelRefused(ServiceError):
    """A model that may not be served. `rule` names the rule that it breaks."""

    code = "model_refused"
    title = "The model is refused"


class Forbidden(ServiceError):
    """The key is good, and not for this."""

    status = 403
    code = "forbidden"
    title = "This key may not do that"


class SettingsWrong(ServiceError):
    """A file of settings cannot be used; `detail` says which, where and why."""

    code = "settings_wrong"
    title = "The settings cannot be used"
