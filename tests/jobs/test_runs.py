"""Runs in the hands of workers: each fails alone, none is lost, and nothing is stored or counted twice."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from lemma.db.addresses import Addresses
from lemma.db.edge import Database
from lemma.features.documents.models import Document
from lemma.features.runs.errors import RunBroke
from lemma.features.runs.execution import MOST_BREAKS, MOST_LOST, Workbench
from lemma.features.runs.jobs import READ_RUNS, OrphanSweep, cancel_run, retry_run
from lemma.features.runs.ledger import RunLedger
from lemma.features.runs.models import CellRow, Result, Run, RunEvent
from lemma.features.usage.models import Usage
from lemma.gateways.inference import FakeInference, InferenceUnavailable
from lemma.gateways.storage import MemoryStorage
from lemma.jobs import JobWorker, Queue, Started, WorkerOptions
from lemma.reading.source import Source
from tests.fixtures.work import TEXT, fake_engine, open_text, submit, workbench

QUICK = WorkerOptions(jobs=2, heartbeat=0.5, lease=60.0, grace=0.2, poll=0.1)


@pytest.fixture
def storage() -> MemoryStorage:
    return MemoryStorage()


@asynccontextmanager
async def working(addresses: Addresses, bench: Workbench) -> AsyncIterator[None]:
    """A worker at work, stopped at the end of the block."""
    async with Queue.open(addresses.jobs) as queue:
        worker = JobWorker(queue, {READ_RUNS: bench.handle}, options=QUICK)
        task = asyncio.create_task(worker.run(signals=False))
        try:
            yield
        finally:
            worker.stop()
            await task


async def states(database: Database, organisation_id: UUID, ids: Sequence[UUID]) -> list[str]:
    async with database.transaction(organisation_id, read_only=True) as session:
        rows = await session.execute(select(Run.id, Run.state).where(Run.id.in_(ids)))
        by_id = {row.id: row.state for row in rows}
    return [by_id[run_id] for run_id in ids]


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Looks until it is so. The database tells nobody; looking is all that there is."""
    async with asyncio.timeout(120):
        while not await condition():  # noqa: ASYNC110  (there is no event to wait for, see above)
            await asyncio.sleep(0.05)


async def until_ended(database: Database, organisation_id: UUID, ids: Sequence[UUID]) -> list[str]:
    async def ended() -> bool:
        found = await states(database, organisation_id, ids)
        return not {"waiting", "running"}.intersection(found)

    await until(ended)
    return await states(database, organisation_id, ids)


async def get_run(database: Database, organisation_id: UUID, run_id: UUID) -> Run:
    async with database.transaction(organisation_id, read_only=True) as session:
        return (await session.scalars(select(Run).where(Run.id == run_id))).one()


async def test_a_run_becomes_cells_with_evidence(
    database: Database, addresses: Addresses, organisation: UUID, storage: MemoryStorage
) -> None:
    (run_id,) = await submit(database, storage, organisation, [TEXT])

    async with working(addresses, workbench(database, storage, fake_engine())):
        assert await until_ended(database, organisation, [run_id]) == ["done"]

    async with database.transaction(organisation) as session:
        run = (await session.scalars(select(Run))).one()
        cells = (await session.scalars(select(CellRow).order_by(CellRow.position))).all()
        usage = (await session.scalars(select(Usage))).one()
        result = (await session.scalars(select(Result))).one()
        document = (await session.scalars(select(Document))).one()
        events = (await session.scalars(select(RunEvent).order_by(RunEvent.seq))).all()
    assert (run.model, run.attempt, run.lost, run.error) == ("fake", 1, 0, None)
    assert run.finished_at is not None
    assert [(c.path, c.kind, c.value, c.raw, c.status) for c in cells] == [
        ("number", "quote", "4711", "4711", "found"),
        ("total", "amount", "12.50", "12.50", "found"),
    ]
    assert cells[1].evidence == [{"page": 1, "line": 2, "start": 6, "end": 11, "boxes": []}]
    assert (usage.run_id, usage.pages) == (run_id, 1)
    assert (usage.prompt_tokens, usage.completion_tokens) == (run.prompt_tokens, run.completion_tokens)
    assert usage.prompt_tokens > 0
    assert result.attempt == 1
    assert (document.state, document.page_count, document.media_type) == ("ready", 1, "text/plain")
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert [e.data["state"] for e in events if e.kind == "state"] == ["running", "done"]


async def test_a_bad_run_fails_alone(
    database: Database, addresses: Addresses, organisation: UUID, storage: MemoryStorage
) -> None:
    ids = await submit(database, storage, organisation, [TEXT, b"unreadable", TEXT, b"bug", TEXT])

    async with working(addresses, workbench(database, storage, fake_engine())):
        ended = await until_ended(database, organisation, ids)

    assert ended == ["done", "failed", "done", "failed", "done"]
    unreadable, bug = [await get_run(database, organisation, ids[at]) for at in (1, 3)]
    assert unreadable.error is not None
    assert unreadable.error["code"] == "nothing_to_read"
    assert bug.error is not None
    assert bug.error["code"] == "run_broke"
    assert "ZeroDivisionError" not in str(bug.error)
    async with database.transaction(organisation) as session:
        assert await session.scalar(select(func.count()).select_from(Usage)) == 3
        failed = (await session.scalars(select(Document).where(Document.state == "failed"))).one()
    assert failed.error == unreadable.error


