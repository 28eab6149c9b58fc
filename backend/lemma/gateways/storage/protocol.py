"""The protocol of a store of files, its errors, and the shape of a key."""

import re
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Protocol
from uuid import UUID

from lemma.core.errors import LemmaError

_KEY = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}(/[a-z0-9][a-z0-9._-]{0,99}){0,5}")


PORTION = 500


class StorageFull(LemmaError):
    """There is no room for the file; nothing of it was kept."""

    status = 507
    code = "storage_full"
    title = "The storage is full"


class StoredFileMissing(LemmaError):
    """A file that should be there is not: it was erased, or the storage lost it."""

    status = 410
    code = "stored_file_missing"
    title = "The file is no longer stored"


class Writer(Protocol):
    """Takes the bytes of one file, in order."""

    async def write(self, chunk: bytes) -> None: ...


class Storage(Protocol):
    """Files by organisation and key, such as `documents/0198…/original`.

    A file is there whole or not at all: a reader never sees half of one, and what was put survives a
    power cut. Putting a key again replaces its file.
    """

    async def put(self, organisation_id: UUID, key: str, data: bytes) -> None:
        """Keep `data`. Raises StorageFull."""

    def create(self, organisation_id: UUID, key: str) -> AbstractAsyncContextManager[Writer]:
        """Write a file piece by piece: kept when the block ends well, forgotten when it raises.

        Raises StorageFull.
        """

    async def get(self, organisation_id: UUID, key: str) -> bytes:
        """The whole file. Raises StoredFileMissing."""

    async def exists(self, organisation_id: UUID, key: str) -> bool:
        """Whether the file is there."""

    async def delete(self, organisation_id: UUID, key: str) -> None:
        """Forget the file; forgetting one that is not there is no error."""

    async def delete_all(self, organisation_id: UUID, prefix: str) -> None:
        """Forget every file whose key begins with `prefix + "/"`."""

    def folders(self, prefix: str) -> AsyncIterator[tuple[UUID, list[str]]]:
        """For each organisation the names of what lies directly under `prefix`, in portions of at most
        `PORTION`. What is written or forgotten meanwhile may or may not be among them."""


def check_key(key: str) -> str:
    """The key itself, if it can be a key: lower-case words joined by slashes that cannot climb out.

    Raises ValueError, since keys are made by our code and never by a caller.
    """
    if not _KEY.fullmatch(key):
        raise ValueError(f"{key!r} cannot be a storage key")
    return key
