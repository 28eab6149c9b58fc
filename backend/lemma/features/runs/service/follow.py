"""A run's events as they happen: read from the database in short transactions, none held between them."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from uuid import UUID

from fastapi.sse import ServerSentEvent

from lemma.core.errors import LemmaError
from lemma.features.runs.errors import RunNotFound
from lemma.features.runs.models import RunEvent
from lemma.features.runs.repository import RunRepository
from lemma.features.runs.schemas import FINAL
from lemma.http.context import Web

_SOONEST = 0.2
_LATEST = 1.5
_RECONNECT_MS = 2000


async def check(parts: Web, organisation_id: UUID, run_id: UUID) -> None:
    """Raises RunNotFound, while that can still be answered with a problem."""
    async with parts.database.transaction(organisation_id, read_only=True) as session:
        if await RunRepository(session, organisation_id).state(run_id) is None:
            raise RunNotFound("There is no run with this id. List the runs to find it.")


async def follow(
    parts: Web, organisation_id: UUID, run_id: UUID, after: int
) -> AsyncIterator[ServerSentEvent]:
    """The events after number `after`; then those to come, until the run has come to its end.

    The last event is `end`; or `reconnect` where this process is about to stop, or `problem` (data: a
    problem object) where it cannot go on: then the reader comes back. A run that is deleted
    meanwhile ends too.
    """
    pause = _SOONEST
    with parts.streams.opened():
        yield ServerSentEvent(comment="open", retry=_RECONNECT_MS)
        while True:
            # A reader who leaves cancels us; the query is let finish, or its connection would be lost.
            reading = asyncio.create_task(_news(parts, organisation_id, run_id, after))
            try:
                state, events = await asyncio.shield(reading)
            except LemmaError as error:
                yield ServerSentEvent(event="problem", data=error.problem(), retry=_RECONNECT_MS)
                return
            for event in events:
                after = event.seq
                yield ServerSentEvent(event=event.kind, id=str(event.seq), data=event.data)
            if events:
                pause = _SOONEST
                continue
            if state is None or state in FINAL:
                yield ServerSentEvent(event="end", data={"state": state})
                return
            if await parts.streams.pause(pause):
                yield ServerSentEvent(event="reconnect", data={}, retry=_RECONNECT_MS)
                return
            pause = min(pause * 1.5, _LATEST)


async def _news(
    parts: Web, organisation_id: UUID, run_id: UUID, after: int
) -> tuple[str | None, Sequence[RunEvent]]:
    """The run's state, and the events after number `after`. The state is read first: when it is a final
    one, its own event is among those that are there."""
    async with parts.database.transaction(organisation_id, read_only=True) as session:
        runs = RunRepository(session, organisation_id)
        return await runs.state(run_id), await runs.events(run_id, after=after)
