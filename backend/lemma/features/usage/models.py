"""The table of usage: what was done for an organisation, written once for each run."""

from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from lemma.db.base import Base, CreatedAt, OfOrganisation, within_organisation


class Usage(OfOrganisation, Base):
    """What a finished run used. The primary key is the promise: a run is counted once at most, however
    often its job was repeated."""

    __tablename__ = "usage"
    __table_args__ = (
        within_organisation("run_id", "run"),
        Index(None, "organisation_id", "created_at"),
    )

    run_id: Mapped[UUID] = mapped_column(primary_key=True)
    pages: Mapped[int]
    prompt_tokens: Mapped[int]
    completion_tokens: Mapped[int]
    created_at: Mapped[CreatedAt]
