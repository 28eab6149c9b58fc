"""What workers look after beside their jobs: files that nobody owns, keys that are past use."""

from uuid import UUID

from sqlalchemy import text

from lemma.core.ids import new_id
from lemma.db.edge import Database
from lemma.features.documents.files import original_key
from lemma.features.documents.sweep import StrayFiles
from lemma.gateways.storage import MemoryStorage
from lemma.http.idempotency import FORGET_OLD_KEYS
from lemma.jobs import Queue, now_and_then
from tests.fixtures.database import add_organisation
from tests.fixtures.work import TEXT, submit


async def test_files_without_a_row_are_erased_and_no_others(database: Database, organisation: UUID) -> None:
    storage, other = MemoryStorage(), await add_organisation(database)
    await submit(database, storage, organisation, [TEXT])
    await submit(database, storage, other, [TEXT])
    kept = set(storage.files)
    stray = new_id()
    for name in ("original", "source.json", "pages/1-large.webp"):
        await storage.put(organisation, f"documents/{stray}/{name}", b"x")
    await storage.put(organisation, "documents/by-hand/original", b"not ours to judge")

    await StrayFiles(database, storage)()
    assert len(storage.files) == len(kept) + 4, "an upload under way was erased"
    await StrayFiles(database, storage, grace=-60)()
    assert set(storage.files) == kept | {(organisation, "documents/by-hand/original")}


async def test_anothers_document_does_not_keep_a_file(database: Database, organisation: UUID) -> None:
    storage, other = MemoryStorage(), await add_organisation(database)
    await submit(database, storage, other, [TEXT])
    [(_, key)] = storage.files
    await storage.put(organisation, key, b"a copy under the wrong organisation")
    await StrayFiles(database, storage, grace=-60)()
    assert list(storage.files) == [(other, key)]
    assert key == original_key(UUID(key.split("/")[1]))


async def test_old_keys_are_forgotten(database: Database, queue: Queue, organisation: UUID) -> None:
    async with database.transaction(organisation) as session:
        for key, days in (("new", 0), ("kept", 29), ("old", 31)):
            await session.execute(
                text(
                    "INSERT INTO idempotent_request (organisation_id, key, fingerprint, created_at)"
                    " VALUES (:org, :key, 'x', now() - make_interval(days => :days))"
                ),
                {"org": organisation, "key": key, "days": days},
            )
    assert len(await queue.rows(FORGET_OLD_KEYS)) == 1
    async with database.transaction(organisation) as session:
        keys = (await session.scalars(text("SELECT key FROM idempotent_request ORDER BY key"))).all()
    assert list(keys) == ["kept", "new"]


async def test_the_queue_cannot_forget_what_is_young(
    database: Database, queue: Queue, organisation: UUID
) -> None:
    async with database.transaction(organisation) as session:
        await session.execute(
            text("INSERT INTO idempotent_request (organisation_id, key, fingerprint) VALUES (:o, 'k', 'x')"),
            {"o": organisation},
        )
    assert await queue.rows("DELETE FROM public.idempotent_request RETURNING created_at") == []


async def test_a_chore_is_done_at_once_and_then_rarely() -> None:
    done = 0

    async def chore() -> None:
        nonlocal done
        done += 1

    rarely, often = now_and_then(chore, every=3600), now_and_then(chore, every=0)
    for _ in range(3):
        await rarely()
    assert done == 1
    await often()
    await often()
    assert done == 3
