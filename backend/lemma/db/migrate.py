"""Brings a database to the newest schema: what `lemma migrate` runs, and every start of our own server."""

import io
import logging
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, MetaData, NullPool, create_engine, text
from sqlalchemy.exc import OperationalError

from lemma.core.errors import Conflict
from lemma.db.addresses import conninfo
from lemma.db.roles import ensure_rights, ensure_roles

SCRIPTS = Path(__file__).parent / "migrations"
ADVISORY_LOCK = 5_036_662_110  # Any number, the same for all: two migrations never run at a time.
TRIES = 8
TRY_AGAIN = {"55P03", "40P01"}  # lock_not_available, deadlock_detected


class SchemaTooNew(Conflict):
    """The database was migrated by a newer version."""

    code = "schema_too_new"
    title = "The database belongs to a newer version"


def prepare(admin: URL) -> None:
    """Makes the roles and lets the owner own, over a user who may make roles.

    Our own server does this at its start. On an operator's server it is a no-op where it was done. What
    the address says of roles is left out: they may not be there yet.
    """
    with psycopg.connect(conninfo(admin.difference_update_query(["options"])), autocommit=True) as connection:
        prepare_over(connection)


def prepare_over(connection: psycopg.Connection) -> None:
    """The same over a connection in autocommit mode."""
    ensure_roles(connection, login=False)
    ensure_rights(connection)


def upgrade(owner: URL, target: str = "head") -> None:
    """Applies what is missing, one transaction for each migration.

    A migration that does not get its lock within three seconds gives way, so that traffic queued behind
    it goes on, and is tried again. Raises SchemaTooNew.
    """
    for attempt in range(1, TRIES + 1):
        try:
            with _connection(owner) as connection:
                _refuse_newer(connection)
                command.upgrade(_config(connection), target)
            return
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", None) not in TRY_AGAIN or attempt == TRIES:
                raise
            logging.getLogger(__name__).warning("A migration waited for a lock too long; trying again.")
            time.sleep(random.uniform(0, 2**attempt / 4))  # noqa: S311  (spreads tries, guards nothing)


def drift(owner: URL, metadata: MetaData) -> list[str]:
    """What autogenerate would change: empty where tables and migrations agree."""
    with _connection(owner) as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_server_default": True,
                "include_object": lambda _object, name, kind, _reflected, _other: (
                    not (kind == "table" and name == "alembic_version")
                ),
            },
        )
        return [repr(difference) for difference in compare_metadata(context, metadata)]


def revision(owner: URL, metadata: MetaData, message: str) -> None:
    """Writes a new migration with what `drift` found, for a person to finish."""
    with _connection(owner) as connection:
        config = _config(connection)
        config.attributes["metadata"] = metadata
        number = f"{int(newest()) + 1:04}"
        command.revision(config, message, autogenerate=True, rev_id=number)


def statements(target: str = "head") -> str:
    """All migrations as SQL, for the linter and for operators whose rules ask for it."""
    config = _config(None)
    config.output_buffer = io.StringIO()
    command.upgrade(config, target, sql=True)
    return config.output_buffer.getvalue()


def newest() -> str:
    """The revision that this version needs; `/readyz` compares it with the database's."""
    head = ScriptDirectory.from_config(_config(None)).get_current_head()
    if head is None:
        raise RuntimeError("There are no migrations.")
    return head


def _refuse_newer(connection: Connection) -> None:
    current = MigrationContext.configure(connection).get_current_revision()
    known = {script.revision for script in ScriptDirectory.from_config(_config(None)).walk_revisions()}
    if current is not None and current not in known:
        raise SchemaTooNew(
            f"The database has schema {current}, which this version does not know. "
            "Start the version that made it, or a newer one."
        )
    connection.rollback()


def _config(connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes["connection"] = connection
    return config


@contextmanager
def _connection(owner: URL) -> Iterator[Connection]:
    """A connection as owner under the advisory lock, which ends with the connection."""
    engine = create_engine(owner, poolclass=NullPool)
    try:
        with engine.connect() as connection:
            connection.execute(text("SET statement_timeout = 0"))
            connection.execute(text("SET lock_timeout = 0"))
            connection.execute(text("SELECT pg_advisory_lock(:number)"), {"number": ADVISORY_LOCK})
            connection.execute(text("RESET statement_timeout"))
            connection.execute(text("RESET lock_timeout"))
            connection.commit()
            yield connection
    finally:
        engine.dispose()
