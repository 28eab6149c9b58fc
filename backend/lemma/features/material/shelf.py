"""The material that counts for an organisation's task now, with the version that names it."""

from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from lemma.db.edge import Database
from lemma.features.material.content import (
    Stock,
    content_of,
    labels_from,
    passage_from,
    version_of,
)
from lemma.features.material.models import OwnMaterial
from lemma.features.material.repository import MaterialRepository, keep_version
from lemma.reading.material import PLAYBOOK, Labelled, Material, over, parse_material
from lemma.reading.schema import Task
from lemma.tasks import default_material

MOST_KEPT = 32


@dataclass(frozen=True, slots=True)
class Counting:
    """The material that counts, and its version."""

    stock: Stock
    version: str

    @property
    def material(self) -> Material:
        return self.stock.material


def default_stock(task_id: str) -> Stock:
    """The task's own material: a sample company's, or nothing."""
    ours = default_material(task_id)
    return Stock(ours.material, ours.playbook)


def own_lists(own: OwnMaterial | None) -> Material:
    """The organisation's lists alone: all that a task needs to be shown."""
    lists = (own.lists if own else None) or {}
    return Material(lists={name: labels_from(labels) for name, labels in lists.items()})


async def counting(session: AsyncSession, organisation_id: UUID, task_id: str) -> Counting:
    """Everything that counts, read from the database."""
    ours = default_stock(task_id)
    repository = MaterialRepository(session, organisation_id, task_id)
    own, files = await repository.own(), await repository.files()
    playbook = own.playbook if own else None
    theirs = Material(
        lists=own_lists(own).lists,
        passages=tuple(passage_from(each) for file in files for each in file.passages),
        playbook=None if playbook is None else parse_material(playbook, name=PLAYBOOK).playbook,
        examples=tuple(
            Labelled(each["text"], each["values"]) for each in (own.examples if own else None) or ()
        ),
    )
    stock = Stock(over(ours.material, theirs), ours.playbook if playbook is None else playbook)
    return Counting(stock, version_of(content_of(stock)))


@dataclass(slots=True)
class Shelf:
    """Gives workers the material, read again only when it has changed. One for each process."""

    database: Database
    _kept: dict[tuple[UUID, str], tuple[tuple[object, ...], Counting]] = field(default_factory=dict)

    async def counting(self, organisation_id: UUID, task: Task) -> Counting:
        """The material that counts for this task now."""
        key = (organisation_id, task.id)
        async with self.database.transaction(organisation_id, read_only=True) as session:
            mark = await MaterialRepository(session, organisation_id, task.id).mark()
            kept = self._kept.pop(key, None)
            found = kept[1] if kept and kept[0] == mark else await counting(session, organisation_id, task.id)
        self._kept[key] = (mark, found)  # Put last again: the first is the one not used for longest.
        while len(self._kept) > MOST_KEPT:
            del self._kept[next(iter(self._kept))]
        return found


async def keep(session: AsyncSession, organisation_id: UUID, task_id: str, found: Counting) -> None:
    """Keeps the version, so that whoever was read with it can say what it was."""
    await keep_version(session, organisation_id, task_id, found.version, content_of(found.stock))
