"""The tables of organisations, documents, runs and usage, closed to all but their organisation."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from lemma.db.tenancy import protect

revision: str = "0001"
down_revision: str | None = None
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.execute("SET LOCAL statement_timeout = '60s'")
    _organisation()
    _document()
    _run()
    _run_event()
    _result()
    _cell()
    _usage()
    _idempotent_request()
    op.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
    op.execute("GRANT USAGE ON SCHEMA public TO lemma_app, lemma_jobs")
    op.execute("GRANT SELECT ON alembic_version TO lemma_app, lemma_jobs")


def downgrade() -> None:
    raise NotImplementedError("Undo by a new migration.")


def _close(table: str, rights: str, *, key: str = "organisation_id") -> None:
    for statement in protect(table, key=key):
        op.execute(statement)
    op.execute(f"GRANT {rights} ON {table} TO lemma_app")


def _organisation_id() -> sa.Column[Any]:
    return sa.Column("organisation_id", sa.Uuid(), nullable=False)


def _moment(name: str, *, default: bool = True) -> sa.Column[Any]:
    return sa.Column(
        name,
        sa.DateTime(timezone=True),
        server_default=sa.text("now()") if default else None,
        nullable=not default,
    )


def _of_run(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["organisation_id", "run_id"],
        ["run.organisation_id", "run.id"],
        name=f"{table}_organisation_id_run_id_fkey",
        ondelete="CASCADE",
    )


def _of_organisation(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["organisation_id"],
        ["organisation.id"],
        name=f"{table}_organisation_id_fkey",
        ondelete="CASCADE",
    )


def _organisation() -> None:
    op.create_table(
        "organisation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("weight", sa.Integer(), server_default="1", nullable=False),
        _moment("created_at"),
        sa.CheckConstraint("weight BETWEEN 1 AND 100", name="organisation_weight_check"),
        sa.PrimaryKeyConstraint("id", name="organisation_pkey"),
    )
    _close("organisation", "SELECT, INSERT, UPDATE, DELETE", key="id")


def _document() -> None:
    op.create_table(
        "document",
        _organisation_id(),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("page_count", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(), server_default="received", nullable=False),
        sa.Column("error", JSONB(), nullable=True),
        _moment("created_at"),
        sa.CheckConstraint("state IN ('received', 'ready', 'failed')", name="document_state_check"),
        _of_organisation("document"),
        sa.PrimaryKeyConstraint("organisation_id", "id", name="document_pkey"),
    )
    for column in ("created_at", "sha256"):
        op.create_index(f"document_organisation_id_{column}_idx", "document", ["organisation_id", column])
    _close("document", "SELECT, INSERT, UPDATE, DELETE")


def _run() -> None:
    op.create_table(
        "run",
        _organisation_id(),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("task", sa.String(), nullable=False),
        sa.Column("task_version", sa.String(), nullable=False),
        sa.Column("state", sa.String(), server_default="waiting", nullable=False),
        sa.Column("attempt", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lost", sa.Integer(), server_default="0", nullable=False),
        sa.Column("job_id", sa.BigInteger(), nullable=True),
        sa.Column("progress", JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("error", JSONB(), nullable=True),
        sa.Column("model", sa.String(), nullable=True),
        sa.Column("prompt_tokens", sa.Integer(), server_default="0", nullable=False),
        sa.Column("completion_tokens", sa.Integer(), server_default="0", nullable=False),
        _moment("started_at", default=False),
        _moment("finished_at", default=False),
        _moment("created_at"),
        _moment("updated_at"),
        sa.CheckConstraint(
            "state IN ('waiting', 'running', 'done', 'failed', 'cancelled')", name="run_state_check"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "document_id"],
            ["document.organisation_id", "document.id"],
            name="run_organisation_id_document_id_fkey",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name="run_pkey"),
    )
    op.create_index(
        "run_open_idx", "run", ["updated_at"], postgresql_where=sa.text("state IN ('waiting', 'running')")
    )
    for column in ("created_at", "document_id"):
        op.create_index(f"run_organisation_id_{column}_idx", "run", ["organisation_id", column])
    _close("run", "SELECT, INSERT, UPDATE, DELETE")
    # The queue's role looks for open runs that lost their job: whose, which, in which state, no content.
    op.execute("CREATE POLICY for_the_sweep ON run FOR SELECT TO lemma_jobs USING (true)")
    op.execute("GRANT SELECT (organisation_id, id, state, job_id, updated_at) ON run TO lemma_jobs")


def _run_event() -> None:
    op.create_table(
        "run_event",
        _organisation_id(),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("data", JSONB(), nullable=False),
        _moment("created_at"),
        _of_run("run_event"),
        sa.PrimaryKeyConstraint("organisation_id", "run_id", "seq", name="run_event_pkey"),
    )
    _close("run_event", "SELECT, INSERT, DELETE")


def _result() -> None:
    op.create_table(
        "result",
        _organisation_id(),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("rules", JSONB(), nullable=False),
        sa.Column("notes", JSONB(), nullable=False),
        _moment("created_at"),
        _of_run("result"),
        sa.PrimaryKeyConstraint("organisation_id", "run_id", name="result_pkey"),
    )
    _close("result", "SELECT, INSERT, DELETE")


def _cell() -> None:
    op.create_table(
        "cell",
        _organisation_id(),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("value", JSONB(), nullable=True),
        sa.Column("raw", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("evidence", JSONB(), nullable=False),
        sa.Column("signals", JSONB(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.CheckConstraint(
            "status IN ('found', 'derived', 'absent', 'unreadable', 'conflicting')", name="cell_status_check"
        ),
        _of_run("cell"),
        sa.PrimaryKeyConstraint("organisation_id", "run_id", "position", name="cell_pkey"),
        sa.UniqueConstraint("organisation_id", "run_id", "path", name="cell_organisation_id_run_id_path_key"),
    )
    _close("cell", "SELECT, INSERT, UPDATE, DELETE")


def _usage() -> None:
    op.create_table(
        "usage",
        _organisation_id(),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("prompt_tokens", sa.Integer(), nullable=False),
        sa.Column("completion_tokens", sa.Integer(), nullable=False),
        _moment("created_at"),
        _of_organisation("usage"),
        sa.PrimaryKeyConstraint("organisation_id", "run_id", name="usage_pkey"),
    )
    op.create_index("usage_organisation_id_created_at_idx", "usage", ["organisation_id", "created_at"])
    # What was counted is neither changed nor deleted by the application.
    _close("usage", "SELECT, INSERT")


def _idempotent_request() -> None:
    op.create_table(
        "idempotent_request",
        _organisation_id(),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("answer", JSONB(), nullable=True),
        _moment("created_at"),
        _of_organisation("idempotent_request"),
        sa.PrimaryKeyConstraint("organisation_id", "key", name="idempotent_request_pkey"),
    )
    _close("idempotent_request", "SELECT, INSERT, UPDATE, DELETE")
