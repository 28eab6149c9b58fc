"""How a worker ends: in good order when asked, with an error when it lost the database."""

import asyncio
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

import procrastinate
import pytest
from procrastinate.exceptions import ConnectorException
from psycopg import sql

from lemma.db.addresses import Addresses
from lemma.db.edge import Database
from lemma.jobs import (
    Job,
    JobState,
    JobWorker,
    Queue,
    QueueUnavailable,
    Started,
    WorkerBroke,
    WorkerOptions,
    enqueue,
    progress,
)
from lemma.jobs.queue import FencedConnector
from tests.fixtures.database import Server

SLOW = Job("tests.slow", queue="tests", tries=3)
END = "procrastinate_finish_job_v1"
QUICK = WorkerOptions(jobs=2, heartbeat=0.5, lease=60.0, grace=60.0, poll=0.1)
PATIENT = 120
"""Seconds that a busy machine may need; nothing here waits for time alone."""


class Slow:
    """A handler that takes its time, and tells what became of it."""

    def __init__(self, seconds: float, *, fail: bool = False) -> None:
        self.seconds, self.fail = seconds, fail
        self.began, self.ended, self.cut = asyncio.Event(), 0, 0
        self.started: list[Started] = []
        self.payloads: list[Mapping[str, Any]] = []

    async def __call__(self, started: Started, payload: Mapping[str, Any]) -> None:
        self.started.append(started)
        self.payloads.append(payload)
        self.began.set()
        try:
            await asyncio.sleep(self.seconds)
        except asyncio.CancelledError:
            self.cut += 1
            raise
        self.ended += 1
        if self.fail:
            raise ValueError("on purpose")


async def put_in(database: Database, organisation_id: UUID) -> int:
    async with database.transaction(organisation_id) as session:
        return await enqueue(session, SLOW, {"note": 1}, organisation_id=organisation_id)


async def state(database: Database, organisation_id: UUID, job_id: int) -> JobState:
    async with database.transaction(organisation_id) as session:
        found = await progress(session, job_id)
    assert found is not None
    return found


async def test_asked_to_stop_it_finishes_what_it_does(
    database: Database, queue: Queue, organisation: UUID
) -> None:
    job_id = await put_in(database, organisation)
    handler = Slow(5)  # Longer than the lease: the heart must go on beating meanwhile.
    worker = JobWorker(queue, {SLOW: handler}, options=replace(QUICK, jobs=1, lease=4.0))
    task = asyncio.create_task(worker.run(signals=False))
    async with asyncio.timeout(PATIENT):
        await handler.began.wait()
        left_over = await put_in(database, organisation)
        worker.stop()
        await asyncio.sleep(4.5)
        assert await queue.rescue(lease=4.0) == []
        await task

    assert (handler.ended, handler.cut) == (1, 0)
    assert handler.payloads == [{"note": 1}]
    assert handler.started[0].organisation_id == organisation
    assert (await state(database, organisation, job_id)).state == "succeeded"
    assert (await state(database, organisation, left_over)).state == "todo"


async def test_what_does_not_finish_in_time_is_given_back(
    database: Database, queue: Queue, organisation: UUID
) -> None:
    job_id = await put_in(database, organisation)
    handler = Slow(600)
    worker = JobWorker(queue, {SLOW: handler}, options=replace(QUICK, grace=0.1))
    task = asyncio.create_task(worker.run(signals=False))
    async with asyncio.timeout(PATIENT):
        await handler.began.wait()
        worker.stop()
        await task

    assert handler.cut == 1
    given_back = await state(database, organisation, job_id)
    assert given_back.state == "todo"
    assert given_back.scheduled_at is not None  # Due at once, for another worker.


