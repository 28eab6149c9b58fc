"""TOML text to `Task`. Collects every issue of the file before it raises, each with its line."""

import re
import tomllib
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from lemma.reading.normalise.identifiers import CHECKERS
from lemma.reading.schema.model import (
    EACH,
    KINDS,
    POINTER_KINDS,
    POINTS_INTO,
    Field,
    Kind,
    Rule,
    SchemaError,
    SchemaIssue,
    Task,
)
from lemma.reading.schema.positions import Path as Position
from lemma.reading.schema.positions import positions
from lemma.reading.schema.rule_kinds import RULE_KINDS, Param
from lemma.reading.schema.tables import Tables

MAX_POINTERS = 40
MAX_ROWS = 2000
DEFAULT_ROWS = 400
MAX_PASSAGES = 20
MAX_LABELS = 20
DEFAULT_LABELS = 5

_TASK_KEYS = {"id", "version", "title", "about", "field", "rule"}
_COMMON = {"name", "kind", "label", "about", "group", "required", "words", "xml"}
_OUTSIDE_TABLES = {"passages"}
_BY_KIND: dict[str, set[str]] = {
    "quote": {"pointers", "source", "given"},
    "amount": {"pointers", "source"},
    "date": {"pointers", "source"},
    "number": {"pointers", "source"},
    "identifier": {"pointers", "source", "checker"},
    "choice": {"options", "list", "several", "max_labels"},
    "flag": {"source"},
    "clause": {"source"},
    "rows": {"column", "max_rows", "each", "once"},
    "text": {"max_sentences", "source", "free"},
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


class _Loader(Tables):
    """Reads the fields and rules of a task."""

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
        outside = set() if nested else _OUTSIDE_TABLES
        self.unknown(table, _COMMON | outside | _BY_KIND[kind], path, called)
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
            passages=self.whole(table, "passages", path, called, 1, MAX_PASSAGES)
            if "passages" in table and not nested
            else 0,
        )
        field = self.of_kind(field, table, path, called)
        if not nested:
            self.reach(field, path, called)
        return field

    def kind(self, table: dict[str, Any], path: Position, called: str, *, nested: bool) -> Kind:
        """The field's kind; `quote` stands in for one that is wrong, so that the rest is still checked."""
        value = table.get("kind")
        kind = next((kind for kind in KINDS if kind == value), None)
        if kind is None:
            message = "is missing" if value is None else f"{value!r} is not a kind"
            known = ", ".join(KINDS)
            self.issue((*path, "kind"), f"{message}; the kinds are {known}", called=f"{called}.kind")
        elif nested and kind == "rows":
            self.issue((*path, "kind"), "a column cannot be of kind rows", called=f"{called}.kind")
            kind = None
        return kind or "quote"

    def of_kind(self, field: Field, table: dict[str, Any], path: Position, called: str) -> Field:
        """The field with what belongs to its kind alone."""
        if field.kind in POINTER_KINDS:
            field = replace(
                field,
                pointers=self.whole(table, "pointers", path, called, 1, MAX_POINTERS),
                given=self.flag(table, "given", path, called),
            )
        if "source" in _BY_KIND[field.kind]:
            source = self.one_of(table, "source", path, called, POINTS_INTO)
            field = replace(field, source=source)
        match field.kind:
            case "identifier":
                return replace(field, checker=self.checker(table, path, called))
            case "choice":
                return self.choice(field, table, path, called)
            case "text":
                most = self.whole(table, "max_sentences", path, called, 8, 60)
                free = self.flag(table, "free", path, called)
                return replace(field, max_sentences=most, free=free or field.source == "document")
            case "rows":
                return self.rows(field, table, path, called)
            case _:
                return field

    def choice(self, field: Field, table: dict[str, Any], path: Position, called: str) -> Field:
        several = self.flag(table, "several", path, called)
        if "max_labels" in table and not several:
            self.issue((*path, "max_labels"), "needs several = true", called=f"{called}.max_labels")
        return replace(
            field,
            options=self.options(table, path, called),
            list_name=self.name(table, "list", path, called) if "list" in table else "",
            several=several,
            max_labels=self.whole(table, "max_labels", path, called, DEFAULT_LABELS, MAX_LABELS)
            if several
            else 1,
        )

    def rows(self, field: Field, table: dict[str, Any], path: Position, called: str) -> Field:
        columns = self.fields(table, path, "column", inside=called)
        if not columns:
            self.issue(path, "needs at least one [[field.column]]", called=called)
        each = self.one_of(table, "each", path, called, EACH)
        usual = MAX_ROWS if each else DEFAULT_ROWS
        most = self.whole(table, "max_rows", path, called, usual, MAX_ROWS)
        if each and columns and all(column.given for column in columns):
            self.issue(path, "needs a column that is not given", called=called)
        for index, column in enumerate(columns):
            place, name = (*path, "column", index), f"{called}.column.{column.name}"
            if column.several:
                self.issue((*place, "several"), "is not for a column", called=f"{name}.several")
            if not each and (column.given or column.kind == "text"):
                self.issue(place, f"needs {called} to say each = ...", called=name)
        once = self.name(table, "once", path, called) if "once" in table else ""
        if once and once not in {column.name for column in columns}:
            self.issue((*path, "once"), f"there is no column {once!r}", called=f"{called}.once")
        return replace(field, columns=columns, max_rows=most, each=each, once=once)

    def reach(self, field: Field, path: Position, called: str) -> None:
        """Whatever points into passages needs passages to be shown, and a table reads them for each row."""
        if field.passages and field.kind == "rows" and not field.each:
            self.issue((*path, "passages"), "needs each = ... in a table", called=f"{called}.passages")
        for each in (field, *field.columns):
            if each.source == "passages" and not field.passages:
                name = called if each is field else f"{called}.column.{each.name}"
                self.issue(path, f"{name} points into passages; say how many: passages = 4", called=called)

    def checker(self, table: dict[str, Any], path: Position, called: str) -> str | None:
        value = table.get("checker")
        if value is not None and value not in CHECKERS:
            known = ", ".join(sorted(CHECKERS))
            self.issue(
                (*path, "checker"), f"{value!r} is not known; known are {known}", called=f"{called}.checker"
            )
            return None
        return value

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
