"""The tasks that are offered and their sample documents: today the built-in ones."""

from collections.abc import Sequence

from lemma.features.catalog.errors import SampleNotFound
from lemma.reading.schema import Field, Task
from lemma.tasks import Sample, builtin, samples, task


def offered() -> Sequence[Task]:
    """Every task, by id. Raises SchemaError where a task file is not valid."""
    return tuple(builtin().values())


def find_task(task_id: str) -> Task:
    """The task with this id. Raises TaskNotFound."""
    return task(task_id)


def samples_of(task_id: str) -> Sequence[Sample]:
    """The samples of a task, by name. Raises TaskNotFound."""
    return samples(task_id)


def find_sample(task_id: str, name: str) -> Sample:
    """A sample of a task. Raises TaskNotFound, SampleNotFound."""
    for sample in samples(task_id):
        if sample.name == name:
            return sample
    raise SampleNotFound("This task has no sample of that name. List its samples to see their names.")


def field_at(of: Task, path: str) -> Field | None:
    """The field that a cell's path belongs to: `lines[2].amount` is the column `amount` of `lines`.

    None where the task no longer has it.
    """
    name, _, column = path.partition(".")
    try:
        return of.field(".".join(filter(None, (name.partition("[")[0], column))))
    except KeyError:
        return None
