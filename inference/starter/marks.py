"""Lessons as tokens, with all that their maker knows of each token.

Beside the text, training is told three things that no file of weights keeps: which words of a document are
what (`tags`), in which line each stands (`lines`), and for each token of an answer at which token of the
document a reader would be looking as he writes it (`points`). A small model finds these out by itself only
after many more documents than a small machine can read.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

import numpy as np
from tokenizers import Encoding, Tokenizer

from lemma.reading.grammar import occurrences
from lemma.reading.pointers import (
    Clause,
    Flagged,
    OneSaid,
    Pointer,
    Pointers,
    Prose,
    Rows,
    Said,
    Unreadable,
)
from lemma.reading.schema import Field
from starter.lesson import Lesson, Spot
from starter.texts import as_text, asked_part, lines_of

NOWHERE = 65_535
"""In `points`: the token is not read off the document. In `tags`: it is not known what the word is."""
ABSENT_AT = 0
"""Where a reader looks who finds nothing: at the first token."""

Uint16 = np.ndarray[Any, np.dtype[np.uint16]]


@dataclass(frozen=True, slots=True)
class Marked:
    """Token ids of prompt and answer, where the answer begins, and what is known of each token."""

    ids: Uint16
    answer: int
    tags: Uint16
    points: Uint16
    lines: Uint16


def shard_of(sequences: Sequence[Marked]) -> dict[str, np.ndarray[Any, np.dtype[Any]]]:
    """Sequences as the arrays of a shard: end to end, with where each ends and where its answer begins."""
    empty = [np.zeros(0, np.uint16)]
    return {
        "ids": np.concatenate([one.ids for one in sequences] or empty),
        "ends": np.cumsum([len(one.ids) for one in sequences]).astype(np.int64),
        "answers": np.array([one.answer for one in sequences], np.int32),
        "tags": np.concatenate([one.tags for one in sequences] or empty),
        "points": np.concatenate([one.points for one in sequences] or empty),
        "lines": np.concatenate([one.lines for one in sequences] or empty),
    }


def tag(path: str, *, first: bool = False) -> int:
    """A number for a path such as "invoices.number"; the first word of a value has one of its own."""
    return 1 + crc32(f"{path}{'^' if first else ''}".encode()) % (NOWHERE - 2)


def mark(lesson: Lesson, tokenizer: Tokenizer) -> Marked:
    """The tokens of a lesson with their marks."""
    prompt, answer = as_text(lesson)
    before, after = tokenizer.encode(prompt), tokenizer.encode(answer)
    size = len(before.ids) + len(after.ids)
    marked = Marked(
        np.array(before.ids + after.ids, np.uint16),
        len(before.ids),
        np.zeros(size, np.uint16),
        np.full(size, NOWHERE, np.uint16),
        np.zeros(size, np.uint16),
    )
    page = _Page(lesson, prompt, _token_at(before, len(prompt)), marked)
    page.number()
    for name, said in _places(lesson):
        page.tag(f"{lesson.task.id}.{name}", said)
    _Answer(page, answer, after).point(lesson)
    return marked


def _token_at(encoding: Encoding, length: int) -> list[int]:
    """For each character the first token that holds it."""
    at = [-1] * (length + 1)
    for number, (start, end) in enumerate(encoding.offsets):
        for character in range(start, end):
            if at[character] < 0:
                at[character] = number
    for character in range(length + 1):  # A character that no token names belongs to the one before it.
        if at[character] < 0:
            at[character] = at[character - 1] if character else 0
    return at


def _places(lesson: Lesson) -> Iterator[tuple[str, OneSaid | Spot]]:
    """All that is known to stand somewhere: what the maker knows to the letter, then what the answer says."""
    for name, spots in lesson.also.items():
        for spot in spots:
            yield name, spot
    for label, run in lesson.labels:
        yield label, Pointers((run,))
    for name, said in lesson.said.items():
        if isinstance(said, Rows):
            for row in said.rows:
                for column, value in row.items():
                    yield f"{name}.{column}", value
        else:
            yield name, said


@dataclass(slots=True)
class _Page:
    """The part of the tokens that shows the document."""

    lesson: Lesson
    prompt: str
    token_at: list[int]
    marked: Marked
    starts: dict[int, int] = field(default_factory=dict)

    def number(self) -> None:
        """Finds the lines in the prompt, and says of each token in which one it stands."""
        cursor = self.prompt.index("<|user|>\n")
        for line in lines_of(self.lesson):
            written = f"{line.id} {line.text}\n"
            at = self.prompt.find("\n" + written, cursor - 1) if line.text else -1
            if at < 0:
                continue
            cursor = at + len(written)
            self.starts[line.id] = at + 1 + len(written) - len(line.text) - 1
            self.marked.lines[self.token_at[at + 1] : self.token_at[cursor] + 1] = line.id

    def tag(self, path: str, said: OneSaid | Spot) -> None:
        match said:
            case Spot(line, text, start):
                self._tag_run(path, Pointer(line, text), start)
            case Pointers(runs):
                for run in runs:
                    self._tag_run(path, run)
            case Flagged(_, Pointer() as run):
                self._tag_run(path, run)
            case Clause(first, last):
                for line in range(first, last + 1):
                    self._tag_line(path, line)
            case Prose(sentences):
                for sentence in sentences:
                    for line in sentence.lines:
                        self._tag_line(path, line)

    def _tag_run(self, path: str, run: Pointer, known: int | None = None) -> None:
        start = self.starts.get(run.line)
        if start is None:
            return
        line = self.lesson.source.line(run.line).text
        places = [known] if known is not None else occurrences(line, run.text)
        for place in places:
            first = self.token_at[start + place]
            last = self.token_at[start + place + len(run.text) - 1]
            tags = self.marked.tags
            if len(places) > 1:
                for token in range(first, last + 1):
                    tags[token] = tags[token] or NOWHERE
            elif tags[first] in (0, NOWHERE):
                tags[first] = tag(path, first=True)
                tags[first + 1 : last + 1] = tag(path)

    def _tag_line(self, path: str, line: int) -> None:
        start = self.starts.get(line)
        if start is None:
            return
        first = self.token_at[start]
        last = self.token_at[start + len(self.lesson.source.line(line).text) - 1]
        if self.marked.tags[first] == 0:
            self.marked.tags[first] = tag(path, first=True)
            self.marked.tags[first + 1 : last + 1] = tag(path)

    def place(self, path: str, run: Pointer) -> int | None:
        """The character at which a run begins: where it is known to be this value, else the first."""
        start = self.starts.get(run.line)
        if start is None:
            return None
        places = [start + at for at in occurrences(self.lesson.source.line(run.line).text, run.text)]
        wanted = tag(path, first=True)
        right = (at for at in places if self.marked.tags[self.token_at[at]] == wanted)
        return next(right, places[0] if len(places) == 1 else None)


@dataclass(slots=True)
class _Answer:
    """The part of the tokens that is answered: where a reader looks as he writes each of them."""

    page: _Page
    text: str
    encoding: Encoding
    cursor: int = 0

    def point(self, lesson: Lesson) -> None:
        task = lesson.task.id
        if lesson.copied:
            for line in lesson.copied:
                self._run("", Pointer(line, lesson.source.line(line).text))
        elif lesson.labels:
            for label, run in lesson.labels:
                self._seek(f"{label}: ")
                self._run(f"{task}.{label}", run)
        else:
            self._fields(task, asked_part(lesson).fields, lesson.said)

    def _fields(self, task: str, fields: tuple[Field, ...], said: Mapping[str, Said]) -> None:
        for asked in fields:
            self._seek(f"{asked.name}:")
            value = said.get(asked.name)
            if value is None or (isinstance(value, Rows) and not value.rows):
                self._look(self.text.index("-", self.cursor), ABSENT_AT)
            elif isinstance(value, Rows):
                self._rows(f"{task}.{asked.name}", asked, value)
            else:
                self._one(f"{task}.{asked.name}", value)

    def _rows(self, path: str, asked: Field, rows: Rows) -> None:
        """The rows. Whoever has written one looks for the next, and at nothing where there is none."""
        for number, row in enumerate(rows.rows):
            before = self.cursor
            for column in asked.columns:
                if column.name in row:
                    self._seek(f"{column.name}: ")
                    at = self.cursor
                    self._one(f"{path}.{column.name}", row[column.name])
                    if number and before >= 0:
                        self._look(before, self._seen_at(at), instead=True)
                    before = -1
        self._look(self.cursor, ABSENT_AT, instead=True)

    def _seen_at(self, character: int) -> int:
        """The token of the prompt that is looked at as this character of the answer is written."""
        mine = self.encoding.char_to_token(character)
        return NOWHERE if mine is None else int(self.page.marked.points[self.page.marked.answer + mine - 1])

    def _one(self, path: str, said: OneSaid) -> None:
        match said:
            case Pointers(runs):
                for run in runs:
                    self._run(path, run)
            case Flagged(_, Pointer() as run):
                self._run(path, run)
            case Unreadable(line):
                self._number(line, self.page.starts.get(line))
            case Clause(first, last):
                for line in dict.fromkeys((first, last)):
                    self._number(line, self.page.starts.get(line))

    def _seek(self, words: str) -> None:
        self.cursor = self.text.index(words, self.cursor) + len(words)

    def _number(self, line: int, character: int | None) -> None:
        """The digits of a line's id, written while looking at `character` of the prompt."""
        at = self.text.index(str(line), self.cursor)
        self.cursor = at + len(str(line))
        if character is not None:
            for digit in range(at, self.cursor):
                self._look(digit, self.page.token_at[character])

    def _run(self, path: str, run: Pointer) -> None:
        place = self.page.place(path, run)
        self.cursor = self.text.index(f"{run.line} {run.text}", self.cursor)
        self._number(run.line, self.page.starts.get(run.line) if place is None else place)
        at = self.cursor + 1
        self.cursor = at + len(run.text)
        if place is not None:
            for offset in range(len(run.text)):
                self._look(at + offset, self.page.token_at[place + offset])
            self._look(self.cursor, self.page.token_at[place + len(run.text) - 1] + 1)

    def _look(self, character: int, token: int, *, instead: bool = False) -> None:
        """The answer's token that holds this character is written while looking at that token."""
        mine = self.encoding.char_to_token(character)
        points = self.page.marked.points
        if mine is not None:
            before = self.page.marked.answer + mine - 1
            if points[before] == NOWHERE or instead:
                points[before] = token
