"""The three roles, made once for each server by whoever may make roles.

`lemma_owner` owns the tables and migrates; `lemma_app` reads and writes customers' rows and is held to
row-level security; `lemma_jobs` works the queue. None is a superuser, none bypasses row-level security.
"""

import psycopg
from psycopg import sql

ROLES = ("lemma_owner", "lemma_app", "lemma_jobs")


def ensure_roles(connection: psycopg.Connection, *, login: bool) -> None:
    """Makes the roles that are missing and lets the connected user act as each of them. Idempotent.

    `login` is for a server of our own, where each process logs in as its role. On a server of the
    operator's they are roles to switch to; a password is the operator's to give.
    """
    for role in ROLES:
        name = sql.Identifier(role)
        if not _exists(connection, "SELECT 1 FROM pg_roles WHERE rolname = %s", role):
            connection.execute(
                sql.SQL("CREATE ROLE {} NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE {}").format(
                    name, sql.SQL("LOGIN" if login else "NOLOGIN")
                )
            )
        if not _exists(connection, "SELECT 1 WHERE pg_has_role(current_user, %s, 'SET')", role):
            connection.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(name))


def ensure_rights(connection: psycopg.Connection) -> None:
    """Lets the owner make schemas and tables in the connected database, and nobody else. Idempotent."""
    database = sql.Identifier(connection.info.dbname)
    connection.execute(sql.SQL("GRANT CREATE ON DATABASE {} TO lemma_owner").format(database))
    connection.execute("GRANT USAGE, CREATE ON SCHEMA public TO lemma_owner")
    connection.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")


def ensure_database(connection: psycopg.Connection, name: str) -> None:
    """Makes the database unless it is there. `connection` must be in autocommit mode."""
    if not _exists(connection, "SELECT 1 FROM pg_database WHERE datname = %s", name):
        connection.execute(sql.SQL("CREATE DATABASE {} OWNER lemma_owner").format(sql.Identifier(name)))


def _exists(connection: psycopg.Connection, query: str, value: str) -> bool:
    return connection.execute(query, (value,)).fetchone() is not None
