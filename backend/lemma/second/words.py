"""The words of a document as the marker sees them: in cells, in columns, under headings."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from lemma.reading.source import Line

_CELL = re.compile(r"\S+(?: \S+)*")
_WORD = re.compile(r"\S+")
_LABEL = re.compile(r"^([^:=#]{1,40}[:=#])(?=\S)")
_GLUED = re.compile(r"(?<=[^\W\d_]{3})(?=\d)|(?<=[€$£])(?=\d)|(?<=\d)(?=[€$£])")


@dataclass(frozen=True, slots=True)
class Piece:
    """A word, or a part of one where a label is glued to its value: `line.text[start:end]`."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class CellOf:
    """Words between two gaps of a line: one cell of whatever table the line may be part of."""

    start: int
    end: int
    text: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A line as cells. `number` is its place in the document, from 0."""

    number: int
    line: Line
    cells: tuple[CellOf, ...] = field(default=())


def rows_of(lines: Sequence[Line]) -> list[Row]:
    """The lines that hold words, as rows of cells."""
    return [Row(number, line, tuple(_cells(line.text))) for number, line in enumerate(lines)]


def _cells(text: str) -> Iterator[CellOf]:
    for match in _CELL.finditer(text):
        pieces = tuple(_pieces(match.group(), match.start()))
        yield CellOf(match.start(), match.end(), match.group(), pieces)


def _pieces(text: str, at: int) -> Iterator[Piece]:
    for match in _WORD.finditer(text):
        word, start = match.group(), at + match.start()
        label = _LABEL.match(word)
        if label is not None:
            yield Piece(start, start + label.end(), label.group())
            start, word = start + label.end(), word[label.end() :]
        for cut in (*(glue.start() for glue in _GLUED.finditer(word)), len(word)):
            done = start - (at + match.start()) - (label.end() if label else 0)
            if cut > done:
                part = word[done:cut]
                yield Piece(start, start + len(part), part)
                start += len(part)


def overlapping(row: Row, cell: CellOf) -> CellOf | None:
    """The cell of another row that overlaps this one most, if any does."""
    best, most = None, 0
    for other in row.cells:
        shared = min(cell.end, other.end) - max(cell.start, other.start)
        if shared > most:
            best, most = other, shared
    return best
