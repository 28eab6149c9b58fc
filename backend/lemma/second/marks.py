"""From marked words to values: runs of words of one kind, the likeliest for a field, and rows of a table."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lemma.reading.cells import HeardRow
from lemma.reading.normalise.identifiers import CHECKERS
from lemma.reading.pointers import Clause, OneSaid, Pointer, Pointers
from lemma.reading.schema import Field
from lemma.reading.source import Line
from lemma.second.features import Described, describe
from lemma.second.marker import Floats, Marker

LIKELY = 0.2
"""From this probability on a word counts to a field's value, if no other field is likelier. Most words are
nothing, and a value that every such document has is often the likeliest thing among unlikely ones."""
LIKELY_IN_ROWS = 0.4
"""The same for the columns of tables, of which a document may have none."""
LIKELY_LINE = 0.2
"""A line belongs to a clause if the mean of its words' probabilities is at least this."""
WINDOW_LINES = 120
"""Long prose is marked in parts, as it was learned."""
_SUM = re.compile(r"[-+(]?\d(?:[\d.,'’ ]*\d)?\)?-?")
_EDGES = " ,;:#|*=\"'"
NEAR_LINES = 2


@dataclass(frozen=True, slots=True)
class Run:
    """Words of one line that are marked as one thing. `sure` is the mean of their probabilities."""

    row: int
    line: int
    start: int
    text: str
    sure: float

    @property
    def pointer(self) -> Pointer:
        return Pointer(self.line, self.text)


@dataclass(frozen=True, slots=True)
class Marked:
    """A value with how sure the marker is of it."""

    said: OneSaid
    sure: float


class Marks:
    """What the marker makes of the lines of a document."""

    def __init__(self, marker: Marker, lines: Sequence[Line], *, prose: bool = False) -> None:
        """`prose` is whether the task asks for clauses: its documents are long, and are marked in parts."""
        self._marker = marker
        self._lines = {line.id: line for line in lines}
        self._shown: list[Line] = []
        self._words: list[Described] = []
        parts: list[Floats] = []
        for window in _windows([line for line in lines if line.text], WINDOW_LINES if prose else None):
            words = describe(window, first_row=len(self._shown))
            self._shown += window
            self._words += words
            if words:
                parts.append(marker.probabilities(words))
        self._likely = np.concatenate(parts) if parts else None

    def knows(self, path: str) -> bool:
        """Whether the marker was fitted for this field or column."""
        return path in self._marker.classes

    def value(self, field: Field) -> Marked | None:
        """The likeliest value of a field that is not a table."""
        if field.kind == "clause":
            clauses = sorted(self._clauses(field.name), key=lambda each: -each.sure)
            return clauses[0] if clauses else None
        runs = sorted(self._runs(field, field.name), key=lambda run: (-round(run.sure, 2), run.row))
        if not runs:
            return None
        own = _together(runs[0], runs, field.pointers)
        return Marked(Pointers(tuple(run.pointer for run in own)), runs[0].sure)

    def table(self, table: Field) -> list[HeardRow]:
        """The rows of a table: a line with numbers begins one, lines of words alone go on with it."""
        columns = [c for c in table.columns if self.knows(f"{table.name}.{c.name}")]
        if any(column.kind == "clause" for column in columns):
            return list(self._clause_table(table, columns))
        found = {c.name: list(self._runs(c, f"{table.name}.{c.name}")) for c in columns}
        numeric = {c.name for c in columns if c.kind in {"amount", "number"}}
        if not numeric:
            return []  # Nothing tells where a row begins: names alone came out as ten parties for one.
        begins = sorted({run.row for name in numeric for run in found[name]})
        rows: list[dict[str, list[Run]]] = [{} for _ in begins]
        for name, runs in found.items():
            for run in runs:
                at = _row_of(run.row, begins, goes_on=name not in numeric)
                if at is not None:
                    rows[at].setdefault(name, []).append(run)
        return [heard for row in rows if (heard := _heard(table, row)) is not None]

    def _clause_table(self, table: Field, columns: Sequence[Field]) -> Iterator[HeardRow]:
        """A row for each clause, with the likeliest words on its lines for each of the other columns."""
        whole = next(column for column in columns if column.kind == "clause")
        for marked in self._clauses(f"{table.name}.{whole.name}"):
            assert isinstance(marked.said, Clause)  # noqa: S101  (what `_clauses` gives)
            said: dict[str, OneSaid] = {whole.name: marked.said}
            signals: dict[str, dict[str, object]] = {
                whole.name: {"by": "marks", "probability": round(marked.sure, 4)}
            }
            for column in columns:
                own = [
                    run
                    for run in (() if column is whole else self._runs(column, f"{table.name}.{column.name}"))
                    if marked.said.first <= run.line <= marked.said.last
                ]
                if own:
                    best = max(own, key=lambda run: run.sure)
                    said[column.name] = Pointers((best.pointer,))
                    signals[column.name] = {"by": "marks", "probability": round(best.sure, 4)}
            yield HeardRow(said, signals)

    def _clauses(self, path: str) -> Iterator[Marked]:
        """Neighbouring lines whose words are, on the whole, marked as this clause."""
        if self._likely is None or not self.knows(path):
            return
        number = self._marker.classes.index(path)
        rows: dict[int, list[float]] = {}
        for at, word in enumerate(self._words):
            rows.setdefault(word.row, []).append(float(self._likely[at, number]))
        means = {row: sum(likely) / len(likely) for row, likely in rows.items()}
        open_: list[int] = []
        for row in range(len(self._shown) + 1):
            if means.get(row, 0.0) >= LIKELY_LINE:
                open_.append(row)
            elif open_:
                first, last = (self._shown[at].id for at in (open_[0], open_[-1]))
                yield Marked(Clause(first, last), max(means[at] for at in open_))
                open_ = []

    def _runs(self, field: Field, path: str) -> Iterator[Run]:
        """Neighbouring words of a cell that are likelier this than anything else."""
        if self._likely is None or not self.knows(path):
            return
        number = self._marker.classes.index(path)
        best = self._likely[:, 1:].argmax(axis=1) + 1  # The likeliest that is not nothing.
        enough = LIKELY_IN_ROWS if "." in path else LIKELY
        open_: list[int] = []
        for at, word in enumerate(self._words):
            fits = best[at] == number and self._likely[at, number] >= enough
            last = self._words[open_[-1]] if open_ else None
            if open_ and (not fits or last is None or (last.row, last.cell) != (word.row, word.cell)):
                yield from self._run(field, open_, number)
                open_ = []
            if fits:
                open_.append(at)
        if open_:
            yield from self._run(field, open_, number)

    def _run(self, field: Field, words: Sequence[int], number: int) -> Iterator[Run]:
        likely = self._likely
        assert likely is not None  # noqa: S101  (there are words, so there are probabilities)
        first, last = self._words[words[0]], self._words[words[-1]]
        text = self._lines[first.line].text[first.piece.start : last.piece.end]
        span = trimmed(field, text)
        if span is not None and not _refuted(field, text[span[0] : span[1]]):
            start = first.piece.start + span[0]
            sure = float(likely[list(words), number].mean())
            yield Run(first.row, first.line, start, text[span[0] : span[1]], sure)