async def test_an_engine_that_is_away_fails_nobody(
    database: Database, addresses: Addresses, organisation: UUID, storage: MemoryStorage
) -> None:
    ids = await submit(database, storage, organisation, [TEXT] * 3)
    engine = fake_engine().will_fail(*[InferenceUnavailable("away")] * 2)

    async with working(addresses, workbench(database, storage, engine)):
        assert await until_ended(database, organisation, ids) == ["done"] * 3

    runs = [await get_run(database, organisation, run_id) for run_id in ids]
    assert sorted(run.attempt for run in runs) == [1, 2, 2]
    assert [run.lost for run in runs] == [0, 0, 0]
    assert len(engine.calls) == 5


async def test_after_the_last_try_runs_fail_and_the_job_is_dead_until_it_is_run_again(
    database: Database, queue: Queue, organisation: UUID, storage: MemoryStorage, addresses: Addresses
) -> None:
    ids = await submit(database, storage, organisation, [TEXT, b"unreadable", TEXT])
    engine = FakeInference(script=fake_engine().script).will_fail(*[InferenceUnavailable("away")] * 2)
    used_up = READ_RUNS.tries - 1
    await queue.rows("UPDATE procrastinate_jobs SET attempts = %(used_up)s RETURNING 1", used_up=used_up)

    async with working(addresses, workbench(database, storage, engine)):
        assert await until_ended(database, organisation, ids) == ["failed"] * 3

        async def is_dead() -> bool:
            return bool(await queue.dead())

        await until(is_dead)
        error = (await get_run(database, organisation, ids[0])).error
        assert error is not None
        assert (error["code"], error["status"]) == ("inference_unavailable", 503)
        (dead,) = await queue.dead()
        await queue.rerun(dead.id)

        async def is_alive_again() -> bool:
            return (await states(database, organisation, ids)) == ["done", "failed", "done"]

        await until(is_alive_again)
    assert await queue.dead() == []


async def test_a_worker_that_is_no_longer_believed_writes_nothing(
    database: Database, organisation: UUID, storage: MemoryStorage
) -> None:
    """Two hold the same run: the older attempt's words are void, whatever it wants to say."""
    (run_id,) = await submit(database, storage, organisation, [TEXT])
    started = Started(id=1, organisation_id=organisation, last=False, rerun_at=None)
    ledger = RunLedger(database, started)
    frozen = await ledger.take(run_id)
    assert frozen is not None
    bench = workbench(database, storage, fake_engine())
    await bench.handle(started, {"run_ids": [str(run_id)]})
    before = await get_run(database, organisation, run_id)

    assert not await ledger.fail(frozen, {"code": "late"})
    assert not await ledger.release(frozen)
    assert not await ledger.tell(frozen, {"stage": "late"})
    assert await ledger.still_mine([frozen]) == set()
    assert await ledger.take(run_id) is None

    after = await get_run(database, organisation, run_id)
    assert (after.state, after.attempt, after.lost) == ("done", 2, 1)
    assert after.error == before.error


async def test_a_run_that_kills_its_workers_is_put_aside(
    database: Database, organisation: UUID, storage: MemoryStorage
) -> None:
    killer, *others = await submit(database, storage, organisation, [b"kill", TEXT, TEXT])
    async with database.transaction(organisation) as session:
        await session.execute(update(Run).where(Run.id == killer).values(state="running", lost=MOST_LOST - 1))
    started = Started(id=1, organisation_id=organisation, last=False, rerun_at=None)
    bench = workbench(database, storage, fake_engine())

    await bench.handle(started, {"run_ids": [str(run_id) for run_id in (killer, *others)]})

    assert await states(database, organisation, [killer, *others]) == ["failed", "done", "done"]
    run = await get_run(database, organisation, killer)
    assert run.error is not None
    assert run.error["code"] == "run_keeps_breaking"


async def test_a_run_that_was_lost_before_runs_alone(
    database: Database, organisation: UUID, storage: MemoryStorage
) -> None:
    ids = await submit(database, storage, organisation, [TEXT] * 6)
    async with database.transaction(organisation) as session:
        await session.execute(update(Run).where(Run.id.in_(ids[:3])).values(state="running"))
    engine = fake_engine(delay=0.05)
    started = Started(id=1, organisation_id=organisation, last=False, rerun_at=None)

    await workbench(database, storage, engine).handle(started, {"run_ids": [str(each) for each in ids[:3]]})

    assert engine.peak == 1


