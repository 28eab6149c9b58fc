"""The same paper twice: noticed whatever file it comes in, and only among an organisation's own."""

import asyncio
import re
from typing import Any

import pytest
from sqlalchemy import text

from lemma.features.material.shelf import Shelf
from lemma.features.runs.execution import Workbench
from lemma.gateways.inference import FakeInference
from lemma.gateways.inference.protocol import Call
from lemma.jobs import Started
from lemma.reading.schema import parse_task
from tests.api.conftest import Caller
from tests.fixtures.work import open_text

TASK = parse_task(
    """
id = "invoices"
version = 1
title = "Invoices"
about = "As much of an invoice as tells whether it came before."

[[field]]
name = "supplier_name"
kind = "quote"
label = "Supplier"
about = "Who sent it."

[[field]]
name = "number"
kind = "identifier"
label = "Number"
about = "The invoice's number."

[[field]]
name = "total"
kind = "amount"
label = "Total"
about = "What it comes to."
""",
    file="invoices.toml",
)

FIRST = b"Nordlicht GmbH\nInvoice RE-0317\nTotal 10.00"
RETYPED = b"Nordlicht GmbH\nInvoice RE 0317\nTotal 12.00\nSecond copy"
ANOTHER = b"Sudlicht GmbH\nInvoice RE-0317\nTotal 10.00"


def script(call: Call) -> str:
    """Reads documents like those above."""
    said = call.messages[-1]["content"]
    number, total = (re.search(words, said) for words in (r"RE.0317", r"\d+\.00"))
    assert number is not None
    assert total is not None
    supplier = "Nordlicht GmbH" if "Nordlicht" in said else "Sudlicht GmbH"
    return f"supplier_name: 1 {supplier}\nnumber: 2 {number[0]}\ntotal: 3 {total[0]}\n"


@pytest.fixture
def bench(me: Caller) -> Workbench:
    return Workbench(
        database=me.database,
        storage=me.storage,
        inference=FakeInference(script=script),
        ingest=open_text,
        model="fake",
        at_once=asyncio.Semaphore(8),
        shelf=Shelf(me.database),
        tasks=lambda _: TASK,
    )


async def judged(caller: Caller, bench: Workbench, *files: tuple[str, bytes]) -> list[dict[str, Any]]:
    """Sends files, does the job, and gives what the rule says of each."""
    runs = (await caller.upload(*files)).json()["items"]
    async with caller.database.transaction(caller.organisation_id) as session:
        jobs = (await session.execute(text("SELECT id, args FROM jobs.procrastinate_jobs"))).all()
    for job_id, payload in jobs:
        await bench.handle(Started(job_id, caller.organisation_id, last=True, rerun_at=None), payload)
    views = [(await caller.http.get(f"/v1/runs/{run['id']}")).json() for run in runs]
    assert [view["state"] for view in views] == ["done"] * len(runs)
    return [
        {**rule, "of": view["id"]}
        for view in views
        for rule in view["rules"]
        if rule["code"] == "not_seen_before"
    ]


async def test_the_same_number_of_the_same_supplier_leads_to_the_first(me: Caller, bench: Workbench) -> None:
    [first] = await judged(me, bench, ("march.txt", FIRST))
    assert first["passed"] is True
    assert first["run_id"] is None
    [again, other] = await judged(me, bench, ("scan.txt", RETYPED), ("sud.txt", ANOTHER))
    assert (again["passed"], again["run_id"]) == (False, first["of"])
    assert "in march.txt of 20" in again["detail"]
    assert "there with a total of 10.00, here of 12.00" in again["detail"]
    assert other["passed"] is True


async def test_the_same_bytes_are_the_same_file(me: Caller, bench: Workbench) -> None:
    [first] = await judged(me, bench, ("march.txt", FIRST))
    [again] = await judged(me, bench, ("copy.txt", FIRST))
    assert (again["passed"], again["run_id"]) == (False, first["of"])
    assert again["detail"].startswith("The very same file was seen before, as march.txt of 20")


async def test_of_two_that_are_read_together_one_is_the_second(me: Caller, bench: Workbench) -> None:
    said = await judged(me, bench, *((f"{n}.txt", FIRST + b" " * n) for n in range(5)))
    assert sorted(rule["passed"] for rule in said) == [False] * 4 + [True]
    [first] = [rule["of"] for rule in said if rule["passed"]]
    assert {rule["run_id"] for rule in said if not rule["passed"]} == {first}


async def test_a_document_that_is_read_again_is_no_duplicate(me: Caller, bench: Workbench) -> None:
    await judged(me, bench, ("march.txt", FIRST))
    [run] = (await me.http.get("/v1/runs")).json()["items"]
    body = {"task": "invoices", "document_id": run["document"]["id"]}
    [again] = (await me.http.post("/v1/runs", json=body)).json()["items"]
    await judged(me, bench, ("sud.txt", ANOTHER))
    rules = (await me.http.get(f"/v1/runs/{again['id']}")).json()["rules"]
    assert [rule["passed"] for rule in rules if rule["code"] == "not_seen_before"] == [True]


async def test_a_deleted_run_is_known_no_more(me: Caller, bench: Workbench) -> None:
    [first] = await judged(me, bench, ("march.txt", FIRST))
    assert (await me.http.delete(f"/v1/runs/{first['of']}")).status_code == 204
    assert await me.count("seen_document") == 0
    [again] = await judged(me, bench, ("march.txt", FIRST))
    assert again["passed"] is True


async def test_anothers_documents_are_not_looked_at(me: Caller, stranger: Caller, bench: Workbench) -> None:
    await judged(stranger, bench, ("march.txt", FIRST))
    [mine] = await judged(me, bench, ("march.txt", FIRST))
    assert mine["passed"] is True
