"""What an answer says, to cells: places, typed values, statuses, and the reasons for them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from lemma.reading.align import Place, Used, column_middles, lines_of, place, pointers_of, span, whole_line
from lemma.reading.cell import Cell, Evidence, Status, Value
from lemma.reading.normalise.values import DocumentStyle, normalise
from lemma.reading.pointers import (
    Clause,
    Flagged,
    Label,
    Labels,
    OneSaid,
    Pointer,
    Pointers,
    Prose,
    Row,
    Sentence,
    Unreadable,
)
from lemma.reading.schema.model import Field
from lemma.reading.source import Line, Source

Signals = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Heard:
    """What was said of one field, or that it is absent, with what the tokens said of that."""

    said: OneSaid | None
    signals: Signals = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HeardRow:
    """A row with the signals of each of its columns."""

    row: Row
    signals: Mapping[str, Signals] = field(default_factory=dict)


class CellMaker:
    """Makes cells of a source. Keeps the document's style, which is seen once from all its lines."""

    def __init__(self, source: Source, lines: Sequence[Line], style: DocumentStyle) -> None:
        """`lines` are those of the document that a model is shown, without passages."""
        self.source = source
        self.lines = lines
        self.style = style
        self.hidden = {page.number for page in source.pages if page.kind == "xml"}

    def one(self, asked: Field, heard: Heard) -> Cell:
        """The cell of a field that is not a table."""
        return self._cell(asked, asked.name, heard, set(), None, self.lines)

    def labels(self, asked: Field, labels: Sequence[Heard]) -> list[Cell]:
        """A cell for each label that holds; one absent cell where none does."""
        if not any(heard.said for heard in labels):
            signals = dict(labels[0].signals) if labels else {}
            return [Cell(asked.name, None, None, Status.ABSENT, signals=signals)]
        return [
            self._cell(asked, f"{asked.name}[{index}]", heard, set(), None, self.lines)
            for index, heard in enumerate(labels)
        ]

    def unit(self, asked: Field, index: int, heard: HeardRow, lines: Sequence[Line]) -> list[Cell]:
        """The row of a unit: a cell for each column, said or given. `lines` are the unit's own."""
        used: Used = set()
        cells: list[Cell] = []
        for column in asked.columns:
            path = f"{asked.name}[{index}].{column.name}"
            if column.given:
                cells.append(self._with(path, *self._given(lines), {}, None))
                continue
            said = Heard(heard.row.get(column.name), heard.signals.get(column.name, {}))
            cells.append(self._cell(column, path, said, used, None, lines))
        return cells

    def _given(self, lines: Sequence[Line]) -> tuple[Value, Status, list[Place]]:
        places = [whole_line(line) for line in lines]
        return self._raw([place.evidence for place in places]), Status.FOUND, places

    def table(self, asked: Field, rows: Sequence[HeardRow]) -> list[Cell]:
        """A cell for each column of each row; one absent cell where there are no rows."""
        if not rows:
            return [Cell(asked.name, None, None, Status.ABSENT)]
        middles = column_middles(self.source, [heard.row for heard in rows])
        cells: list[Cell] = []
        for index, heard in enumerate(rows):
            cells.extend(self._row(asked, index, heard, middles))
        return cells

    def _row(self, asked: Field, index: int, heard: HeardRow, middles: Mapping[str, float]) -> list[Cell]:
        """The cells of a row, in the order of the columns. Runs without a choice take their places first."""
        used: Used = set()
        own = [self.source.line(number) for number in sorted(row_lines(heard.row))]
        cells: dict[str, Cell] = {}
        for column in sorted(asked.columns, key=lambda column: self._choices(heard.row.get(column.name))):
            path = f"{asked.name}[{index}].{column.name}"
            said = Heard(heard.row.get(column.name), heard.signals.get(column.name, {}))
            cells[column.name] = self._cell(column, path, said, used, middles.get(column.name), own)
        return [cells[column.name] for column in asked.columns]

    def _choices(self, said: OneSaid | None) -> int:
        if said is None:
            return 0
        return max((place(self.source, run, set()).choices for run in pointers_of(said)), default=0)

    def _cell(  # noqa: PLR0911  (one return for each kind of answer)
        self, asked: Field, path: str, heard: Heard, used: Used, near: float | None, own: Sequence[Line]
    ) -> Cell:
        signals = dict(heard.signals)
        match heard.said:
            case None:
                return Cell(path, None, None, Status.ABSENT, signals=signals)
            case Pointers(runs):
                return self._pointed(asked, path, [place(self.source, r, used, near) for r in runs], signals)
            case Unreadable(number):
                reason = f"It stands on line {number}, but could not be read."
                line = whole_line(self.source.line(number))
                return self._with(path, None, Status.UNREADABLE, [line], signals, reason)
            case Label(name):
                return self._label(asked, path, name, signals, own)
            case Labels(_):
                raise ValueError("several labels are a cell each")
            case Flagged(value, at):
                return self._flag(path, value, at, used, signals)
            case Clause(first, last):
                return self._clause(path, first, last, signals)
            case Prose(_):
                return self._prose(path, heard.said, signals)

    # One kind each -----------------------------------------------------------------------------

    def _pointed(self, asked: Field, path: str, places: list[Place], signals: dict[str, Any]) -> Cell:
        raw = self._raw([found.evidence for found in places])
        outcome = normalise(asked, raw, self.style)
        signals |= {"match": "exact", "choices": max(found.choices for found in places), **outcome.signals}
        if any(found.shared for found in places):
            signals["shared"] = True  # A price that stands on the words of the quantity is doubtful.
        return self._with(path, outcome.value, outcome.status, places, signals, outcome.reason)

    def _label(
        self, asked: Field, path: str, name: str, signals: dict[str, Any], own: Sequence[Line]
    ) -> Cell:
        found = find_words(asked, name, own)
        if found is None:
            reason = "The choice rests on the document as a whole, not on particular words."
            return Cell(path, name, None, Status.DERIVED, signals=signals, reason=reason)
        place_, shared = found
        if shared:
            reason = "The words stand for more than one of the choices."
            return self._with(path, name, Status.DERIVED, [place_], signals, reason)
        return self._with(path, name, Status.FOUND, [place_], signals, None)

    def _flag(self, path: str, value: bool, at: Pointer | None, used: Used, signals: dict[str, Any]) -> Cell:
        if at is None:
            reason = "The answer rests on the document as a whole, not on particular words."
            return Cell(path, value, None, Status.DERIVED, signals=signals, reason=reason)
        return self._with(path, value, Status.FOUND, [place(self.source, at, used)], signals, None)

    def _clause(self, path: str, first: int, last: int, signals: dict[str, Any]) -> Cell:
        if first > last:
            reason = f"The answer runs backwards, from line {first} to line {last}."
            ends = [whole_line(self.source.line(number)) for number in (first, last)]
            return self._with(path, None, Status.UNREADABLE, ends, signals, reason)
        lines = [self.source.line(number) for number in range(first, last + 1)]
        places = [whole_line(line) for line in lines if line.text and line.page not in self.hidden]
        return self._with(path, self._raw([p.evidence for p in places]), Status.FOUND, places, signals, None)

    def _prose(self, path: str, prose: Prose, signals: dict[str, Any]) -> Cell:
        cited = sorted({number for sentence in prose.sentences for number in sentence.lines})
        places = [whole_line(self.source.line(number)) for number in cited]
        signals["generated"] = not all(sentence.copied for sentence in prose.sentences)
        signals["sentences"] = [_sentence(sentence) for sentence in prose.sentences]
        text = " ".join(sentence.text for sentence in prose.sentences)
        return self._with(path, text, Status.DERIVED, places, signals, _prose_reason(prose))

    # Shared ------------------------------------------------------------------------------------

    def _with(
        self,
        path: str,
        value: Value,
        status: Status,
        places: Sequence[Place],
        signals: dict[str, Any],
        reason: str | None,
    ) -> Cell:
        evidence = tuple(found.evidence for found in places)
        seen = [found.confidence for found in places if found.confidence is not None]
        if seen:
            signals["ocr_confidence"] = min(seen)
        return Cell(path, value, self._raw(evidence) or None, status, evidence, signals, reason)

    def _raw(self, evidence: Sequence[Evidence]) -> str:
        return " ".join(self.source.line(e.line).text[e.start : e.end] for e in evidence)


