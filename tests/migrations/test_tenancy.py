"""No organisation sees another's rows, however connections are shared and whatever goes wrong in between."""

import asyncio
import random
from uuid import UUID

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import DBAPIError, ProgrammingError
from sqlalchemy.ext.asyncio import AsyncSession

from lemma.core.ids import new_id
from lemma.db.edge import Database, DatabaseUnavailable, TenantSession
from lemma.db.tenancy import NoOrganisation
from lemma.features.documents.models import Document
from lemma.features.organisations.models import Organisation
from tests.fixtures.database import add_organisation


def a_document(organisation_id: UUID) -> Document:
    return Document(organisation_id=organisation_id, id=new_id(), name="a.pdf", size=1, sha256="0")


async def test_400_tasks_over_4_connections_leak_nothing(database: Database) -> None:
    organisations = [await add_organisation(database, f"org {number}") for number in range(20)]
    for organisation_id in organisations:
        async with database.transaction(organisation_id) as session:
            session.add_all(a_document(organisation_id) for _ in range(5))
    foreign: list[UUID] = []
    counts: list[int] = []
    gate = asyncio.Semaphore(4)  # As many as the pool has: waiting for a connection is not what is tested.

    async def one(number: int) -> None:
        organisation_id = organisations[number % len(organisations)]
        async with gate, database.transaction(organisation_id) as session:
            if number % 7 == 0:
                with pytest.raises(ProgrammingError):
                    async with session.begin_nested():
                        await session.execute(text("SELECT * FROM no_such_table"))
            await asyncio.sleep(random.random() / 500)
            owners = (await session.scalars(select(Document.organisation_id))).all()
            counts.append(len(owners))
            foreign.extend(owner for owner in owners if owner != organisation_id)
            if number % 11 == 0:
                await session.rollback()
                owners = (await session.scalars(select(Document.organisation_id))).all()
                foreign.extend(owner for owner in owners if owner != organisation_id)

    tasks = [asyncio.create_task(one(number)) for number in range(400)]
    for task in tasks[::13]:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)

    assert foreign == []
    assert len(counts) > 300
    assert set(counts) == {5}


async def test_a_transaction_for_nobody_does_not_begin(database: Database) -> None:
    async with AsyncSession(database.engine, sync_session_class=TenantSession) as session:
        with pytest.raises(NoOrganisation):
            await session.execute(select(Document))


async def test_a_connection_without_an_organisation_sees_nothing(
    database: Database, organisation: UUID
) -> None:
    async with database.transaction(organisation) as session:
        session.add(a_document(organisation))
    async with database.engine.connect() as connection:
        assert await connection.scalar(select(func.count()).select_from(Document)) == 0
        assert await connection.scalar(select(func.count()).select_from(Organisation)) == 0


async def test_nothing_can_be_written_for_another(database: Database, organisation: UUID) -> None:
    other = await add_organisation(database, "other")
    with pytest.raises(DBAPIError, match="row-level security"):
        async with database.transaction(organisation) as session:
            await session.execute(
                insert(Document).values(organisation_id=other, id=new_id(), name="x", size=1, sha256="0")
            )


async def test_a_reader_cannot_write(database: Database, organisation: UUID) -> None:
    with pytest.raises(DBAPIError, match="read-only"):
        async with database.transaction(organisation, read_only=True) as session:
            session.add(a_document(organisation))


async def test_an_error_leaves_nothing_behind(database: Database, organisation: UUID) -> None:
    async def fail_half_way() -> None:
        async with database.transaction(organisation) as session:
            session.add(a_document(organisation))
            await session.flush()
            raise ValueError("on purpose")

    with pytest.raises(ValueError, match="on purpose"):
        await fail_half_way()
    async with database.transaction(organisation) as session:
        assert await session.scalar(select(func.count()).select_from(Document)) == 0


async def test_a_pool_that_is_used_up_says_so(database: Database, organisation: UUID) -> None:
    small = Database(database.engine.url, connections=1)
    small.engine.pool._timeout = 0.05  # type: ignore[attr-defined]  # Five seconds are long for a test.
    async with small.transaction(organisation) as session:
        await session.execute(text("SELECT 1"))
        with pytest.raises(DatabaseUnavailable) as caught:
            await small.ping()
    await small.close()
    assert caught.value.problem()["status"] == 503
