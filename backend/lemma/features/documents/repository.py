"""Documents in the database. Every query starts from `_mine`; row-level security stands behind it."""

from uuid import UUID

from sqlalchemy import Select, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from lemma.features.documents.models import Document


class DocumentRepository:
    """The documents of one organisation."""

    def __init__(self, session: AsyncSession, organisation_id: UUID) -> None:
        self._session = session
        self._organisation_id = organisation_id

    def _mine(self) -> Select[Document]:
        return select(Document).where(Document.organisation_id == self._organisation_id)

    async def get(self, document_id: UUID) -> Document | None:
        """The document, if it is this organisation's."""
        return (await self._session.scalars(self._mine().where(Document.id == document_id))).one_or_none()

    def add(self, document_id: UUID, *, name: str, size: int, sha256: str) -> Document:
        """A new document whose bytes are stored already."""
        document = Document(
            organisation_id=self._organisation_id, id=document_id, name=name, size=size, sha256=sha256
        )
        self._session.add(document)
        return document

    async def delete(self, document_id: UUID) -> None:
        """Forget the document, and with it its runs and all that was read from it."""
        await self._session.execute(
            delete(Document).where(
                Document.organisation_id == self._organisation_id, Document.id == document_id
            )
        )
