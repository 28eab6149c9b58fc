"""The event stream of a run: whole from the start, resumed without gaps, and ended in good order."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from uuid import UUID

import httpx
import pytest
import uvicorn
from sqlalchemy import AsyncAdaptedQueuePool

from lemma.core.ids import new_id
from lemma.db.edge import Database
from lemma.features.runs.journal import record
from lemma.features.runs.models import Run
from lemma.http.streams import TooManyStreams
from lemma.main import DrainingServer
from tests.api.conftest import Caller, Callers, problem
from tests.fixtures.database import Server, add_organisation


@dataclass(frozen=True)
class Event:
    kind: str
    data: object
    id: str | None = None


def parse(text: str) -> list[Event]:
    """The events of a stream, as the WHATWG's specification reads them."""
    events = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.split("\n") if line and not line.startswith(":"))
        if "event" in fields:
            events.append(Event(fields["event"], json.loads(fields["data"]), fields.get("id")))
    return events


async def add_event(me: Caller, run_id: UUID, kind: str, **data: object) -> None:
    async with me.database.transaction(me.organisation_id) as session:
        run = await session.get_one(Run, (me.organisation_id, run_id), with_for_update=True)
        if kind == "state":
            run.state = str(data["state"])
        await session.flush()
        await record(session, me.organisation_id, run_id, kind, data)


async def some_time_idle(database: Database) -> bool:
    """Whether all connections are in the pool at some moment of the next minute."""
    pool = database.engine.pool
    assert isinstance(pool, AsyncAdaptedQueuePool)
    for _ in range(6000):
        if pool.checkedout() == 0:
            return True
        await asyncio.sleep(0.01)
    return False


async def until_there_is_room(me: Caller) -> None:
    """Looks until a stream could be opened."""
    async with asyncio.timeout(60):
        while True:
            try:
                return me.web.streams.check_room()
            except TooManyStreams:
                await asyncio.sleep(0.01)


@asynccontextmanager
async def served(me: Caller) -> AsyncIterator[tuple[DrainingServer, httpx.AsyncClient]]:
    """The app behind a real server, since the in-process transport does not stream."""
    config = uvicorn.Config(me.app, log_level="warning", lifespan="off", timeout_graceful_shutdown=90)
    server = DrainingServer(config, me.web.streams)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        task = asyncio.create_task(server.serve([listener]))
        async with httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{listener.getsockname()[1]}", timeout=120
        ) as http:
            yield server, http
        server.should_exit = True
        await task


async def test_a_finished_run_tells_its_story_and_ends(me: Caller) -> None:
    run_id = await me.seed()
    response = await me.http.get(f"/v1/runs/{run_id}/events")
    assert response.headers["content-type"].startswith("text/event-stream")
    assert response.headers["cache-control"] == "no-cache"
    assert parse(response.text) == [
        Event("state", {"state": "running"}, "1"),
        Event("state", {"state": "done"}, "2"),
        Event("end", {"state": "done"}),
    ]
    assert "retry: 2000" in response.text


async def test_a_reader_who_comes_back_misses_nothing_and_sees_nothing_twice(me: Caller) -> None:
    run_id = await me.seed()
    response = await me.http.get(f"/v1/runs/{run_id}/events", headers={"Last-Event-ID": "1"})
    assert parse(response.text) == [Event("state", {"state": "done"}, "2"), Event("end", {"state": "done"})]
    response = await me.http.get(f"/v1/runs/{run_id}/events", headers={"Last-Event-ID": "2"})
    assert parse(response.text) == [Event("end", {"state": "done"})]


@pytest.mark.parametrize("last", ["x", "-1", "1.5", "99999999999999999999"])
async def test_a_wrong_last_event_id_is_refused(me: Caller, last: str) -> None:
    run_id = await me.seed()
    response = await me.http.get(f"/v1/runs/{run_id}/events", headers={"Last-Event-ID": last})
    problem(response, 422, "invalid_input")


async def test_no_run_no_stream(me: Caller) -> None:
    problem(await me.http.get(f"/v1/runs/{new_id()}/events"), 404, "run_not_found")


