"""Documents as the rest of the backend sees them: take in, find, show, erase."""

import hashlib
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from lemma.core.ids import new_id
from lemma.features.documents.errors import DocumentNotFound
from lemma.features.documents.files import DocumentFiles, original_key
from lemma.features.documents.models import Document
from lemma.features.documents.repository import DocumentRepository
from lemma.gateways.storage import Storage, Writer
from lemma.http.uploads import Received


async def find_document(session: AsyncSession, organisation_id: UUID, document_id: UUID) -> Document:
    """The document. Raises DocumentNotFound, also where it is another organisation's."""
    document = await DocumentRepository(session, organisation_id).get(document_id)
    if document is None:
        raise DocumentNotFound("There is no document with this id.")
    return document


class Intake:
    """Takes in the files of one upload: their bytes are stored first, their rows are written after.

    Used as a block. What it stored is forgotten again unless `keep` was called, so that an upload that
    fails half-way, or that repeats an earlier one, leaves nothing behind.
    """

    def __init__(self, storage: Storage, organisation_id: UUID) -> None:
        self._storage = storage
        self._organisation_id = organisation_id
        self._open: AbstractAsyncContextManager[Writer] | None = None
        self._stored: list[tuple[UUID, Received]] = []
        self._kept = False

    @property
    def received(self) -> list[Received]:
        """The files that were taken in, in order."""
        return [file for _, file in self._stored]

    async def open(self, file: Received) -> Writer:
        """Begin a file. Raises StorageFull."""
        document_id = new_id()
        self._open = self._storage.create(self._organisation_id, original_key(document_id))
        self._stored.append((document_id, file))
        return await self._open.__aenter__()

    async def close(self, _: Received) -> None:
        """The file is whole: bring it safely to the disk. Raises StorageFull."""
        file, self._open = self._open, None
        if file is not None:
            await file.__aexit__(None, None, None)

    async def take(self, name: str, data: bytes) -> None:
        """Take in a file that is at hand as a whole. Raises StorageFull."""
        file = Received(name, len(data), hashlib.sha256(data).hexdigest())
        writer = await self.open(file)
        await writer.write(data)
        await self.close(file)

    def add_rows(self, session: AsyncSession) -> list[Document]:
        """Add a row for each file to the caller's transaction."""
        documents = DocumentRepository(session, self._organisation_id)
        return [
            documents.add(document_id, name=file.name, size=file.size, sha256=file.sha256)
            for document_id, file in self._stored
        ]

    def keep(self) -> None:
        """The files stay. To be said before the commit: one that breaks may have taken effect, and then
        a file too many is better than a run without its document."""
        self._kept = True

    async def __aenter__(self) -> "Intake":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._open is not None:
            await self._open.__aexit__(_Unfinished, _Unfinished(), None)
        if not self._kept:
            for document_id, _ in self._stored:
                await DocumentFiles(self._storage, self._organisation_id, document_id).erase()


class _Unfinished(Exception):
    """Tells the storage that no more of a file will come."""
