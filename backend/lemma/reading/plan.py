"""What is asked of a document with a customer's material, settled before anything is asked.

The passages of every unit and field are looked up first. The source that the run keeps is the document with
the union of them at its end, each once, so that line ids are stable; each unit is shown its own alone.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from lemma.reading.passages import Passage, passage_pages, with_passages
from lemma.reading.prompt import visible_lines
from lemma.reading.schema.model import Field, Task
from lemma.reading.source import Line, Source
from lemma.reading.units import Unit, unit_source, units

Retrieve = Callable[[Sequence[str], int], Sequence[Sequence[Passage]]]
"""The passages that fit each of these texts best, the best first, at most so many of each."""


def no_passages(texts: Sequence[str], most: int) -> Sequence[Sequence[Passage]]:
    """Where there is no material: nothing is ever found."""
    return [() for _ in texts]


@dataclass(frozen=True, slots=True)
class PlannedUnit:
    """A unit with the passages that are shown with it. `lines` and `context` are lines of the document."""

    lines: tuple[Line, ...]
    context: tuple[Line, ...]
    passages: tuple[Passage, ...]

    def shown(self, most: int) -> Source:
        """What a model sees of it, numbered from 1, with at most so many passages."""
        return unit_source((*self.context, *self.lines), self.passages[:most])


@dataclass(frozen=True, slots=True)
class Plan:
    """`source` is the document with all passages; `lines` are those of the document that a model is shown.

    `units` are those of each table that is read by units, `cut` how many were left out there because the
    table takes no more. `beside` are the passages for the fields that are asked of the whole document, and
    `first` the id of the first line of each passage, by its id.
    """

    source: Source
    lines: tuple[Line, ...]
    units: Mapping[str, tuple[PlannedUnit, ...]]
    cut: Mapping[str, int]
    beside: tuple[Passage, ...]
    passages: tuple[Passage, ...]
    first: Mapping[str, int]

    def line_ids(self, unit: PlannedUnit, passages: int) -> tuple[int, ...]:
        """The ids in the source of the lines that `unit.shown(passages)` numbers from 1."""
        return (
            *(line.id for line in (*unit.context, *unit.lines)),
            *self.passage_ids(unit.passages[:passages]),
        )

    def passage_ids(self, passages: Sequence[Passage]) -> tuple[int, ...]:
        """The ids in the source of the lines of these passages."""
        return tuple(self.first[passage.id] + at for passage in passages for at in range(len(passage.lines)))


QUERY_LINES = 80
"""Of a long document, what stands at its beginning says what to look for."""


def make_plan(task: Task, source: Source, retrieve: Retrieve) -> Plan:
    """Cuts the document into units where the task reads it so, and looks up their passages."""
    lines = visible_lines(source)
    planned: dict[str, tuple[PlannedUnit, ...]] = {}
    cut: dict[str, int] = {}
    for asked in task.fields:
        if asked.each:
            found = units(lines, asked.each)
            cut[asked.name] = max(len(found) - asked.max_rows, 0)
            planned[asked.name] = _planned(asked, found[: asked.max_rows], source, retrieve)
    most = max((asked.passages for asked in task.fields if not asked.each), default=0)
    text = "\n".join(line.text for line in lines[:QUERY_LINES])
    beside = tuple(retrieve([text], most)[0]) if most and text else ()
    shown = [*(p for each in planned.values() for unit in each for p in unit.passages), *beside]
    used = tuple({passage.id: passage for passage in shown}.values())
    whole = with_passages(source, used)
    return Plan(whole, lines, planned, cut, beside, used, _first_lines(whole, used))


def _planned(
    asked: Field, found: Sequence[Unit], source: Source, retrieve: Retrieve
) -> tuple[PlannedUnit, ...]:
    own = [tuple(source.line(number) for number in unit.lines) for unit in found]
    context = [tuple(source.line(number) for number in unit.context) for unit in found]
    texts = ["\n".join(line.text for line in (*c, *o)) for c, o in zip(context, own, strict=True)]
    passages = retrieve(texts, asked.passages) if asked.passages and texts else [()] * len(texts)
    return tuple(PlannedUnit(o, c, tuple(p)) for o, c, p in zip(own, context, passages, strict=True))


def _first_lines(source: Source, used: Sequence[Passage]) -> dict[str, int]:
    """The first line of each passage; they stand in the source in the order in which they were used."""
    pages = passage_pages(source)
    first: dict[int, int] = {}
    for line in source.lines:
        if line.page in pages:
            first.setdefault(line.page, line.id)
    return dict(zip((passage.id for passage in used if passage.lines), first.values(), strict=True))