async def test_a_failing_job_waits_and_is_told_when_it_is_the_last_try(
    database: Database, queue: Queue, organisation: UUID
) -> None:
    job_id = await put_in(database, organisation)
    handler = Slow(0, fail=True)
    worker = JobWorker(queue, {SLOW: handler}, options=QUICK)
    task = asyncio.create_task(worker.run(signals=False))
    async with asyncio.timeout(PATIENT):
        while (await state(database, organisation, job_id)).state != "failed":
            await asyncio.sleep(0.1)
            await queue.rows("UPDATE procrastinate_jobs SET scheduled_at = NULL RETURNING 1")
    worker.stop()
    await task

    assert [started.last for started in handler.started] == [False, False, True]
    (dead,) = await queue.dead()
    assert dead.id == job_id


async def test_without_its_database_it_ends_with_an_error(
    database: Database, addresses: Addresses, organisation: UUID, server: Server
) -> None:
    name = str(addresses.jobs.database)
    handler = Slow(0.1)
    async with Queue.open(addresses.jobs, patience=5) as queue:
        worker = JobWorker(queue, {SLOW: handler}, options=QUICK)
        task = asyncio.create_task(worker.run(signals=False))
        await put_in(database, organisation)
        async with asyncio.timeout(PATIENT):
            await handler.began.wait()
        with server.admin() as connection:
            connection.execute(
                sql.SQL("ALTER DATABASE {} WITH ALLOW_CONNECTIONS false").format(sql.Identifier(name))
            )
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,)
            )
        with pytest.raises(WorkerBroke):
            await asyncio.wait_for(task, PATIENT)


async def test_a_worker_that_cannot_store_an_end_leaves_its_jobs_to_others(
    database: Database, addresses: Addresses, organisation: UUID, server: Server
) -> None:
    job_id = await put_in(database, organisation)
    with server.admin(str(addresses.jobs.database)) as connection:
        connection.execute(f"REVOKE EXECUTE ON FUNCTION jobs.{END} FROM PUBLIC, lemma_jobs")
    async with Queue.open(addresses.jobs) as queue:
        worker = JobWorker(queue, {SLOW: Slow(0)}, options=QUICK)
        with pytest.raises(WorkerBroke):
            await asyncio.wait_for(worker.run(signals=False), PATIENT)
        assert (await state(database, organisation, job_id)).state == "doing"
        assert await queue.rescue(lease=3600) == [job_id]


class Deaf(FencedConnector):
    """Its connection dies whenever a heartbeat is cancelled: the error takes the cancellation's place."""

    def __init__(self) -> None:
        super().__init__()
        self.beating = asyncio.Event()

    async def execute_query_async(self, query: str, **arguments: Any) -> None:
        if query != procrastinate.sql.queries["update_heartbeat"]:
            return await super().execute_query_async(query, **arguments)
        try:
            self.beating.set()
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            raise ConnectorException from None


async def test_a_heart_that_does_not_hear_stops_nevertheless(queue: Queue) -> None:
    connector = Deaf()
    deaf = Queue(connector)
    await deaf.app.open_async(queue.connector.pool)
    worker = JobWorker(deaf, {SLOW: Slow(0)}, options=QUICK)
    task = asyncio.create_task(worker.run(signals=False))
    async with asyncio.timeout(PATIENT):
        await connector.beating.wait()
        await asyncio.sleep(2 * QUICK.heartbeat)  # Both hearts, ours and procrastinate's, wait now.
        worker.stop()
        await task


async def test_a_queue_that_is_not_there_says_so(addresses: Addresses) -> None:
    with pytest.raises(QueueUnavailable):
        async with Queue.open(addresses.jobs.set(database="no_such_database"), patience=0.5):
            pass


def test_faults_lose_nothing_and_repeat_nothing() -> None:
    """Five rounds of `make faults`, which plays a hundred: killed and frozen workers, a killed database."""
    played = subprocess.run(
        [sys.executable, "-m", "tests.faults.run", "--rounds", "5", "--runs", "50"],
        check=False, capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    assert played.returncode == 0, played.stdout + played.stderr
    assert played.stdout.splitlines()[-1] == "7, 50, 0, 0"
