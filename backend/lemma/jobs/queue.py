"""The queue as its own role sees it: over all organisations, identifiers only.

Everything that procrastinate leaves to us is here: finding jobs whose worker is gone, refusing the last
words of a worker that was given up for dead, dead jobs, virtual time, and clearing away.
"""

import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from procrastinate import App, PsycopgConnector, exceptions, sql
from psycopg_pool import AsyncConnectionPool, PoolTimeout
from sqlalchemy import URL

from lemma.core.errors import NotFound, Unavailable
from lemma.db.addresses import conninfo
from lemma.jobs.job import FIRST

log = logging.getLogger(__name__)

REBASE_AFTER = 1_000_000_000  # Virtual time is pulled back before priorities run out of 32 bits.

_FENCE = """
    FROM (SELECT id FROM procrastinate_jobs
           WHERE id = %(job_id)s AND worker_id = %(fence)s AND status = 'doing' FOR UPDATE) AS mine
"""
_FENCED = {
    sql.queries["finish_job"]: (
        "SELECT procrastinate_finish_job_v1(mine.id, %(status)s, %(delete_job)s)" + _FENCE
    ),
    sql.queries["retry_job"]: (
        "SELECT procrastinate_retry_job_v2(mine.id, %(retry_at)s, %(new_priority)s, %(new_queue_name)s,"
        " %(new_lock)s)" + _FENCE
    ),
}

_RESCUE = """
UPDATE procrastinate_jobs AS job
   SET status = (CASE WHEN abort_requested THEN 'aborted' ELSE 'todo' END)::procrastinate_job_status,
       worker_id = NULL,
       args = args || jsonb_build_object('lost', coalesce((args ->> 'lost')::int, 0) + 1),
       scheduled_at = CASE WHEN args ->> 'lost' IS NOT NULL
                           THEN now() + make_interval(secs => %(lease)s * (1 + random())) END
 WHERE id IN (
        SELECT stalled.id FROM procrastinate_jobs AS stalled
          LEFT JOIN procrastinate_workers AS worker ON worker.id = stalled.worker_id
         WHERE stalled.status = 'doing'
           AND (worker.id IS NULL OR worker.last_heartbeat < now() - make_interval(secs => %(lease)s))
           FOR UPDATE OF stalled SKIP LOCKED)
RETURNING id
"""

_DEAD = """
SELECT job.id, task_name, queue_name, args, attempts,
       (SELECT max(at) FROM procrastinate_events AS event WHERE event.job_id = job.id) AS died_at
  FROM procrastinate_jobs AS job WHERE status = 'failed' ORDER BY id DESC LIMIT %(limit)s
"""

_RERUN = """
UPDATE procrastinate_jobs
   SET status = 'todo', attempts = 0, scheduled_at = NULL, worker_id = NULL,
       args = args || jsonb_build_object('rerun_at', now())
 WHERE id = %(job_id)s AND status = 'failed' RETURNING id
"""

_REBASE = """
WITH base AS (
    UPDATE clock SET now = 0 FROM (SELECT now FROM clock FOR UPDATE) AS before
     WHERE before.now > %(after)s RETURNING before.now AS value),
shares AS (
    UPDATE fair_share SET finish = greatest(0, finish - base.value) FROM base RETURNING 1)
UPDATE procrastinate_jobs SET priority = least(priority + base.value, %(first)s)
  FROM base WHERE status IN ('todo', 'doing')
RETURNING id
"""

_CLEAR = """
DELETE FROM procrastinate_jobs WHERE id IN (
    SELECT id FROM procrastinate_jobs AS job
     WHERE status IN ('succeeded', 'cancelled', 'aborted')
       AND NOT EXISTS (SELECT 1 FROM procrastinate_events AS event
                        WHERE event.job_id = job.id AND event.at > now() - make_interval(secs => %(age)s))
     LIMIT 5000)
RETURNING id
"""


class QueueUnavailable(Unavailable):
    """The queue's database does not answer."""

    code = "queue_unavailable"
    title = "The queue does not answer"


class JobNotDead(NotFound):
    """There is no dead job with this id."""

    code = "job_not_dead"
    title = "No such dead job"


@dataclass(frozen=True, slots=True)
class DeadJob:
    """A job that used up its tries. `payload` holds identifiers."""

    id: int
    name: str
    queue: str
    payload: Mapping[str, Any]
    attempts: int
    died_at: datetime | None


