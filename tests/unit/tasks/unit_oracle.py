"""A perfect reader of messages, statements and questionnaires: it answers each request from what it is shown.

It sees a request as a model does: the names that are asked and the numbered lines. `expected.json` and
`printed.json` say what is true; a word or sentence that is not among the lines fails here by name.
"""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from lemma.reading.pointers import (
    Clause,
    Flagged,
    Label,
    Labels,
    OneSaid,
    Pointer,
    Pointers,
    Prose,
    Rows,
    Said,
    Sentence,
)
from lemma.reading.prompt import render_answer
from lemma.reading.reader import Answer, Request
from lemma.reading.schema import Field, Task
from lemma.reading.source import Line, Page, Source
from lemma.tasks import Sample
from lemma.tasks.builtin import FOLDER


@cache
def printed(task: str) -> dict[str, dict[str, list[Any]]]:
    """For each sample, the words that are printed for each cell."""
    text = (FOLDER / task / "samples" / "printed.json").read_text(encoding="utf-8")
    loaded: dict[str, dict[str, list[Any]]] = json.loads(text)
    return loaded


def answered(task: Task, sample: Sample, request: Request, row: int | None = None) -> Answer:
    """What a perfect model says; `row` is the row of the unit that the request shows."""
    names = [name.partition("(")[0] for name in request.messages[0]["content"].split("\n")[1].split(" ")]
    fields = _fields(task, names, unit=row is not None)
    shown = _Shown(request.messages[-1]["content"])
    at = "" if row is None else f"{next(f for f in task.fields if f.each).name}[{row}]."
    truth = _Truth(sample, shown, at)
    said = {field.name: each for field in fields if (each := truth.said(field)) is not None}
    return Answer(render_answer(Task(task.id, 1, "", "", tuple(fields)), shown.source, said), "stop")


def _fields(task: Task, names: Sequence[str], *, unit: bool) -> list[Field]:
    if unit:
        return [column for field in task.fields if field.each for column in field.asked]
    return [field for field in task.fields if field.name in names]


class _Shown:
    """The lines of a request: those of the document, and those of the passages after the empty line."""

    def __init__(self, text: str) -> None:
        document, *passages = text.split("\n\n")
        rows = [(part, row) for part, block in enumerate([document, *passages]) for row in block.splitlines()]
        found = [(part, row.partition(" ")) for part, row in rows if row]
        self.lines = [Line(int(number), part + 1, words) for part, (number, _, words) in found]
        pages = tuple(Page(part + 1, "passage" if part else "plain") for part in range(1 + len(passages)))
        by_id = {line.id: line for line in self.lines}
        all_lines = tuple(by_id.get(n, Line(n, 1, "")) for n in range(1, max(by_id) + 1))
        self.source = Source("text/plain", pages, all_lines)

    def pointer(self, said: str | Mapping[str, Any], path: str) -> Pointer:
        words, nth = (said, 1) if isinstance(said, str) else (said["words"], said["nth"])
        for line in self.lines:
            nth -= line.text.count(words)
            if nth <= 0 and line.page == 1:
                return Pointer(line.id, words)
        raise AssertionError(f"{path}: “{words}” is printed, but was not shown")

    def sentence(self, words: str, path: str) -> int:
        found = [line.id for line in self.lines if line.page > 1 and line.text == words]
        assert found, f"{path}: “{words}” is in no passage that was shown"
        return found[0]


class _Truth:
    def __init__(self, sample: Sample, shown: _Shown, at: str) -> None:
        assert sample.expected is not None
        self.expected = sample.expected
        self.printed = printed(sample.task)[sample.name]
        self.shown = shown
        self.at = at

    def said(self, field: Field) -> Said | None:
        if field.kind == "rows":
            return self.rows(field)
        path = f"{self.at}{field.name}"
        if field.several:
            names = [self.expected[key] for key in sorted(self.expected) if key.startswith(f"{path}[")]
            return Labels(tuple(names)) if names else None
        return self.one(field, path) if path in self.expected else None

    def rows(self, field: Field) -> Said | None:
        paths = [path for path in self.expected if path.startswith(f"{field.name}[")]
        rows: dict[int, dict[str, OneSaid]] = {}
        for path in paths:
            number, _, column = path.removeprefix(f"{field.name}[").partition("].")
            rows.setdefault(int(number), {})[column] = self.one(field.column(column), path)
        return Rows(tuple(rows[number] for number in sorted(rows))) if rows else None

    def one(self, field: Field, path: str) -> OneSaid:
        value, words = self.expected[path], self.printed[path]
        match field.kind:
            case "choice":
                return Label(value)
            case "flag":
                return Flagged(value, self.shown.pointer(words[0], path) if words else None)
            case "clause":
                ids = [self.shown.sentence(each, path) for each in words]
                return Clause(ids[0], ids[-1])
            case "text":
                sentences = [Sentence(w, (self.shown.sentence(w, path),), copied=True) for w in words]
                return Prose(tuple(sentences))
            case _:
                return Pointers((self.shown.pointer(words[0], path),))
