"""What finished runs are known by, for the rule on duplicates; and leave to forget old idempotency keys."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from lemma.db.tenancy import protect

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.execute("SET LOCAL statement_timeout = '60s'")
    op.create_table(
        "seen_document",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("task", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id", "run_id"],
            ["run.organisation_id", "run.id"],
            name="seen_document_organisation_id_run_id_fkey",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organisation_id", "run_id", name="seen_document_pkey"),
    )
    op.create_index(
        "seen_document_organisation_id_task_number_idx",
        "seen_document",
        ["organisation_id", "task", "number"],
    )
    for statement in protect("seen_document"):
        op.execute(statement)
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON seen_document TO lemma_app")
    # The queue's role forgets keys that are past use. It can tell their age and nothing of them.
    op.execute(
        "CREATE POLICY for_retention ON idempotent_request TO lemma_jobs "
        "USING (created_at < now() - interval '7 days')"
    )
    op.execute("GRANT DELETE, SELECT (created_at) ON idempotent_request TO lemma_jobs")


def downgrade() -> None:
    raise NotImplementedError("Undo by a new migration.")
