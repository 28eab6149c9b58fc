"""What can go wrong between us and the inference service, by what the caller should do about it."""

from lemma.core.errors import LemmaError, NotFound, Unavailable


class InferenceUnavailable(Unavailable):
    """The service does not answer, or has no engine that does. Trying later helps."""

    code = "inference_unavailable"
    title = "The models do not answer at the moment"


class InferenceTimedOut(InferenceUnavailable):
    """The service took the request and did not answer in time."""

    code = "inference_timeout"
    title = "The model took too long"


class InferenceInterrupted(InferenceUnavailable):
    """The answer broke off after it had begun. The part that came is dropped; ask again."""

    code = "inference_interrupted"
    title = "The model's answer broke off"


class InferenceBusy(InferenceUnavailable):
    """The service's queue is full. `retry_after` is in seconds, where the service named a time."""

    code = "inference_busy"
    title = "All models are busy"

    def __init__(self, detail: str, *, retry_after: float | None = None) -> None:
        super().__init__(detail, **({} if retry_after is None else {"retry_after": retry_after}))
        self.retry_after = retry_after


class InferenceRefused(LemmaError):
    """The service will not take this request, however often it is sent: a wrong grammar, an unknown field.

    `upstream` is the service's own code for it. This is a fault of ours, not of whoever asked us.
    """

    status = 502
    code = "inference_refused"
    title = "The model service refused our request"

    def __init__(self, detail: str, *, upstream: str = "unknown") -> None:
        super().__init__(detail, upstream=upstream)
        self.upstream = upstream


class ContextOverflow(InferenceRefused):
    """Prompt and answer do not fit the model's context. Counts are in tokens, 0 where not reported."""

    code = "context_overflow"
    title = "The text is too long for the model"

    def __init__(self, detail: str, *, prompt_tokens: int = 0, context: int = 0) -> None:
        super().__init__(detail, upstream="context_overflow")
        self.extra |= {"prompt_tokens": prompt_tokens, "context": context}
        self.prompt_tokens = prompt_tokens
        self.context = context


class ModelUnknown(NotFound):
    """The service does not serve this model."""

    code = "model_unknown"
    title = "This model is not served"
