"""The database is built by migrating, and by nothing else."""

import subprocess
import sys
from importlib import resources
from pathlib import Path

import pytest
from sqlalchemy import Column, MetaData, Table, Text, create_engine, text

import lemma.features.documents.models
import lemma.features.material.models
import lemma.features.organisations.models
import lemma.features.runs.models
import lemma.features.usage.models
import lemma.http.idempotency  # noqa: F401  (brings its table)
from lemma.db import migrate
from lemma.db.addresses import Addresses
from lemma.db.base import Base

NOT_FOR_US = {
    # Counters and positions stay far below two billion; sizes and job ids are bigint.
    "prefer-bigint-over-int",
    "prefer-bigint-over-smallint",
    # A migration runs in one transaction: it is there whole or not at all.
    "prefer-robust-stmts",
}


def test_migrations_and_tables_agree(addresses: Addresses) -> None:
    """Who changes a table writes the migration, by `infra/scripts/new_migration.py`."""
    assert migrate.drift(addresses.owner, Base.metadata) == []


def test_a_difference_would_be_seen(addresses: Addresses) -> None:
    metadata = MetaData()
    Table("organisation", metadata, Column("unheard_of", Text))

    found = migrate.drift(addresses.owner, metadata)

    assert any("unheard_of" in difference for difference in found)
    assert any("remove_table" in difference and "usage" in difference for difference in found)


def test_migrating_again_changes_nothing(addresses: Addresses) -> None:
    migrate.upgrade(addresses.owner)
    engine = create_engine(addresses.owner)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == migrate.newest()
    engine.dispose()


def test_a_database_of_a_newer_version_is_left_alone(addresses: Addresses) -> None:
    engine = create_engine(addresses.owner)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()

    with pytest.raises(migrate.SchemaTooNew, match="9999"):
        migrate.upgrade(addresses.owner)


def test_undo_is_a_new_migration() -> None:
    """What was deployed is not rolled back: data may depend on it."""
    for path in (migrate.SCRIPTS / "versions").glob("*.py"):
        assert 'NotImplementedError("Undo by a new migration.")' in path.read_text(), path.name


def test_every_migration_gives_way_to_traffic() -> None:
    for path in (migrate.SCRIPTS / "versions").glob("*.py"):
        assert "SET LOCAL lock_timeout = '3s'" in path.read_text(), path.name


def test_statements_are_safe_to_deploy(tmp_path: Path) -> None:
    """Squawk reads what an operator would run by hand. Procrastinate's own file is not ours to judge."""
    before, _, rest = migrate.statements().partition("-- Procrastinate's own, from here")
    _, _, after = rest.partition("SET LOCAL search_path = public")
    path = tmp_path / "upgrade.sql"
    path.write_text("BEGIN;" + before.partition(");")[2] + after)  # The first table is alembic's own.
    squawk = Path(sys.executable).with_name("squawk")

    checked = subprocess.run(
        [squawk, "--pg-version=18", f"--exclude={','.join(sorted(NOT_FOR_US))}", path],
        check=False, capture_output=True, text=True,
    )  # fmt: skip

    assert checked.returncode == 0, checked.stdout
    assert "CREATE TABLE jobs.fair_share" in after


def test_the_queue_has_the_schema_of_the_installed_engine() -> None:
    """A newer procrastinate with another schema needs a migration, made of its own migrations."""
    shipped = (resources.files("procrastinate.sql") / "schema.sql").read_text(encoding="utf-8")
    assert shipped.strip() == _procrastinate()


def _procrastinate() -> str:
    return (migrate.SCRIPTS / "procrastinate" / "3.10.0.sql").read_text(encoding="utf-8").strip()
