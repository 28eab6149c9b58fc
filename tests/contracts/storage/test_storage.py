"""Both storages keep the same promises: whole or not at all, apart by organisation, no way out by a key."""

import errno
import os
import resource
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lemma.core.ids import new_id
from lemma.gateways.storage import FileStorage, MemoryStorage, Storage, StorageFull, StoredFileMissing

MINE, THEIRS = new_id(), new_id()
KEY = "documents/0198f0c0/original"


@pytest.fixture(params=["files", "memory"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    return FileStorage(tmp_path / "files") if request.param == "files" else MemoryStorage()


async def test_what_was_put_is_there(storage: Storage) -> None:
    await storage.put(MINE, KEY, b"one")
    assert await storage.exists(MINE, KEY)
    assert await storage.get(MINE, KEY) == b"one"


async def test_putting_again_replaces(storage: Storage) -> None:
    await storage.put(MINE, KEY, b"a longer first text")
    await storage.put(MINE, KEY, b"two")
    assert await storage.get(MINE, KEY) == b"two"


async def test_an_empty_file_is_a_file(storage: Storage) -> None:
    await storage.put(MINE, KEY, b"")
    assert await storage.get(MINE, KEY) == b""


async def test_another_organisation_has_other_files(storage: Storage) -> None:
    await storage.put(MINE, KEY, b"mine")
    assert not await storage.exists(THEIRS, KEY)
    with pytest.raises(StoredFileMissing):
        await storage.get(THEIRS, KEY)
    await storage.delete_all(THEIRS, "documents")
    assert await storage.get(MINE, KEY) == b"mine"


async def test_a_file_appears_when_it_is_whole(storage: Storage) -> None:
    async with storage.create(MINE, KEY) as writer:
        await writer.write(b"first, ")
        assert not await storage.exists(MINE, KEY)
        await writer.write(b"second")
    assert await storage.get(MINE, KEY) == b"first, second"


async def test_an_interrupted_file_never_appears(storage: Storage) -> None:
    await storage.put(MINE, KEY, b"before")

    async def break_off() -> None:
        async with storage.create(MINE, KEY) as writer:
            await writer.write(b"half of")
            raise ConnectionError

    with pytest.raises(ConnectionError):
        await break_off()
    assert await storage.get(MINE, KEY) == b"before"


async def test_deleting_takes_one_or_all(storage: Storage) -> None:
    for key in ("documents/a/original", "documents/a/pages/1-large.webp", "documents/ab/original"):
        await storage.put(MINE, key, b"x")
    await storage.delete_all(MINE, "documents/a")
    assert not await storage.exists(MINE, "documents/a/original")
    assert not await storage.exists(MINE, "documents/a/pages/1-large.webp")
    await storage.delete(MINE, "documents/ab/original")
    await storage.delete(MINE, "documents/ab/original")
    assert not await storage.exists(MINE, "documents/ab/original")


@pytest.mark.parametrize(
    "key", ["../x", "a/../b", "/etc/passwd", "a//b", "", ".", "a/.", "a\0b", "A/b", "a\\b", "a/" + "b" * 200]
)
async def test_no_key_leads_out(storage: Storage, key: str) -> None:
    with pytest.raises(ValueError, match="cannot be a storage key"):
        await storage.put(MINE, key, b"x")
    with pytest.raises(ValueError, match="cannot be a storage key"):
        await storage.get(MINE, key)


async def test_the_fake_runs_full_like_a_disk() -> None:
    storage = MemoryStorage(capacity=10)
    await storage.put(MINE, "a", b"12345678")
    with pytest.raises(StorageFull):
        await storage.put(MINE, "b", b"12345678")
    assert not await storage.exists(MINE, "b")
    assert await storage.get(MINE, "a") == b"12345678"


def files_under(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.fixture
def small_disk() -> Iterator[Callable[[int], None]]:
    """Lets this process write files of so many bytes only: EFBIG, as a quota gives it."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    yield lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, handler)


async def test_a_full_disk_is_said_and_leaves_nothing(
    tmp_path: Path, small_disk: Callable[[int], None]
) -> None:
    storage = FileStorage(tmp_path)
    small_disk(4096)
    with pytest.raises(StorageFull) as refused:
        await storage.put(MINE, KEY, os.urandom(200_000))
    small_disk(resource.RLIM_INFINITY)
    assert refused.value.status == 507
    assert refused.value.problem()["code"] == "storage_full"
    assert isinstance(refused.value.__cause__, OSError)
    assert refused.value.__cause__.errno == errno.EFBIG
    assert files_under(tmp_path) == []


async def test_what_a_crash_left_is_swept_and_nothing_else(tmp_path: Path) -> None:
    storage = FileStorage(tmp_path)
    await storage.put(MINE, KEY, b"kept")
    async with storage.create(MINE, "documents/b/original") as writer:
        stray = tmp_path / ".incoming" / "stray"
        stray.write_bytes(b"half")
        os.utime(stray, (0, 0))
        assert storage.sweep() == 1
        assert not stray.exists()
        await writer.write(b"kept too")
    assert await storage.get(MINE, KEY) == b"kept"
    assert await storage.get(MINE, "documents/b/original") == b"kept too"


async def test_files_are_for_their_user_alone(tmp_path: Path) -> None:
    await FileStorage(tmp_path / "files").put(MINE, KEY, b"x")
    path = tmp_path / "files" / str(MINE) / KEY
    assert path.stat().st_mode & 0o077 == 0
