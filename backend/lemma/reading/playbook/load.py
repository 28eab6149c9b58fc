"""`playbook.toml` to a `Playbook`: every issue with its line and key, instead of stopping at the first."""

from collections.abc import Mapping
from typing import Any, get_args

from lemma.reading.playbook.durations import Duration, duration
from lemma.reading.playbook.model import Must, Playbook, Position, Severity
from lemma.reading.schema.model import SchemaIssue, Task
from lemma.reading.schema.positions import Path, positions
from lemma.reading.schema.tables import NAME, Tables

_CHECKS = {"must", "allowed", "preferred", "forbidden", "at_most", "at_least"}
_KEYS = _CHECKS | {"field", "severity", "advice", "beside"}
_MUST: tuple[Must, ...] = get_args(Must)
_SEVERITY: tuple[Severity, ...] = get_args(Severity)


def read_playbook(data: Mapping[str, Any], text: str) -> tuple[Playbook, tuple[SchemaIssue, ...]]:
    """The playbook of a TOML file that was read to `data`, and what is wrong with it, by lines."""
    lines = positions(text)
    tables = Tables(lines)
    table = dict(data)
    tables.unknown(table, {"title", "position"}, (), "playbook")
    found = tuple(
        _position(tables, each, path, lines.get(path, 1))
        for each, path in tables.tables(table, "position", (), "position")
    )
    if not found:
        tables.issue(("position",), "a playbook needs at least one [[position]]", called="position")
    playbook = Playbook(tables.text(table, "title", (), "playbook"), found)
    return playbook, tuple(sorted(tables.issues, key=lambda issue: issue.line))


def _position(tables: Tables, table: dict[str, Any], path: Path, line: int) -> Position:
    name = table.get("field")
    called = f"position.{name}" if isinstance(name, str) and NAME.fullmatch(name) else f"position[{path[-1]}]"
    tables.unknown(table, _KEYS, path, called)
    if not _CHECKS & table.keys():
        known = ", ".join(sorted(_CHECKS))
        tables.issue(path, f"wants nothing; it may have {known}", called=called)
    if "beside" in table and not {"at_most", "at_least"} & table.keys():
        tables.issue((*path, "beside"), "goes with at_most or at_least", called=f"{called}.beside")
    return Position(
        field=tables.name(table, "field", path, called),
        severity=tables.one_of(table, "severity", path, called, _SEVERITY),
        advice=tables.text(table, "advice", path, called) if "advice" in table else "",
        must=tables.one_of(table, "must", path, called, _MUST) if "must" in table else "",
        allowed=tables.texts(table, "allowed", path, called),
        preferred=tables.texts(table, "preferred", path, called),
        forbidden=tables.texts(table, "forbidden", path, called),
        at_most=_period(tables, table, "at_most", path, called),
        at_least=_period(tables, table, "at_least", path, called),
        beside=tables.texts(table, "beside", path, called),
        line=line,
    )


def _period(tables: Tables, table: dict[str, Any], key: str, path: Path, called: str) -> Duration | None:
    value = table.get(key)
    if value is None:
        return None
    found = duration(value) if isinstance(value, str) else None
    if found is None:
        tables.issue((*path, key), 'must be a period in quotes, such as "60 days"', called=f"{called}.{key}")
    return found


def unknown_fields(task: Task, playbook: Playbook) -> tuple[SchemaIssue, ...]:
    """The positions on fields that the task does not have, or whose kind the check does not take."""
    known = {field.name: field for field in task.fields}
    issues: list[SchemaIssue] = []
    for position in playbook.positions:
        called = f"position.{position.field}"
        field = known.get(position.field)
        if field is None:
            names = ", ".join(known)
            issues.append(SchemaIssue(position.line, called, f"{task.id} has no such field; it has {names}"))
        elif field.kind == "rows" and (
            position.allowed
            or position.preferred
            or position.forbidden
            or position.at_most
            or position.at_least
        ):
            issues.append(SchemaIssue(position.line, called, "is a table: only must can be asked of it"))
    return tuple(issues)
