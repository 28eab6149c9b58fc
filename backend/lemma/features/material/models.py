"""The tables of material: what counts now, files of passages, and the versions that runs were read with."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, ForeignKey, UniqueConstraint, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from lemma.db.base import Base, CreatedAt, Key, OfOrganisation


class OwnMaterial(OfOrganisation, Base):
    """What an organisation keeps for a task, passages aside. A part that is NULL is not its own."""

    __tablename__ = "material"

    organisation_id: Mapped[UUID] = mapped_column(
        ForeignKey("organisation.id", ondelete="CASCADE"), primary_key=True, sort_order=-1
    )
    task: Mapped[str] = mapped_column(primary_key=True)
    lists: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    playbook: Mapped[str | None]
    """TOML, as a person wrote it."""
    examples: Mapped[list[Any] | None] = mapped_column(JSONB(none_as_null=True))
    updated_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.now(), onupdate=func.now()
    )


class PassageFile(OfOrganisation, Base):
    """A file that was cut into passages. The file itself is not kept, its words are."""

    __tablename__ = "passage_file"
    __table_args__ = (UniqueConstraint("organisation_id", "task", "name"),)

    organisation_id: Mapped[UUID] = mapped_column(
        ForeignKey("organisation.id", ondelete="CASCADE"), primary_key=True, sort_order=-1
    )
    id: Mapped[Key]
    task: Mapped[str]
    name: Mapped[str]
    """A second file of the same name takes the place of the first."""
    size: Mapped[int] = mapped_column(BigInteger)
    """Bytes of the file."""
    sha256: Mapped[str]
    characters: Mapped[int]
    passages: Mapped[list[Any]] = mapped_column(JSONB)
    """`[{id, title, lines}]` in the order of the file."""
    created_at: Mapped[CreatedAt]


class MaterialVersion(OfOrganisation, Base):
    """Material as a run was read with it, named by the hash of what it holds. Goes with its last run."""

    __tablename__ = "material_version"

    organisation_id: Mapped[UUID] = mapped_column(
        ForeignKey("organisation.id", ondelete="CASCADE"), primary_key=True, sort_order=-1
    )
    version: Mapped[str] = mapped_column(primary_key=True)
    task: Mapped[str]
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[CreatedAt]