async def test_events_arrive_as_they_happen_and_hold_no_connection(me: Caller) -> None:
    run_id = await me.seed(state="running")
    async with served(me) as (_, http), http.stream("GET", f"/v1/runs/{run_id}/events") as stream:
        pieces = stream.aiter_text()
        text = await anext(pieces)
        while text.count("event: state") < 2:
            text += await anext(pieces)
        assert await some_time_idle(me.database)
        await add_event(me, run_id, "progress", stage="reading", done=1, of=2)
        while "progress" not in text:
            text += await anext(pieces)
        await add_event(me, run_id, "state", state="done")
        async for piece in pieces:
            text += piece
    assert parse(text)[-3:] == [
        Event("progress", {"stage": "reading", "done": 1, "of": 2}, "3"),
        Event("state", {"state": "done"}, "4"),
        Event("end", {"state": "done"}),
    ]


async def test_a_server_that_stops_lets_its_readers_go(me: Caller) -> None:
    run_id = await me.seed(state="running")
    async with served(me) as (server, http), http.stream("GET", f"/v1/runs/{run_id}/events") as stream:
        pieces = stream.aiter_text()
        text = await anext(pieces)
        server.should_exit = True
        async with asyncio.timeout(60):
            async for piece in pieces:
                text += piece
    assert parse(text)[-1] == Event("reconnect", {})
    problem(await me.http.get("/readyz"), 503, "not_ready")
    problem(await me.http.get(f"/v1/runs/{run_id}/events"), 503, "too_many_streams")


async def test_a_reader_who_leaves_frees_its_place(me: Caller) -> None:
    run_id = await me.seed(state="running")
    async with served(me) as (_, http):
        for _ in range(2 * me.web.settings.limits.streams):
            async with http.stream("GET", f"/v1/runs/{run_id}/events") as stream:
                assert stream.status_code == 200
                await anext(stream.aiter_text())
            await until_there_is_room(me)


async def test_there_are_only_so_many_streams(me: Caller) -> None:
    run_id = await me.seed(state="running")
    async with served(me) as (_, http), AsyncExitStack() as readers:
        kept = []
        for _ in range(me.web.settings.limits.streams):
            stream = await readers.enter_async_context(http.stream("GET", f"/v1/runs/{run_id}/events"))
            kept.append(stream.aiter_text())  # A reader that nobody holds would close its stream.
            await anext(kept[-1])
        refused = await http.get(f"/v1/runs/{run_id}/events")
        problem(refused, 503, "too_many_streams")
        assert refused.headers["retry-after"] == "5"


async def test_a_run_that_is_deleted_ends_its_stream(me: Caller) -> None:
    run_id = await me.seed(state="running")
    async with served(me) as (_, http), http.stream("GET", f"/v1/runs/{run_id}/events") as stream:
        pieces = stream.aiter_text()
        text = await anext(pieces)
        assert (await me.http.delete(f"/v1/runs/{run_id}")).status_code == 204
        async for piece in pieces:
            text += piece
    assert parse(text)[-1] == Event("end", {"state": None})


async def test_a_stream_that_cannot_go_on_says_why(callers: Callers, server: Server, template: str) -> None:
    """The database goes away in the middle: the stream ends with a problem, and its reader comes back."""
    with server.admin() as admin:
        admin.execute(f"CREATE DATABASE lemma_test_gone TEMPLATE {template}")
    database = Database(server.addresses("lemma_test_gone").app, connections=2)
    organisation_id = await add_organisation(database)
    me = callers(organisation_id)
    me.web = replace(me.web, database=database)
    me.app.state.web = me.web
    run_id = await me.seed(state="running")
    async with served(me) as (_, http), http.stream("GET", f"/v1/runs/{run_id}/events") as stream:
        pieces = stream.aiter_text()
        text = await anext(pieces)
        with server.admin() as admin:
            admin.execute("DROP DATABASE lemma_test_gone WITH (FORCE)")
        async for piece in pieces:
            text += piece
    last = parse(text)[-1]
    assert last.kind == "problem"
    assert isinstance(last.data, dict)
    assert last.data["code"] == "database_unavailable"
    await database.close()
