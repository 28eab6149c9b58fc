"""Tenancy: whose rows a transaction sees. PostgreSQL enforces it; this is how it is told, and set up."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Connection

SETTING = "app.organisation_id"


class NoOrganisation(RuntimeError):
    """A programming error: customers' rows were asked for on behalf of nobody."""


def enter_organisation(connection: Connection, organisation_id: UUID) -> None:
    """Binds the current transaction to an organisation.

    The third argument makes it end with the transaction. A plain `SET` would outlive it and show these
    rows to whoever gets the pooled connection next.
    """
    connection.exec_driver_sql("SELECT set_config(%s, %s, true)", (SETTING, str(organisation_id)))


def protect(table: str, *, key: str = "organisation_id") -> Sequence[str]:
    """The statements that close a table to all but its organisation, for use in migrations.

    FORCE holds the table's owner to it as well. After a transaction the setting is '' and not NULL,
    hence the nullif.
    """
    mine = f"{key} = nullif(current_setting('{SETTING}', true), '')::uuid"
    return (
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY of_organisation ON {table} USING ({mine}) WITH CHECK ({mine})",
    )
