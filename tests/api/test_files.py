"""Page images, originals and exports: the right bytes, under headers that keep them harmless."""

import asyncio
import csv
import io
import json

import pytest

from tests.api.conftest import Caller, problem


async def test_a_page_is_shown_and_may_be_kept_for_ever(me: Caller) -> None:
    run_id = await me.seed()
    response = await me.http.get(f"/v1/runs/{run_id}/pages/2/image?size=small")
    assert response.content == b"RIFF small 2"
    assert response.headers["content-type"] == "image/webp"
    assert response.headers["cache-control"] == "private, max-age=31536000, immutable"
    again = await me.http.get(
        f"/v1/runs/{run_id}/pages/2/image?size=small", headers={"If-None-Match": response.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")
    assert (await me.http.get(f"/v1/runs/{run_id}/pages/2/image")).content == b"RIFF large 2"


async def test_images_are_made_once(me: Caller) -> None:
    run_id = await me.seed()
    answers = await asyncio.gather(
        *(me.http.get(f"/v1/runs/{run_id}/pages/{1 + n % 2}/image") for n in range(10))
    )
    assert {answer.status_code for answer in answers} == {200}
    assert me.renderer.asked == [[1, 2]]


@pytest.mark.parametrize(
    ("number", "status", "code"),
    [
        ("3", 404, "page_not_found"),
        ("4", 404, "page_not_found"),
        ("0", 422, "invalid_input"),
        ("-1", 422, "invalid_input"),
        ("1.5", 422, "invalid_input"),
        ("99999999999", 422, "invalid_input"),
    ],
)
async def test_pages_that_cannot_be_shown(me: Caller, number: str, status: int, code: str) -> None:
    run_id = await me.seed()
    problem(await me.http.get(f"/v1/runs/{run_id}/pages/{number}/image"), status, code)


async def test_a_document_that_was_not_read_has_no_images_yet(me: Caller) -> None:
    run_id = await me.seed(state="waiting")
    problem(await me.http.get(f"/v1/runs/{run_id}/pages/1/image"), 409, "document_not_read")


async def test_an_unknown_size_is_refused(me: Caller) -> None:
    run_id = await me.seed()
    problem(await me.http.get(f"/v1/runs/{run_id}/pages/1/image?size=huge"), 422, "invalid_input")


async def test_the_original_is_a_download_that_runs_nothing(me: Caller) -> None:
    run_id = await me.seed(name='Rechnung "März"; x=1.html')
    response = await me.http.get(f"/v1/runs/{run_id}/original")
    assert response.content == b"%PDF the original"
    assert response.headers["content-type"] == "application/octet-stream"
    assert response.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["content-disposition"] == (
        'attachment; filename="Rechnung _M_rz__ x_1.html"; '
        "filename*=UTF-8''Rechnung%20%22M%C3%A4rz%22%3B%20x%3D1.html"
    )


async def test_an_original_that_the_storage_lost_is_said_to_be_gone(me: Caller) -> None:
    run_id = await me.seed()
    me.storage.files.clear()
    problem(await me.http.get(f"/v1/runs/{run_id}/original"), 410, "stored_file_missing")
    problem(await me.http.get(f"/v1/runs/{run_id}/pages/1/image"), 410, "stored_file_missing")
    assert (await me.http.get(f"/v1/runs/{run_id}")).json()["pages"] == []


async def test_csv_holds_each_cell_and_no_formula(me: Caller) -> None:
    run_id = await me.seed(name="=cmd.pdf")
    response = await me.http.get(f"/v1/runs/{run_id}/export")
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert 'filename="_cmd.csv"' in response.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(response.text, newline="")))
    assert [(row["path"], row["value"], row["raw"]) for row in rows] == [
        ("number", "INV-806", "INV-806"),
        ("total", "-12.00", "'-12,00"),
        ("due_date", "", ""),
        ("lines[0].description", "'=1+1", "'=1+1"),
    ]
    assert {row["file"] for row in rows} == {"'=cmd.pdf"}


async def test_json_is_what_the_command_line_prints(me: Caller) -> None:
    run_id = await me.seed()
    response = await me.http.get(f"/v1/runs/{run_id}/export?format=json&include=source")
    body = json.loads(response.text)
    assert response.headers["content-type"] == "application/json"
    assert (body["file"], body["task"], body["status"], body["error"]) == (
        "invoice.pdf",
        "invoices",
        "done",
        None,
    )
    assert {"path", "value", "raw", "status", "evidence"} <= set(body["cells"][0])
    assert {"code", "passed", "detail"} <= set(body["rules"][0])
    assert body["source"]["lines"][0] == {"id": 1, "page": 1, "text": "Invoice INV-806"}


async def test_only_a_done_run_is_exported(me: Caller) -> None:
    for state in ("waiting", "failed"):
        run_id = await me.seed(state=state)
        problem(await me.http.get(f"/v1/runs/{run_id}/export"), 409, "run_not_done")
    problem(await me.http.get(f"/v1/runs/{run_id}/export?format=xml"), 422, "invalid_input")
