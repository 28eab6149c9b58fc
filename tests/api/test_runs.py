"""Listing, reading, cancelling, retrying and deleting runs."""

import base64
from uuid import UUID

import pytest

from lemma.core.ids import new_id
from tests.api.conftest import Caller, problem


async def test_a_run_comes_with_all_that_it_gave(me: Caller) -> None:
    run_id = await me.seed()
    body = (await me.http.get(f"/v1/runs/{run_id}")).json()
    assert body["state"] == "done"
    assert body["document"]["state"] == "ready"
    assert body["cells"][0] == {
        "path": "number",
        "label": "Number",
        "kind": "identifier",
        "group": body["cells"][0]["group"],
        "value": "INV-806",
        "raw": "INV-806",
        "status": "found",
        "evidence": [{"page": 1, "line": 1, "start": 8, "end": 15, "boxes": [[0.3, 0.1, 0.4, 0.12]]}],
        "signals": {},
        "reason": None,
    }
    assert [cell["path"] for cell in body["cells"]] == ["number", "total", "due_date", "lines[0].description"]
    assert body["cells"][3]["label"] == "Description"
    assert body["rules"][0]["code"] == "dates_in_order"
    assert body["rules"][0]["label"]
    assert [(page["number"], page["kind"], page["has_image"]) for page in body["pages"]] == [
        (1, "text", True),
        (2, "text", True),
        (3, "xml", False),
    ]
    assert body["notes"] == ["Page 2 was recognised."]
    assert body["source"] is None
    assert body["counts"]["found"] == 3


async def test_the_source_is_there_on_demand_and_proves_the_cells(me: Caller) -> None:
    run_id = await me.seed()
    body = (await me.http.get(f"/v1/runs/{run_id}?include=source")).json()
    lines = {line["id"]: line["text"] for line in body["source"]["lines"]}
    assert lines[2] == "Total  -12,00 €"
    number = body["cells"][0]
    [where] = number["evidence"]
    assert lines[where["line"]][where["start"] : where["end"]] == number["raw"]


async def test_a_run_that_waits_has_no_cells_yet(me: Caller) -> None:
    run_id = await me.seed(state="waiting")
    body = (await me.http.get(f"/v1/runs/{run_id}?include=source")).json()
    assert (body["cells"], body["rules"], body["pages"], body["source"]) == ([], [], [], None)


async def test_a_failed_run_says_why(me: Caller) -> None:
    run_id = await me.seed(state="failed")
    error = (await me.http.get(f"/v1/runs/{run_id}")).json()["error"]
    assert (error["code"], error["detail"]) == ("file_broken", "Broken.")


async def test_pages_of_the_list_are_complete_and_in_order(me: Caller) -> None:
    made = [str(await me.seed(state="waiting")) for _ in range(7)]
    seen, cursor, pages = [], None, 0
    while True:
        query = {"limit": 3} | ({"cursor": cursor} if cursor else {})
        page = (await me.http.get("/v1/runs", params=query)).json()
        seen += [run["id"] for run in page["items"]]
        pages += 1
        cursor = page["next_cursor"]
        if pages == 1:
            await me.seed(state="waiting")  # What arrives meanwhile moves nothing.
        if cursor is None:
            break
    assert seen == made[::-1]
    assert pages == 3


