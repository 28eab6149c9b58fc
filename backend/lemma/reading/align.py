"""Pointers to places: character spans of lines, and the boxes of their words, by arithmetic alone.

A run of words may stand in its line more than once: `2   2,00   2,00`. Which one was meant is chosen by,
in this order: whole words before parts of words; a place that no other value of the same row or field
uses; within a table, the place nearest to where this column stands in rows that leave no choice; else
the leftmost.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median

from lemma.reading.cell import Evidence
from lemma.reading.grammar.chunks import occurrences
from lemma.reading.pointers import Clause, Flagged, OneSaid, Pointer, Pointers, Row, Unreadable
from lemma.reading.source import Box, Line, Source, Word


@dataclass(frozen=True, slots=True)
class Place:
    """Evidence, with how many places of its line it could have been, the least OCR confidence of its
    words, and whether another value of the same row or field already rests on this very place."""

    evidence: Evidence
    choices: int
    confidence: float | None
    shared: bool = False


Used = set[tuple[int, int]]
"""The places that values of a row have taken: line and start."""


def whole_line(line: Line) -> Place:
    """The whole of a line, as a clause or an unreadable value rests on it."""
    return span(line, 0, len(line.text))


def place(source: Source, pointer: Pointer, used: Used, near: float | None = None) -> Place:
    """Where the pointer's words stand; marks the place as used.

    `near` is where the column usually stands (see `middle`). Raises ValueError where the words do not
    stand in the line: decoding has excluded that.
    """
    line = source.line(pointer.line)
    starts = _starts(line, pointer)
    size = len(pointer.text)

    def rank(start: int) -> tuple[bool, bool, float, int]:
        end = start + size
        inside = (start > 0 and line.text[start - 1] != " ") or (
            end < len(line.text) and line.text[end] != " "
        )
        distance = 0.0 if near is None else abs(middle(line, start, end) - near)
        return inside, (line.id, start) in used, distance, start

    start = min(starts, key=rank)
    shared = (line.id, start) in used
    used.add((line.id, start))
    return replace(span(line, start, start + size, len(starts)), shared=shared)


def _starts(line: Line, pointer: Pointer) -> list[int]:
    """The places that the grammar can have meant. A line that was shown in slices may have been cut
    inside a piece; there any place where the words stand will do."""
    starts = occurrences(line.text, pointer.text)
    if not starts and pointer.text:
        starts = [at for at in [line.text.find(pointer.text)] if at >= 0]
    if not starts:
        raise ValueError(f"line {pointer.line} does not hold the words")
    return starts


def middle(line: Line, start: int, end: int) -> float:
    """Where a run stands across its page: a fraction of the width, or of 200 columns of plain text."""
    boxes = _boxes(line, start, end)
    if boxes:
        return (min(box.x0 for box in boxes) + max(box.x1 for box in boxes)) / 2
    return (start + end) / 2 / 200


def column_middles(source: Source, rows: Sequence[Row]) -> Mapping[str, float]:
    """For each column, the median place of the runs that leave no choice."""
    seen: dict[str, list[float]] = {}
    for row in rows:
        for name, said in row.items():
            for pointer in pointers_of(said):
                line = source.line(pointer.line)
                starts = _starts(line, pointer)
                if len(starts) == 1:
                    at = middle(line, starts[0], starts[0] + len(pointer.text))
                    seen.setdefault(name, []).append(at)
    return {name: median(places) for name, places in seen.items()}


def pointers_of(said: OneSaid) -> tuple[Pointer, ...]:
    """The runs of words that a value rests on."""
    match said:
        case Pointers(runs):
            return runs
        case Flagged(_, at) if at is not None:
            return (at,)
        case _:
            return ()


def lines_of(said: OneSaid) -> set[int]:
    """The ids of the lines that a value names: of its words, or all from a clause's first to its last."""
    match said:
        case Clause(first, last):
            return set(range(first, last + 1))
        case Unreadable(line):
            return {line}
        case _:
            return {pointer.line for pointer in pointers_of(said)}


def span(line: Line, start: int, end: int, choices: int = 1) -> Place:
    """The place from `start` to `end` of a line, with its boxes and its least OCR confidence."""
    evidence = Evidence(line.page, line.id, start, end, _boxes(line, start, end))
    seen = [
        word.confidence
        for word in line.words
        if word.start < end and word.end > start and word.confidence is not None
    ]
    return Place(evidence, choices, min(seen, default=None))


def _boxes(line: Line, start: int, end: int) -> tuple[Box, ...]:
    """A box for each word that the span touches, cut to the part that it covers."""
    return tuple(
        _part(line, word, word.box, max(start, word.start), min(end, word.end))
        for word in line.words
        if word.box is not None and word.start < end and word.end > start
    )


def _part(line: Line, word: Word, box: Box, start: int, end: int) -> Box:
    """The share of a word's box that some of its characters take, as if all were equally wide."""
    if (start, end) == (word.start, word.end) or word.end == word.start:
        return box
    size = word.end - word.start
    from_start, to_end = (start - word.start) / size, (end - word.start) / size
    if _right_to_left(line.text[word.start : word.end]):
        from_start, to_end = 1 - to_end, 1 - from_start
    if box.y1 - box.y0 > 2 * (box.x1 - box.x0) and size > 2:
        return box  # Written upright: a share of the width would be wrong.
    width = box.x1 - box.x0
    return Box(box.x0 + width * from_start, box.y0, box.x0 + width * to_end, box.y1)


def _right_to_left(text: str) -> bool:
    return any(unicodedata.bidirectional(character) in {"R", "AL"} for character in text)
