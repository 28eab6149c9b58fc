"""Files on disk: `<root>/<organisation>/<key>`, each written aside, synced, then renamed into place."""

import asyncio
import errno
import os
import shutil
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from lemma.core.ids import new_id
from lemma.gateways.storage.protocol import PORTION, StorageFull, StoredFileMissing, Writer, check_key

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_STRAY_AFTER = 24 * 3600.0


class _FileWriter:
    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    async def write(self, chunk: bytes) -> None:
        await asyncio.to_thread(_write, self._file, chunk)


class FileStorage:
    """Keeps files under `root`, readable by this user alone.

    A file is first written into `<root>/.incoming` and renamed when it is whole and on the disk, so that
    a crash leaves at most a stray file there; `sweep` removes those.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._incoming = root / ".incoming"

    def sweep(self, older_than: float = _STRAY_AFTER) -> int:
        """Remove what a crash left unfinished more than `older_than` seconds ago; gives how many files.

        Blocks. Other processes may be writing meanwhile: what they write is younger.
        """
        removed = 0
        for stray in self._incoming.glob("*"):
            with suppress(FileNotFoundError):  # Whoever wrote it has just finished with it.
                if stray.stat().st_mtime < time.time() - older_than:
                    stray.unlink()
                    removed += 1
        return removed

    async def put(self, organisation_id: UUID, key: str, data: bytes) -> None:
        async with self.create(organisation_id, key) as writer:
            await writer.write(data)

    @asynccontextmanager
    async def create(self, organisation_id: UUID, key: str) -> AsyncIterator[Writer]:
        target = self._path(organisation_id, key)
        aside = self._incoming / new_id().hex
        file = await asyncio.to_thread(_open, aside)
        try:
            yield _FileWriter(file)
            await asyncio.to_thread(_settle, file, aside, target)
        finally:
            await asyncio.to_thread(_discard, file, aside)

    async def get(self, organisation_id: UUID, key: str) -> bytes:
        try:
            return await asyncio.to_thread(self._path(organisation_id, key).read_bytes)
        except FileNotFoundError:
            raise StoredFileMissing("This file is no longer stored. Send the document again.") from None

    async def exists(self, organisation_id: UUID, key: str) -> bool:
        return await asyncio.to_thread(self._path(organisation_id, key).is_file)

    async def delete(self, organisation_id: UUID, key: str) -> None:
        await asyncio.to_thread(self._path(organisation_id, key).unlink, True)

    async def delete_all(self, organisation_id: UUID, prefix: str) -> None:
        await asyncio.to_thread(shutil.rmtree, self._path(organisation_id, prefix), True)

    async def folders(self, prefix: str) -> AsyncIterator[tuple[UUID, list[str]]]:
        check_key(prefix)
        for organisation in await asyncio.to_thread(_names, self._root):
            if not _is_uuid(organisation):
                continue
            names = await asyncio.to_thread(_names, self._root / organisation / prefix)
            for start in range(0, len(names), PORTION):
                yield UUID(organisation), names[start : start + PORTION]

    def _path(self, organisation_id: UUID, key: str) -> Path:
        return self._root / str(organisation_id) / check_key(key)


def _names(folder: Path) -> list[str]:
    try:
        return sorted(entry.name for entry in os.scandir(folder) if entry.is_dir(follow_symlinks=False))
    except FileNotFoundError:
        return []


def _is_uuid(name: str) -> bool:
    try:
        return str(UUID(name)) == name
    except ValueError:
        return False


@contextmanager
def _full_disk_has_a_name() -> Iterator[None]:
    """Turn the system's ways of saying "no room" into StorageFull."""
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL:
            raise
        raise StorageFull("There is no room for this file. Free some space and send it again.") from error


def _open(path: Path) -> BinaryIO:
    with _full_disk_has_a_name():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _write(file: BinaryIO, chunk: bytes) -> None:
    with _full_disk_has_a_name():
        file.write(chunk)


def _settle(file: BinaryIO, aside: Path, target: Path) -> None:
    """Bring the bytes to the disk, then the name: the order that makes the rename atomic (fsync(2))."""
    with _full_disk_has_a_name():
        file.flush()
        os.fsync(file.fileno())
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        aside.replace(target)
        for folder in (target.parent, target.parent.parent):
            _sync_folder(folder)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _discard(file: BinaryIO, aside: Path) -> None:
    """Let go of an unfinished file. Closing flushes, which may fail on a full disk once more."""
    try:
        file.close()
    except OSError as error:
        if error.errno not in _FULL:
            raise
    aside.unlink(missing_ok=True)