class FencedConnector(PsycopgConnector):
    """Lets a worker end or put back only what is still its own.

    Procrastinate takes any worker's word for the end of a job. A worker that was frozen past its lease
    would then end a job that another has taken over, and if that other died, the job would be lost.

    Where the end of a job cannot be stored, `end_lost` is told. Procrastinate would leave the error to
    nobody and work on: a worker that lives keeps its lease, and nobody would ever look after that job.
    """

    _worker_id: int | None = None
    end_lost: Callable[[], None] | None = None

    async def execute_query_one_async(self, query: str, **arguments: Any) -> dict[str, Any]:
        row: dict[str, Any] = await super().execute_query_one_async(query, **arguments)
        if query == sql.queries["register_worker"]:
            self._worker_id = row["worker_id"]
        return row

    async def execute_query_async(self, query: str, **arguments: Any) -> None:
        fenced = _FENCED.get(query)
        if fenced is not None and self._worker_id is not None:
            query, arguments = fenced, arguments | {"fence": self._worker_id}
        try:
            await super().execute_query_async(query, **arguments)
        except exceptions.ConnectorException as error:
            if fenced is None or self.end_lost is None:
                raise
            log.warning("The end of job %s could not be stored: %s", arguments["job_id"], error.__cause__)
            self.end_lost()


class Queue:
    """The queue over a small pool of connections of its own. Use `async with Queue.open(address)`.

    One `Queue` serves one worker: its connector knows that worker's number.
    """

    def __init__(self, connector: FencedConnector) -> None:
        self.connector = connector
        self.app = App(connector=connector)

    @classmethod
    @asynccontextmanager
    async def open(cls, address: URL, *, connections: int = 4, patience: float = 10.0) -> AsyncIterator[Self]:
        """Connects as role `lemma_jobs`. Raises QueueUnavailable after `patience` seconds."""
        check = AsyncConnectionPool.check_connection
        pool = AsyncConnectionPool(
            conninfo(address), min_size=1, max_size=connections, timeout=patience, check=check, open=False
        )
        try:
            await pool.open(wait=True, timeout=patience)
            queue = cls(FencedConnector())
            await queue.app.open_async(pool)
            yield queue
        except PoolTimeout as error:
            raise QueueUnavailable("The queue's database does not answer.") from error
        finally:
            await pool.close()

    async def rows(self, query: str, **arguments: Any) -> list[dict[str, Any]]:
        """Runs a statement as `lemma_jobs`. Raises QueueUnavailable."""
        try:
            rows: list[dict[str, Any]] = await self.connector.execute_query_all_async(query, **arguments)
        except exceptions.ConnectorException as error:
            raise QueueUnavailable("The queue's database does not answer.") from error
        return rows

    async def rescue(self, lease: float) -> list[int]:
        """Makes jobs due again whose worker has not been heard of for `lease` seconds. Gives their ids.

        One statement that locks what it takes: two rescuers never put the same job back twice. A job that
        was lost before waits a lease or two, so that one which kills its workers leaves them time to live.
        Being lost is not failing: it takes none of the job's tries.
        """
        return [row["id"] for row in await self.rows(_RESCUE, lease=lease)]

    async def began(self, priority: int) -> None:
        """Moves virtual time on to the start tag of a job that begins."""
        await self.rows(
            "UPDATE clock SET now = %(tag)s WHERE now < %(tag)s RETURNING now", tag=FIRST - priority
        )

    async def rebase(self, after: int = REBASE_AFTER) -> None:
        """Pulls virtual time back to 0, and everything measured in it with it, once it is past `after`."""
        await self.rows(_REBASE, after=after, first=FIRST)

    async def dead(self, limit: int = 100) -> list[DeadJob]:
        """Jobs that used up their tries, the latest first."""
        return [
            DeadJob(
                id=row["id"],
                name=row["task_name"],
                queue=row["queue_name"],
                payload=row["args"],
                attempts=row["attempts"],
                died_at=row["died_at"],
            )
            for row in await self.rows(_DEAD, limit=limit)
        ]

    async def rerun(self, job_id: int) -> None:
        """Gives a dead job all its tries again, from now. Raises JobNotDead."""
        if not await self.rows(_RERUN, job_id=job_id):
            raise JobNotDead(f"Job {job_id} is not dead, or does not exist.")

    async def clear(self, age: float) -> int:
        """Forgets jobs that ended well more than `age` seconds ago. Gives how many. Dead ones stay."""
        return len(await self.rows(_CLEAR, age=age))
