"""From a file to cited rows: upload, the job with its parts, and all that the API then tells about it."""

import asyncio
import io
import json
from collections.abc import AsyncIterator

import pytest
from PIL import Image
from sqlalchemy import text

from lemma.features.documents.images import PageImages
from lemma.features.material.shelf import Shelf
from lemma.features.runs.execution import Workbench
from lemma.gateways.inference import FakeInference
from lemma.ingest import ingest, page_images
from lemma.ingest.children import close as close_children
from lemma.jobs import Started
from lemma.reading.source import Source
from tests.api.conftest import Caller, problem
from tests.api.test_events import parse


def read_file(data: bytes, name: str) -> Source:
    return ingest(data, name).source


@pytest.fixture
async def worker(me: Caller) -> AsyncIterator[Workbench]:
    """What the worker process puts together, with a model that points at random words."""
    inference = FakeInference()
    [model, *_] = await inference.models()
    yield Workbench(
        database=me.database,
        storage=me.storage,
        inference=inference,
        ingest=read_file,
        model=model.id,
        at_once=asyncio.Semaphore(2),
        shelf=Shelf(me.database),
    )
    await asyncio.to_thread(close_children)


async def do_jobs(me: Caller, worker: Workbench) -> None:
    """Does this organisation's jobs as a worker would."""
    async with me.database.transaction(me.organisation_id) as session:
        rows = (await session.execute(text("SELECT id, args FROM jobs.procrastinate_jobs"))).all()
    for job_id, payload in rows:
        await worker.handle(Started(job_id, me.organisation_id, last=True, rerun_at=None), payload)


async def test_a_sample_becomes_cited_cells(me: Caller, worker: Workbench) -> None:
    me.storage.capacity = 50_000_000
    listed = (await me.http.get("/v1/tasks/invoices/samples")).json()["items"]
    sample = next(each["name"] for each in listed if each["media_type"] == "application/pdf")
    [run] = (await me.http.post("/v1/runs", json={"task": "invoices", "sample": sample})).json()["items"]
    await do_jobs(me, worker)

    done = (await me.http.get(f"/v1/runs/{run['id']}?include=source")).json()
    assert done["state"] == "done", done["error"]
    assert done["document"]["media_type"] == "application/pdf"
    assert done["model"] == worker.model
    assert done["prompt_tokens"] > 0
    lines = {line["id"]: line["text"] for line in done["source"]["lines"]}
    found = [cell for cell in done["cells"] if cell["status"] == "found"]
    for cell in found:
        words = [lines[each["line"]][each["start"] : each["end"]] for each in cell["evidence"]]
        assert " ".join(words) == cell["raw"], cell["path"]
        assert cell["label"]
    assert found

    exported = json.loads((await me.http.get(f"/v1/runs/{run['id']}/export?format=json")).text)
    assert exported["cells"] == done["cells"]
    told = [event.data for event in parse((await me.http.get(f"/v1/runs/{run['id']}/events")).text)]
    assert told[0] == {"state": "running"}
    assert told[-1] == {"state": "done"}

    me.app.state.page_images = PageImages(page_images)
    for size, least in (("large", 800), ("small", 100)):
        image = await me.http.get(f"/v1/runs/{run['id']}/pages/1/image?size={size}")
        with Image.open(io.BytesIO(image.content)) as picture:
            assert picture.format == "WEBP"
            assert picture.width >= least


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("empty.pdf", b"", "file_empty"),
        ("broken.pdf", b"%PDF-1.7\n" + b"\0\xff" * 500, None),
        ("noise.bin", bytes(range(256)) * 8, None),
    ],
)
async def test_a_file_that_cannot_be_read_fails_alone_and_says_why(
    me: Caller, worker: Workbench, name: str, data: bytes, code: str | None
) -> None:
    runs = (await me.upload((name, data), ("note.txt", b"Invoice 4711\nTotal 12.00 EUR\n"))).json()["items"]
    await do_jobs(me, worker)
    bad, good = [(await me.http.get(f"/v1/runs/{run['id']}")).json() for run in runs]
    assert (bad["state"], good["state"]) == ("failed", "done")
    assert bad["error"]["detail"].endswith(".")
    assert bad["error"]["code"] not in ("internal_error", "run_broke")
    if code is not None:
        assert bad["error"]["code"] == code
    assert bad["document"]["state"] == "failed"
    problem(await me.http.get(f"/v1/runs/{bad['id']}/pages/1/image"), 409, "document_not_read")
    problem(await me.http.get(f"/v1/runs/{good['id']}/pages/1/image"), 404, "page_not_found")
    assert (await me.http.get(f"/v1/runs/{bad['id']}/original")).content == data
