"""What the database's own catalogue says about who may see what. A new table cannot slip past it."""

from collections.abc import Iterator

import psycopg
import pytest

from lemma.db.addresses import Addresses, conninfo

NOT_OF_AN_ORGANISATION = {
    "public.alembic_version": "the schema's version",
    "public.organisation": "is the organisation; closed by its own id, see below",
    "jobs.clock": "one number, the virtual time",
    "jobs.procrastinate_jobs": "identifiers only; the app sees its organisation's by a policy, see below",
    "jobs.procrastinate_events": "when jobs began and ended",
    "jobs.procrastinate_workers": "heartbeats",
    "jobs.procrastinate_periodic_defers": "unused",
    "jobs.inference_cursor": "up to where a gateway's journal was read",
    "jobs.inference_usage": "what inference cost us, for all; ids and counts, for the queue's role alone",
}

EXTRA_POLICIES = {
    (
        "public.run",
        "for_the_sweep",
    ): "the queue's role finds runs without a job, column by column",
    (
        "public.idempotent_request",
        "for_retention",
    ): "the queue's role forgets keys that are past use, by their age alone",
    ("jobs.fair_share", "for_workers"): "the queue's role keeps virtual time in bounds",
}

TABLES = """
SELECT format('%I.%I', nspname, relname) AS name, relrowsecurity AS enabled, relforcerowsecurity AS forced,
       pg_get_userbyid(relowner) AS owner,
       EXISTS (SELECT 1 FROM pg_attribute WHERE attrelid = pg_class.oid AND attname = 'organisation_id')
           AS of_organisation
  FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
 WHERE relkind IN ('r', 'p') AND nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
"""


@pytest.fixture
def catalogue(addresses: Addresses) -> Iterator[psycopg.Connection[dict[str, object]]]:
    with psycopg.connect(conninfo(addresses.owner), row_factory=psycopg.rows.dict_row) as connection:
        yield connection


Catalogue = psycopg.Connection[dict[str, object]]


def test_every_table_is_of_an_organisation_or_has_a_reason(catalogue: Catalogue) -> None:
    others = {row["name"] for row in catalogue.execute(TABLES) if not row["of_organisation"]}
    assert others == set(NOT_OF_AN_ORGANISATION)


def test_tables_of_an_organisation_are_closed_to_all_others(catalogue: Catalogue) -> None:
    tables = [row for row in catalogue.execute(TABLES) if row["of_organisation"]]
    assert {"public.document", "public.run", "public.cell", "public.usage"} <= {row["name"] for row in tables}
    for row in tables:
        assert row["enabled"], row
        assert row["forced"], row
        for policy in _policies(catalogue, str(row["name"])):
            if policy["policyname"] == "of_organisation":
                assert "organisation_id = (NULLIF(current_setting('app.organisation_id'" in str(
                    policy["qual"]
                )
                assert policy["with_check"] == policy["qual"]
            else:
                assert (row["name"], policy["policyname"]) in EXTRA_POLICIES
                assert policy["roles"] == "{lemma_jobs}", policy
        assert any(p["policyname"] == "of_organisation" for p in _policies(catalogue, str(row["name"])))


def test_an_organisation_sees_only_itself(catalogue: Catalogue) -> None:
    row = next(row for row in catalogue.execute(TABLES) if row["name"] == "public.organisation")
    (policy,) = _policies(catalogue, "public.organisation")
    assert row["enabled"]
    assert row["forced"]
    assert str(policy["qual"]).startswith("(id = (NULLIF(current_setting('app.organisation_id'")


def test_keys_and_references_begin_with_the_organisation(catalogue: Catalogue) -> None:
    """So that a row cannot refer to another organisation's, nor a taken key tell that it exists."""
    rows = catalogue.execute(
        """
        SELECT conrelid::regclass::text AS table, conname, contype,
               (SELECT attname FROM pg_attribute WHERE attrelid = conrelid AND attnum = conkey[1]) AS first
          FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid
         WHERE contype IN ('p', 'u', 'f') AND EXISTS (
               SELECT 1 FROM pg_attribute WHERE attrelid = conrelid AND attname = 'organisation_id')
        """
    ).fetchall()
    assert len(rows) > 15
    assert [row for row in rows if row["first"] != "organisation_id"] == []


def test_unique_indexes_hold_the_organisation(catalogue: Catalogue) -> None:
    rows = catalogue.execute(
        """
        SELECT indexrelid::regclass::text AS index FROM pg_index
         WHERE indisunique AND EXISTS (
               SELECT 1 FROM pg_attribute WHERE attrelid = indrelid AND attname = 'organisation_id')
           AND NOT EXISTS (
               SELECT 1 FROM pg_attribute WHERE attrelid = indrelid AND attname = 'organisation_id'
                  AND attnum = ANY (indkey::int2[]))
        """
    ).fetchall()
    assert rows == []


def test_roles_have_no_more_power_than_they_need(catalogue: Catalogue) -> None:
    rows = catalogue.execute(
        """
        SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication FROM pg_roles
         WHERE rolname IN ('lemma_owner', 'lemma_app', 'lemma_jobs')
        """
    ).fetchall()
    assert len(rows) == 3
    for row in rows:
        assert [name for name, value in row.items() if value is True] == []


def test_only_the_owner_owns(catalogue: Catalogue) -> None:
    owned = catalogue.execute(
        """
        SELECT relname FROM pg_class WHERE pg_get_userbyid(relowner) IN ('lemma_app', 'lemma_jobs')
         UNION ALL
        SELECT proname FROM pg_proc WHERE pg_get_userbyid(proowner) IN ('lemma_app', 'lemma_jobs')
        """
    ).fetchall()
    assert owned == []
    assert {row["owner"] for row in catalogue.execute(TABLES)} == {"lemma_owner"}


def test_the_queue_sees_which_runs_and_nothing_of_them(catalogue: Catalogue) -> None:
    rows = catalogue.execute(
        """
        SELECT table_name, column_name, privilege_type FROM information_schema.column_privileges
         WHERE grantee = 'lemma_jobs' AND table_schema = 'public'
        """
    ).fetchall()
    seen = {(row["table_name"], row["column_name"]) for row in rows}
    assert {row["privilege_type"] for row in rows} == {"SELECT"}
    assert seen == {
        ("alembic_version", "version_num"),
        ("idempotent_request", "created_at"),
        *(("run", column) for column in ("organisation_id", "id", "state", "job_id", "updated_at")),
    }


def test_functions_that_act_for_the_owner_are_known(catalogue: Catalogue) -> None:
    rows = catalogue.execute(
        """
        SELECT oid::regprocedure::text AS name, proconfig FROM pg_proc
         WHERE prosecdef AND pronamespace::regnamespace::text IN ('public', 'jobs')
        """
    ).fetchall()
    assert [row["name"] for row in rows] == ["jobs.start_tag(text,bigint)"]
    assert rows[0]["proconfig"] == ["search_path=pg_catalog, pg_temp"]


def _policies(catalogue: Catalogue, table: str) -> list[dict[str, object]]:
    return catalogue.execute(
        "SELECT policyname, roles::text, qual, with_check FROM pg_policies"
        " WHERE format('%%I.%%I', schemaname, tablename) = %s",
        (table,),
    ).fetchall()
