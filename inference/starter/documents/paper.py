"""Invented paper: words placed on pages, some of them marked as the words of a field.

What is written here goes through the same line making as real documents, so that a model sees in
training what it sees at work. Marks follow their words through noise and line making and come out as
pointers.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from lemma.ingest.lines import PlacedWord, make_lines
from lemma.reading.pointers import Pointer
from lemma.reading.source import Box, Line, Page, PageKind, Source
from starter.lesson import Spot

Path = tuple[str | int, ...]
"""`("number",)` or `("lines", 2, "amount")`."""


@dataclass(frozen=True, slots=True)
class Said:
    """Words that are (part of) the values at `paths`; `copy` joins the parts of one occurrence."""

    text: str
    paths: tuple[Path, ...]
    copy: int | None = None
    weak: bool = False
    """Whether a reader would rather point at another occurrence: this one has no label of its own."""


WEAK = 1_000
"""Occurrences numbered from here on are weak: they are answered only where no other stands."""

Part = str | Said

NARROW = frozenset("iljtfrI.,:;'|!()[] ")
WIDE = frozenset("mwMWGOQ@%")


@dataclass(slots=True)
class Mark:
    """Characters `start:end` of a word belong to occurrence `copy` of the value at `path`."""

    path: Path
    copy: int
    start: int
    end: int


@dataclass(slots=True)
class Inked:
    """A word on the page, in points."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    marks: list[Mark] = field(default_factory=list)
    joined: bool = False
    """Whether it follows the word before it in one run of text, so that noise may lose the space."""
    run: int = 0
    layer: int = 0


def advance(text: str, size: float, *, mono: bool = False) -> float:
    """The width of text in points, near enough to Helvetica's."""
    if mono:
        return 0.6 * size * len(text)
    return size * sum(0.27 if c in NARROW else 0.8 if c in WIDE else 0.54 for c in text)


class Paper:
    """Pages that words are written on. One typeface; sizes in points.

    `layer` is for text layers whose words stand in another order than on the page: what is written in a
    lower layer comes first there (see `plain.torn`).
    """

    def __init__(
        self, rng: Random, width: float = 595.0, height: float = 842.0, *, mono: bool = False
    ) -> None:
        self.rng = rng
        self.width, self.height, self.mono = width, height, mono
        self.pages: list[list[Inked]] = [[]]
        self.copies: dict[tuple[Path, bool], int] = {}
        self.layer = 0
        self.written = 0

    def new_page(self) -> None:
        self.pages.append([])

    def measure(self, parts: Sequence[Part], size: float) -> float:
        text = "".join(p if isinstance(p, str) else p.text for p in parts)
        return advance(text, size, mono=self.mono)

    def write(
        self, x: float, y: float, parts: Sequence[Part] | Part, size: float = 9.0, align: str = "left"
    ) -> float:
        """Writes one run of text with its baseline box at y; returns the x where it ends."""
        if isinstance(parts, (str, Said)):
            parts = (parts,)
        text, spans = "", []
        for part in parts:
            if isinstance(part, str):
                text += part
                continue
            for path in part.paths if part.text else ():
                copy = self.new_copy(path, weak=part.weak) if part.copy is None else part.copy
                spans.append((len(text), len(text) + len(part.text), path, copy))
            text += part.text
        total = advance(text, size, mono=self.mono)
        at = x - total if align == "right" else x - total / 2 if align == "centre" else x
        page, position, first = self.pages[-1], 0, True
        for word in text.split(" "):
            end = position + len(word)
            wide = advance(word, size, mono=self.mono)
            if word:
                marks = [
                    Mark(path, copy, max(a, position) - position, min(b, end) - position)
                    for a, b, path, copy in spans
                    if a < end and b > position
                ]
                page.append(
                    Inked(word, at, y, at + wide, y + size, marks, not first, self.written, self.layer)
                )
                first = False
            at += wide + advance(" ", size, mono=self.mono)
            position = end + 1
        self.written += 1
        return at

    def new_copy(self, path: Path, *, weak: bool = False) -> int:
        """A number for one more occurrence of this value on the paper."""
        number = self.copies.get((path, weak), -1) + 1
        self.copies[path, weak] = number
        return number + WEAK if weak else number


