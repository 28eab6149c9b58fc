"""`Idempotency-Key`: a request that is sent again has one effect and gets the first answer.

The key's row is written in the transaction of the effect itself, so that both are there or neither is,
whatever crashes in between. Of requests that arrive together, the first to insert the row goes on; the
others wait at it until that one has committed, then read its answer.
"""

import hashlib
import json
from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Header
from sqlalchemy import ForeignKey, Text, select, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from lemma.core.errors import InvalidInput
from lemma.db.base import Base, CreatedAt, OfOrganisation

KEPT_DAYS = 30

FORGET_OLD_KEYS = f"""
DELETE FROM public.idempotent_request WHERE created_at < now() - interval '{KEPT_DAYS} days'
RETURNING created_at
"""  # noqa: S608  (made of a number of ours)
"""A chore of the worker: an answer names documents, and is not kept longer than it is of use. Run as
`lemma_jobs`, whose policy shows it nothing that is younger than a week."""


class IdempotencyKeyReused(InvalidInput):
    """The key was used before, for something else."""

    code = "idempotency_key_reused"
    title = "The Idempotency-Key was used for another request"


class IdempotentRequest(OfOrganisation, Base):
    """A request that was made under a key, and what it was answered with."""

    __tablename__ = "idempotent_request"

    organisation_id: Mapped[UUID] = mapped_column(
        ForeignKey("organisation.id", ondelete="CASCADE"), primary_key=True, sort_order=-1
    )
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    fingerprint: Mapped[str]
    """A hash of what was asked for; the same key with another one is a mistake."""
    answer: Mapped[Any] = mapped_column(JSONB(none_as_null=True), nullable=True)
    created_at: Mapped[CreatedAt]


def _key(
    idempotency_key: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            min_length=1,
            max_length=200,
            pattern=r"^[\x21-\x7e]+$",
            description="Your own name for this request. Sent again with the same body, it has no further "
            "effect and gets the first answer; with another body it is refused. Kept for 30 days.",
        ),
    ] = None,
) -> str | None:
    return idempotency_key


Key = Annotated[str | None, Depends(_key)]


def fingerprint(operation: str, parts: Sequence[object]) -> str:
    """What makes two requests the same: the operation and all that it was given."""
    text = json.dumps([operation, *parts], ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


async def first_answer(
    session: AsyncSession, organisation_id: UUID, key: str | None, mark: str
) -> Any | None:
    """The answer that was given under this key, or None for the first request, which now holds the key.

    Raises IdempotencyKeyReused where the key stands for another fingerprint.
    """
    if key is None:
        return None
    row = {"organisation_id": organisation_id, "key": key}
    taken = await session.execute(
        insert(IdempotentRequest)
        .values(**row, fingerprint=mark)
        .on_conflict_do_nothing()
        .returning(IdempotentRequest.key)
    )
    if taken.scalar_one_or_none() is not None:
        return None
    first = (await session.scalars(select(IdempotentRequest).filter_by(**row))).one()
    if first.fingerprint != mark:
        raise IdempotencyKeyReused("Use a new Idempotency-Key for a new request.")
    return first.answer


async def keep_answer(session: AsyncSession, organisation_id: UUID, key: str | None, answer: Any) -> None:
    """Keep what the first request is answered with."""
    if key is not None:
        await session.execute(
            update(IdempotentRequest)
            .where(IdempotentRequest.organisation_id == organisation_id, IdempotentRequest.key == key)
            .values(answer=answer)
        )
