"""The table of documents. Their bytes, page images and canonical sources are in the file storage."""

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from lemma.db.base import Base, CreatedAt, Key, OfOrganisation


class Document(OfOrganisation, Base):
    """A file or a message that a customer gave us.

    `state`: received (bytes are stored), ready (its source is made), failed (no source can be made of
    it; `error` is the problem object that says why).
    """

    __tablename__ = "document"
    __table_args__ = (
        CheckConstraint("state IN ('received', 'ready', 'failed')", name="state"),
        Index(None, "organisation_id", "created_at"),
        Index(None, "organisation_id", "sha256"),
    )

    organisation_id: Mapped[UUID] = mapped_column(
        ForeignKey("organisation.id", ondelete="CASCADE"), primary_key=True, sort_order=-1
    )
    id: Mapped[Key]
    name: Mapped[str]
    """What the customer called it: shown, never used as a path."""
    media_type: Mapped[str | None]
    """What the content showed; None until it was looked at."""
    size: Mapped[int] = mapped_column(BigInteger)
    """Bytes."""
    sha256: Mapped[str]
    page_count: Mapped[int | None]
    state: Mapped[str] = mapped_column(default="received", server_default="received")
    error: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    created_at: Mapped[CreatedAt]
