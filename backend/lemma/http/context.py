"""What a request may use: made once by `main.py`, kept on the app, reached by dependencies alone."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from lemma.core.clock import Clock
from lemma.db.edge import Database
from lemma.gateways.storage import Storage
from lemma.http.streams import Streams
from lemma.settings import Settings


@dataclass(frozen=True, slots=True)
class Web:
    """The parts of the web process that requests share."""

    settings: Settings
    database: Database
    storage: Storage
    clock: Clock
    streams: Streams
    local_organisation: UUID


def web(request: Request) -> Web:
    """The parts that `main.py` put together."""
    parts: Web = request.app.state.web
    return parts


WebParts = Annotated[Web, Depends(web)]


async def current_organisation(parts: WebParts) -> UUID:
    """Whose data this request may touch: the one place that decides it.

    With access `local` that is the one organisation of this machine; who may come this far was decided
    by `lemma.http.access`.
    """
    return parts.local_organisation


Organisation = Annotated[UUID, Depends(current_organisation)]


async def _transaction(parts: WebParts, organisation_id: Organisation) -> AsyncIterator[AsyncSession]:
    async with parts.database.transaction(organisation_id) as session:
        yield session


async def _read_only(parts: WebParts, organisation_id: Organisation) -> AsyncIterator[AsyncSession]:
    async with parts.database.transaction(organisation_id, read_only=True) as session:
        yield session


Session = Annotated[AsyncSession, Depends(_transaction, scope="function")]
"""One transaction for the request. The scope `function` makes it commit before the response is sent:
what a caller was told is in the database, and a failed commit is a failed request."""

ReadSession = Annotated[AsyncSession, Depends(_read_only, scope="function")]
"""The same for a request that changes nothing: PostgreSQL holds it to that."""
