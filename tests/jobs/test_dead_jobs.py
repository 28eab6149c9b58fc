"""`lemma jobs`: an operator sees what is dead, and runs it again."""

import io
from uuid import UUID

import pytest
from pydantic import SecretStr
from rich.console import Console

from lemma.db.addresses import Addresses
from lemma.db.edge import Database
from lemma.gateways.storage import MemoryStorage
from lemma.jobs import JobNotDead, Queue
from lemma.local.dead_jobs import list_dead, rerun
from lemma.settings import Settings
from tests.fixtures.work import TEXT, submit


def named(addresses: Addresses) -> Settings:
    return Settings(
        _env_file=None,
        database_url=SecretStr(addresses.app.render_as_string(hide_password=False)),
        database_jobs_url=SecretStr(addresses.jobs.render_as_string(hide_password=False)),
    )


async def printed(settings: Settings) -> str:
    out = io.StringIO()
    await list_dead(settings, Console(file=out, width=200), limit=10)
    return out.getvalue()


async def test_dead_jobs_are_listed_and_run_again(
    addresses: Addresses, database: Database, queue: Queue, organisation: UUID
) -> None:
    settings = named(addresses)
    assert "No job is dead" in await printed(settings)
    await submit(database, MemoryStorage(), organisation, [TEXT] * 3)
    [row] = await queue.rows("UPDATE procrastinate_jobs SET status = 'failed', attempts = 20 RETURNING id")
    listing = await printed(settings)
    assert str(row["id"]) in listing
    assert "runs.read" in listing
    assert "3 runs" in listing
    assert str(organisation) in listing
    await rerun(settings, Console(file=io.StringIO()), [row["id"]])
    assert "No job is dead" in await printed(settings)
    with pytest.raises(JobNotDead):
        await rerun(settings, Console(file=io.StringIO()), [row["id"]])
