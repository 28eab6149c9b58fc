"""Puts jobs into the queue, in the transaction of the rows that they are about."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import ConnectorException
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from lemma.jobs.job import FIRST, Flow, Job
from lemma.jobs.queue import QueueUnavailable


@dataclass(frozen=True, slots=True)
class JobState:
    """Where a job stands: `todo`, `doing`, `succeeded`, `failed`, `cancelled` or `aborted`."""

    state: str
    attempts: int
    scheduled_at: datetime | None


async def enqueue(
    session: AsyncSession,
    job: Job,
    payload: Mapping[str, Any],
    *,
    organisation_id: UUID,
    cost: int = 1,
    flow: Flow = "interactive",
) -> int:
    """Adds a job to the caller's transaction and gives its id. It exists if and only if that commits.

    `payload` is JSON and holds identifiers, never content: the queue has no row-level secrets to keep.
    `cost` is the number of runs. It decides the place in the queue by start-time fair queueing (Goyal,
    Vin, Cheng 1996): who has used less of its share starts sooner, so that a batch of ten thousand does
    not hold up anybody's single upload.
    Raises QueueUnavailable.
    """
    start = await session.scalar(text("SELECT jobs.start_tag(:flow, :cost)"), {"flow": flow, "cost": cost})
    priority = max(FIRST - int(start), -FIRST)
    connection = await _driver_connection(session)
    deferrer = App(connector=PsycopgConnector()).configure_task(
        job.name,
        queue=job.queue,
        priority=priority,
        connection=connection,
    )
    with _plain_errors():
        return await deferrer.defer_async(organisation_id=str(organisation_id), **payload)


async def cancel(session: AsyncSession, job_id: int) -> bool:
    """Takes a job that has not started out of the queue. False if it has started, ended, or is another
    organisation's. What a started job works on is stopped by its own rows, such as a run's state."""
    connector, connection = PsycopgConnector(), await _driver_connection(session)
    with _plain_errors():
        row = await connector.execute_query_one_async_with_connection(
            connection, "SELECT procrastinate_cancel_job_v1(%(job_id)s, false, false) AS id", job_id=job_id
        )
    return row["id"] is not None


async def progress(session: AsyncSession, job_id: int) -> JobState | None:
    """Where the job stands, or None if there is none of this organisation's with this id."""
    row = (
        await session.execute(
            text("SELECT status::text, attempts, scheduled_at FROM jobs.procrastinate_jobs WHERE id = :id"),
            {"id": job_id},
        )
    ).one_or_none()
    return None if row is None else JobState(*row)


@contextmanager
def _plain_errors() -> Iterator[None]:
    """A database that is away is said to be away, also where procrastinate noticed."""
    try:
        yield
    except ConnectorException as error:
        if isinstance(error.__cause__, psycopg.OperationalError):
            raise QueueUnavailable("The queue's database does not answer. Try again shortly.") from error
        raise


async def _driver_connection(session: AsyncSession) -> psycopg.AsyncConnection:
    """The psycopg connection under the session's transaction: procrastinate writes over it."""
    raw = await (await session.connection()).get_raw_connection()
    connection = raw.driver_connection
    if not isinstance(connection, psycopg.AsyncConnection):
        raise TypeError("Jobs need the psycopg driver under SQLAlchemy.")
    return connection
