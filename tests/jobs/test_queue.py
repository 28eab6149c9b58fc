"""The queue's promises: a job is there with its rows or not at all, is fair, is fenced, and does not rot."""

import asyncio
from uuid import UUID, uuid4

import psycopg
import pytest
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Status
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from lemma.db.addresses import Addresses, conninfo
from lemma.db.edge import Database
from lemma.features.organisations.models import Organisation
from lemma.jobs import Job, JobNotDead, JobState, Queue, cancel, enqueue, progress
from lemma.jobs.job import FIRST
from lemma.jobs.queue import FencedConnector
from lemma.jobs.retry import LONGEST_WAIT, FullJitter, wait
from tests.fixtures.database import add_organisation

COUNT = Job("tests.count", queue="tests")


async def put_in(database: Database, organisation_id: UUID, cost: int = 1, **payload: object) -> int:
    async with database.transaction(organisation_id) as session:
        return await enqueue(session, COUNT, payload, organisation_id=organisation_id, cost=cost)


async def next_job(queue: Queue) -> int | None:
    """Takes the next job as a worker does. Virtual time moves on, as a worker lets it."""
    worker_id = await queue.app.job_manager.register_worker()
    job = await queue.app.job_manager.fetch_job(queues=[COUNT.queue], worker_id=worker_id)
    if job is None:
        return None
    await queue.began(job.priority)
    return job.id


async def test_a_committed_row_has_its_job(database: Database, queue: Queue, organisation: UUID) -> None:
    job_id = await put_in(database, organisation, note="kept")
    assert await next_job(queue) == job_id


async def test_a_rolled_back_row_has_none(database: Database, queue: Queue, organisation: UUID) -> None:
    async def fail() -> None:
        async with database.transaction(organisation) as session:
            session.add(Organisation(id=uuid4(), name="another's"))
            await enqueue(session, COUNT, {}, organisation_id=organisation)
            await session.flush()

    with pytest.raises(DBAPIError, match="row-level security"):
        await fail()
    assert await next_job(queue) is None


async def test_an_organisation_cannot_put_in_jobs_for_another(database: Database, organisation: UUID) -> None:
    other = await add_organisation(database)

    async def forge() -> None:
        async with database.transaction(organisation) as session:
            await enqueue(session, COUNT, {}, organisation_id=other)

    with pytest.raises(ConnectorException) as caught:
        await forge()
    assert isinstance(caught.value.__cause__, psycopg.errors.InsufficientPrivilege)


async def test_jobs_are_seen_and_cancelled_by_their_organisation_alone(
    database: Database, queue: Queue, organisation: UUID
) -> None:
    other = await add_organisation(database)
    job_id = await put_in(database, organisation)

    async with database.transaction(other) as session:
        assert await progress(session, job_id) is None
        assert not await cancel(session, job_id)
    async with database.transaction(organisation) as session:
        assert await progress(session, job_id) == JobState("todo", 0, None)
        assert await cancel(session, job_id)
        assert (await progress(session, job_id)) == JobState("cancelled", 0, None)
    assert await next_job(queue) is None


async def test_a_batch_does_not_hold_up_a_single_upload(database: Database, queue: Queue) -> None:
    big, small = await add_organisation(database, "big"), await add_organisation(database, "small")
    batch = [await put_in(database, big, cost=16) for _ in range(50)]
    assert [await next_job(queue) for _ in range(5)] == batch[:5]

    upload = await put_in(database, small)

    assert upload in [await next_job(queue) for _ in range(2)]


async def test_organisations_share_by_weight(database: Database, queue: Queue) -> None:
    light, heavy = await add_organisation(database), await add_organisation(database, weight=3)
    of_light = {await put_in(database, light, cost=16) for _ in range(40)}
    of_heavy = {await put_in(database, heavy, cost=16) for _ in range(40)}

    first = [await next_job(queue) for _ in range(40)]

    assert 29 <= len(of_heavy.intersection(first)) <= 31
    assert 9 <= len(of_light.intersection(first)) <= 11


async def test_idleness_is_not_saved_up(database: Database, queue: Queue) -> None:
    """Who was away for a thousand jobs gets a fair share from now on, and no more."""
    busy, back = await add_organisation(database), await add_organisation(database)
    for _ in range(30):
        await put_in(database, busy, cost=16)
        await next_job(queue)
    of_busy = {await put_in(database, busy, cost=16) for _ in range(10)}
    of_back = {await put_in(database, back, cost=16) for _ in range(10)}

    first = [await next_job(queue) for _ in range(10)]

    assert 4 <= len(of_busy.intersection(first)) <= 6
    assert 4 <= len(of_back.intersection(first)) <= 6


async def test_virtual_time_is_pulled_back_and_the_order_stays(
    database: Database, queue: Queue, organisation: UUID
) -> None:
    jobs = [await put_in(database, organisation, cost=16) for _ in range(6)]
    assert await next_job(queue) == jobs[0]
    assert await next_job(queue) == jobs[1]

    await queue.rebase(after=100)

    assert await queue.rows("SELECT now FROM clock") == [{"now": 0}]
    (row,) = await queue.rows("SELECT max(priority) AS top FROM procrastinate_jobs WHERE status = 'todo'")
    assert row["top"] == FIRST - 256
    later = await put_in(database, organisation)
    assert [await next_job(queue) for _ in range(5)] == [*jobs[2:], later]
    await queue.rebase()  # Far from due: nothing happens.
    assert (await queue.rows("SELECT now FROM clock"))[0]["now"] > 0


