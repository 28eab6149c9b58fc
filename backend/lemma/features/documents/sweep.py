"""A chore: erases files that no document owns.

Files are stored before their rows are written, and erased after their rows are gone; a process that dies in
between leaves files behind. Erasure is real, so somebody must look.
"""

import logging
import time
from uuid import UUID

from sqlalchemy import select

from lemma.core.ids import made_at
from lemma.db.edge import Database
from lemma.features.documents.files import FOLDER, DocumentFiles
from lemma.features.documents.models import Document
from lemma.gateways.storage import Storage

log = logging.getLogger(__name__)

GRACE = 3600.0  # Seconds: an upload takes no longer from its first byte to its row.


class StrayFiles:
    """Looks through all documents in the storage. Those younger than `grace` seconds are left alone."""

    def __init__(self, database: Database, storage: Storage, *, grace: float = GRACE) -> None:
        self._database = database
        self._storage = storage
        self._grace = grace

    async def __call__(self) -> None:
        async for organisation_id, names in self._storage.folders(FOLDER):
            old = [found for name in names if (found := self._old(name)) is not None]
            for document_id in await self._without_row(organisation_id, old):
                await DocumentFiles(self._storage, organisation_id, document_id).erase()
                log.warning("Erased the files of document %s, which has no row.", document_id)

    def _old(self, name: str) -> UUID | None:
        """The document's id, if it is one and was made before the grace."""
        try:
            document_id = UUID(name)
        except ValueError:
            return None
        return document_id if made_at(document_id) < time.time() - self._grace else None

    async def _without_row(self, organisation_id: UUID, ids: list[UUID]) -> list[UUID]:
        if not ids:
            return []
        async with self._database.transaction(organisation_id, read_only=True) as session:
            known = await session.scalars(
                select(Document.id).where(Document.organisation_id == organisation_id, Document.id.in_(ids))
            )
            return sorted(set(ids).difference(known))
