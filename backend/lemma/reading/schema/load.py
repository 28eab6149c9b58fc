"""TOML text to `Task`. Collects every issue of the file before it raises, each with its line."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from lemma.reading.normalise.identifiers import CHECKERS
from lemma.reading.schema.model import (
    KINDS,
    POINTER_KINDS,
    Field,
    Kind,
    Option,
    Rule,
    SchemaError,
    SchemaIssue,
    Task,
)
from lemma.reading.schema.positions import Path as Position
from lemma.reading.schema.positions import positions
from lemma.reading.schema.rule_kinds import RULE_KINDS, Param

NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
MAX_POINTERS = 40
MAX_ROWS = 2000
DEFAULT_ROWS = 400

_TASK_KEYS = {"id", "version", "title", "about", "field", "rule"}
_COMMON = {"name", "kind", "label", "about", "group", "required", "words", "xml"}
_BY_KIND: dict[str, set[str]] = {
    "quote": {"pointers"},
    "amount": {"pointers"},
    "date": {"pointers"},
    "number": {"pointers"},
    "identifier": {"pointers", "checker"},
    "choice": {"options"},
    "flag": set(),
    "clause": set(),
    "rows": {"column", "max_rows"},
    "text": {"max_sentences"},
}


def load_task(path: Path) -> Task:
    """The task in this file. Raises SchemaError, also where the file cannot be read as text."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        issue = SchemaIssue(1, "file", f"cannot be read: {error}")
        raise SchemaError(str(path), (issue,)) from error
    return parse_task(text, file=str(path))


