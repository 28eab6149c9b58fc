"""The transaction edge: the one place where a transaction begins, knows its organisation, and commits."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import URL, event, text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import Session, SessionTransaction

from lemma.core.errors import Unavailable
from lemma.db.tenancy import NoOrganisation, enter_organisation


class DatabaseUnavailable(Unavailable):
    """The database does not answer."""

    code = "database_unavailable"
    title = "The database does not answer"


class TenantSession(Session):
    """A session that refuses to begin a transaction for nobody."""


@event.listens_for(TenantSession, "after_begin")
def _enter(session: Session, _transaction: SessionTransaction, connection: Any) -> None:
    """Says to PostgreSQL whose transaction this is, for as long as it lasts (`set_config(.., true)`)."""
    organisation_id = session.info.get("organisation_id")
    if organisation_id is None:
        raise NoOrganisation("A transaction began without an organisation.")
    enter_organisation(connection, organisation_id)


class Database:
    """A pool of connections as one role. Built by the composition root and passed down, never global.

    `connections` is the most that this process holds at a time.
    """

    def __init__(self, address: URL, *, connections: int = 8) -> None:
        self.engine: AsyncEngine = create_async_engine(
            address,
            pool_size=connections,
            max_overflow=0,
            pool_timeout=5,
            pool_recycle=1800,
            pool_pre_ping=True,
        )

    @asynccontextmanager
    async def transaction(
        self, organisation_id: UUID, *, read_only: bool = False
    ) -> AsyncIterator[AsyncSession]:
        """One transaction for one organisation: commits at the end of the block, rolls back on any error.

        Code inside flushes and never commits. No model call, no HTTP request and no stream belongs inside
        the block. The answer to a request is sent after it.
        Raises DatabaseUnavailable when no connection is to be had or it breaks; whether a commit that
        broke took effect is then unknown, which is why effects have unique keys.
        """
        try:
            async with AsyncSession(
                self.engine,
                sync_session_class=TenantSession,
                info={"organisation_id": organisation_id},
                expire_on_commit=False,
            ) as session:
                if read_only:
                    await session.execute(text("SET TRANSACTION READ ONLY"))
                yield session
                await session.commit()
        except (OperationalError, InterfaceError, PoolTimeout) as error:
            raise _unavailable(error) from error
        except DBAPIError as error:
            if error.connection_invalidated:
                raise _unavailable(error) from error
            raise

    async def ping(self) -> None:
        """Asks the database for a sign of life. Raises DatabaseUnavailable."""
        try:
            async with self.engine.connect() as connection:
                await connection.execute(text("SELECT 1"))
        except (OperationalError, InterfaceError, PoolTimeout) as error:
            raise _unavailable(error) from error

    async def close(self) -> None:
        """Closes every connection."""
        await self.engine.dispose()


def _unavailable(error: Exception) -> DatabaseUnavailable:
    return DatabaseUnavailable(
        "The database does not answer at the moment. Try again in a few seconds.",
        cause=type(getattr(error, "orig", None) or error).__name__,
    )
