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

Path = tuple[str | int, ...]
"""`("number",)` or `("lines", 2, "amount")`."""


@dataclass(frozen=True, slots=True)
class Said:
    """Words that are (part of) the values at `paths`; `copy` joins the parts of one occurrence."""

    text: str
    paths: tuple[Path, ...]
    copy: int | None = None


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


def advance(text: str, size: float, *, mono: bool = False) -> float:
    """The width of text in points, near enough to Helvetica's."""
    if mono:
        return 0.6 * size * len(text)
    return size * sum(0.27 if c in NARROW else 0.8 if c in WIDE else 0.54 for c in text)


class Paper:
    """Pages that words are written on. One typeface; sizes in points."""

    def __init__(
        self, rng: Random, width: float = 595.0, height: float = 842.0, *, mono: bool = False
    ) -> None:
        self.rng = rng
        self.width, self.height, self.mono = width, height, mono
        self.pages: list[list[Inked]] = [[]]
        self.copies: dict[Path, int] = {}

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
                copy = self.new_copy(path) if part.copy is None else part.copy
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
                page.append(Inked(word, at, y, at + wide, y + size, marks, joined=not first))
                first = False
            at += wide + advance(" ", size, mono=self.mono)
            position = end + 1
        return at

    def new_copy(self, path: Path) -> int:
        """A number for one more occurrence of this value on the paper."""
        self.copies[path] = self.copies.get(path, -1) + 1
        return self.copies[path]


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


def develop(paper: Paper, kind: PageKind = "text") -> Found:
    """Makes lines of the words and pointers of the marks."""
    lines: list[Line] = []
    spots: dict[tuple[Path, int], list[tuple[int, int, int]]] = {}
    pages: list[Page] = []
    for number, page in enumerate(paper.pages, start=1):
        by_box: dict[int, Inked] = {}
        placed = []
        for word in page:
            box = Box(
                word.x0 / paper.width, word.y0 / paper.height, word.x1 / paper.width, word.y1 / paper.height
            )
            by_box[id(box)] = word
            placed.append(PlacedWord(word.text, box))
        made = make_lines(
            placed, page=number, first_id=len(lines) + 1, width=paper.width, height=paper.height
        )
        for line in made:
            for made_word in line.words:
                inked = by_box.get(id(made_word.box))
                if inked is None or made_word.end - made_word.start != len(inked.text):
                    continue
                for mark in inked.marks:
                    spots.setdefault((mark.path, mark.copy), []).append(
                        (line.id, made_word.start + mark.start, made_word.start + mark.end)
                    )
        lines += made
        pages.append(Page(number, kind, paper.width, paper.height))
    source = Source("application/pdf", tuple(pages), tuple(lines))
    runs: dict[Path, list[tuple[Pointer, ...]]] = {}
    for (path, _), places in sorted(spots.items(), key=lambda item: min(item[1])):
        runs.setdefault(path, []).append(_pointers(source, sorted(places)))
    return Found(source, runs)


def _pointers(source: Source, places: list[tuple[int, int, int]]) -> tuple[Pointer, ...]:
    """Neighbouring places of one line as one run of words."""
    merged: list[list[int]] = []
    for line, start, end in places:
        if merged and merged[-1][0] == line and not source.line(line).text[merged[-1][2] : start].strip(" "):
            merged[-1][2] = end
        else:
            merged.append([line, start, end])
    return tuple(Pointer(line, source.line(line).text[start:end]) for line, start, end in merged)