async def test_a_cancelled_run_stops_the_engine(
    database: Database, addresses: Addresses, organisation: UUID, storage: MemoryStorage
) -> None:
    kept, dropped = await submit(database, storage, organisation, [TEXT, TEXT + b"\nmore"])
    engine = fake_engine(delay=600)
    async with working(addresses, workbench(database, storage, engine)):

        async def both_asked() -> bool:
            return engine.running == 2

        await until(both_asked)
        async with database.transaction(organisation) as session:
            run = (await session.scalars(select(Run).where(Run.id == dropped).with_for_update())).one()
            await cancel_run(session, run)

        async def one_stopped() -> bool:
            return engine.cancelled == 1

        await until(one_stopped)
        assert await states(database, organisation, [kept, dropped]) == ["running", "cancelled"]
    # The worker was stopped while it had the other run, and gave it back.
    assert await states(database, organisation, [kept, dropped]) == ["waiting", "cancelled"]
    assert (await get_run(database, organisation, kept)).lost == 0

    async with working(addresses, workbench(database, storage, fake_engine())):
        assert await until_ended(database, organisation, [kept]) == ["done"]
    async with database.transaction(organisation) as session:
        assert await session.scalar(select(func.count()).select_from(Usage)) == 1


async def test_a_failed_run_can_begin_anew(
    database: Database, addresses: Addresses, organisation: UUID, storage: MemoryStorage
) -> None:
    (run_id,) = await submit(database, storage, organisation, [TEXT])
    started = Started(id=1, organisation_id=organisation, last=False, rerun_at=None)
    broken = workbench(database, storage, fake_engine(), ingest=_raise_memory_error)
    for _ in range(MOST_BREAKS - 1):  # Many a fault of ours passes by itself.
        with pytest.raises(RunBroke):
            await broken.handle(started, {"run_ids": [str(run_id)]})
        assert await states(database, organisation, [run_id]) == ["waiting"]
    await broken.handle(started, {"run_ids": [str(run_id)]})
    assert await states(database, organisation, [run_id]) == ["failed"]

    async with database.transaction(organisation) as session:
        run = (await session.scalars(select(Run).where(Run.id == run_id).with_for_update())).one()
        await retry_run(session, run)
        assert (run.state, run.error, run.finished_at) == ("waiting", None, None)

    async with working(addresses, workbench(database, storage, fake_engine())):
        assert await until_ended(database, organisation, [run_id]) == ["done"]


def _raise_memory_error(data: bytes, name: str) -> Source:
    raise MemoryError(f"{name} wants more than there is: {len(data)}")


async def test_a_run_that_takes_too_long_fails_with_the_reason(
    database: Database, organisation: UUID, storage: MemoryStorage
) -> None:
    (run_id,) = await submit(database, storage, organisation, [TEXT])
    started = Started(id=1, organisation_id=organisation, last=False, rerun_at=None)

    await workbench(database, storage, fake_engine(delay=30), limit=0.3).handle(
        started, {"run_ids": [str(run_id)]}
    )

    run = await get_run(database, organisation, run_id)
    assert run.error is not None
    assert (run.state, run.error["code"]) == ("failed", "run_took_too_long")


async def test_runs_that_lost_their_job_get_another(
    database: Database, queue: Queue, organisation: UUID, storage: MemoryStorage, addresses: Addresses
) -> None:
    ids = await submit(database, storage, organisation, [TEXT] * 20)
    sweep = OrphanSweep(database, queue, grace=0)
    await sweep()
    assert len(await queue.rows("SELECT id FROM procrastinate_jobs")) == 2  # Nothing was missing.
    await queue.rows("DELETE FROM procrastinate_jobs RETURNING id")

    await asyncio.gather(sweep(), sweep(), OrphanSweep(database, queue, grace=60)())

    jobs = await queue.rows(
        "SELECT jsonb_array_elements_text(args -> 'run_ids') AS run FROM procrastinate_jobs"
    )
    assert sorted(job["run"] for job in jobs) == sorted(map(str, ids))  # Each once, whoever took it.
    async with working(addresses, workbench(database, storage, fake_engine())):
        assert set(await until_ended(database, organisation, ids)) == {"done"}


async def test_progress_is_told_while_it_lasts(
    database: Database, organisation: UUID, storage: MemoryStorage
) -> None:
    (run_id,) = await submit(database, storage, organisation, [TEXT])
    started = Started(id=1, organisation_id=organisation, last=False, rerun_at=None)

    await workbench(database, storage, fake_engine(delay=1.5), ingest=open_text, glance=0.05).handle(
        started, {"run_ids": [str(run_id)]}
    )

    async with database.transaction(organisation) as session:
        told = (await session.scalars(select(RunEvent.data).where(RunEvent.kind == "progress"))).all()
        run = (await session.scalars(select(Run))).one()
    assert {"stage": "reading", "done": 0, "of": 1} in told
    assert run.progress == {}