CONFUSIONS = {
    "0": "O",
    "O": "0",
    "1": "l",
    "l": "1",
    "I": "l",
    "5": "S",
    "S": "5",
    "8": "B",
    "B": "8",
    "e": "c",
    "c": "e",
    "a": "o",
    "n": "u",
    "u": "n",
    "m": "n",
    "ü": "u",
    "ö": "o",
    "ä": "a",
    "é": "e",
    "h": "b",
    "6": "G",
    "g": "q",
    ".": ",",
    ",": ".",
    "t": "f",
    "i": "í",
    "-": "~",
}


def add_noise(paper: Paper, rng: Random, rate: float) -> None:
    """Confused letters, lost spaces and small shifts, as recognition makes them."""
    for number, page in enumerate(paper.pages):
        kept: list[Inked] = []
        for word in page:
            if rng.random() < rate * len(word.text):
                at = int(rng.random() * len(word.text))
                word.text = (
                    word.text[:at] + CONFUSIONS.get(word.text[at], word.text[at]) + word.text[at + 1 :]
                )
            shift = rng.gauss(0, 0.25)
            word.y0 += shift
            word.y1 += shift
            if kept and word.joined and rng.random() < rate * 4:
                before = kept[-1]
                by = len(before.text)
                before.marks += [Mark(m.path, m.copy, m.start + by, m.end + by) for m in word.marks]
                before.text += word.text
                before.x1 = word.x1
            else:
                kept.append(word)
        paper.pages[number] = kept


@dataclass(slots=True)
class Found:
    """A source with the runs of words at which each marked value stands, by occurrence."""

    source: Source
    runs: dict[Path, list[tuple[Pointer, ...]]]
    spots: dict[Path, list[Spot]]
    """The same runs with the characters of their line at which they begin."""


Spots = dict[tuple[Path, int], list[tuple[int, int, int]]]
"""An occurrence of a value to where it stands: line, start, end."""


def develop(paper: Paper, kind: PageKind = "text") -> Found:
    """Makes lines of the words and pointers of the marks."""
    lines: list[Line] = []
    spots: Spots = {}
    pages: list[Page] = []
    for number in range(1, len(paper.pages) + 1):
        for line, inked in rows_of(paper, number, len(lines) + 1):
            lines.append(line)
            for word, ink in zip(line.words, inked, strict=True):
                mark(spots, ink, line.id, word.start)
        pages.append(Page(number, kind, paper.width, paper.height))
    return found(Source("application/pdf", tuple(pages), tuple(lines)), spots)


def rows_of(paper: Paper, number: int, first_id: int) -> list[tuple[Line, list[Inked | None]]]:
    """The lines of one page as ingest makes them, each with the words it was made of."""
    by_box: dict[int, Inked] = {}
    placed = []
    for word in paper.pages[number - 1]:
        box = Box(
            word.x0 / paper.width, word.y0 / paper.height, word.x1 / paper.width, word.y1 / paper.height
        )
        by_box[id(box)] = word
        placed.append(PlacedWord(word.text, box))
    made = make_lines(placed, page=number, first_id=first_id, width=paper.width, height=paper.height)
    return [
        (line, [_same(by_box.get(id(word.box)), word.end - word.start) for word in line.words])
        for line in made
    ]


def _same(inked: Inked | None, length: int) -> Inked | None:
    """The word, unless line making changed its text, so that its marks are off."""
    return inked if inked is not None and len(inked.text) == length else None


def mark(spots: Spots, inked: Inked | None, line: int, start: int) -> None:
    """Notes where the marks of a word have come to stand."""
    for each in inked.marks if inked is not None else ():
        spots.setdefault((each.path, each.copy), []).append((line, start + each.start, start + each.end))


def found(source: Source, spots: Spots) -> Found:
    """The occurrences of each value: those with a label first, each kind in reading order."""
    runs: dict[Path, list[tuple[Pointer, ...]]] = {}
    exact: dict[Path, list[Spot]] = {}
    for (path, _), places in sorted(spots.items(), key=lambda item: (item[0][1] >= WEAK, min(item[1]))):
        at = _spots(source, sorted(places))
        runs.setdefault(path, []).append(tuple(Pointer(spot.line, spot.text) for spot in at))
        exact.setdefault(path, []).extend(at)
    return Found(source, runs, exact)


def _spots(source: Source, places: list[tuple[int, int, int]]) -> list[Spot]:
    """Neighbouring places of one line as one run of words."""
    merged: list[list[int]] = []
    for line, start, end in places:
        if merged and merged[-1][0] == line and not source.line(line).text[merged[-1][2] : start].strip(" "):
            merged[-1][2] = end
        else:
            merged.append([line, start, end])
    return [Spot(line, source.line(line).text[start:end], start) for line, start, end in merged]
