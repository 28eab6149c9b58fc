"""What a worker writes about runs. Every write is fenced: it counts only while the attempt is its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Update, case, delete, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from lemma.db.edge import Database
from lemma.features.catalog.service import field_at
from lemma.features.documents.models import Document
from lemma.features.material.content import passage_json
from lemma.features.material.shelf import Counting, keep
from lemma.features.runs.duplicates import duplicate_rules
from lemma.features.runs.journal import record
from lemma.features.runs.models import CellRow, Result, Run
from lemma.features.usage.models import Usage
from lemma.jobs import Started
from lemma.reading.reader import Reading
from lemma.reading.schema import Task
from lemma.reading.serialise import cell_json, rule_json
from lemma.reading.source import Source


@dataclass(frozen=True, slots=True)
class Held:
    """A run that this worker has taken: `attempt` is its fence, `lost` how many workers died over it."""

    run_id: UUID
    attempt: int
    lost: int
    document_id: UUID
    document_name: str
    task: str


class RunLedger:
    """Takes and ends the runs of one job. Each method is one short transaction.

    All raise DatabaseUnavailable. Those that give a bool give False where the run is no longer ours: it was
    taken over, cancelled or deleted, and nothing was written.
    """

    def __init__(self, database: Database, started: Started) -> None:
        self._database = database
        self._organisation_id = started.organisation_id
        self._started = started

    async def open_runs(self, ids: Sequence[UUID]) -> tuple[list[UUID], list[UUID]]:
        """Those that are still to be done: the sound ones, and those over which a worker died."""
        async with self._database.transaction(self._organisation_id, read_only=True) as session:
            rows = (
                await session.execute(
                    select(Run.id, Run.state, Run.lost)
                    .where(Run.organisation_id == self._organisation_id, Run.id.in_(ids), self._takeable())
                    .order_by(Run.id)
                )
            ).all()
        suspect = [row.id for row in rows if row.lost or row.state == "running"]
        return [row.id for row in rows if row.id not in suspect], suspect

    async def take(self, run_id: UUID) -> Held | None:
        """Begins a new attempt, which ends the right of every earlier one to write. None if it is done,
        ended or gone. A run that is found running was lost by the worker that had it."""
        async with self._database.transaction(self._organisation_id) as session:
            row = (
                await session.execute(
                    self._run(run_id)
                    .where(self._takeable())
                    .values(
                        attempt=Run.attempt + 1,
                        lost=Run.lost + case((Run.state == "running", 1), else_=0),
                        state="running",
                        error=None,
                        job_id=self._started.id,
                        started_at=func.coalesce(Run.started_at, func.now()),
                        finished_at=None,
                    )
                    .returning(Run.attempt, Run.lost, Run.document_id, Run.task)
                )
            ).one_or_none()
            if row is None:
                return None
            name = await session.scalar(
                select(Document.name).where(
                    Document.organisation_id == self._organisation_id, Document.id == row.document_id
                )
            )
            await self._note(session, run_id, "state", {"state": "running"})
        return Held(run_id, row.attempt, row.lost, row.document_id, name or "", row.task)

    async def finish(
        self, held: Held, task: Task, source: Source, reading: Reading, model: str, stocked: Counting
    ) -> bool:
        """Stores what was read, counts it, and ends the run: all of it in one transaction, or nothing.

        The material that it was `stocked` with is kept too, so that the run can be understood later.
        """
        prompt_tokens, completion_tokens = reading.tokens
        async with self._database.transaction(self._organisation_id) as session:
            mine = await self._end(
                session,
                held,
                state="done",
                model=model,
                material=stocked.version,
                prompt_tokens=prompt_tokens,
                completion_tokens=completion_tokens,
                progress={},
            )
            if not mine:
                return False
            await keep(session, self._organisation_id, task.id, stocked)
            await self._store(session, held, task, reading)
            await session.execute(
                upsert(Usage)
                .values(
                    organisation_id=self._organisation_id,
                    run_id=held.run_id,
                    pages=sum(page.kind != "xml" for page in source.pages),
                    prompt_tokens=prompt_tokens,
                    completion_tokens=completion_tokens,
                )
                .on_conflict_do_nothing()
            )
        return True

    async def fail(self, held: Held, problem: Mapping[str, Any]) -> bool:
        """Ends the run with the problem object that says why."""
        async with self._database.transaction(self._organisation_id) as session:
            return await self._end(session, held, state="failed", error=dict(problem), progress={})

    async def release(self, held: Held) -> bool:
        """Lets the run wait again, for a later try or another worker, with nobody to blame."""
        async with self._database.transaction(self._organisation_id) as session:
            freed = await session.execute(
                self._mine(held).values(state="waiting", progress={}).returning(Run.id)
            )
            if freed.one_or_none() is None:
                return False
            await self._note(session, held.run_id, "state", {"state": "waiting"})
        return True

    async def tell(self, held: Held, progress: Mapping[str, Any]) -> bool:
        """Says how far the run is."""
        async with self._database.transaction(self._organisation_id) as session:
            told = await session.execute(self._mine(held).values(progress=dict(progress)).returning(Run.id))
            if told.one_or_none() is None:
                return False
            await self._note(session, held.run_id, "progress", progress)
        return True

    async def still_mine(self, held: Sequence[Held]) -> set[UUID]:
        """Which of these runs are still ours."""
        async with self._database.transaction(self._organisation_id, read_only=True) as session:
            rows = await session.execute(
                select(Run.id, Run.attempt).where(
                    Run.organisation_id == self._organisation_id,
                    Run.id.in_([each.run_id for each in held]),
                    Run.state == "running",
                )
            )
            attempts = {row.id: row.attempt for row in rows}
        return {each.run_id for each in held if attempts.get(each.run_id) == each.attempt}

    async def document_ready(self, held: Held, source: Source) -> None:
        """The document's source is stored."""
        await self._document(
            held,
            state="ready",
            error=None,
            media_type=source.media_type,
            page_count=sum(page.kind != "xml" for page in source.pages),
        )

    async def document_failed(self, held: Held, problem: Mapping[str, Any]) -> None:
        """No source can be made of the document."""
        await self._document(held, state="failed", error=dict(problem))

    async def _document(self, held: Held, **values: Any) -> None:
        async with self._database.transaction(self._organisation_id) as session:
            await session.execute(
                update(Document)
                .where(Document.organisation_id == self._organisation_id, Document.id == held.document_id)
                .values(**values)
            )

    async def _end(self, session: AsyncSession, held: Held, **values: Any) -> bool:
        ended = await session.execute(
            self._mine(held).values(finished_at=func.now(), **values).returning(Run.id)
        )
        if ended.one_or_none() is None:
            return False
        await self._note(session, held.run_id, "state", {"state": values["state"]})
        return True

    async def _store(self, session: AsyncSession, held: Held, task: Task, reading: Reading) -> None:
        key = {"organisation_id": self._organisation_id, "run_id": held.run_id}
        for table in (Result, CellRow):
            await session.execute(delete(table).filter_by(**key))
        duplicates = await duplicate_rules(session, self._organisation_id, held.run_id, task, reading)
        await session.execute(
            insert(Result).values(
                **key,
                attempt=held.attempt,
                rules=[*(rule_json(rule) for rule in reading.rules), *duplicates],
                notes=list(reading.notes),
                passages=[passage_json(passage) for passage in reading.passages] or None,
            )
        )
        rows = []
        for position, cell in enumerate(reading.cells):
            field = field_at(task, cell.path)
            kind = field.kind if field else "quote"
            rows.append({**key, "position": position, "kind": kind, **cell_json(cell)})
        if rows:
            await session.execute(insert(CellRow), rows)

    async def _note(self, session: AsyncSession, run_id: UUID, kind: str, data: Mapping[str, Any]) -> None:
        await record(session, self._organisation_id, run_id, kind, data)

    def _run(self, run_id: UUID) -> Update:
        return (
            update(Run)
            .where(Run.organisation_id == self._organisation_id, Run.id == run_id)
            .execution_options(synchronize_session=False)
        )

    def _mine(self, held: Held) -> Update:
        return self._run(held.run_id).where(Run.attempt == held.attempt, Run.state == "running")

    def _takeable(self) -> Any:
        """Open runs; and failed ones, where an operator runs a dead job again that left them failed."""
        is_open = Run.state.in_(("waiting", "running"))
        rerun_at: datetime | None = self._started.rerun_at
        if rerun_at is None:
            return is_open
        return or_(is_open, (Run.state == "failed") & (Run.finished_at < rerun_at))
