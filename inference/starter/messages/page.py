"""Invented plain text: rows that are written one after another, some words of which are the words of a field.

The text goes through the product's own plain-text reading, so that lines are numbered in training as they
are at work. Templates hold their values in braces: `"Send {item} by {date}."`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from random import Random

from lemma.ingest.drafts import Draft
from lemma.ingest.formats import plain
from lemma.ingest.limits import Budget, Limits
from lemma.reading.pointers import Clause, OneSaid, Pointer, Pointers, Rows, Said
from lemma.reading.schema import Field, Task
from lemma.reading.source import Line, Page, Source
from starter.lesson import Spot

Path = tuple[str | int, ...]
"""`("order_number",)` or `("actions", 2, "owner")`."""

_HOLE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Value:
    """Words that are the value at `paths`, or (`whole`) words whose rows are it; `piece` counts where a line
    break has cut them, which it never does to `tight` ones."""

    text: str
    paths: tuple[Path, ...]
    piece: int = 0
    whole: bool = False
    tight: bool = False


Part = str | Value


def said(text: str, *path: str | int) -> Value:
    """Words that are the value at this path."""
    return Value(text, (path,))


def clause(text: str, *paths: Path) -> Value:
    """Words whose rows are the value at these paths."""
    return Value(text, paths, whole=True)


Values = Mapping[str, "Part | list[Part]"]


@lru_cache(maxsize=20_000)
def _cut(template: str) -> tuple[str, ...]:
    """Words and names of holes in turn: even ones are words, odd ones names."""
    return tuple(_HOLE.split(template))


def fill(template: str, values: Values) -> list[Part]:
    """The template with its holes filled. Raises KeyError for a hole without a value."""
    parts: list[Part] = []
    for at, piece in enumerate(_cut(template)):
        if at % 2:
            value = values[piece]
            parts += value if isinstance(value, list) else [value]
        elif piece:
            parts.append(piece)
    return parts


def words_of(parts: Sequence[Part]) -> str:
    """The parts as plain words."""
    return "".join(part if isinstance(part, str) else part.text for part in parts)


def wrapped(parts: Sequence[Part], width: int) -> list[list[Part]]:
    """The parts in rows of at most `width` characters, broken at spaces; a cut value goes on as its next
    piece. Words longer than a row stand alone."""
    rows: list[list[Part]] = [[]]
    used = 0
    for part in parts:
        piece = 0
        text = part if isinstance(part, str) else part.text
        tight = isinstance(part, Value) and part.tight
        for number, word in enumerate([text] if tight else re.findall(r" +|[^ ]+", text)):
            if used and used + len(word) > width and word[0] != " ":
                rows.append([])
                used = 0
                piece += number > 0
            if not used and word[0] == " ":
                continue
            used += len(word)
            _add(rows[-1], word if isinstance(part, str) else replace(part, text=word, piece=piece))
    return [_trimmed(row) for row in rows if row]


def _trimmed(row: list[Part]) -> list[Part]:
    """The row without spaces at its end, which no line has."""
    while row:
        last = row.pop()
        text = (last if isinstance(last, str) else last.text).rstrip(" ")
        if text:
            return [*row, text if isinstance(last, str) else replace(last, text=text)]
    return row


def _add(row: list[Part], word: Part) -> None:
    """Puts a word into a row, joined to the part before it where both are of one kind."""
    last = row[-1] if row else None
    if isinstance(word, str):
        if isinstance(last, str):
            row[-1] = last + word
        else:
            row.append(word)
    elif isinstance(last, Value) and (last.paths, last.piece) == (word.paths, word.piece):
        row[-1] = replace(last, text=last.text + word.text)
    else:
        row.append(word)


@dataclass(slots=True)
class Written:
    """Rows of text with the places of values in them."""

    rows: list[list[Part]] = field(default_factory=list)
    spans: dict[Path, tuple[int, int]] = field(default_factory=dict)
    """Values that are whole rows: the first and the last of them."""

    def row(self, *parts: Part) -> int:
        """Writes a row; returns its number."""
        self.rows.append(list(parts))
        return len(self.rows) - 1

    def paragraph(self, parts: Sequence[Part], width: int = 0) -> tuple[int, int]:
        """Writes running text, in rows of `width` characters if one is given. Returns its first and last."""
        first = len(self.rows)
        self.rows += wrapped(parts, width) if width else [list(parts)]
        return first, len(self.rows) - 1

    def span(self, path: Path, first: int, last: int) -> None:
        """Says that the value at `path` is these rows. Where it was said before, the first stands."""
        self.spans.setdefault(path, (first, last))

    def text(self) -> str:
        return "\n".join(words_of(row) for row in self.rows) + "\n"

    def read(self) -> "Found":
        """The text as the product reads it, and where its values came to stand."""
        source = read_text(self.text())
        ids: dict[int, int] = {}
        for number, row in enumerate(self.rows):
            if words_of(row).strip():
                ids[number] = len(ids) + 1
        if len(source.lines) != len(ids):
            raise ValueError("a row must not hold a line break")
        runs: dict[Path, list[list[Spot]]] = {}
        wholes: dict[Path, list[list[Spot]]] = {}
        for number, row in enumerate(self.rows):
            for value, spot in _spots(row, source, ids.get(number, 0)):
                copies = wholes if value.whole else runs
                for path in value.paths:
                    if value.piece == 0:
                        copies.setdefault(path, []).append([])
                    if path in copies:
                        copies[path][-1].append(spot)
        spans = {path: Clause(copies[0][0].line, copies[0][-1].line) for path, copies in wholes.items()}
        spans |= {path: Clause(ids[first], ids[last]) for path, (first, last) in self.spans.items()}
        whole = (1, len(source.lines))
        return Found(source, {path: tuple(map(tuple, copies)) for path, copies in runs.items()}, spans, whole)


def _spots(row: Sequence[Part], source: Source, line: int) -> Iterator[tuple[Value, Spot]]:
    """Each value of a row with the place at which it stands in the line that was made of it."""
    at = 0
    for part in row:
        if isinstance(part, Value):
            start = source.line(line).text.find(part.text, at)
            if start < 0:
                continue
            at = start + len(part.text)
            yield part, Spot(line, part.text, start)
        elif part.strip():
            found = source.line(line).text.find(part.strip(), at)
            at = found + len(part.strip()) if found >= 0 else at


@dataclass(frozen=True, slots=True)
class Found:
    """A read text, the places of its values (of each copy its pieces) and the values that are whole lines."""

    source: Source
    runs: Mapping[Path, tuple[tuple[Spot, ...], ...]]
    spans: Mapping[Path, Clause]
    lines: tuple[int, int]
    """The first and the last line that are shown."""

    @property
    def shown(self) -> tuple[Line, ...]:
        first, last = self.lines
        return self.source.lines[first - 1 : last]

    def one(self, field: Field, path: Path) -> OneSaid | None:
        """What is said at this path: the first copy that fits in the field's pointers."""
        if (clause := self.spans.get(path)) is not None:
            return clause
        copies = self.runs.get(path, ())
        spots = next((spots for spots in copies if len(spots) <= field.pointers), None)
        if spots is None:
            spots = copies[0][: field.pointers] if copies else ()
        return Pointers(tuple(Pointer(spot.line, spot.text) for spot in spots)) if spots else None

    def said(self, task: Task) -> dict[str, Said]:
        """What the right answer says of every field whose value stands here."""
        said: dict[str, Said] = {}
        for asked in task.fields:
            value = self._rows(asked) if asked.kind == "rows" else self.one(asked, (asked.name,))
            if value is not None:
                said[asked.name] = value
        return said

    def _rows(self, asked: Field) -> Rows | None:
        paths = [path for path in (*self.runs, *self.spans) if path[0] == asked.name]
        rows: list[dict[str, OneSaid]] = []
        for number in sorted({path[1] for path in paths if isinstance(path[1], int)}):
            row = {
                column.name: value
                for column in asked.columns
                if (value := self.one(column, (asked.name, number, column.name))) is not None
            }
            if row:
                rows.append(row)
        return Rows(tuple(rows)) if rows else None

    def also(self) -> dict[str, tuple[Spot, ...]]:
        """Every place of every value, by the path of its field or column."""
        places: dict[str, list[Spot]] = {}
        for path, copies in self.runs.items():
            name = ".".join(step for step in path if isinstance(step, str))
            places.setdefault(name, []).extend(spot for copy in copies for spot in copy)
        return {name: tuple(spots) for name, spots in places.items()}

    def window(self, rng: Random, characters: int) -> "Found":
        """Neighbouring lines of at most so many characters, and what is known of them: mostly a random
        stretch, sometimes the beginning."""
        lines = self.source.lines
        if sum(len(line.text) for line in lines) <= characters:
            return self
        first = 0 if rng.random() < 0.25 else rng.randrange(len(lines))
        last, size = first, len(lines[first].text)
        while last + 1 < len(lines) and size + len(lines[last + 1].text) <= characters:
            last += 1
            size += len(lines[last].text)
        return self.part(first + 1, last + 1)

    def part(self, first: int, last: int) -> "Found":
        """What is known of these lines alone, as a window of a long document is read."""
        runs = {
            path: kept
            for path, copies in self.runs.items()
            if (kept := tuple(copy for copy in copies if all(first <= s.line <= last for s in copy)))
        }
        spans = {
            path: Clause(max(clause.first, first), min(clause.last, last))
            for path, clause in self.spans.items()
            if clause.first <= last and first <= clause.last
        }
        return Found(self.source, runs, spans, (first, last))


def read_text(text: str) -> Source:
    """A text as the product reads a file that holds it."""
    pages: list[Page] = []
    lines: list[Line] = []
    for draft in plain.read(text.encode(), None, Budget(Limits())):
        if isinstance(draft, Draft):
            pages.append(Page(len(pages) + 1, draft.kind))
            before = len(lines)
            lines += [
                Line(before + number, len(pages), line.text, line.words)
                for number, line in enumerate(draft.lines, start=1)
            ]
    return Source("text/plain", tuple(pages), tuple(lines))
