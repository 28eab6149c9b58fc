"""The honest fake: keeps files in memory, and runs full when it is told to."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from lemma.gateways.storage.protocol import PORTION, StorageFull, StoredFileMissing, Writer, check_key


class _Buffer:
    def __init__(self, storage: "MemoryStorage") -> None:
        self.storage = storage
        self.data = bytearray()

    async def write(self, chunk: bytes) -> None:
        self.data += chunk
        if self.storage.used + len(self.data) > self.storage.capacity:
            raise StorageFull("There is no room for this file. Free some space and send it again.")


class MemoryStorage:
    """Files in memory, at most `capacity` bytes of them."""

    def __init__(self, capacity: int = 1 << 30) -> None:
        self.capacity = capacity
        self.files: dict[tuple[UUID, str], bytes] = {}

    @property
    def used(self) -> int:
        """Bytes kept now."""
        return sum(map(len, self.files.values()))

    async def put(self, organisation_id: UUID, key: str, data: bytes) -> None:
        async with self.create(organisation_id, key) as writer:
            await writer.write(data)

    @asynccontextmanager
    async def create(self, organisation_id: UUID, key: str) -> AsyncIterator[Writer]:
        check_key(key)
        buffer = _Buffer(self)
        yield buffer
        self.files[organisation_id, key] = bytes(buffer.data)

    async def get(self, organisation_id: UUID, key: str) -> bytes:
        try:
            return self.files[organisation_id, check_key(key)]
        except KeyError:
            raise StoredFileMissing("This file is no longer stored. Send the document again.") from None

    async def exists(self, organisation_id: UUID, key: str) -> bool:
        return (organisation_id, check_key(key)) in self.files

    async def delete(self, organisation_id: UUID, key: str) -> None:
        self.files.pop((organisation_id, check_key(key)), None)

    async def delete_all(self, organisation_id: UUID, prefix: str) -> None:
        start = check_key(prefix) + "/"
        for owner, key in list(self.files):
            if owner == organisation_id and key.startswith(start):
                del self.files[owner, key]

    async def folders(self, prefix: str) -> AsyncIterator[tuple[UUID, list[str]]]:
        start = check_key(prefix) + "/"
        found: dict[UUID, set[str]] = {}
        for owner, key in self.files:
            name, inside, _ = key.removeprefix(start).partition("/")
            if key.startswith(start) and inside:
                found.setdefault(owner, set()).add(name)
        for owner, names in found.items():
            for first in range(0, len(names), PORTION):
                yield owner, sorted(names)[first : first + PORTION]
