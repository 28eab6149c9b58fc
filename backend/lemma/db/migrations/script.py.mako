"""${message}

Recipe. A deployed version must keep working on the new schema, and the new version on the old one:
  1. expand (add a nullable column, a table, an index), deploy, 2. backfill by a job in batches of 1,000,
  3. contract one release later. Never rename a column or change its type in place.
  * An index on a table with rows: `with op.get_context().autocommit_block():` and
    `postgresql_concurrently=True`; a foreign key or check: NOT VALID first, VALIDATE in the next migration.
  * A table with `organisation_id`: key columns begin with it, and `for statement in protect("name"):
    op.execute(statement)`, then GRANT to lemma_app. The catalogue test fails without.
  * Undo is a new migration: what was deployed is not rolled back, since data may already depend on it.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}
revision: str = ${repr(up_revision)}
down_revision: str | None = ${repr(down_revision)}
branch_labels: Sequence[str] | None = ${repr(branch_labels)}
depends_on: Sequence[str] | None = ${repr(depends_on)}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.execute("SET LOCAL statement_timeout = '60s'")
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    raise NotImplementedError("Undo by a new migration.")
