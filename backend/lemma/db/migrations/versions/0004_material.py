"""What organisations bring to a task, and which of it a run was read with."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from lemma.db.tenancy import protect

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.execute("SET LOCAL statement_timeout = '60s'")
    _table(
        "material",
        sa.Column("task", sa.String(), nullable=False),
        sa.Column("lists", JSONB(), nullable=True),
        sa.Column("playbook", sa.String(), nullable=True),
        sa.Column("examples", JSONB(), nullable=True),
        _moment("updated_at"),
        key="task",
    )
    _table(
        "passage_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("task", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("characters", sa.Integer(), nullable=False),
        sa.Column("passages", JSONB(), nullable=False),
        _moment("created_at"),
        sa.UniqueConstraint(
            "organisation_id", "task", "name", name="passage_file_organisation_id_task_name_key"
        ),
        key="id",
    )
    _table(
        "material_version",
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("task", sa.String(), nullable=False),
        sa.Column("content", JSONB(), nullable=False),
        _moment("created_at"),
        key="version",
    )
    op.add_column("run", sa.Column("material", sa.String(), nullable=True))
    op.add_column("result", sa.Column("passages", JSONB(), nullable=True))


def downgrade() -> None:
    raise NotImplementedError("Undo by a new migration.")


def _moment(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)


def _table(name: str, *columns: Any, key: str) -> None:
    op.create_table(
        name,
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        *columns,
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=f"{name}_organisation_id_fkey",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organisation_id", key, name=f"{name}_pkey"),
    )
    for statement in protect(name):
        op.execute(statement)
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {name} TO lemma_app")
