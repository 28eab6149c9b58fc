"""The answers for several windows, or for one window asked several times, to one answer.

A field: the answer whose pointer the model was surest of; readable before unreadable, words before
absence; a clause that a cut goes through is put together again. What other windows said otherwise is
kept in the signal `elsewhere`.
Rows: in the order of their lines. Rows that two answers both give are found by their lines and never by
their content, because a document may well list the same thing twice.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from lemma.reading.align import lines_of, pointers_of
from lemma.reading.cells import Heard, HeardRow, Signals, row_lines
from lemma.reading.exact.visible import folded
from lemma.reading.grammar.chunks import occurrences
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
    if isinstance(best.said, Clause):
        best = replace(best, said=_whole(best.said, heard))
    others = sorted({_words(other.said) for other in heard if not _told(other.said, best.said)})
    return replace(best, signals={**best.signals, "elsewhere": others}) if others else best


def merge_labels(asked: Field, replies: Sequence[Reply]) -> list[Heard]:
    """The labels that any window gave, in the order in which they came, as many as the field takes; each
    with the signals of the answer that was surest of it. Where none has one, what was said of absence."""
    found: dict[str, Heard] = {}
    absent: list[Heard] = []
    for reply in replies:
        said = reply.said.get(asked.name)
        if asked.name in reply.answered and said is None:
            absent.append(Heard(None, reply.signals.get(asked.name, {})))
        for index, name in enumerate(said.names if isinstance(said, Labels) else ()):
            heard = Heard(Label(name), reply.signals.get(f"{asked.name}[{index}]", {}))
            found[name] = max(found.get(name, heard), heard, key=_standing)
    return list(found.values())[: asked.max_labels] or absent[:1]


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


def _told(said: OneSaid | None, best: OneSaid | None) -> bool:
    """Whether an answer adds nothing to the best one: it is absent, the same, or a part of its lines."""
    if isinstance(said, Clause) and isinstance(best, Clause):
        return best.first <= said.first and said.last <= best.last
    return said is None or said == best


def _whole(best: Clause, heard: Sequence[Heard]) -> Clause:
    """A clause that lies across the cut between two windows, with what the neighbours saw of it.

    Only answers that share lines with it count: the same clause elsewhere in the document is another place.
    """
    for other in sorted((h.said for h in heard if isinstance(h.said, Clause)), key=lambda c: c.first):
        if other.first <= best.last and best.first <= other.last and other.first <= other.last:
            best = Clause(min(best.first, other.first), max(best.last, other.last))
    return best


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
    counts = Counter(line for said in row.values() for line in lines_of(said))
    return min(counts, key=lambda line: (-counts[line], line)) if counts else 0


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
    merged = _in_order([[row for row in rows if id(row) not in dropped] for rows in answers])
    return _named_once(merged, asked.once) if asked.once else merged


def _named_once(rows: Sequence[HeardRow], column: str) -> list[HeardRow]:
    """The rows with each name in this column once, where it stands first; what only a later row says of it,
    such as a role, is kept. Rows without a name are left as they are."""
    named: dict[str, int] = {}
    kept: list[HeardRow] = []
    for row in rows:
        name = folded(_words(row.row.get(column)))
        if name and name in named:
            first = kept[named[name]]
            more = {key: said for key, said in row.row.items() if key not in first.row}
            signals = {key: row.signals.get(key, {}) for key in more}
            kept[named[name]] = HeardRow({**first.row, **more}, {**first.signals, **signals})
        else:
            named.setdefault(name, len(kept))
            kept.append(row)
    return kept


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
    seen: Counter[frozenset[Pointer | Clause]] = Counter()
    kept: list[HeardRow] = []
    for row in rows:
        places, clauses = _places(row.row), _clauses(row.row)
        room = min((len(occurrences(source.line(p.line).text, p.text)) for p in places), default=len(rows))
        own = places.union(clauses.values())
        seen[own] += 1
        if seen[own] <= max(1 if clauses else room, 1):
            kept.append(row)
    return kept


def _clauses(row: Row) -> dict[str, Clause]:
    return {name: said for name, said in row.items() if isinstance(said, Clause)}


def _places(row: Row) -> frozenset[Pointer]:
    return frozenset(pointer for said in row.values() for pointer in pointers_of(said))


def _same_row(left: Row, right: Row) -> bool:
    """Whether two answers mean the same row: the same line, or one's lines are all the other's, or their
    clauses share half of the shorter one.

    Two rows can stand on one line, side by side: then they point at different words of it.
    """
    ours, theirs = row_lines(left), row_lines(right)
    near = anchor(left) == anchor(right) or ours <= theirs or theirs <= ours or _overlap(left, right)
    if not ours or not theirs or not near:
        return False
    common = ours & theirs
    mine = {place for place in _places(left) if place.line in common}
    yours = {place for place in _places(right) if place.line in common}
    return bool(mine & yours) or not mine or not yours


def _overlap(left: Row, right: Row) -> bool:
    """Whether a column's clause in one row shares at least half of its lines with that of the other."""
    theirs = _clauses(right)
    for name, clause in _clauses(left).items():
        if (other := theirs.get(name)) is not None:
            mine, yours = lines_of(clause), lines_of(other)
            if mine & yours and 2 * len(mine & yours) >= min(len(mine), len(yours)):
                return True
    return False


def _weight(row: HeardRow) -> tuple[int, int]:
    """A row that was cut by the end of a window has fewer columns and words than the whole one."""
    clauses = sum(len(lines_of(clause)) for clause in _clauses(row.row).values())
    return len(row.row), clauses + sum(len(pointer.text) for pointer in _places(row.row))


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
