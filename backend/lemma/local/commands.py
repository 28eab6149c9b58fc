"""The small commands: tasks, migrations."""

from collections.abc import Mapping
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from lemma.reading.schema import Field, SchemaError, Task, load_task
from lemma.tasks import task


def find_task(name: str) -> Task:
    """The task with this id, or the one in this file. Raises TaskNotFound or SchemaError."""
    path = Path(name)
    return load_task(path) if path.suffix == ".toml" else task(name)


def list_tasks(tasks: Mapping[str, Task], console: Console) -> None:
    """Id, version, title and what each does."""
    table = Table(box=None, header_style="dim")
    for heading in ("id", "version", "title", "what it does"):
        table.add_column(heading, overflow="fold")
    for each in tasks.values():
        table.add_row(each.id, str(each.version), each.title, Text(each.about))
    console.print(table)


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


def check_task_file(file: Path, console: Console, errors: Console) -> int:
    """Prints what is wrong in a task file, one line an issue. Returns the exit code: 0 if it can be used."""
    try:
        checked = load_task(file)
    except SchemaError as error:
        errors.print(Text(error.detail, "red"))
        return 1
    rows = sum(1 for field in checked.fields if field.kind == "rows")
    console.print(
        f"{file} can be used: task {checked.id!r} with {len(checked.fields)} fields ({rows} of them tables) "
        f"and {len(checked.rules)} rules."
    )
    return 0


def _kind(field: Field) -> str:
    if field.options:
        return f"{field.kind} of {len(field.options)}"
    return f"{field.kind} ({field.checker})" if field.checker else field.kind
