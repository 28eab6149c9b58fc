"""Rules: checks that code makes on the cells of a run, with exact arithmetic."""

from collections.abc import Sequence

from lemma.reading.cell import Cell, RuleResult
from lemma.reading.schema.model import Task
from lemma.reading.source import Source


def apply_rules(task: Task, source: Source, cells: Sequence[Cell]) -> tuple[RuleResult, ...]:
    """What each rule of the task says of these cells."""
    return ()
