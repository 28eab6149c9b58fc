"""What can go wrong when a task is named."""

from lemma.core.errors import NotFound


class TaskNotFound(NotFound):
    """No task of this name is offered."""

    code = "task_not_found"
    title = "There is no such task"


class SampleNotFound(NotFound):
    """The task has no sample of this name."""

    code = "sample_not_found"
    title = "There is no such sample"
