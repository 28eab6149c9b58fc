"""The small commands: tasks, migrations."""

from collections.abc import Mapping
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from lemma.core.errors import InvalidInput
from lemma.reading.material import (
    NO_MATERIAL,
    Material,
    check_examples,
    load_material,
    over,
    with_lists,
)
from lemma.reading.playbook import unknown_fields
from lemma.reading.schema import Field, Task, load_task
from lemma.tasks import default_material, task


def find_task(name: str) -> Task:
    """The task with this id, or the one in this file. Raises TaskNotFound or SchemaError."""
    path = Path(name)
    return load_task(path) if path.suffix == ".toml" else task(name)


def list_tasks(tasks: Mapping[str, Task], console: Console) -> None:
    """Id, version, title, what each does, and what of a customer's own it can use."""
    table = Table(box=None, header_style="dim", padding=(0, 2, 1, 0))
    for heading in ("id", "version", "title", "what it does", "your own material"):
        table.add_column(heading, overflow="fold")
    for each in tasks.values():
        table.add_row(
            each.id, str(each.version), each.title, Text(each.about), Text(", ".join(_uses(each)), "dim")
        )
    console.print(table)


def _uses(task: Task) -> list[str]:
    """What material the task has a use for, in the words of a material folder."""
    fields = [field for _, field in task.all_fields()]
    lists = dict.fromkeys(field.list_name for field in fields if field.list_name)
    passages = ["passages"] if any(field.passages for field in fields) else []
    playbook = ["playbook"] if default_material(task.id).playbook is not None else []
    return [*(f"list {name}" for name in lists), *passages, *playbook]


def material_for(task: Task, folder: Path | None) -> tuple[Material, str | None]:
    """What the task is read with, and a sentence where that is not the customer's own.

    Raises MaterialError where the folder cannot be used for this task.
    """
    ours = default_material(task.id).material
    if folder is None:
        named = _uses(task) if ours != NO_MATERIAL else []
        said = f"Read with the material of a sample company ({', '.join(named)}); bring yours by --material."
        return ours, said if named else None
    if not folder.exists():
        raise InvalidInput(f"There is no {folder}. --material takes a folder, or one file of such a folder.")
    theirs = load_material(folder)
    material = over(ours, theirs)
    wrong = [*_unknown_lists(task, theirs), *check_examples(with_lists(task, material), theirs)]
    if theirs.playbook is not None:
        wrong += [f"{issue.field}: {issue.message}" for issue in unknown_fields(task, theirs.playbook)]
    if wrong:
        raise InvalidInput("\n".join(f"{folder}: {sentence}" for sentence in wrong))
    return material, None


def _unknown_lists(task: Task, material: Material) -> list[str]:
    known = {field.list_name for _, field in task.all_fields() if field.list_name}
    there_are = f"it has {', '.join(sorted(known))}" if known else "it has none"
    return [
        f"lists.{name}: the task {task.id} has no such list; {there_are}."
        for name in sorted(material.lists.keys() - known)
    ]


def show_task(name: str, console: Console) -> None:
    """The fields, columns and rules of a task."""
    shown = find_task(name)
    console.print(Text.assemble((shown.title, "bold"), f"  {shown.id}, version {shown.version}"))
    console.print(Text(shown.about, "dim"))
    table = Table(box=None, header_style="dim")
    for heading in ("field", "kind", "label", "what it is"):
        table.add_column(heading, overflow="fold")
    for path, field in shown.all_fields():
        table.add_row(Text(path), _kind(field), Text(field.label), Text(field.about))
    console.print(table)
    for rule in shown.rules:
        console.print(Text.assemble(("rule ", "dim"), (rule.code, "cyan"), f"  {rule.label}"))
    if uses := _uses(shown):
        console.print(Text.assemble(("takes of your own ", "dim"), ", ".join(uses)))


def check_task_file(file: Path, material: Path | None, console: Console, errors: Console) -> int:
    """Prints what is wrong in a task file, and in the material for it, one line an issue. Returns the exit
    code: 0 if they can be used."""
    try:
        checked = find_task(str(file))
        brought, _ = material_for(checked, material)
    except InvalidInput as error:
        errors.print(Text(error.detail, "red"))
        return 1
    rows = sum(1 for field in checked.fields if field.kind == "rows")
    console.print(
        f"{file} can be used: task {checked.id!r} with {len(checked.fields)} fields ({rows} of them tables) "
        f"and {len(checked.rules)} rules."
    )
    if material is not None:
        console.print(
            f"{material} can be used with it: {len(brought.lists)} lists, {len(brought.passages)} passages, "
            f"{len(brought.examples)} examples, {'a' if brought.playbook else 'no'} playbook."
        )
    return 0


def _kind(field: Field) -> str:
    if field.options:
        several = " (several)" if field.several else ""
        return f"{field.kind} of {len(field.options)}{several}"
    if field.each:
        return f"{field.kind}, one for each {field.each}"
    return f"{field.kind} ({field.checker})" if field.checker else field.kind
