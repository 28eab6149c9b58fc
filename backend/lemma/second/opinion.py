"""What the second reading makes of the cells of the first: it agrees, it speaks where nothing was said, or it
differs.

Whose answer counts is written down here, in `decide`. The starter model (prompt style `compact`) is small,
and the marker is surer of much that it sees; any other model's answer stands, and the second reading is kept
beside it as a signal for later calibration.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from lemma.reading.cell import Cell
from lemma.reading.cells import CellMaker, Heard, whole
from lemma.reading.normalise.values import document_style
from lemma.reading.pointers import Label
from lemma.reading.prompt import Style, visible_lines
from lemma.reading.schema import Field, Option, Task
from lemma.reading.serialise import value_json
from lemma.reading.source import Line, Source
from lemma.second.marker import load_marker
from lemma.second.marks import Marked, Marks

Say = Callable[[Task, Source, Sequence[Cell]], Sequence[Cell]]
"""Cells of a reading to the cells that count."""

SURE = 0.5
"""From this probability on the marker's value counts more than a small model's different one."""
SURE_ALONE = 0.35
"""From this probability on it counts where the small model says that there is none."""
SURE_IN_PROSE = 0.6
"""The same where clauses are asked for. Of prose the marker knows less: it overrides nothing."""


def decide(
    first: Cell, second: Cell | None, sure: float, style: Style, *, prose: bool = False
) -> Literal["first", "second"]:
    """Whose answer counts for one field. `sure` is the marker's probability of the second; `prose` is whether
    the document is such that clauses are asked of it."""
    if style != "compact" or second is None or second.value is None or "xml" in first.signals:
        return "first"
    if first.value is None:
        return "second" if sure >= (SURE_IN_PROSE if prose else SURE_ALONE) else "first"
    return "second" if sure >= SURE and not prose else "first"


def second_opinion(style: Style) -> Say:
    """What the second reading makes of the cells that a model of this prompt style said."""

    def say(task: Task, source: Source, cells: Sequence[Cell]) -> Sequence[Cell]:
        weights = Path(__file__).with_name(f"{task.id}.npz")
        if not weights.exists():
            return cells
        prose = any(field.kind == "clause" for _, field in task.all_fields())
        marks = Marks(load_marker(weights), visible_lines(source), prose=prose)
        return _Second(task, source, marks, style, prose=prose).over(cells)

    return say


# The log-probability of a label, one in ten, below which it is a guess.
GUESS = -2.3


class _Second:
    """The second reading of one document."""

    def __init__(self, task: Task, source: Source, marks: Marks, style: Style, *, prose: bool) -> None:
        lines = visible_lines(source)
        self._task = task
        self._marks = marks
        self._style = style
        self._prose = prose
        self._maker = CellMaker(source, lines, document_style(line.text for line in lines))

    def over(self, cells: Sequence[Cell]) -> list[Cell]:
        made: list[Cell] = []
        for field in self._task.fields:
            pattern = re.compile(rf"{re.escape(field.name)}(\[\d+\].*)?")
            own = [cell for cell in cells if pattern.fullmatch(cell.path)]
            made += self._table(field, own) if field.kind == "rows" else self._field(field, own)
        return made

    def _field(self, field: Field, own: Sequence[Cell]) -> Sequence[Cell]:
        if len(own) == 1 and field.kind == "choice":
            return [self._choice(field, own[0])]
        if len(own) != 1 or not self._marks.knows(field.name):
            return own
        (first,) = own
        marked = self._marks.value(field)
        second = None if marked is None else self._cell(field, marked)
        sure = 0.0 if marked is None else round(marked.sure, 4)
        agree = second is not None and _same(field, first, second)
        if not agree and decide(first, second, sure, self._style, prose=self._prose) == "second":
            assert second is not None  # noqa: S101  (decide gives "second" only where there is one)
            other = {"by": "model", "value": value_json(first.value), **_said(first)}
            signals = {**second.signals, "by": "marks", "probability": sure, "second": other, "agree": False}
            return [replace(second, signals=signals)]
        told: dict[str, Any] = {"by": "marks", "probability": sure}
        told["value"] = None if second is None else value_json(second.value)
        return [replace(first, signals={**first.signals, "second": told, "agree": agree})]

    def _choice(self, field: Field, first: Cell) -> Cell:
        """Where a small model names no label, or guesses one that the document does not print: the one whose
        words it prints most often."""
        if self._style != "compact" or "xml" in first.signals:
            return first
        if first.value is not None and not self._guessed(field, first):
            return first
        named = [(count, option) for option in field.options if (count := _times(option, self._maker.lines))]
        if not named:
            return first
        _, option = max(named, key=lambda each: each[0])
        cell = self._maker.one(field, Heard(Label(option.name)))
        said = {"by": "model", "value": first.value, **_said(first)}
        return replace(cell, signals={**cell.signals, "by": "words", "second": said})

    def _guessed(self, field: Field, first: Cell) -> bool:
        """Whether the model hardly believed in a label itself, and no word of it is printed."""
        option = field.option(str(first.value))
        printed = option is None or not option.words or _times(option, self._maker.lines)
        return not printed and first.signals.get("logprob", 0.0) < GUESS

    def _cell(self, field: Field, marked: Marked) -> Cell:
        return self._maker.one(field, Heard(marked.said))

    def _table(self, field: Field, own: Sequence[Cell]) -> Sequence[Cell]:
        """The rows of one reading as a whole: rows of two readings are not mixed."""
        known = any(self._marks.knows(f"{field.name}.{column.name}") for column in field.columns)
        exact = any("xml" in cell.signals for cell in own)
        if not known or exact or self._style != "compact":
            return own
        rows = self._marks.table(field)
        if not rows:
            return own
        return self._maker.table(field, rows)


def _same(field: Field, first: Cell, second: Cell) -> bool:
    """Whether two readings say the same: the same value, or clauses that share a line."""
    if field.kind == "clause":
        return bool({each.line for each in first.evidence} & {each.line for each in second.evidence})
    return first.value is not None and first.value == second.value


def _times(option: Option, lines: Sequence[Line]) -> int:
    """How many lines print a word of an option, whole."""
    pattern = re.compile("|".join(map(whole, option.words)), re.IGNORECASE)
    return sum(bool(pattern.search(line.text)) for line in lines) if option.words else 0


def _said(cell: Cell) -> dict[str, Any]:
    return {"logprob": cell.signals["logprob"]} if "logprob" in cell.signals else {}
