"""A perfect reader of contracts and meetings: it points at the words and lines that are marked as true.

`printed.json` holds for each cell the words, with which occurrence of them where it is not the first, or
the whole text of a clause. The lines are those that ingest made: text that it loses fails here by name.
"""

import json
import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from lemma.reading.pointers import Clause, OneSaid, Pointer, Pointers, Rows, Said
from lemma.reading.prompt import visible_lines
from lemma.reading.schema import Field, Task
from lemma.reading.source import Line
from lemma.tasks import Sample
from lemma.tasks.builtin import FOLDER
from tests.unit.tasks.oracle import source_of

_PATH = re.compile(r"(\w+)\[(\d+)\]\.(\w+)")


class _Text:
    """The lines as one text, in which a place is a line again."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.lines = [line for line in lines if line.text]
        self.starts: list[int] = []
        self.text = ""
        for line in self.lines:
            self.starts.append(len(self.text))
            self.text += line.text + " "

    def line_at(self, place: int) -> Line:
        return self.lines[bisect_right(self.starts, place) - 1]

    def find(self, words: str, nth: int, name: str) -> int:
        at = -1
        for _ in range(nth):
            at = self.text.find(words, at + 1)
            assert at >= 0, f"{name}: “{words}” is printed, but does not stand in the source"
        return at

    def pointer(self, printed: str | Mapping[str, Any], name: str) -> Pointers:
        words, nth = (printed, 1) if isinstance(printed, str) else (printed["words"], printed["nth"])
        return Pointers((Pointer(self.line_at(self.find(words, nth, name)).id, words),))

    def clause(self, words: str, name: str) -> Clause:
        at = self.find(words, 1, name)
        assert at in self.starts, f"{name} does not begin its line"
        return Clause(self.line_at(at).id, self.line_at(at + len(words) - 1).id)


@cache
def _printed(task: str) -> dict[str, dict[str, list[Any]]]:
    text = (FOLDER / task / "samples" / "printed.json").read_text(encoding="utf-8")
    loaded: dict[str, dict[str, list[Any]]] = json.loads(text)
    return loaded


def said(task: Task, sample: Sample) -> dict[str, Said]:
    """What a perfect answer says about a sample."""
    printed, text = _printed(task.id)[sample.name], _Text(visible_lines(source_of(sample.path)))
    answers: dict[str, Said] = {}
    rows: dict[str, dict[int, dict[str, OneSaid]]] = {}
    for path, words in printed.items():
        if match := _PATH.fullmatch(path):
            column = task.field(f"{match[1]}.{match[3]}")
            rows.setdefault(match[1], {}).setdefault(int(match[2]), {})[match[3]] = _one(
                column, text, words[0], path
            )
        else:
            answers[path] = _one(task.field(path), text, words[0], path)
    for name, numbered in rows.items():
        answers[name] = Rows(tuple(_in_order(task.field(name), numbered[n]) for n in sorted(numbered)))
    return answers


def _one(field: Field, text: _Text, words: Any, name: str) -> OneSaid:
    return text.clause(words, name) if field.kind == "clause" else text.pointer(words, name)


def _in_order(field: Field, row: Mapping[str, OneSaid]) -> dict[str, OneSaid]:
    return {column.name: row[column.name] for column in field.columns if column.name in row}
