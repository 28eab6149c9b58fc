"""Adapters: each family of labelled sets, told by the shape of its records rather than by its name."""

from lemma.core.errors import InvalidInput
from lemma.evaluation.records import LabelledSet
from lemma.evaluation.sets.base import Adapter, Answer, Case, CitedLine
from lemma.evaluation.sets.contracts import Contracts
from lemma.evaluation.sets.invoices import BROADCAST, RECEIPTS, Invoices
from lemma.evaluation.sets.meetings import Meetings
from lemma.evaluation.sets.questionnaires import Reports, Sections, Statements
from lemma.evaluation.sets.tickets import Actions, Topics
from lemma.evaluation.sets.transactions import Transactions

__all__ = ["ADAPTERS", "Adapter", "Answer", "Case", "CitedLine", "NoAdapter", "adapter_for"]

ADAPTERS: tuple[Adapter, ...] = (
    Invoices(),
    BROADCAST,
    RECEIPTS,
    Contracts(),
    Meetings(),
    Statements(),
    Sections(),
    Reports(),
    Transactions(),
    Actions(),
    Topics(),
)


class NoAdapter(InvalidInput):
    """A labelled set that no task answers."""

    code = "labelled_set_not_for_a_task"
    title = "No task answers this labelled set"


def adapter_for(of: LabelledSet, task: str | None = None) -> Adapter:
    """The family of a set. Raises NoAdapter where there is none, or it is for another task than `task`."""
    found = next((each for each in ADAPTERS if each.fits(of)), None)
    if found is None:
        leaves = ", ".join(sorted(of.shares)[:8])
        raise NoAdapter(
            f"{of.name} labels {leaves}, which is none of the six tasks "
            "(a fixed form, for instance, is a task of its own that a customer defines)."
        )
    if task is not None and found.task != task:
        raise NoAdapter(f"{of.name} holds {found.family}, which the task {found.task} answers, not {task}.")
    return found
