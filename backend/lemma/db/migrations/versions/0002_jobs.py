"""The job engine's own schema `jobs`: procrastinate 3.10.0 as it ships, and what makes it fair.

Its tables hold identifiers and no content. `lemma_jobs` works the queue. `lemma_app` may put in jobs of
the transaction's organisation, and see and cancel those.
"""

from collections.abc import Sequence
from pathlib import Path

from alembic import op

from lemma.db.tenancy import protect

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

PROCRASTINATE = Path(__file__).parent.parent / "procrastinate" / "3.10.0.sql"

FAIRNESS = """
CREATE TABLE jobs.clock (
    id smallint PRIMARY KEY DEFAULT 1 CHECK (id = 1),
    now bigint NOT NULL DEFAULT 0
);
INSERT INTO jobs.clock DEFAULT VALUES;
CREATE TABLE jobs.fair_share (
    organisation_id uuid NOT NULL,
    flow text NOT NULL,
    finish bigint NOT NULL,
    PRIMARY KEY (organisation_id, flow),
    FOREIGN KEY (organisation_id) REFERENCES public.organisation (id) ON DELETE CASCADE
);
COMMENT ON TABLE jobs.clock IS
    'Virtual time of start-time fair queueing: the start tag of the latest job that began.';
COMMENT ON TABLE jobs.fair_share IS
    'Up to where in virtual time an organisation has used its share, for each of its flows.';
"""

START_TAG = """
CREATE FUNCTION jobs.start_tag(wanted_flow text, cost bigint) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO jobs.fair_share AS mine (organisation_id, flow, finish)
    SELECT organisation.id, wanted_flow, clock.now + greatest(1, 16 * cost / organisation.weight)
      FROM public.organisation, jobs.clock
     WHERE organisation.id = current_setting('app.organisation_id')::uuid
    ON CONFLICT (organisation_id, flow) DO UPDATE
       SET finish = greatest(mine.finish, (SELECT now FROM jobs.clock))
                  + (excluded.finish - (SELECT now FROM jobs.clock))
    RETURNING mine.finish - (
        SELECT greatest(1, 16 * cost / organisation.weight) FROM public.organisation
         WHERE organisation.id = mine.organisation_id
    )
$$;
COMMENT ON FUNCTION jobs.start_tag IS
    'When a job of this cost is due in virtual time (Goyal, Vin, Cheng 1996). The organisation is the '
    'transaction''s and never the caller''s to name.';
"""

RIGHTS = f"""
GRANT USAGE ON SCHEMA jobs TO lemma_app, lemma_jobs;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA jobs TO lemma_jobs;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA jobs TO lemma_jobs;
GRANT SELECT, INSERT, UPDATE (status, abort_requested) ON jobs.procrastinate_jobs TO lemma_app;
GRANT INSERT ON jobs.procrastinate_events TO lemma_app;
GRANT USAGE ON SEQUENCE jobs.procrastinate_jobs_id_seq, jobs.procrastinate_events_id_seq TO lemma_app;
REVOKE ALL ON FUNCTION jobs.start_tag FROM PUBLIC;
GRANT EXECUTE ON FUNCTION jobs.start_tag TO lemma_app;
ALTER TABLE jobs.procrastinate_jobs ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_organisation ON jobs.procrastinate_jobs TO lemma_app
    USING (args ->> 'organisation_id' = nullif(current_setting('app.organisation_id', true), ''))
    WITH CHECK (args ->> 'organisation_id' = nullif(current_setting('app.organisation_id', true), ''));
CREATE POLICY for_workers ON jobs.procrastinate_jobs TO lemma_jobs USING (true) WITH CHECK (true);
{";".join(protect("jobs.fair_share"))};
CREATE POLICY for_workers ON jobs.fair_share TO lemma_jobs USING (true) WITH CHECK (true);
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '3s'")
    op.execute("SET LOCAL statement_timeout = '60s'")
    op.execute("CREATE SCHEMA jobs")
    # The file names nothing with its schema, so it is read with `jobs` first in the search path.
    op.execute("SET LOCAL search_path = jobs")
    op.execute("-- Procrastinate's own, from here\n" + PROCRASTINATE.read_text(encoding="utf-8"))
    op.execute("SET LOCAL search_path = public")
    op.execute(FAIRNESS)
    op.execute(START_TAG)
    op.execute(RIGHTS)
    # The queue is small and rewritten all the time: clean it by count, not by share, and leave room in
    # its pages, else finding the next job slows down as dead rows pile up.
    op.execute(
        "ALTER TABLE jobs.procrastinate_jobs SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, "
        "autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0)"
    )


def downgrade() -> None:
    raise NotImplementedError("Undo by a new migration.")
