"""One transaction for each request, committed before the response is sent."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends
from sqlalchemy.ext.asyncio import AsyncSession

from lemma.http.auth import Organisation
from lemma.http.context import WebParts


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
