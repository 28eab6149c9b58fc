"""From marked words to values: runs of words of one kind, the likeliest for a field, and rows of a table."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lemma.reading.cells import HeardRow
from lemma.reading.pointers import OneSaid, Pointer, Pointers
from lemma.reading.schema import Field
from lemma.reading.source import Line
from lemma.second.features import describe
from lemma.second.marker import Marker

LIKELY = 0.3
"""A word counts to a run from this probability on; what is surer of something else does not."""
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

    def __init__(self, marker: Marker, lines: Sequence[Line]) -> None:
        self._marker = marker
        self._lines = {line.id: line for line in lines}
        shown = [line for line in lines if line.text]
        self._words = describe(shown)
        self._likely = marker.probabilities(self._words) if self._words else None

    def knows(self, path: str) -> bool:
        """Whether the marker was fitted for this field or column."""
        return path in self._marker.classes

    def value(self, field: Field) -> Marked | None:
        """The likeliest value of a field that is not a table."""
        runs = sorted(self._runs(field, field.name), key=lambda run: (-round(run.sure, 2), run.row))
        if not runs:
            return None
        own = _together(runs[0], runs, field.pointers)
        return Marked(Pointers(tuple(run.pointer for run in own)), runs[0].sure)

    def table(self, table: Field) -> list[HeardRow]:
        """The rows of a table: a line with numbers begins one, lines of words alone go on with it."""
        columns = [c for c in table.columns if self.knows(f"{table.name}.{c.name}")]
        found = {c.name: list(self._runs(c, f"{table.name}.{c.name}")) for c in columns}
        numeric = {c.name for c in columns if c.kind in {"amount", "number"}}
        begins = sorted({run.row for name in numeric for run in found[name]})
        rows: list[dict[str, list[Run]]] = [{} for _ in begins]
        for name, runs in found.items():
            for run in runs:
                at = _row_of(run.row, begins, goes_on=name not in numeric)
                if at is not None:
                    rows[at].setdefault(name, []).append(run)
        return [heard for row in rows if (heard := _heard(table, row)) is not None]

    def _runs(self, field: Field, path: str) -> Iterator[Run]:
        """Neighbouring words of a cell that are likelier this than anything else."""
        if self._likely is None or not self.knows(path):
            return
        number = self._marker.classes.index(path)
        best = self._likely.argmax(axis=1)
        open_: list[int] = []
        for at, word in enumerate(self._words):
            fits = best[at] == number and self._likely[at, number] >= LIKELY
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
        if span is not None:
            start = first.piece.start + span[0]
            sure = float(likely[list(words), number].mean())
            yield Run(first.row, first.line, start, text[span[0] : span[1]], sure)


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