def _windows(lines: Sequence[Line], most: int | None) -> Iterator[list[Line]]:
    """Parts of about equal length, of at most so many lines."""
    parts = 1 if most is None else max(1, -(-len(lines) // most))
    size = -(-len(lines) // parts)
    for start in range(0, len(lines), max(1, size)):
        yield list(lines[start : start + size])


def trimmed(field: Field, text: str) -> tuple[int, int] | None:
    """The part of a run that is the value: a number without its currency, words without their commas."""
    if field.kind in {"amount", "number"}:
        match = _SUM.search(text)
        return None if match is None else match.span()
    start = len(text) - len(text.lstrip(_EDGES))
    end = len(text.rstrip(_EDGES))
    if field.kind != "quote" and text[start:end].endswith((".", ")")) and "(" not in text:
        end -= 1
    return (start, end) if start < end else None


def _refuted(field: Field, text: str) -> bool:
    """Whether check digits say that this cannot be what it is marked as."""
    return field.checker is not None and CHECKERS[field.checker](text).valid is False


def _together(run: Run, runs: Sequence[Run], most: int) -> list[Run]:
    """The run with those of its kind on the lines about it, such as those of an address, in reading order."""
    own = [run]
    for other in sorted(runs, key=lambda each: abs(each.row - run.row)):
        near = any(0 <= abs(other.row - each.row) <= NEAR_LINES for each in own)
        if other not in own and near and len(own) < most:
            own.append(other)
    return sorted(own, key=lambda each: (each.row, each.start))


def _row_of(row: int, begins: Sequence[int], *, goes_on: bool) -> int | None:
    """The table row that a line belongs to: the one that begins on it, or the last one before it."""
    if row in begins:
        return begins.index(row)
    if not goes_on:
        return None
    before = [at for at, begin in enumerate(begins) if begin < row and row - begin <= 2 * NEAR_LINES]
    return before[-1] if before else None


def _heard(table: Field, row: Mapping[str, Sequence[Run]]) -> HeardRow | None:
    said: dict[str, OneSaid] = {}
    signals: dict[str, dict[str, object]] = {}
    for column in table.columns:
        runs = row.get(column.name, ())
        if column.pointers == 1:
            runs = sorted(runs, key=lambda run: -run.sure)[:1]
        if runs:
            kept = sorted(runs, key=lambda run: (run.row, run.start))[: column.pointers]
            said[column.name] = Pointers(tuple(run.pointer for run in kept))
            signals[column.name] = {"by": "marks", "probability": round(min(r.sure for r in kept), 4)}
    return HeardRow(said, signals) if said else None
