"""The answers for several windows, or for one window asked several times, to one answer.

A field: the answer whose pointer the model was surest of; readable before unreadable, words before
absence. What other windows said otherwise is kept in the signal `elsewhere`.
Rows: in the order of their lines. Rows that two answers both give are found by their lines and never by
their content, because a document may well list the same thing twice.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from lemma.reading.align import pointers_of
from lemma.reading.cells import Heard, HeardRow, Signals, row_lines
from lemma.reading.grammar.chunks import occurrences
from lemma.reading.pointers import (
    Clause,
    Flagged,
    Label,
    OneSaid,
    Pointer,
    Pointers,
    Prose,
    Row,
    Rows,
    Said,
    Unreadable,
)
from lemma.reading.schema.model import Field
from lemma.reading.source import Source


@dataclass(frozen=True, slots=True)
class Reply:
    """What one answer said: of the fields that it completed, and of a table that was cut its rows."""

    window: int
    said: Mapping[str, Said]
    answered: frozenset[str]
    signals: Mapping[str, Signals]


def merge_field(asked: Field, replies: Sequence[Reply]) -> Heard:
    """The answer for a field that is not a table. `said` is None where no window has it."""
    heard = [
        Heard(said if not isinstance(said, Rows) else None, reply.signals.get(asked.name, {}))
        for reply in replies
        if asked.name in reply.answered
        for said in [reply.said.get(asked.name)]
    ]
    if not heard:
        return Heard(None)
    if asked.kind == "text":
        return _joined(asked, heard)
    best = max(heard, key=_standing)
    others = sorted({_words(other.said) for other in heard if other.said not in {None, best.said}})
    return replace(best, signals={**best.signals, "elsewhere": others}) if others else best


def _standing(heard: Heard) -> tuple[int, float]:
    """How much an answer counts. `max` keeps the earliest among equals."""
    match heard.said:
        case None:
            kind = 0
        case Unreadable(_):
            kind = 1
        case Flagged(False, _):
            kind = 2
        case _:
            kind = 3
    return kind, heard.signals.get("logprob", 0.0)


def _joined(asked: Field, heard: Sequence[Heard]) -> Heard:
    """The sentences of all windows, in order, as many as the field takes."""
    sentences = [s for each in heard if isinstance(each.said, Prose) for s in each.said.sentences]
    if not sentences:
        return heard[0]
    return Heard(Prose(tuple(sentences[: asked.max_sentences])), heard[0].signals)


def _words(said: OneSaid | None) -> str:
    """What was said, in few words, for a reader of the signals."""
    match said:
        case Pointers(runs):
            return " ".join(run.text for run in runs)
        case Label(name):
            return name
        case Flagged(value, _):
            return "yes" if value else "no"
        case Clause(first, last):
            return f"{first}-{last}"
        case Unreadable(line):
            return f"? {line}"
        case _:
            return ""


def anchor(row: Row) -> int:
    """The line that a row is about: the one that most of its values stand on, the first among equals.

    A row that points nowhere (labels alone) has anchor 0.
    """
    counts = Counter(
        line
        for said in row.values()
        for line in ({p.line for p in pointers_of(said)} or _unreadable_line(said))
    )
    return min(counts, key=lambda line: (-counts[line], line)) if counts else 0


def _unreadable_line(said: OneSaid) -> set[int]:
    return {said.line} if isinstance(said, Unreadable) else set()


def merge_rows(asked: Field, replies: Sequence[Reply], source: Source) -> list[HeardRow]:
    """The rows of a table from all answers, each row once."""
    answers: list[list[HeardRow]] = []
    known: dict[int, list[HeardRow]] = {}  # the rows that stand on each line, by earlier answers
    dropped: set[int] = set()
    for reply in replies:
        kept: list[HeardRow] = []
        for row in _read_once(_rows(asked, reply), source):
            near = [old for line in row_lines(row.row) for old in known.get(line, [])]
            same = [old for old in near if id(old) not in dropped and _same_row(old.row, row.row)]
            if not same or all(_weight(row) > _weight(old) for old in same):
                kept.append(row)
                dropped.update(id(old) for old in same)
        answers.append(kept)
        for row in kept:
            for line in row_lines(row.row):
                known.setdefault(line, []).append(row)
    return _in_order([[row for row in rows if id(row) not in dropped] for rows in answers])


def _rows(asked: Field, reply: Reply) -> list[HeardRow]:
    said = reply.said.get(asked.name)
    if not isinstance(said, Rows):
        return []
    return [
        HeardRow(row, {name: reply.signals.get(f"{asked.name}[{index}].{name}", {}) for name in row})
        for index, row in enumerate(said.rows)
    ]


def _read_once(rows: Sequence[HeardRow], source: Source) -> list[HeardRow]:
    """The rows without those that rest on the very words of an earlier one: a model that went in circles.

    Rows with equal pointers are kept as often as the words stand in their lines, side by side.
    """
    seen: Counter[frozenset[Pointer]] = Counter()
    kept: list[HeardRow] = []
    for row in rows:
        places = _places(row.row)
        room = min((len(occurrences(source.line(p.line).text, p.text)) for p in places), default=len(rows))
        seen[places] += 1
        if seen[places] <= max(room, 1):
            kept.append(row)
    return kept


def _places(row: Row) -> frozenset[Pointer]:
    return frozenset(pointer for said in row.values() for pointer in pointers_of(said))


def _same_row(left: Row, right: Row) -> bool:
    """Whether two answers mean the same row: the same line, or one's lines are all the other's.

    Two rows can stand on one line, side by side: then they point at different words of it.
    """
    ours, theirs = row_lines(left), row_lines(right)
    if not ours or not theirs or not (anchor(left) == anchor(right) or ours <= theirs or theirs <= ours):
        return False
    common = ours & theirs
    mine = {place for place in _places(left) if place.line in common}
    yours = {place for place in _places(right) if place.line in common}
    return bool(mine & yours) or not mine or not yours


def _weight(row: HeardRow) -> tuple[int, int]:
    """A row that was cut by the end of a window has fewer columns and words than the whole one."""
    return len(row.row), sum(len(pointer.text) for pointer in _places(row.row))


def _in_order(answers: Sequence[Sequence[HeardRow]]) -> list[HeardRow]:
    """Rows in the order of their lines. Within one answer the model's order holds, where a later window
    does not put a row between: a row never sorts before one that its own answer gave earlier."""
    placed: list[tuple[int, int, int, HeardRow]] = []
    for number, rows in enumerate(answers):
        highest = 0
        for position, row in enumerate(rows):
            highest = max(highest, anchor(row.row))
            placed.append((highest, number, position, row))
    return [row for *_, row in sorted(placed, key=lambda item: item[:3])]
