"""Organisations: for now the one that this machine's own user is, where access is `local`."""

from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from lemma.db.edge import Database
from lemma.features.organisations.models import Organisation

LOCAL_ORGANISATION = UUID("01900000-0000-7000-8000-000000000001")
"""Its id is the same on every machine, so that web and command line mean the same one without asking."""


async def ensure_local_organisation(database: Database) -> UUID:
    """Makes the organisation "Local" unless it is there. Several processes may do so at once."""
    async with database.transaction(LOCAL_ORGANISATION) as session:
        await session.execute(
            insert(Organisation).values(id=LOCAL_ORGANISATION, name="Local").on_conflict_do_nothing()
        )
    return LOCAL_ORGANISATION