async def test_a_silent_workers_jobs_are_due_again_once(
    database: Database, queue: Queue, organisation: UUID
) -> None:
    job_id = await put_in(database, organisation)
    assert await next_job(queue) == job_id
    assert await queue.rescue(lease=60) == []
    await queue.rows("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '2 min' RETURNING 1")

    rescued = await asyncio.gather(*(queue.rescue(lease=60) for _ in range(3)))

    assert sorted(rescued) == [[], [], [job_id]]
    assert await next_job(queue) == job_id
    # Lost again, it waits: it may be what its workers die of.
    await queue.rows("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '2 min' RETURNING 1")
    assert await queue.rescue(lease=60) == [job_id]
    assert await next_job(queue) is None
    async with database.transaction(organisation) as session:
        waiting = await progress(session, job_id)
    assert waiting is not None
    assert (waiting.state, waiting.attempts) == ("todo", 0)


async def test_a_worker_given_up_for_dead_has_no_last_word(
    database: Database, queue: Queue, organisation: UUID, addresses: Addresses
) -> None:
    """A frozen worker wakes up and says its job is done, while another does it: that must not count."""
    job_id = await put_in(database, organisation)
    frozen, other = queue.app.job_manager, None
    worker_id = await frozen.register_worker()
    job = await frozen.fetch_job(queues=[COUNT.queue], worker_id=worker_id)
    assert job is not None
    await queue.rows("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '2 min' RETURNING 1")
    async with Queue.open(addresses.jobs) as second:
        assert isinstance(second.app.connector, FencedConnector)
        await second.rescue(lease=60)
        other = await second.app.job_manager.register_worker()
        assert await second.app.job_manager.fetch_job(queues=[COUNT.queue], worker_id=other) is not None

        await frozen.finish_job(job=job, status=Status.SUCCEEDED, delete_job=False)
        await frozen.retry_job(job=job)

        (row,) = await queue.rows("SELECT status::text, worker_id FROM procrastinate_jobs")
        assert row == {"status": "doing", "worker_id": other}
        await second.app.job_manager.finish_job(job=job, status=Status.SUCCEEDED, delete_job=False)
    async with database.transaction(organisation) as session:
        state = await progress(session, job_id)
    assert state is not None
    assert state.state == "succeeded"


async def test_dead_jobs_are_seen_and_run_again(database: Database, queue: Queue, organisation: UUID) -> None:
    job_id = await put_in(database, organisation, note="n")
    with pytest.raises(JobNotDead):
        await queue.rerun(job_id)
    worker_id = await queue.app.job_manager.register_worker()
    job = await queue.app.job_manager.fetch_job(queues=None, worker_id=worker_id)
    assert job is not None
    await queue.app.job_manager.finish_job(job=job, status=Status.FAILED, delete_job=False)

    (dead,) = await queue.dead()
    assert (dead.id, dead.name, dead.attempts) == (job_id, COUNT.name, 1)
    assert dead.payload == {"note": "n", "organisation_id": str(organisation)}
    assert dead.died_at is not None
    await queue.rerun(job_id)

    assert await queue.dead() == []
    assert await next_job(queue) == job_id


async def test_ended_jobs_are_forgotten_and_dead_ones_kept(
    database: Database, queue: Queue, organisation: UUID
) -> None:
    for status in (Status.SUCCEEDED, Status.FAILED):
        await put_in(database, organisation)
        worker_id = await queue.app.job_manager.register_worker()
        job = await queue.app.job_manager.fetch_job(queues=None, worker_id=worker_id)
        assert job is not None
        await queue.app.job_manager.finish_job(job=job, status=status, delete_job=False)
    await put_in(database, organisation)

    assert await queue.clear(age=3600) == 0
    assert await queue.clear(age=0) == 1
    assert len(await queue.dead()) == 1
    assert await next_job(queue) is not None


async def test_the_queues_role_reads_no_content(addresses: Addresses) -> None:
    async with await psycopg.AsyncConnection.connect(conninfo(addresses.jobs)) as connection:
        for query in ("SELECT * FROM document", "SELECT error FROM run", "SELECT * FROM cell"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                await connection.execute(query)
            await connection.rollback()


async def test_the_database_is_asked_for_tags_by_nobody_else(addresses: Addresses) -> None:
    async with await psycopg.AsyncConnection.connect(conninfo(addresses.jobs)) as connection:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await connection.execute("SELECT start_tag('interactive', 1)")


def test_waits_grow_and_are_spread() -> None:
    waits = {attempt: [wait(attempt) for _ in range(300)] for attempt in (0, 3, 30)}
    assert max(waits[0]) <= 1
    assert max(waits[3]) <= 8
    assert max(waits[30]) <= LONGEST_WAIT
    assert min(waits[30]) < LONGEST_WAIT / 4
    assert max(waits[30]) > LONGEST_WAIT * 3 / 4


async def test_a_job_is_tried_so_often_and_no_more(
    database: Database, queue: Queue, organisation: UUID
) -> None:
    await put_in(database, organisation)
    worker_id = await queue.app.job_manager.register_worker()
    job = await queue.app.job_manager.fetch_job(queues=None, worker_id=worker_id)
    assert job is not None
    strategy = FullJitter(3)
    error = ValueError()
    assert strategy.get_retry_decision(exception=error, job=job.evolve(attempts=1)) is not None
    assert strategy.get_retry_decision(exception=error, job=job.evolve(attempts=2)) is None
    # A worker that stops is no failure of the job.
    stopped = asyncio.CancelledError()
    assert strategy.get_retry_decision(exception=stopped, job=job.evolve(attempts=2)) is not None


async def test_nobody_sees_anothers_share(database: Database, organisation: UUID) -> None:
    await put_in(database, organisation)
    async with database.transaction(organisation) as session:
        assert await session.scalar(select(func.count()).select_from(text("jobs.procrastinate_jobs"))) == 1
        with pytest.raises(DBAPIError, match="permission denied"):
            await session.execute(text("SELECT * FROM jobs.fair_share"))
