"""One unit as a task and a document of their own."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from lemma.reading.passages import Passage, with_passages
from lemma.reading.schema.model import Field, Task
from lemma.reading.source import Line, Page, Source


def unit_task(task: Task, asked: Field) -> Task:
    """What is asked of one unit of the table `asked`: its columns, as fields under the task's name."""
    passages = {column.name: asked.passages * (column.source == "passages") for column in asked.asked}
    fields = tuple(replace(column, passages=passages[column.name]) for column in asked.asked)
    return replace(task, fields=fields, rules=())


def unit_source(lines: Sequence[Line], passages: Iterable[Passage] = ()) -> Source:
    """The lines of one unit, those that say what it is about first, numbered from 1, then the passages."""
    return with_passages(small_source(lines), passages)


def small_source(lines: Sequence[Line]) -> Source:
    """Some lines of a document as a document of one page, numbered from 1."""
    numbered = tuple(replace(line, id=number, page=1) for number, line in enumerate(lines, start=1))
    return Source("text/plain", (Page(1, "plain"),), numbered)
