"""The table of usage: what was done for an organisation, written once for each run."""

from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from lemma.db.base import Base, CreatedAt, OfOrganisation


class Usage(OfOrganisation, Base):
    """What a finished run used. The primary key is the promise: a run is counted once at most, however
    often its job was repeated.

    There is no foreign key to the run: a customer may erase a document and all that was read from it, and
    that it was read stays counted.
    """

    __tablename__ = "usage"
    __table_args__ = (Index(None, "organisation_id", "created_at"),)

    organisation_id: Mapped[UUID] = mapped_column(
        ForeignKey("organisation.id", ondelete="CASCADE"), primary_key=True, sort_order=-1
    )
    run_id: Mapped[UUID] = mapped_column(primary_key=True)
    pages: Mapped[int]
    prompt_tokens: Mapped[int]
    completion_tokens: Mapped[int]
    created_at: Mapped[CreatedAt]