def _sentence(sentence: Sentence) -> dict[str, Any]:
    return {
        "text": sentence.text,
        "lines": list(sentence.lines),
        "supported": bool(sentence.lines),
        "copied": sentence.copied,
    }


def _prose_reason(prose: Prose) -> str:
    if all(sentence.copied for sentence in prose.sentences):
        return "Put together from whole sentences of the passages that it cites."
    alone = sum(not sentence.lines for sentence in prose.sentences)
    if alone:
        return f"Generated text; {alone} of {len(prose.sentences)} sentences cite no line."
    return "Generated text, with the lines that it cites."


def unanswered(asked: Field, cell: Cell) -> Cell:
    """A cell that nobody was asked for, with the reason: absent, or the blank label that its choice has."""
    reason = "No passage of the material has words in common with it."
    blank = next((option.name for option in asked.options if option.blank), None)
    if blank is not None:
        return replace(cell, value=blank, status=Status.DERIVED, reason=reason)
    return replace(cell, reason=reason)


def row_lines(row: Row) -> set[int]:
    """The ids of the lines on which the values of a row stand."""
    return {line for said in row.values() for line in lines_of(said)}


_LETTER = r"[^\W\d_]"


def find_words(asked: Field, name: str, lines: Sequence[Line]) -> tuple[Place, bool] | None:
    """The first place of one of the option's words, whole and in any case, and whether these words stand
    for other options too, as $ does. Words of its own come first."""
    option = asked.option(name)
    if option is None or not option.words:
        return None
    others = {word.casefold() for other in asked.options if other is not option for word in other.words}
    own = [word for word in option.words if word.casefold() not in others]
    for words, shared in ((own, False), (option.words, True)):
        if not words:
            continue
        # Of words that begin at one place the longest counts: "credit note" before "credit".
        pattern = re.compile("|".join(map(whole, sorted(words, key=len, reverse=True))), re.IGNORECASE)
        for line in lines:
            if match := pattern.search(line.text):
                return span(line, match.start(), match.end()), shared
    return None


def whole(word: str) -> str:
    """A pattern for a word that does not go on in letters: `EUR` stands in "EUR5" and not in "Europe"."""
    before = rf"(?<!{_LETTER})" if word[:1].isalpha() else ""
    after = rf"(?!{_LETTER})" if word[-1:].isalpha() else ""
    return before + re.escape(word) + after
