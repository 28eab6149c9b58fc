"""The journal of runs: what happened, numbered without gaps, for readers who come back."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, literal, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from lemma.features.runs.models import RunEvent


async def record(
    session: AsyncSession, organisation_id: UUID, run_id: UUID, kind: str, data: Mapping[str, Any]
) -> None:
    """Adds an event to a run. The caller's transaction holds the run's row, by a lock or by a change:
    so events of one run are written one after the other, and their numbers have no gaps."""
    number = select(
        literal(organisation_id),
        literal(run_id),
        func.coalesce(func.max(RunEvent.seq), 0) + 1,
        literal(kind),
        literal(dict(data), JSONB),
    ).where(RunEvent.organisation_id == organisation_id, RunEvent.run_id == run_id)
    await session.execute(
        insert(RunEvent).from_select(["organisation_id", "run_id", "seq", "kind", "data"], number)
    )