def parse_task(text: str, *, file: str = "task.toml") -> Task:
    """The task that this TOML text describes. Raises SchemaError with every issue that it holds."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        number = int(line.group(1)) if line else text.count("\n") + 1
        raise SchemaError(file, (SchemaIssue(number, "toml", str(error)),)) from error
    loader = _Loader(positions(text))
    task = loader.task(data)
    if loader.issues:
        raise SchemaError(file, tuple(sorted(loader.issues, key=lambda issue: issue.line)))
    return task


class _Loader:
    """Reads tables and notes what is wrong instead of stopping at the first issue."""

    def __init__(self, lines: dict[Position, int]) -> None:
        self.lines = lines
        self.issues: list[SchemaIssue] = []

    def issue(self, path: Position, message: str, *, called: str | None = None) -> None:
        """Note an issue at the nearest place that the file holds."""
        place = path
        while place and place not in self.lines:
            place = place[:-1]
        name = called or ".".join(str(part) for part in path) or "task"
        self.issues.append(SchemaIssue(self.lines.get(place, 1), name, message))

    # Values of a table -------------------------------------------------------------------------

    def unknown(self, table: dict[str, Any], allowed: set[str], path: Position, called: str) -> None:
        for key in table.keys() - allowed:
            known = ", ".join(sorted(allowed))
            self.issue((*path, key), f"is not known here; known are {known}", called=f"{called}.{key}")

    def text(
        self, table: dict[str, Any], key: str, path: Position, called: str, default: str | None = None
    ) -> str:
        value = table.get(key, default)
        if isinstance(value, str) and (value.strip() or key == "about"):
            return value.strip()
        message = "is missing" if key not in table else "must be a text that is not empty"
        self.issue((*path, key), message, called=f"{called}.{key}")
        return ""

    def texts(self, table: dict[str, Any], key: str, path: Position, called: str) -> tuple[str, ...]:
        value = table.get(key, [])
        if isinstance(value, str):
            value = [value]
        if isinstance(value, list) and all(isinstance(item, str) and item.strip() for item in value):
            return tuple(value)
        self.issue((*path, key), "must be a list of texts", called=f"{called}.{key}")
        return ()

    def whole(
        self, table: dict[str, Any], key: str, path: Position, called: str, default: int, most: int
    ) -> int:
        value = table.get(key, default)
        if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= most:
            return value
        self.issue((*path, key), f"must be a whole number from 1 to {most}", called=f"{called}.{key}")
        return default

    def flag(self, table: dict[str, Any], key: str, path: Position, called: str) -> bool:
        value = table.get(key, False)
        if not isinstance(value, bool):
            self.issue((*path, key), "must be true or false", called=f"{called}.{key}")
        return bool(value)

    def tables(
        self, table: dict[str, Any], key: str, path: Position, called: str
    ) -> Iterator[tuple[dict[str, Any], Position]]:
        value = table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self.issue((*path, key), f"must be tables, written as [[{called}]]", called=called)
            return
        for index, item in enumerate(value):
            yield item, (*path, key, index)

    # The parts of a task -----------------------------------------------------------------------

    def task(self, data: dict[str, Any]) -> Task:
        self.unknown(data, _TASK_KEYS, (), "task")
        fields = self.fields(data, (), "field", inside=None)
        if not fields:
            self.issue((), "a task needs at least one [[field]]", called="field")
        task = Task(
            id=self.name(data, "id", (), "task"),
            version=self.whole(data, "version", (), "task", 1, 1_000_000),
            title=self.text(data, "title", (), "task"),
            about=self.text(data, "about", (), "task", ""),
            fields=fields,
        )
        return replace(task, rules=self.rules(data, task))

    def name(self, table: dict[str, Any], key: str, path: Position, called: str) -> str:
        value = self.text(table, key, path, called)
        if value and not NAME.fullmatch(value):
            self.issue(
                (*path, key),
                f"{value!r} must be lower-case letters, digits and _, and begin with a letter",
                called=f"{called}.{key}",
            )
        return value

    def fields(self, data: dict[str, Any], path: Position, key: str, inside: str | None) -> tuple[Field, ...]:
        fields: list[Field] = []
        seen: set[str] = set()
        prefix = f"{inside}.{key}" if inside else key
        for table, place in self.tables(data, key, path, prefix):
            name = table.get("name")
            called = f"{prefix}.{name}" if isinstance(name, str) and name else f"{prefix}[{place[-1]}]"
            field = self.field(table, place, called, nested=inside is not None)
            if field.name in seen:
                self.issue((*place, "name"), f"{field.name!r} is used twice", called=f"{called}.name")
            seen.add(field.name)
            fields.append(field)
        return tuple(fields)

    def field(self, table: dict[str, Any], path: Position, called: str, *, nested: bool) -> Field:
        kind = self.kind(table, path, called, nested=nested)
        self.unknown(table, _COMMON | _BY_KIND[kind], path, called)
        name = self.name(table, "name", path, called)
        field = Field(
            name=name,
            kind=kind,
            label=self.text(table, "label", path, called, name.replace("_", " ").capitalize() or None),
            about=self.text(table, "about", path, called, ""),
            group=self.text(table, "group", path, called) if "group" in table else "",
            required=self.flag(table, "required", path, called),
            words=self.texts(table, "words", path, called),
            xml=self.texts(table, "xml", path, called),
        )
        return self.of_kind(field, table, path, called)

    def kind(self, table: dict[str, Any], path: Position, called: str, *, nested: bool) -> Kind:
        """The field's kind; `quote` stands in for one that is wrong, so that the rest is still checked."""
        value = table.get("kind")
        kind = next((kind for kind in KINDS if kind == value), None)
        if kind is None:
            message = "is missing" if value is None else f"{value!r} is not a kind"
            known = ", ".join(KINDS)
            self.issue((*path, "kind"), f"{message}; the kinds are {known}", called=f"{called}.kind")
        elif nested and kind in {"rows", "text"}:
            self.issue((*path, "kind"), f"a column cannot be of kind {kind}", called=f"{called}.kind")
            kind = None
        return kind or "quote"

    def of_kind(self, field: Field, table: dict[str, Any], path: Position, called: str) -> Field:
        """The field with what belongs to its kind alone."""
        if field.kind in POINTER_KINDS:
            field = replace(field, pointers=self.whole(table, "pointers", path, called, 1, MAX_POINTERS))
        if field.kind == "identifier":
            return replace(field, checker=self.checker(table, path, called))
        if field.kind == "choice":
            return replace(field, options=self.options(table, path, called))
        if field.kind == "text":
            return replace(field, max_sentences=self.whole(table, "max_sentences", path, called, 8, 60))
        if field.kind == "rows":
            columns = self.fields(table, path, "column", inside=called)
            if not columns:
                self.issue(path, "needs at least one [[field.column]]", called=called)
            most = self.whole(table, "max_rows", path, called, DEFAULT_ROWS, MAX_ROWS)
            return replace(field, columns=columns, max_rows=most)
        return field

    def checker(self, table: dict[str, Any], path: Position, called: str) -> str | None:
        value = table.get("checker")
        if value is not None and value not in CHECKERS:
            known = ", ".join(sorted(CHECKERS))
            self.issue(
                (*path, "checker"), f"{value!r} is not known; known are {known}", called=f"{called}.checker"
            )
            return None
        return value

    def options(self, table: dict[str, Any], path: Position, called: str) -> tuple[Option, ...]:
        value = table.get("options")
        place, called = (*path, "options"), f"{called}.options"
        if not isinstance(value, list) or not value:
            self.issue(place, "must be a list of labels or of { name, label, words }", called=called)
            return ()
        options = [self.option(item, (*place, i), f"{called}[{i}]") for i, item in enumerate(value)]
        names = [option.name for option in options]
        for name in sorted({name for name in names if names.count(name) > 1}):
            self.issue(place, f"{name!r} is listed twice", called=called)
        return tuple(options)

    def option(self, item: Any, path: Position, called: str) -> Option:
        if isinstance(item, str):
            item = {"name": item}
        if not isinstance(item, dict):
            self.issue(path, "must be a label or { name, label, words }", called=called)
            return Option("", "")
        self.unknown(item, {"name", "label", "words", "codes"}, path, called)
        name = self.text(item, "name", path, called)
        if name == "-" or any(not (character.isprintable()) for character in name):
            self.issue(
                path, f"{name!r} cannot be a label: '-' and control characters are taken", called=called
            )
        return Option(
            name=name,
            label=self.text(item, "label", path, called, name or None),
            words=self.texts(item, "words", path, called),
            codes=self.texts(item, "codes", path, called),
        )

    # Rules -------------------------------------------------------------------------------------

    def rules(self, data: dict[str, Any], task: Task) -> tuple[Rule, ...]:
        rules: list[Rule] = []
        seen: set[str] = set()
        for table, path in self.tables(data, "rule", (), "rule"):
            code = self.name(table, "code", path, f"rule[{path[-1]}]")
            called = f"rule.{code}" if code else f"rule[{path[-1]}]"
            if code in seen:
                self.issue((*path, "code"), f"{code!r} is used twice", called=f"{called}.code")
            seen.add(code)
            kind = table.get("kind")
            if kind not in RULE_KINDS:
                known = ", ".join(sorted(RULE_KINDS))
                self.issue(
                    (*path, "kind"),
                    f"{kind!r} is not a kind of rule; known are {known}",
                    called=f"{called}.kind",
                )
                continue
            params = RULE_KINDS[kind]
            self.unknown(table, {"code", "kind", "label"} | params.keys(), path, called)
            label = self.text(table, "label", path, called, code.replace("_", " ").capitalize() or None)
            values = {
                name: self.param(table, name, param, (*path, name), f"{called}.{name}", task)
                for name, param in params.items()
            }
            given = {name: value for name, value in values.items() if value is not None}
            rules.append(Rule(code, kind, label, given))
        return tuple(rules)

    def param(
        self, table: dict[str, Any], name: str, param: Param, path: Position, called: str, task: Task
    ) -> Any:
        value = table.get(name)
        if value is None:
            if param.required:
                self.issue(path, "is missing", called=called)
            return None
        if param.takes in {"flag", "words"}:
            read = self.flag if param.takes == "flag" else self.texts
            return read(table, name, path[:-1], called.rpartition(".")[0])
        if param.takes == "decimal":
            return self.decimal(value, path, called)
        if param.many:
            items = self.texts(table, name, path[:-1], called.rpartition(".")[0])
            for item in items:
                self.reference(item, param, path, called, task)
            return items
        if not isinstance(value, str):
            self.issue(path, "must be the name of a field", called=called)
            return None
        self.reference(value, param, path, called, task)
        return value

    def decimal(self, value: Any, path: Position, called: str) -> Decimal | None:
        try:
            number = Decimal(value) if isinstance(value, str | int) else None
        except InvalidOperation:
            number = None
        if number is None or not number.is_finite():
            self.issue(path, 'must be a number in quotes, such as "0.02"', called=called)
            return None
        return number

    def reference(self, name: str, param: Param, path: Position, called: str, task: Task) -> None:
        try:
            field = task.field(name)
        except KeyError:
            known = ", ".join(path for path, _ in task.all_fields())
            self.issue(path, f"there is no field {name!r}; there are {known}", called=called)
            return
        if field.kind not in param.kinds:
            kinds = ", ".join(sorted(param.kinds))
            self.issue(path, f"{name!r} is of kind {field.kind}; this takes {kinds}", called=called)
