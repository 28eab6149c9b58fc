"""What can go wrong when a task or a sample is named."""

from lemma.core.errors import NotFound
from lemma.tasks import TaskNotFound

__all__ = ["SampleNotFound", "TaskNotFound"]


class SampleNotFound(NotFound):
    """The task has no sample of this name."""

    code = "sample_not_found"
    title = "There is no such sample"
