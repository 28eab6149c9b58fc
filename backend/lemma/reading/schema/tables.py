"""Reads the tables of a TOML file and notes everything that is wrong, each with its line, instead of
stopping at the first issue. What task files and material files have in common."""

import re
from collections.abc import Iterator
from typing import Any, TypeVar

from lemma.reading.schema.model import Option, SchemaIssue
from lemma.reading.schema.positions import Path as Position

T = TypeVar("T", bound=str)

NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")


class Tables:
    """Reads values of tables; `issues` collects what is wrong with them."""

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

    def one_of(self, table: dict[str, Any], key: str, path: Position, called: str, known: tuple[T, ...]) -> T:
        """One of these texts; the first where the table does not say."""
        value = table.get(key, known[0])
        found = next((each for each in known if each == value), None)
        if found is None:
            listed = ", ".join(each for each in known if each)
            self.issue((*path, key), f"{value!r} is not known; known are {listed}", called=f"{called}.{key}")
        return found or known[0]

    def tables(
        self, table: dict[str, Any], key: str, path: Position, called: str
    ) -> Iterator[tuple[dict[str, Any], Position]]:
        value = table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self.issue((*path, key), f"must be tables, written as [[{called}]]", called=called)
            return
        for index, item in enumerate(value):
            yield item, (*path, key, index)

    def name(self, table: dict[str, Any], key: str, path: Position, called: str) -> str:
        value = self.text(table, key, path, called)
        if value and not NAME.fullmatch(value):
            self.issue(
                (*path, key),
                f"{value!r} must be lower-case letters, digits and _, and begin with a letter",
                called=f"{called}.{key}",
            )
        return value

    # Lists of labels ---------------------------------------------------------------------------

    def options(self, table: dict[str, Any], path: Position, called: str) -> tuple[Option, ...]:
        value = table.get("options")
        place, called = (*path, "options"), f"{called}.options"
        if not isinstance(value, list) or not value:
            self.issue(place, "must be a list of labels or of { name, label, words }", called=called)
            return ()
        return self.labels(value, place, called)

    def labels(self, value: list[Any], place: Position, called: str) -> tuple[Option, ...]:
        """The options of a list, each name once."""
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
        self.unknown(item, {"name", "label", "about", "words", "codes", "blank"}, path, called)
        name = self.text(item, "name", path, called)
        if name == "-" or any(not (character.isprintable()) for character in name):
            self.issue(
                path, f"{name!r} cannot be a label: '-' and control characters are taken", called=called
            )
        return Option(
            name=name,
            label=self.text(item, "label", path, called, name or None),
            about=self.text(item, "about", path, called, ""),
            words=self.texts(item, "words", path, called),
            codes=self.texts(item, "codes", path, called),
            blank=self.flag(item, "blank", path, called),
        )
