"""What a reading must beat: the commonest label, a linear model, labels and patterns, key words."""

from collections.abc import Sequence

from lemma.evaluation.baselines.keywords import KeywordReader
from lemma.evaluation.baselines.labels import LabelReader
from lemma.evaluation.baselines.linear import LabelBaseline, linear, majority
from lemma.evaluation.readers import CaseReader
from lemma.reading.material import Labelled
from lemma.reading.schema import Task

__all__ = ["baselines_for"]


def baselines_for(task: Task, examples: Sequence[Labelled]) -> tuple[CaseReader, ...]:
    """The baselines of a task. Those that learn need the examples of the training part."""
    if task.id == "invoices":
        return (LabelReader(task),)
    if task.id in {"contracts", "meetings"}:
        return (KeywordReader(task),)
    if not examples:
        return ()
    return (
        LabelBaseline("commonest label", majority, examples),
        LabelBaseline("words, linear model", linear, examples),
    )
