"""POST /v1/runs: what was accepted is stored, has rows and has its job; what was refused left nothing."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from sqlalchemy import text

from lemma.core.ids import new_id
from lemma.features.documents.files import original_key
from tests.api.conftest import Caller, Callers, problem

PDF = b"%PDF-1.7 not really"


async def nothing_left(me: Caller) -> None:
    assert me.storage.files == {}
    for table in ("document", "run", "jobs.procrastinate_jobs", "idempotent_request"):
        assert await me.count(table) == 0


async def test_one_file_makes_one_run(me: Caller) -> None:
    response = await me.upload(("Rechnung März.pdf", PDF))
    assert response.status_code == 202
    [run] = response.json()["items"]
    assert (run["state"], run["task"], run["attempt"]) == ("waiting", "invoices", 0)
    assert run["document"]["name"] == "Rechnung März.pdf"
    assert run["document"]["size"] == len(PDF)
    assert await me.storage.get(me.organisation_id, original_key(UUID(run["document"]["id"]))) == PDF
    assert (await me.http.get(f"/v1/runs/{run['id']}")).json()["state"] == "waiting"
    async with me.database.transaction(me.organisation_id) as session:
        jobs = (await session.scalars(text("SELECT args FROM jobs.procrastinate_jobs"))).all()
    assert [job["run_ids"] for job in jobs] == [[run["id"]]]


async def test_each_file_makes_a_run_in_order(me: Caller) -> None:
    names = ["a.pdf", "b.pdf", "c.pdf"]
    response = await me.upload(*((name, name.encode()) for name in names))
    runs = response.json()["items"]
    assert [run["document"]["name"] for run in runs] == names
    assert len({run["document"]["sha256"] for run in runs}) == 3
    assert await me.count("run") == 3
    assert await me.count("jobs.procrastinate_jobs") == 1


async def test_a_document_that_is_here_can_be_run_again(me: Caller) -> None:
    [first] = (await me.upload(("a.pdf", PDF))).json()["items"]
    body = {"task": "invoices", "document_id": first["document"]["id"]}
    response = await me.http.post("/v1/runs", json=body)
    [again] = response.json()["items"]
    assert response.status_code == 202
    assert again["id"] != first["id"]
    assert again["document"] == first["document"]
    assert await me.count("document") == 1


async def test_a_sample_can_be_run(me: Caller) -> None:
    [sample, *_] = (await me.http.get("/v1/tasks/invoices/samples")).json()["items"]
    me.storage.capacity = 10_000_000
    response = await me.http.post("/v1/runs", json={"task": "invoices", "sample": sample["name"]})
    [run] = response.json()["items"]
    assert run["document"]["name"] == sample["name"]
    assert run["document"]["size"] > 1000


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({"text": "Rechnung 4711\nSumme 12,00"}, "Rechnung 4711.txt"),
        ({"text": "x" * 500}, "x" * 60 + ".txt"),
        ({"text": "\n\n  Where is my order with number 4711? It was to come on the second of May."},
         "Where is my order with number 4711? It was to come on the….txt"),
        ({"text": " \n"}, "text.txt"),
        ({"text": "../../etc/passwd"}, ".. .. etc passwd.txt"),
        ({"text": "Hello", "name": "../ticket\0 4711.txt"}, "ticket 4711.txt"),
    ],
)  # fmt: skip
async def test_a_text_can_be_run(me: Caller, body: dict[str, str], name: str) -> None:
    response = await me.http.post("/v1/runs", json={"task": "invoices", **body})
    assert response.status_code == 202, response.text
    [run] = response.json()["items"]
    assert run["document"]["name"] == name
    [data] = me.storage.files.values()
    assert data == body["text"].encode()


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"task": "invoices"}, 422, "invalid_input"),
        ({"task": "invoices", "sample": None}, 422, "invalid_input"),
        ({"task": "invoices", "sample": "x", "document_id": str(new_id())}, 422, "invalid_input"),
        ({"task": "invoices", "document_id": str(new_id())}, 404, "document_not_found"),
        ({"task": "invoices", "sample": "../task.toml"}, 404, "sample_not_found"),
        ({"task": "invoices", "sample": "a\0b"}, 404, "sample_not_found"),
        ({"task": "nonsense", "sample": "x"}, 404, "task_not_found"),
        ({"task": "../invoices", "sample": "x"}, 404, "task_not_found"),
        ({"task": 7, "sample": "x"}, 422, "invalid_input"),
        ({"task": "invoices", "sample": "x", "state": "done"}, 422, "invalid_input"),
        ({"task": "invoices", "text": ""}, 422, "invalid_input"),
        ({"task": "invoices", "text": None}, 422, "invalid_input"),
        ({"task": "invoices", "text": "x", "sample": "x"}, 422, "invalid_input"),
        ({"task": "invoices", "sample": "x", "name": "x.pdf"}, 422, "invalid_input"),
        ({"task": "invoices", "text": "x", "name": ""}, 422, "invalid_input"),
        ([], 422, "invalid_input"),
        ("invoices", 422, "invalid_input"),
    ],
)
async def test_a_request_that_names_nothing_is_refused(
    me: Caller, body: object, status: int, code: str
) -> None:
    problem(await me.http.post("/v1/runs", json=body), status, code)
    await nothing_left(me)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[" * 1900, b'{"task": "\\ud800"}', b"NaN"])
async def test_broken_json_is_refused(me: Caller, body: bytes) -> None:
    response = await me.http.post(
        "/v1/runs", content=body, headers={"Content-Type": "application/json; charset=utf-8"}
    )
    problem(response, 422, "invalid_input")


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "", "application/pdf", "multipart/mixed"]
)
async def test_other_bodies_are_refused(me: Caller, kind: str) -> None:
    response = await me.http.post("/v1/runs", content=b"task=invoices", headers={"Content-Type": kind})
    problem(response, 415, "unsupported_media_type")


async def test_the_task_must_be_known(me: Caller) -> None:
    problem(await me.upload(("a.pdf", PDF), task="nonsense"), 404, "task_not_found")
    problem(await me.upload(("a.pdf", PDF), task="\0"), 404, "task_not_found")
    await nothing_left(me)


async def test_a_task_and_a_file_are_needed(me: Caller) -> None:
    problem(await me.http.post("/v1/runs", files=[("files", ("a.pdf", PDF))]), 422, "nothing_to_run")
    problem(await me.http.post("/v1/runs", files=[("task", (None, "invoices"))]), 422, "nothing_to_run")
    await nothing_left(me)


async def test_too_large_too_many_and_too_much(me: Caller) -> None:
    error = problem(await me.upload(("a.pdf", PDF), ("big.pdf", b"x" * 20_001)), 413, "file_too_large")
    assert (error["limit"], error["file"]) == (20_000, "big.pdf")
    problem(await me.upload(*[(f"{n}.pdf", PDF) for n in range(6)]), 422, "too_many_files")
    problem(await me.upload(*[(f"{n}.pdf", b"x" * 19_999) for n in range(6)]), 413, "request_too_large")
    await nothing_left(me)


async def test_a_body_without_a_length_is_counted_as_it_comes(me: Caller) -> None:
    head = b"--b\r\nContent-Disposition: form-data; name=note\r\n\r\n"

    async def endless() -> AsyncIterator[bytes]:
        yield head
        for _ in range(1000):
            yield b"x" * 1000

    response = await me.http.post(
        "/v1/runs", content=endless(), headers={"Content-Type": "multipart/form-data; boundary=b"}
    )
    problem(response, 400, "bad_request")
    response = await me.http.post("/v1/runs", content=endless(), headers={"Content-Type": "application/json"})
    problem(response, 413, "request_too_large")


async def test_a_full_storage_keeps_nothing(me: Caller) -> None:
    me.storage.capacity = 25_000
    response = await me.upload(("a.pdf", b"x" * 15_000), ("b.pdf", b"x" * 15_000))
    problem(response, 507, "storage_full")
    await nothing_left(me)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--b",
        b"--b\r\n\r\n",
        b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.pdf"\r\n\r\nhalf',
        b"--b\r\nContent-Disposition: attachment\r\n\r\nx\r\n--b--\r\n",
        b"\x00" * 500,
    ],
)
async def test_broken_multipart_is_refused(me: Caller, body: bytes) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    problem(await me.http.post("/v1/runs", content=body, headers=headers), 400, "bad_request")
    await nothing_left(me)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../../etc/passwd", "passwd"),
        ("C:\\temp\\x.pdf", "x.pdf"),
        ("請求書.pdf", "請求書.pdf"),
        ("فاتورة.pdf", "فاتورة.pdf"),
        ("x" * 1000 + ".pdf", "x" * 196 + ".pdf"),
        ("a\u202ebcd.pdf", "abcd.pdf"),
        ("<script>alert(1)<script>.pdf", "<script>alert(1)<script>.pdf"),
    ],
)
async def test_names_are_only_names(me: Caller, sent: str, kept: str) -> None:
    [run] = (await me.upload((sent, PDF))).json()["items"]
    assert run["document"]["name"] == kept
    [(_, key)] = me.storage.files
    assert key == f"documents/{run['document']['id']}/original"


async def test_an_empty_file_is_taken_and_fails_later_by_itself(me: Caller) -> None:
    [run] = (await me.upload(("empty.pdf", b""))).json()["items"]
    assert run["document"]["size"] == 0


async def test_what_cannot_be_written_leaves_no_file(callers: Callers) -> None:
    """An organisation that does not exist: its rows violate a foreign key, after the bytes were stored."""
    ghost = callers(new_id())
    problem(await ghost.upload(("a.pdf", PDF)), 500, "internal_error")
    assert ghost.storage.files == {}
