"""The curriculum: what is shown and what is asked, from short pages of labelled values to whole invoices."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random

from lemma.reading.grammar import occurrences
from lemma.reading.pointers import Label, OneSaid, Pointer, Pointers, Rows, Said, Unreadable
from lemma.reading.schema import Field, Task
from lemma.reading.source import Source
from starter.documents import invoice
from starter.documents.paper import Found, Path
from starter.documents.receipt import receipt
from starter.documents.short import short_page

NUMERIC = frozenset({"amount", "date", "number"})


@dataclass(frozen=True, slots=True)
class Lesson:
    """A source, the names of the fields that are asked of it, and what the right answer says.

    Where nothing is asked, the answer is the source's own lines in the order `copied`: practice in
    finding a line by its id and copying it, which is most of what pointing takes. Where `labels` are
    given, they are asked in their own words: practice in finding the line in which a word stands.
    """

    source: Source
    asked: tuple[str, ...]
    said: Mapping[str, Said]
    copied: tuple[int, ...] = ()
    labels: tuple[tuple[str, Pointer], ...] = ()


def wanted(task: Task, found: Found, kind: str | None = None, currency: str | None = None) -> dict[str, Said]:
    """What the right answer says: of each value its first whole occurrence in reading order."""
    said: dict[str, Said] = {}
    for field in task.fields:
        if field.kind == "rows":
            rows = _rows(field, found)
            if rows:
                said[field.name] = Rows(tuple(rows))
        elif (pointers := _first(found, (field.name,), field)) is not None:
            said[field.name] = pointers
    if kind:
        said["document_kind"] = Label(kind)
    if currency and task.field("currency").option(currency):
        said["currency"] = Label(currency)
    return said


def _rows(field: Field, found: Found) -> list[dict[str, OneSaid]]:
    rows = []
    for number in sorted({path[1] for path in found.runs if path[0] == field.name}):
        row: dict[str, OneSaid] = {}
        for column in field.columns:
            pointers = _first(found, (field.name, number, column.name), column)
            if pointers is not None:
                row[column.name] = pointers
        if row:
            rows.append(row)
    return rows


def _first(found: Found, path: Path, field: Field) -> OneSaid | None:
    """The first occurrence that fits in the field's pointers; the beginning of the first one if none does.

    A number whose digits noise has taken away is unreadable. So is a value that noise has glued to
    its neighbour so that no run of whole pieces holds it alone.
    """
    copies = found.runs.get(path, [])
    if not copies:
        return None
    runs = next((runs for runs in copies if len(runs) <= field.pointers), copies[0][: field.pointers])
    for run in runs:
        digits = any(character.isdecimal() for character in run.text)
        if not occurrences(found.source.line(run.line).text, run.text) or (
            field.kind in NUMERIC and not digits
        ):
            return Unreadable(run.line)
    return Pointers(runs)


def short(rng: Random, task: Task) -> Lesson:
    """Labelled values on a short page."""
    found, asked, _ = short_page(rng)
    return Lesson(found.source, tuple(asked), wanted(task, found))


def copy(rng: Random, task: Task) -> Lesson:
    """Lines of a short page, to be said again in another order."""
    found, _, _ = short_page(rng)
    ids = [line.id for line in found.source.lines]
    rng.shuffle(ids)
    return Lesson(found.source, (), {}, tuple(ids))


def find(rng: Random, task: Task) -> Lesson:
    """Labelled values on a short page, asked by the very words of their labels."""
    found, _, _ = short_page(rng)
    labels = []
    for copies in found.runs.values():
        pointer = copies[0][0]
        label = found.source.line(pointer.line).text.partition(pointer.text)[0].rstrip(" :")
        if label:
            labels.append((label, pointer))
    if not labels:
        return copy(rng, task)
    rng.shuffle(labels)
    return Lesson(found.source, (), {}, labels=tuple(labels))


def part(rng: Random, task: Task) -> Lesson:
    """A small whole document, of which some fields are asked in any order."""
    drawn = receipt(rng) if rng.random() < 0.2 else invoice.whole(rng, most_items=rng.choice((1, 1, 2, 3)))
    said = wanted(task, drawn.found, drawn.kind, drawn.currency)
    single = [f.name for f in task.fields if f.kind != "rows"]
    asked = rng.sample(single, rng.randint(5, 12))
    if rng.random() < 0.4:
        asked.append("lines")
    if rng.random() < 0.25:
        asked.append("vat_by_rate")
    if rng.random() < 0.5:
        rng.shuffle(asked)
    else:
        asked.sort(key=[f.name for f in task.fields].index)
    return Lesson(drawn.found.source, tuple(asked), said)


def whole(rng: Random, task: Task, *, held_out: bool = False) -> Lesson:
    """A whole document, asked as the product asks it, or most of it."""
    drawn = receipt(rng) if rng.random() < 0.2 else invoice.whole(rng, held_out=held_out)
    said = wanted(task, drawn.found, drawn.kind, drawn.currency)
    asked = [f.name for f in task.fields]
    if not held_out and rng.random() < 0.2:
        asked = [name for name in asked if rng.random() < 0.7] or asked
    return Lesson(drawn.found.source, tuple(asked), said)


def held_out(rng: Random, task: Task) -> Lesson:
    """A whole document in a layout that no lesson shows; for evaluation only."""
    return whole(rng, task, held_out=True)


LESSONS: dict[str, Callable[[Random, Task], Lesson]] = {
    "copy": copy,
    "find": find,
    "short": short,
    "part": part,
    "whole": whole,
    "held_out": held_out,
}