async def test_the_list_is_filtered(me: Caller) -> None:
    done, failed = await me.seed(), await me.seed(state="failed")

    async def ids(**query: str) -> list[UUID]:
        listed = (await me.http.get("/v1/runs", params=query)).json()["items"]
        return [UUID(run["id"]) for run in listed]

    assert await ids() == [failed, done]
    assert await ids(state="done") == [done]
    assert await ids(state="failed", task="invoices") == [failed]
    assert await ids(task="contracts") == []


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "=",
        "%00",
        "é",
        base64.urlsafe_b64encode(b"short").decode(),
        "A" * 23,
        "../../etc",
        "A" * 64,
        "A" * 21 + "\n",
    ],
)
async def test_a_made_up_cursor_is_refused(me: Caller, cursor: str) -> None:
    problem(await me.http.get("/v1/runs", params={"cursor": cursor}), 422, "invalid_input")


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=201",
        "limit=x",
        "limit=99999999999999999999999",
        "state=finished",
        "task=%00",
        "task=%2e%2e%2f",
        "cursor=" + "A" * 1000,
    ],
)
async def test_a_wrong_query_is_refused(me: Caller, query: str) -> None:
    error = problem(await me.http.get(f"/v1/runs?{query}"), 422, "invalid_input")
    assert error["errors"][0]["field"].startswith("query.")


async def test_a_run_that_waits_is_cancelled_with_its_job(me: Caller) -> None:
    [run] = (await me.upload(("a.pdf", b"x"))).json()["items"]
    response = await me.http.post(f"/v1/runs/{run['id']}/cancel")
    assert (response.status_code, response.json()["state"]) == (200, "cancelled")
    assert response.json()["finished_at"] is not None
    again = await me.http.post(f"/v1/runs/{run['id']}/cancel")
    assert (again.status_code, again.json()) == (200, response.json())


async def test_what_has_ended_is_not_cancelled(me: Caller) -> None:
    for state in ("done", "failed"):
        run_id = await me.seed(state=state)
        problem(await me.http.post(f"/v1/runs/{run_id}/cancel"), 409, "run_not_cancellable")


async def test_failed_and_cancelled_runs_are_tried_again(me: Caller) -> None:
    for state in ("failed", "cancelled"):
        run_id = await me.seed(state=state)
        response = await me.http.post(f"/v1/runs/{run_id}/retry")
        assert (response.status_code, response.json()["state"]) == (200, "waiting")
        assert response.json()["error"] is None
    assert await me.count("jobs.procrastinate_jobs") == 2


async def test_other_runs_are_not_tried_again(me: Caller) -> None:
    for state in ("done", "waiting", "running"):
        run_id = await me.seed(state=state)
        problem(await me.http.post(f"/v1/runs/{run_id}/retry"), 409, "run_not_retryable")


async def test_deleting_forgets_rows_and_files(me: Caller) -> None:
    run_id = await me.seed()
    await me.http.get(f"/v1/runs/{run_id}/pages/1/image")
    assert (await me.http.delete(f"/v1/runs/{run_id}")).status_code == 204
    problem(await me.http.get(f"/v1/runs/{run_id}"), 404, "run_not_found")
    problem(await me.http.delete(f"/v1/runs/{run_id}"), 404, "run_not_found")
    assert me.storage.files == {}
    for table in ("document", "run", "cell", "result", "run_event"):
        assert await me.count(table) == 0


async def test_a_document_stays_while_another_run_reads_it(me: Caller) -> None:
    [first] = (await me.upload(("a.pdf", b"x"))).json()["items"]
    document_id = first["document"]["id"]
    [second] = (await me.http.post("/v1/runs", json={"task": "invoices", "document_id": document_id})).json()[
        "items"
    ]
    await me.http.delete(f"/v1/runs/{first['id']}")
    assert (await me.http.get(f"/v1/runs/{second['id']}/original")).content == b"x"
    await me.http.delete(f"/v1/runs/{second['id']}")
    assert me.storage.files == {}
    assert await me.count("jobs.procrastinate_jobs WHERE status = 'todo'") == 0


@pytest.mark.parametrize("run_id", ["1", "None", "%00", "..", "x" * 300, "{run_id}", str(new_id()) + "0"])
async def test_what_is_no_id_is_refused(me: Caller, run_id: str) -> None:
    response = await me.http.get(f"/v1/runs/{run_id}")
    assert response.status_code in (404, 422)
    problem(response, response.status_code, {404: "not_found", 422: "invalid_input"}[response.status_code])
