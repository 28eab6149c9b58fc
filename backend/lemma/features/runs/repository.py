"""Runs in the database. Every query starts from `_mine`; row-level security stands behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, cast, delete, func, select
from sqlalchemy.dialects.postgresql import JSONPATH
from sqlalchemy.ext.asyncio import AsyncSession

from lemma.core.ids import new_id
from lemma.features.documents.models import Document
from lemma.features.runs.models import CellRow, Result, Run, RunEvent


@dataclass(frozen=True, slots=True)
class RunOfDocument:
    """A run with the document that it reads."""

    run: Run
    document: Document


@dataclass(frozen=True, slots=True)
class Counts:
    """What a run gave, in numbers. `absent` counts fields, not the gaps within rows."""

    found: int = 0
    doubtful: int = 0
    absent: int = 0
    rules_failed: int = 0


class RunRepository:
    """The runs of one organisation."""

    def __init__(self, session: AsyncSession, organisation_id: UUID) -> None:
        self._session = session
        self._organisation_id = organisation_id

    def _mine(self) -> Select[Run, Document]:
        same = (Document.organisation_id == Run.organisation_id) & (Document.id == Run.document_id)
        return select(Run, Document).join(Document, same).where(Run.organisation_id == self._organisation_id)

    async def get(self, run_id: UUID, *, lock: bool = False) -> RunOfDocument | None:
        """The run, if it is this organisation's. With `lock`, nobody else changes it meanwhile."""
        query = self._mine().where(Run.id == run_id)
        if lock:
            query = query.with_for_update(of=Run)
        row = (await self._session.execute(query)).one_or_none()
        return None if row is None else RunOfDocument(row[0], row[1])

    async def list(
        self, *, state: str | None, task: str | None, after: UUID | None, limit: int
    ) -> list[RunOfDocument]:
        """The newest first, from the one after `after`."""
        query = self._mine().order_by(Run.id.desc()).limit(limit)
        if state is not None:
            query = query.where(Run.state == state)
        if task is not None:
            query = query.where(Run.task == task)
        if after is not None:
            query = query.where(Run.id < after)
        return [RunOfDocument(run, document) for run, document in await self._session.execute(query)]

    def add(self, document: Document, *, task: str, task_version: str) -> Run:
        """A new run, waiting."""
        run = Run(
            organisation_id=self._organisation_id,
            id=new_id(),
            document_id=document.id,
            task=task,
            task_version=task_version,
        )
        self._session.add(run)
        return run

    async def cells(self, run_id: UUID) -> Sequence[CellRow]:
        """The cells in the order of the task's fields."""
        query = select(CellRow).where(
            CellRow.organisation_id == self._organisation_id, CellRow.run_id == run_id
        )
        return (await self._session.scalars(query.order_by(CellRow.position))).all()

    async def counts(self, run_ids: Sequence[UUID]) -> dict[UUID, Counts]:
        """What each of these runs gave; those that gave nothing yet are missing."""
        failed = func.jsonb_array_length(
            func.jsonb_path_query_array(Result.rules, cast("$[*] ? (@.passed == false)", JSONPATH))
        )
        cells = (
            select(
                CellRow.run_id,
                func.count().filter(CellRow.status.in_(("found", "derived"))).label("found"),
                func.count().filter(CellRow.status.in_(("unreadable", "conflicting"))).label("doubtful"),
                func.count().filter(CellRow.status == "absent", ~CellRow.path.contains("[")).label("absent"),
            )
            .where(CellRow.organisation_id == self._organisation_id, CellRow.run_id.in_(run_ids))
            .group_by(CellRow.run_id)
            .subquery()
        )
        query = (
            select(Result.run_id, cells.c.found, cells.c.doubtful, cells.c.absent, failed)
            .outerjoin(cells, cells.c.run_id == Result.run_id)
            .where(Result.organisation_id == self._organisation_id, Result.run_id.in_(run_ids))
        )
        rows = (await self._session.execute(query)).all()
        return {run_id: Counts(*(number or 0 for number in numbers)) for run_id, *numbers in rows}

    async def result(self, run_id: UUID) -> Result | None:
        """The result, if the run is done."""
        query = select(Result).where(Result.organisation_id == self._organisation_id, Result.run_id == run_id)
        return (await self._session.scalars(query)).one_or_none()

    async def events(self, run_id: UUID, *, after: int, limit: int = 200) -> Sequence[RunEvent]:
        """What happened after event number `after`, in order."""
        query = select(RunEvent).where(
            RunEvent.organisation_id == self._organisation_id,
            RunEvent.run_id == run_id,
            RunEvent.seq > after,
        )
        return (await self._session.scalars(query.order_by(RunEvent.seq).limit(limit))).all()

    async def state(self, run_id: UUID) -> str | None:
        """The run's state, or None where there is no such run."""
        query = select(Run.state).where(Run.organisation_id == self._organisation_id, Run.id == run_id)
        return (await self._session.scalars(query)).one_or_none()

    async def delete(self, run_id: UUID) -> None:
        """Forget the run, and with it its events, result and cells."""
        await self._session.execute(
            delete(Run).where(Run.organisation_id == self._organisation_id, Run.id == run_id)
        )

    async def count_of_document(self, document_id: UUID) -> int:
        """How many runs read the document."""
        query = select(func.count()).where(
            Run.organisation_id == self._organisation_id, Run.document_id == document_id
        )
        return (await self._session.scalars(query)).one()

    async def reads_with(self, material: str) -> bool:
        """Whether any run was read with this version of the material."""
        query = select(Run.id).where(Run.organisation_id == self._organisation_id, Run.material == material)
        return await self._session.scalar(query.limit(1)) is not None
