"""A perfect reader of the sample documents: it knows what is printed and points at it.

The words come from `printed.json`; where they stand is searched in what ingest made of the file, so a
sample that ingest cannot read, or a word that it loses, fails here by name.
"""

import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from lemma.ingest import ingest
from lemma.reading.pointers import Label, OneSaid, Pointer, Pointers, Rows, Said
from lemma.reading.prompt import visible_lines
from lemma.reading.schema import Field, Task
from lemma.reading.source import Line, Source
from lemma.tasks import Sample
from lemma.tasks.builtin import FOLDER

Printed = Mapping[str, Sequence[str]]
_PATH = re.compile(r"(\w+)\[(\d+)\]\.(\w+)")


@cache
def source_of(path: Path) -> Source:
    """What ingest makes of a file, once for each test process."""
    return ingest(path.read_bytes(), path.name).source


@cache
def printed(task: str) -> dict[str, dict[str, list[str]]]:
    """For each sample, the words that are printed for each cell."""
    text = (FOLDER / task / "samples" / "printed.json").read_text(encoding="utf-8")
    loaded: dict[str, dict[str, list[str]]] = json.loads(text)
    return loaded


def said(task: Task, sample: Sample) -> dict[str, Said]:
    """What a perfect answer says about a sample."""
    assert sample.expected is not None
    words, lines = printed(task.id)[sample.name], visible_lines(source_of(sample.path))
    answers: dict[str, Said] = {}
    for field in task.fields:
        if field.kind == "rows":
            rows = _rows(field, words, lines)
            if rows:
                answers[field.name] = Rows(tuple(rows))
        elif field.kind == "choice":
            if field.name in sample.expected:
                answers[field.name] = Label(sample.expected[field.name])
        elif field.name in words:
            answers[field.name] = point(words[field.name], lines, field.name)
    return answers


def point(runs: Sequence[str], lines: Sequence[Line], name: str) -> Pointers:
    """The runs in their order, each on the first line at or after the last one's that holds it."""
    found: list[Pointer] = []
    start = 0
    for run in runs:
        pointer, start = _find(run, lines, start) or _find(run, lines, 0) or _lost(run, name)
        found.append(pointer)
    return Pointers(tuple(found))


def _rows(field: Field, words: Printed, lines: Sequence[Line]) -> list[dict[str, OneSaid]]:
    """Each row on the first line after the last row's that holds all its single runs; its description may
    go on below."""
    asked: dict[int, dict[str, Sequence[str]]] = {}
    for path, runs in words.items():
        match = _PATH.fullmatch(path)
        if match and match[1] == field.name:
            asked.setdefault(int(match[2]), {})[match[3]] = runs
    rows: list[dict[str, OneSaid]] = []
    at = 0
    for index in sorted(asked):
        row = asked[index]
        at = max(range(at, len(lines)), key=lambda here: (_held(row, lines[here : here + 2]), -here))
        rows.append({name: point(runs, lines[at:], f"{field.name}.{name}") for name, runs in row.items()})
        at += 1
    return rows


def _held(row: Mapping[str, Sequence[str]], lines: Sequence[Line]) -> int:
    """How many of a row's first runs stand on the first of these lines, twice, or on the next."""
    first = sum(_find(runs[0], lines[:1], 0) is not None for runs in row.values())
    both = sum(_find(runs[0], lines, 0) is not None for runs in row.values())
    return 2 * first + both


def _find(run: str, lines: Sequence[Line], start: int) -> tuple[Pointer, int] | None:
    """Where a run of words stands by itself: not inside a longer number or word."""
    words = r"\s+".join(re.escape(word) for word in run.split())
    before = r"(?<![\w.,-])" if run[0].isalnum() else r"(?<!\w)"
    pattern = re.compile(rf"{before}{words}(?![\w]|[.,]\d)")
    for index in range(start, len(lines)):
        match = pattern.search(lines[index].text)
        if match:
            return Pointer(lines[index].id, match.group()), index
    return None


def _lost(run: str, name: str) -> tuple[Pointer, int]:
    raise AssertionError(f"{name}: “{run}” is printed, but stands on no line of the source")
