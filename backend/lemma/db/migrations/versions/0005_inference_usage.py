"""What inference used, as the gateway wrote it down, and up to where it has been read.

It stands beside the queue, worked by `lemma_jobs` alone: it is what running the product costs us, over all
organisations and for tenants that are none. What an organisation sees of its own use is `usage`. It holds ids
and counts and no content.
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

TABLES = """
CREATE TABLE jobs.inference_cursor (
    gateway text PRIMARY KEY,
    seq bigint NOT NULL,
    moved_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE jobs.inference_usage (
    gateway text NOT NULL,
    seq bigint NOT NULL,
    ended_at timestamptz NOT NULL,
    tenant text NOT NULL,
    customer text NOT NULL,
    class text NOT NULL,
    model text NOT NULL,
    prompt bigint NOT NULL,
    cached bigint NOT NULL,
    completion bigint NOT NULL,
    wasted bigint NOT NULL,
    finish text NOT NULL,
    PRIMARY KEY (gateway, seq)
);
CREATE INDEX inference_usage_ended_at ON jobs.inference_usage (ended_at);
GRANT SELECT, INSERT, UPDATE, DELETE ON jobs.inference_cursor, jobs.inference_usage TO lemma_jobs;
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.execute("SET LOCAL statement_timeout = '60s'")
    op.execute(TABLES)


def downgrade() -> None:
    raise NotImplementedError("Undo by a new migration.")
