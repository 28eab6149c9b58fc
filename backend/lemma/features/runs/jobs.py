"""The job of runs: which runs it covers, how it gets into the queue, and what becomes of runs without one."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from lemma.db.edge import Database
from lemma.features.runs.journal import record
from lemma.features.runs.models import Run
from lemma.jobs import Flow, Job, Queue, cancel, enqueue

READ_RUNS = Job("runs.read", queue="runs")

CHUNK = 16  # Runs of one job: the queue stays short, and model calls of one job overlap.
BATCH_FROM = 33  # Runs of one submission, from which on it is a batch and no longer a person who waits.

_ORPHANS = """
SELECT organisation_id, array_agg(id) AS run_ids, array_remove(array_agg(DISTINCT job_id), NULL) AS job_ids
  FROM (
    SELECT organisation_id, id, job_id FROM public.run
     WHERE state IN ('waiting', 'running') AND updated_at < now() - make_interval(secs => %(grace)s)
       AND NOT EXISTS (SELECT 1 FROM procrastinate_jobs AS job
                        WHERE job.id = run.job_id AND job.status IN ('todo', 'doing', 'failed'))
     ORDER BY updated_at LIMIT 1000) AS orphan
 GROUP BY organisation_id
"""


async def enqueue_runs(
    session: AsyncSession, organisation_id: UUID, runs: Sequence[Run], *, flow: Flow | None = None
) -> None:
    """Gives waiting runs their jobs, in the caller's transaction: a committed run always has one.

    Runs of one task share jobs of up to 16.
    """
    flow = flow or ("batch" if len(runs) >= BATCH_FROM else "interactive")
    by_task: dict[str, list[Run]] = {}
    for run in runs:
        by_task.setdefault(run.task, []).append(run)
    for same in by_task.values():
        for start in range(0, len(same), CHUNK):
            await _enqueue_chunk(session, organisation_id, same[start : start + CHUNK], flow)
    await session.flush()


async def cancel_run(session: AsyncSession, run: Run) -> None:
    """Ends a run that has not ended. Whoever works on it finds out within a second or two and stops.

    `run` must be locked by the caller's transaction and not at its end.
    """
    run.state = "cancelled"
    run.finished_at = func.now()
    await session.flush()
    await record(session, run.organisation_id, run.id, "state", {"state": "cancelled"})
    if run.job_id is not None and not await _others(session, run):
        await cancel(session, run.job_id)


async def retry_run(session: AsyncSession, run: Run) -> None:
    """Lets a failed or cancelled run begin anew. `run` must be locked by the caller's transaction."""
    run.state, run.error, run.lost, run.progress = "waiting", None, 0, {}
    run.started_at = run.finished_at = None
    await record(session, run.organisation_id, run.id, "state", {"state": "waiting"})
    await enqueue_runs(session, run.organisation_id, [run])


def run_ids(payload: Mapping[str, Any]) -> list[UUID]:
    """The runs that a job covers."""
    return [UUID(text) for text in payload["run_ids"]]


class OrphanSweep:
    """A chore: gives open runs a new job whose own has ended without them.

    Nothing that we know of makes such runs, which is why we look: an operator who deletes jobs, a queue
    restored from another day's backup, a fault in the engine. Jobs that died of failures are left to the
    person who looks after dead jobs.
    """

    def __init__(self, database: Database, queue: Queue, *, grace: float = 60.0) -> None:
        self._database = database
        self._queue = queue
        self._grace = grace

    async def __call__(self) -> None:
        for row in await self._queue.rows(_ORPHANS, grace=self._grace):
            await self._adopt(row["organisation_id"], row["run_ids"], row["job_ids"])

    async def _adopt(self, organisation_id: UUID, ids: Sequence[UUID], lost: Sequence[int]) -> None:
        """Another worker may be at the same runs: whoever locks them first takes them.

        A run that another worker has taken since we looked has a job that is not among the `lost` ones.
        """
        async with self._database.transaction(organisation_id) as session:
            runs = (
                await session.scalars(
                    select(Run)
                    .where(
                        Run.organisation_id == organisation_id,
                        Run.id.in_(ids),
                        Run.state.in_(("waiting", "running")),
                        or_(Run.job_id.is_(None), Run.job_id.in_(lost)),
                        Run.updated_at < func.now() - func.make_interval(0, 0, 0, 0, 0, 0, self._grace),
                    )
                    .with_for_update(skip_locked=True)
                )
            ).all()
            await enqueue_runs(session, organisation_id, runs, flow="batch")


async def _enqueue_chunk(
    session: AsyncSession, organisation_id: UUID, runs: Sequence[Run], flow: Flow
) -> None:
    job_id = await enqueue(
        session,
        READ_RUNS,
        {"run_ids": [str(run.id) for run in runs]},
        organisation_id=organisation_id,
        cost=len(runs),
        flow=flow,
    )
    await session.execute(
        update(Run)
        .where(Run.organisation_id == organisation_id, Run.id.in_([run.id for run in runs]))
        .values(job_id=job_id, updated_at=func.now())
        .execution_options(synchronize_session=False)
    )


async def _others(session: AsyncSession, run: Run) -> bool:
    """Whether the run's job has other runs that are still open."""
    query = select(func.count()).where(
        Run.organisation_id == run.organisation_id,
        Run.job_id == run.job_id,
        Run.state.in_(("waiting", "running")),
    )
    return bool(await session.scalar(query))
