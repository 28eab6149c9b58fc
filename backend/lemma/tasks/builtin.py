"""The tasks that come with Lemma: each is a folder beside this file that holds a `task.toml`.

Nothing lists them: adding a folder adds a task. Files are read once a process and never written.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from lemma.core.errors import NotFound
from lemma.reading.material import NO_MATERIAL, PLAYBOOK, Material, load_material
from lemma.reading.schema import Task, load_task

FOLDER = Path(__file__).parent
EXPECTED = "expected.json"
_NOT_SAMPLES = {EXPECTED, "printed.json", "README.md"}


class TaskNotFound(NotFound):
    """There is no task of this name."""

    code = "task_not_found"
    title = "There is no such task"


@dataclass(frozen=True, slots=True)
class Sample:
    """A document that we made, with what a perfect reading of it says.

    `expected` maps cell paths to values in their JSON form (decimals and dates as text); a path that it
    does not hold is absent from the document. None where nobody has written it down.
    """

    task: str
    path: Path
    expected: dict[str, Any] | None

    @property
    def name(self) -> str:
        return self.path.name


@dataclass(frozen=True, slots=True)
class DefaultMaterial:
    """A task's own material: that of a sample company, for who brings none. `playbook` is its text."""

    material: Material = NO_MATERIAL
    playbook: str | None = None


FIRST = ("invoices", "tickets", "contracts", "questionnaires", "meetings", "transactions")
"""The order in which people are shown tasks; others come after these by their names."""


@cache
def builtin() -> MappingProxyType[str, Task]:
    """The built-in tasks by id, as people are shown them. Raises SchemaError where one of them is broken."""
    tasks = sorted((load_task(path) for path in FOLDER.glob("*/task.toml")), key=_place)
    return MappingProxyType({task.id: task for task in tasks})


def _place(task: Task) -> tuple[int, str]:
    return (FIRST.index(task.id) if task.id in FIRST else len(FIRST), task.id)


def task(task_id: str) -> Task:
    """The built-in task with this id. Raises TaskNotFound, naming those that there are."""
    found = builtin().get(task_id)
    if found is None:
        known = ", ".join(builtin())
        raise TaskNotFound(f"There is no task {task_id!r}. The tasks are: {known}.", tasks=list(builtin()))
    return found


def samples(task_id: str) -> tuple[Sample, ...]:
    """The sample documents of a task in alphabetical order; empty where it has none.

    Raises TaskNotFound where there is no such task.
    """
    folder = FOLDER / task(task_id).id / "samples"
    if not folder.is_dir():
        return ()
    path = folder / EXPECTED
    expected: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return tuple(
        Sample(task_id, file, expected.get(file.name))
        for file in sorted(folder.iterdir())
        if file.is_file() and file.name not in _NOT_SAMPLES and not file.name.startswith(".")
    )


@cache
def default_material(task_id: str) -> DefaultMaterial:
    """What stands in the task's folder `material`; empty where it has none. Raises MaterialError."""
    folder = FOLDER / task_id / "material"
    if task_id not in builtin() or not folder.is_dir():
        return DefaultMaterial()
    playbook = folder / PLAYBOOK
    text = playbook.read_text(encoding="utf-8") if playbook.exists() else None
    return DefaultMaterial(load_material(folder), text)
