"""The curriculum: what is shown and what is asked, from short pages of labelled values to whole invoices.

`LESSONS` names every lesson of every task, as `task.lesson`.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path as FilePath
from random import Random

from lemma.reading.grammar import occurrences
from lemma.reading.pointers import Label, OneSaid, Pointers, Rows, Said, Unreadable
from lemma.reading.schema import Field, Task, load_task
from starter.documents.drawn import Drawn
from starter.documents.mix import document, window, within
from starter.documents.paper import Found, Path
from starter.documents.short import short_page
from starter.lesson import Lesson, Maker, Spot
from starter.messages.lessons import LESSONS as MESSAGES

NUMERIC = frozenset({"amount", "date", "number"})


INVOICES = FilePath(__file__).parents[2] / "backend" / "lemma" / "tasks" / "invoices" / "task.toml"


@lru_cache(maxsize=1)
def invoices() -> Task:
    """The task that serving asks of paper."""
    return load_task(INVOICES)


def everywhere(found: Found) -> dict[str, tuple[Spot, ...]]:
    """Each place of each marked value, by the path of its field or column."""
    places: dict[str, list[Spot]] = {}
    for path, spots in found.spots.items():
        name = ".".join(str(step) for step in path if not isinstance(step, int))
        places.setdefault(name, []).extend(spots)
    return {name: tuple(spots) for name, spots in places.items()}


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


def short(rng: Random) -> Lesson:
    """Labelled values on a short page."""
    found, asked, _ = short_page(rng)
    return Lesson(invoices(), found.source, tuple(asked), wanted(invoices(), found), everywhere(found))


def copy(rng: Random) -> Lesson:
    """Lines of a short page, to be said again in another order."""
    found, _, _ = short_page(rng)
    ids = [line.id for line in found.source.lines]
    rng.shuffle(ids)
    return Lesson(invoices(), found.source, (), {}, copied=tuple(ids))


def find(rng: Random) -> Lesson:
    """Labelled values on a short page, asked by the very words of their labels."""
    found, _, _ = short_page(rng)
    labels = []
    for copies in found.runs.values():
        pointer = copies[0][0]
        label = found.source.line(pointer.line).text.partition(pointer.text)[0].rstrip(" :")
        if label:
            labels.append((label, pointer))
    if not labels:
        return copy(rng)
    rng.shuffle(labels)
    return Lesson(invoices(), found.source, (), {}, everywhere(found), labels=tuple(labels))


def _lesson(rng: Random, drawn: Drawn, asked: Iterable[str]) -> Lesson:
    """A document, or of a long one a part: serving reads long ones in parts that overlap.

    The kind of a document is said of the part that begins it.
    """
    first, last = window(rng, drawn.found, rng.randint(1_500, 3_600))
    seen = within(drawn.found, first, last)
    priced = any(name in seen.runs for name in (("total",), ("net",), ("amount_due",)))
    said = wanted(
        invoices(), seen, drawn.kind if first == 1 else None, drawn.currency if first == 1 or priced else None
    )
    lines = seen.source.lines
    shown = lines[first - 1 : last] if (first, last) != (1, len(lines)) else None
    return Lesson(invoices(), seen.source, tuple(asked), said, everywhere(seen), shown=shown)


def part(rng: Random) -> Lesson:
    """A small whole document, of which some fields are asked in any order."""
    drawn = document(rng, small=True)
    single = [f.name for f in invoices().fields if f.kind != "rows"]
    asked = rng.sample(single, rng.randint(5, 12))
    if rng.random() < 0.4:
        asked.append("lines")
    if rng.random() < 0.25:
        asked.append("vat_by_rate")
    if rng.random() < 0.5:
        rng.shuffle(asked)
    else:
        asked.sort(key=[f.name for f in invoices().fields].index)
    return _lesson(rng, drawn, asked)


def whole(rng: Random, *, held_out: bool = False) -> Lesson:
    """A whole document, asked as the product asks it, or most of it."""
    drawn = document(rng, held_out=held_out)
    asked = [f.name for f in invoices().fields]
    if not held_out and rng.random() < 0.2:
        asked = [name for name in asked if rng.random() < 0.7] or asked
    return _lesson(rng, drawn, asked)


def held_out(rng: Random) -> Lesson:
    """A whole document in a layout that no lesson shows; for evaluation only."""
    return whole(rng, held_out=True)


LESSONS: Mapping[str, Maker] = {
    "invoices.copy": copy,
    "invoices.find": find,
    "invoices.short": short,
    "invoices.part": part,
    "invoices.whole": whole,
    "invoices.held_out": held_out,
    **MESSAGES,
}
