"""What an organisation brings to a task: shown, changed, checked, and nobody else's."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import text

from lemma.features.material.shelf import Shelf
from lemma.features.runs.execution import Workbench
from lemma.gateways.inference import FakeInference
from lemma.ingest import ingest
from lemma.ingest.children import close as close_children
from lemma.jobs import Started
from lemma.reading.source import Source
from tests.api.conftest import Caller, problem

TICKETS = "/v1/tasks/tickets"
LISTS = {"topics": ["delivery", {"name": "refund", "label": "Money back", "words": ["refund", "money back"]}]}
RETURNS = (
    b"# Returns\n\nYou may send goods back within 30 days. We pay the postage.\n\n"
    b"## Faulty goods\n\nWrite to us.\n"
)


async def material(caller: Caller, task: str = "tickets") -> dict[str, Any]:
    answer = await caller.http.get(f"/v1/tasks/{task}/material")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def change(caller: Caller, **parts: Any) -> dict[str, Any]:
    answer = await caller.http.put(f"{TICKETS}/material", json=parts)
    assert answer.status_code == 200, answer.text
    changed: dict[str, Any] = answer.json()
    return changed


async def send(caller: Caller, *files: tuple[str, bytes], task: str = "tickets") -> Any:
    return await caller.http.post(f"/v1/tasks/{task}/passages", files=[("files", file) for file in files])


def topics(found: dict[str, Any]) -> list[str]:
    return [label["name"] for each in found["lists"] if each["name"] == "topics" for label in each["labels"]]


async def test_without_any_the_tasks_own_counts(me: Caller) -> None:
    found = await material(me)
    assert found["uses"]["lists"] == ["topics"]
    assert found["uses"]["passages"] is True
    assert len(topics(found)) > 3
    assert not any(each["own"] for each in found["lists"])
    assert found["own_passages"] is False
    assert found["passages"] > 0, "the sample company has help pages"
    files = (await me.http.get(f"{TICKETS}/passages")).json()
    assert files["own"] is False
    assert sum(file["passages"] for file in files["items"]) == found["passages"]


async def test_ones_own_lists_count_and_can_be_given_up(me: Caller) -> None:
    before = await material(me)
    changed = await change(me, lists=LISTS)
    assert topics(changed) == ["delivery", "refund"]
    assert changed["version"] != before["version"]
    shown = (await me.http.get(TICKETS)).json()
    [field] = [field for field in shown["fields"] if field["name"] == "topics"]
    assert [option["label"] for option in field["options"]] == ["delivery", "Money back"]
    assert await change(me, examples=None) == changed, "what is left out stays"
    assert await change(me, lists=None) == before


@pytest.mark.parametrize(
    ("lists", "place", "words"),
    [
        ({"colours": ["red"]}, "lists.colours", "there are topics"),
        ({"topics": []}, "lists.topics", "at least one"),
        ({"topics": ["a", "b", "a"]}, "lists.topics", "listed twice"),
        ({"topics": ["a", ""]}, "lists.topics[1].name", "not empty"),
        ({"topics": ["-"]}, "lists.topics[0]", "taken"),
        ({"topics": ["line\nbreak"]}, "lists.topics[0]", "control characters"),
        ({"topics": ["ok", {"name": "b", "words": [" "]}]}, "lists.topics[1].words", "texts"),
    ],
)
async def test_a_list_that_cannot_be_used_says_where(
    me: Caller, lists: dict[str, Any], place: str, words: str
) -> None:
    before = await material(me)
    answer = await me.http.put(f"{TICKETS}/material", json={"lists": lists})
    error = problem(answer, 422, "material_invalid")
    assert any(issue["field"] == place and words in issue["message"] for issue in error["issues"]), error
    assert await material(me) == before


@pytest.mark.parametrize(
    "body",
    [
        {"lists": {"topics": [7]}},
        {"lists": {"topics": [{"label": "no name"}]}},
        {"lists": {"topics": [{"name": "a\0b"}]}},
        {"lists": {"topics": [{"name": "a", "about": "\0"}]}},
        {"lists": ["topics"]},
        {"examples": [{"text": "x"}]},
        {"examples": [{"text": "a\0b", "values": {}}]},
        {"nonsense": 1},
        [],
    ],
)
async def test_other_shapes_are_refused(me: Caller, body: object) -> None:
    problem(await me.http.put(f"{TICKETS}/material", json=body), 422, "invalid_input")


async def test_too_much_is_refused_with_the_limit(me: Caller) -> None:
    many = {"topics": [f"topic {n}" for n in range(1001)]}
    error = problem(await me.http.put(f"{TICKETS}/material", json={"lists": many}), 422, "too_much_material")
    assert error["limit"] == 1000
    long = {"topics": ["x" * 201]}
    problem(await me.http.put(f"{TICKETS}/material", json={"lists": long}), 422, "too_much_material")


async def test_examples_must_fit_the_task_and_its_lists(me: Caller) -> None:
    good = {"text": "Where is my parcel?", "values": {"topics": ["delivery"], "urgency": "low"}}
    changed = await change(me, lists=LISTS, examples=[good])
    assert (changed["examples"], changed["own_examples"]) == (1, True)
    for values, words in (({"colour": "red"}, "no field 'colour'"), ({"topics": ["billing"]}, "'billing'")):
        bad = {"text": "x", "values": values}
        answer = await me.http.put(f"{TICKETS}/material", json={"examples": [good, bad]})
        assert words in problem(answer, 422, "material_invalid")["detail"]
    answer = await me.http.put(f"{TICKETS}/material", json={"lists": {"topics": ["refund"]}})
    assert "'delivery'" in problem(answer, 422, "material_invalid")["detail"], "an example would be orphaned"


async def test_a_playbook_is_for_tasks_that_use_one(me: Caller) -> None:
    answer = await me.http.put(f"{TICKETS}/material", json={"playbook": "x = 1"})
    assert "no use" in problem(answer, 422, "material_invalid")["detail"]
    mine = (await material(me, "contracts"))["playbook"]
    assert mine["own"] is False
    assert mine["text"]
    broken = await me.http.put("/v1/tasks/contracts/material", json={"playbook": "a = 1\nb = ["})
    [issue] = problem(broken, 422, "material_invalid")["issues"]
    assert issue["line"] >= 2
    kept = await me.http.put("/v1/tasks/contracts/material", json={"playbook": mine["text"]})
    assert kept.json()["playbook"] == {"own": True, "text": mine["text"]}


async def test_files_become_passages(me: Caller) -> None:
    answer = await send(me, ("returns.md", RETURNS), ("opening hours.txt", b"We are open from 9 to 5."))
    assert answer.status_code == 201, answer.text
    files = answer.json()
    assert files["own"] is True
    assert [(file["name"], file["passages"]) for file in files["items"]] == [
        ("opening hours.txt", 1),
        ("returns.md", 2),
    ]
    [_, returns] = files["items"]
    detail = (await me.http.get(f"{TICKETS}/passages/{returns['id']}")).json()
    assert detail["items"][0]["title"] == "Returns"
    assert detail["items"][0]["lines"] == ["You may send goods back within 30 days.", "We pay the postage."]
    assert detail["items"][1]["title"] == "Returns › Faulty goods"
    found = await material(me)
    assert (found["passages"], found["own_passages"]) == (3, True)

    again = (await send(me, ("returns.md", b"# Returns\n\nNot any more."))).json()
    assert [(file["name"], file["passages"]) for file in again["items"]][1] == ("returns.md", 1)
    for file in again["items"]:
        assert (await me.http.delete(f"{TICKETS}/passages/{file['id']}")).status_code == 204
    problem(await me.http.delete(f"{TICKETS}/passages/{returns['id']}"), 404, "passages_not_found")
    assert (await material(me))["own_passages"] is False


async def test_a_file_that_cannot_be_used_keeps_the_others_out(me: Caller) -> None:
    answer = await send(me, ("returns.md", RETURNS), ("broken.pdf", b"%PDF-1.7 broken"))
    assert answer.status_code == 422
    assert answer.json()["detail"].endswith(".")
    assert (await material(me))["own_passages"] is False
    problem(await send(me, ("empty.md", b"")), 422, "file_empty")
    problem(await send(me, task="nonsense"), 404, "task_not_found")
    problem(await me.http.post(f"{TICKETS}/passages", json={}), 415, "unsupported_media_type")
    await asyncio.to_thread(close_children)


async def test_a_file_with_too_much_text_is_refused_whatever_its_name(me: Caller) -> None:
    answer = await send(me, ("{limit} {0} notes.md", b"word " * 700_000))
    error = problem(answer, 422, "too_much_material")
    assert (error["limit"], (await material(me))["own_passages"]) == (3_000_000, False)


async def test_a_playbook_without_end_is_refused(me: Caller) -> None:
    answer = await me.http.put("/v1/tasks/contracts/material", json={"playbook": "a = " + "[" * 50_000})
    problem(answer, 422, "material_invalid")


async def test_nobody_sees_or_changes_anothers(me: Caller, stranger: Caller) -> None:
    before = await material(me)
    await change(stranger, lists={"topics": ["CANARY"]})
    [theirs] = (await send(stranger, ("CANARY.md", RETURNS))).json()["items"]
    for path in ("", "/material", "/passages"):
        assert "CANARY" not in (await me.http.get(TICKETS + path)).text
    for method in ("GET", "DELETE"):
        answer = await me.http.request(method, f"{TICKETS}/passages/{theirs['id']}")
        problem(answer, 404, "passages_not_found")
    assert await material(me) == before
    await change(me, lists={"topics": ["mine"]})
    await send(me, ("CANARY.md", b"mine"))
    assert topics(await material(stranger)) == ["CANARY"]
    kept = await stranger.http.get(f"{TICKETS}/passages/{theirs['id']}")
    assert kept.json()["passages"] == 2
    other_task = await stranger.http.get(f"/v1/tasks/invoices/passages/{theirs['id']}")
    problem(other_task, 404, "passages_not_found")


# Runs ----------------------------------------------------------------------------------------------


def read_file(data: bytes, name: str) -> Source:
    return ingest(data, name).source


@pytest.fixture
async def worker(me: Caller) -> AsyncIterator[Workbench]:
    yield Workbench(
        database=me.database,
        storage=me.storage,
        inference=FakeInference(),
        ingest=read_file,
        model="fake",
        at_once=asyncio.Semaphore(2),
        shelf=Shelf(me.database),
    )
    await asyncio.to_thread(close_children)


async def read_text(me: Caller, worker: Workbench, words: str) -> dict[str, Any]:
    """Sends a ticket, reads it, and gives the finished run."""
    [run] = (await me.http.post("/v1/runs", json={"task": "tickets", "text": words})).json()["items"]
    async with me.database.transaction(me.organisation_id) as session:
        jobs = (await session.execute(text("SELECT id, args FROM jobs.procrastinate_jobs"))).all()
    for job_id, payload in jobs:
        await worker.handle(Started(job_id, me.organisation_id, last=True, rerun_at=None), payload)
    done: dict[str, Any] = (await me.http.get(f"/v1/runs/{run['id']}?include=source")).json()
    assert done["state"] == "done", done["error"]
    return done


async def test_a_run_is_read_with_what_counts_and_says_so_for_ever(me: Caller, worker: Workbench) -> None:
    changed = await change(me, lists=LISTS)
    await send(me, ("returns.md", RETURNS))
    version = (await material(me))["version"]
    assert version != changed["version"]
    run = await read_text(me, worker, "I want to send my kettle back.\nIs the postage free? Order 4711.")
    assert run["material"] == version
    said = [cell["value"] for cell in run["cells"] if cell["path"].startswith("topics") and cell["value"]]
    assert set(said) <= {"delivery", "refund"}
    asked = str(worker.inference.calls) if isinstance(worker.inference, FakeInference) else ""
    assert "send goods back" in asked, "the passages were looked up"
    passages = [page for page in run["pages"] if page["kind"] == "passage"]
    assert passages
    assert {page["name"] for page in passages} <= {"Returns", "Returns › Faulty goods"}
    for cell in run["cells"]:
        lines = {line["id"]: line["text"] for line in run["source"]["lines"]}
        words = [lines[each["line"]][each["start"] : each["end"]] for each in cell["evidence"]]
        assert cell["raw"] is None or " ".join(words) == cell["raw"]

    await change(me, lists=None)
    kept = (await me.http.get(f"/v1/runs/{run['id']}/material")).json()
    assert kept["version"] == version
    assert [label["name"] for label in kept["lists"]["topics"]] == ["delivery", "refund"]
    assert kept["passages"][0]["id"] == "returns.md#1"

    assert await me.count("material_version") == 1
    assert (await me.http.delete(f"/v1/runs/{run['id']}")).status_code == 204
    assert await me.count("material_version") == 0, "erased with the last run that was read with it"


async def test_an_open_run_has_no_material_yet(me: Caller) -> None:
    [run] = (await me.http.post("/v1/runs", json={"task": "tickets", "text": "Hello"})).json()["items"]
    assert run["material"] is None
    problem(await me.http.get(f"/v1/runs/{run['id']}/material"), 409, "run_not_done")
