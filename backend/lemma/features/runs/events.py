"""A run's events as they happen: read from the database in short transactions, none held between them."""

from collections.abc import AsyncIterator
from uuid import UUID

from fastapi.sse import ServerSentEvent

from lemma.features.runs.errors import RunNotFound
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

    The last event is `end`, or `reconnect` where this process is about to stop. A run that is deleted
    meanwhile ends too.
    """
    pause = _SOONEST
    with parts.streams.opened():
        yield ServerSentEvent(comment="open", retry=_RECONNECT_MS)
        while True:
            async with parts.database.transaction(organisation_id, read_only=True) as session:
                runs = RunRepository(session, organisation_id)
                state = await runs.state(run_id)  # Before the events: those of the last state are then there.
                events = await runs.events(run_id, after=after)
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
