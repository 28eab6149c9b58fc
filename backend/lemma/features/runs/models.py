"""The tables of runs: the run, its events, its result and its cells."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, DateTime, Index, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from lemma.db.base import Base, CreatedAt, Key, OfOrganisation, within_organisation


class Run(OfOrganisation, Base):
    """One task version applied to one document.

    `state`: waiting, running, then for ever done, failed or cancelled (a retry makes it wait again).
    `attempt` is the fence: whoever takes the run adds one, and writes only `where attempt = mine`. A
    worker that was frozen, declared dead and replaced wakes up with an old number and writes nothing.
    """

    __tablename__ = "run"
    __table_args__ = (
        within_organisation("document_id", "document"),
        CheckConstraint("state IN ('waiting', 'running', 'done', 'failed', 'cancelled')", name="state"),
        Index(None, "organisation_id", "created_at"),
        Index(None, "organisation_id", "document_id"),
        # The sweep for runs that lost their job reads only these, over all organisations.
        Index("run_open_idx", "updated_at", postgresql_where=text("state IN ('waiting', 'running')")),
    )

    __mapper_args__ = {"eager_defaults": True}  # noqa: RUF012  (SQLAlchemy's own way to say it)

    id: Mapped[Key]
    document_id: Mapped[UUID]
    task: Mapped[str]
    task_version: Mapped[str]
    state: Mapped[str] = mapped_column(default="waiting", server_default="waiting")
    attempt: Mapped[int] = mapped_column(default=0, server_default="0")
    lost: Mapped[int] = mapped_column(default=0, server_default="0")
    """How often a worker died over it. A run that kills workers is found by this and put aside."""
    job_id: Mapped[int | None] = mapped_column(BigInteger)
    """The job that will do it, or did."""
    progress: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default=text("'{}'"))
    error: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """The problem object of a failed run."""
    model: Mapped[str | None]
    material: Mapped[str | None]
    """The version of the material that it was read with; see `material_version`."""
    prompt_tokens: Mapped[int] = mapped_column(default=0, server_default="0")
    completion_tokens: Mapped[int] = mapped_column(default=0, server_default="0")
    started_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.now(), onupdate=func.now()
    )


class RunEvent(OfOrganisation, Base):
    """What happened to a run, in order: what a reader who lost the connection catches up from.

    `kind` is `state` (data: state) or `progress` (data: stage, done, of).
    """

    __tablename__ = "run_event"
    __table_args__ = (within_organisation("run_id", "run"),)

    run_id: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Counts from 1 within the run."""
    kind: Mapped[str]
    data: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[CreatedAt]


class Result(OfOrganisation, Base):
    """What the reading of a run gave besides cells. One for each run, by its primary key."""

    __tablename__ = "result"
    __table_args__ = (within_organisation("run_id", "run"),)

    run_id: Mapped[UUID] = mapped_column(primary_key=True)
    attempt: Mapped[int]
    """The attempt that wrote it."""
    rules: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    notes: Mapped[list[str]] = mapped_column(JSONB)
    passages: Mapped[list[Any] | None] = mapped_column(JSONB(none_as_null=True))
    """The passages that were shown beside the document, in order: their lines go on counting after its own,
    so that evidence may rest on them."""
    created_at: Mapped[CreatedAt]


class CellRow(OfOrganisation, Base):
    """One cell of a run. The columns are the members of `lemma.reading.cell.Cell`, the same everywhere."""

    __tablename__ = "cell"
    __table_args__ = (
        within_organisation("run_id", "run"),
        UniqueConstraint("organisation_id", "run_id", "path"),
        CheckConstraint(
            "status IN ('found', 'derived', 'absent', 'unreadable', 'conflicting')", name="status"
        ),
    )

    run_id: Mapped[UUID] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Its place in the order of the task's fields and of the rows; counts from 0."""
    path: Mapped[str]
    kind: Mapped[str]
    """The field's kind: amount, date, quote and so on."""
    value: Mapped[Any] = mapped_column(JSONB(none_as_null=True), nullable=True)
    """Amounts and numbers as decimal strings, dates as ISO 8601, flags as booleans."""
    raw: Mapped[str | None]
    status: Mapped[str]
    evidence: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    signals: Mapped[dict[str, Any]] = mapped_column(JSONB)
    reason: Mapped[str | None]


class SeenDocument(OfOrganisation, Base):
    """What a finished run is known by, so that the same paper is noticed when it comes again.

    `number` is the document's own number as `lemma.tasks.known` compares it. The other facts are cells.
    """

    __tablename__ = "seen_document"
    __table_args__ = (
        within_organisation("run_id", "run"),
        Index(None, "organisation_id", "task", "number"),
    )

    run_id: Mapped[UUID] = mapped_column(primary_key=True)
    task: Mapped[str]
    number: Mapped[str]
    created_at: Mapped[CreatedAt]
