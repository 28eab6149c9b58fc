"""What can go wrong with a run."""

from lemma.core.errors import Conflict, InvalidInput, LemmaError, NotFound


class RunNotFound(NotFound):
    """The organisation has no run with this id."""

    code = "run_not_found"
    title = "There is no such run"


class NothingToRun(InvalidInput):
    """No document was given, or no task."""

    code = "nothing_to_run"
    title = "A document and a task are needed"


class RunNotCancellable(Conflict):
    """The run has come to its end."""

    code = "run_not_cancellable"
    title = "The run cannot be cancelled any more"


class RunNotRetryable(Conflict):
    """Only a run that failed or was cancelled can be tried again."""

    code = "run_not_retryable"
    title = "The run cannot be tried again"


class RunNotDone(Conflict):
    """The run has no result yet, or never will."""

    code = "run_not_done"
    title = "The run has no result"


class RunTookTooLong(LemmaError):
    """The run was stopped after the longest time that one may take."""

    status = 504
    code = "run_took_too_long"
    title = "The run took too long"

    def __init__(self, limit: float) -> None:
        super().__init__(
            f"It was stopped after {limit:.0f} seconds. Split the document, or try again.", limit=limit
        )


class RunKeepsBreaking(LemmaError):
    """Worker after worker died while it had this run, so no further one is risked."""

    code = "run_keeps_breaking"
    title = "The run stops whatever works on it"

    def __init__(self) -> None:
        super().__init__("Reading this document ended the worker several times. It has been put aside.")


class RunBroke(LemmaError):
    """A fault of ours. What it was stands in the log, by the id of the run."""

    code = "run_broke"
    title = "The run failed by a fault of ours"

    def __init__(self) -> None:
        super().__init__("Something went wrong on our side while reading this document. Try again later.")
