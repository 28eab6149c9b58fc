"""Two organisations: no operation shows or changes what is the other's, and none tells that it exists."""

import json
from typing import Any

import pytest

from lemma.core.ids import new_id
from lemma.openapi import document
from tests.api.conftest import Caller, problem

OPERATIONS: list[tuple[str, str]] = [
    (method.upper(), path)
    for path, methods in json.loads(document())["paths"].items()
    for method in methods
    if "{run_id}" in path
]


def test_there_are_operations_to_try() -> None:
    assert len(OPERATIONS) >= 8


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
async def test_anothers_run_is_as_if_it_were_not(
    me: Caller, stranger: Caller, method: str, path: str
) -> None:
    theirs = await stranger.seed(name="CANARY.pdf")
    foreign = await me.http.request(method, path.format(run_id=theirs, number=1))
    unknown = await me.http.request(method, path.format(run_id=new_id(), number=1))
    assert without_id(problem(foreign, 404, "run_not_found")) == without_id(
        problem(unknown, 404, "run_not_found")
    )
    assert "CANARY" not in foreign.text
    assert (await stranger.http.get(f"/v1/runs/{theirs}")).json()["state"] == "done"


def without_id(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name != "request_id"}


async def test_lists_hold_ones_own(me: Caller, stranger: Caller) -> None:
    theirs = await stranger.seed(name="CANARY.pdf")
    mine = await me.seed()
    listed = await me.http.get("/v1/runs")
    assert [run["id"] for run in listed.json()["items"]] == [str(mine)]
    assert str(theirs) not in listed.text
    after_theirs = await stranger.http.get("/v1/runs", params={"limit": 1})
    cursor = after_theirs.json()["next_cursor"]
    assert cursor is None


async def test_anothers_document_cannot_be_run(me: Caller, stranger: Caller) -> None:
    theirs = await stranger.seed()
    document_id = (await stranger.http.get(f"/v1/runs/{theirs}")).json()["document"]["id"]
    response = await me.http.post("/v1/runs", json={"task": "invoices", "document_id": document_id})
    problem(response, 404, "document_not_found")


async def test_anothers_cursor_shows_ones_own(me: Caller, stranger: Caller) -> None:
    mine = await me.seed(state="waiting")
    for _ in range(2):
        await stranger.seed(state="waiting")
    cursor = (await stranger.http.get("/v1/runs", params={"limit": 1})).json()["next_cursor"]
    listed = (await me.http.get("/v1/runs", params={"cursor": cursor})).json()["items"]
    assert [run["id"] for run in listed] == [str(mine)]
