"""The edge: who may call, which headers go out, and that no failure has another shape than a problem."""

import logging
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text
from starlette.types import Message

from lemma.core.ids import new_id
from lemma.db.addresses import Addresses
from lemma.db.edge import Database
from lemma.features.documents.images import PageImages
from lemma.main import assemble
from tests.api.conftest import Caller, Renderer, problem
from tests.fixtures.database import Server

HEADERS = {
    "content-security-policy",
    "cross-origin-opener-policy",
    "cross-origin-resource-policy",
    "permissions-policy",
    "referrer-policy",
    "x-content-type-options",
    "x-frame-options",
    "x-request-id",
    "cache-control",
}


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "", "evil.example:8000", "10.0.0.1"]
)
async def test_a_rebound_name_is_refused(me: Caller, host: str) -> None:
    problem(await me.http.get("/v1/runs", headers={"Host": host}), 403, "refused")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:5173", "[::1]:8000", "LOCALHOST"])
async def test_this_machine_is_let_in(me: Caller, host: str) -> None:
    assert (await me.http.get("/v1/runs", headers={"Host": host})).status_code == 200


async def test_other_machines_are_refused(me: Caller) -> None:
    transport = httpx.ASGITransport(me.app, client=("192.168.1.7", 4711))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as http:
        problem(await http.get("/v1/runs"), 403, "refused")
        problem(await http.get("/"), 403, "refused")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:9999"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"},
        {"Origin": "http://127.0.0.1:8000", "Sec-Fetch-Site": "cross-site"},
    ],
)
async def test_another_sites_page_writes_nothing(me: Caller, headers: dict[str, str]) -> None:
    run_id = await me.seed(state="waiting")
    files = [("files", ("a.pdf", b"x"))]
    response = await me.http.post("/v1/runs", data={"task": "invoices"}, files=files, headers=headers)
    problem(response, 403, "refused")
    problem(await me.http.post(f"/v1/runs/{run_id}/cancel", headers=headers), 403, "refused")
    problem(await me.http.delete(f"/v1/runs/{run_id}", headers=headers), 403, "refused")
    assert (await me.http.get(f"/v1/runs/{run_id}")).json()["state"] == "waiting"
    assert await me.count("run") == 1


async def test_another_sites_page_reads_nothing_but_may_link_here(me: Caller) -> None:
    problem(await me.http.get("/v1/runs", headers={"Sec-Fetch-Site": "cross-site"}), 403, "refused")
    followed = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert (await me.http.get("/v1/runs", headers=followed)).status_code == 200


async def test_our_own_page_writes(me: Caller) -> None:
    run_id = await me.seed(state="waiting")
    headers = {"Origin": "http://127.0.0.1:8000", "Sec-Fetch-Site": "same-origin"}
    assert (await me.http.post(f"/v1/runs/{run_id}/cancel", headers=headers)).status_code == 200


async def test_every_response_carries_the_headers(me: Caller) -> None:
    run_id = await me.seed()
    responses = [
        await me.http.get("/v1/runs"),
        await me.http.get("/v1/nothing"),
        await me.http.get("/livez"),
        await me.http.post("/v1/runs"),
        await me.http.get("/v1/runs", headers={"Host": "evil.example"}),
        await me.http.get(f"/v1/runs/{run_id}/events"),
        await me.http.get(f"/v1/runs/{run_id}/pages/1/image"),
        await me.http.get(f"/v1/runs/{run_id}/original"),
        await me.http.delete(f"/v1/runs/{run_id}"),
        await me.http.get("/openapi.json"),
    ]
    for response in responses:
        assert set(response.headers) >= HEADERS, response.url
        assert "server" not in response.headers
    policy = responses[0].headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert len({response.headers["x-request-id"] for response in responses}) == len(responses)


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v1/nothing", 404, "not_found"),
        ("GET", "/v1/runs/x/y/z", 404, "not_found"),
        ("GET", "/v1/", 404, "not_found"),
        ("GET", "/assets/gone.js", 404, "not_found"),
        ("POST", "/", 404, "not_found"),
        ("PUT", "/v1/runs", 405, "method_not_allowed"),
        ("PATCH", "/v1/tasks", 405, "method_not_allowed"),
        ("TRACE", "/v1/tasks", 405, "method_not_allowed"),
        ("GET", "/v1/tasks/nonsense", 404, "task_not_found"),
        ("GET", "/v1/tasks/%00", 404, "task_not_found"),
        ("GET", "/v1/tasks/..%2f..%2fetc/samples", 404, "not_found"),
        ("GET", "/v1/tasks/nonsense/samples", 404, "task_not_found"),
    ],
)
async def test_what_is_not_there_is_a_problem(
    me: Caller, method: str, path: str, status: int, code: str
) -> None:
    response = await me.http.request(method, path)
    problem(response, status, code)


async def test_a_wrong_method_is_told_all_right_ones(me: Caller) -> None:
    run_id = new_id()
    for path, methods in (
        ("/v1/runs", "GET, POST"),
        (f"/v1/runs/{run_id}", "DELETE, GET"),
        ("/livez", "GET"),
    ):
        response = await me.http.options(path)
        problem(response, 405, "method_not_allowed")
        assert response.headers["allow"] == methods


async def test_a_body_that_is_too_large_is_refused_before_it_is_read(me: Caller) -> None:
    run_id = await me.seed(state="waiting")
    response = await me.http.post(f"/v1/runs/{run_id}/cancel", content=b"x" * 2001)
    assert problem(response, 413, "request_too_large")["limit"] == 2000
    for length in ("-1", "x", "1e3", ""):
        response = await me.http.post(f"/v1/runs/{run_id}/cancel", headers={"Content-Length": length})
        problem(response, 400, "bad_request")


async def test_a_mistake_of_ours_is_logged_and_says_nothing(
    me: Caller, caplog: pytest.LogCaptureFixture
) -> None:
    @me.app.get("/broken")
    async def broken() -> None:
        raise RuntimeError("the secret password is hunter2")

    with caplog.at_level(logging.ERROR, "lemma.http"):
        response = await me.http.get("/broken")
    body = problem(response, 500, "internal_error")
    assert "hunter2" not in response.text
    assert body["request_id"] in caplog.text
    assert set(response.headers) >= HEADERS


async def test_the_log_names_routes_and_never_what_was_sent(
    me: Caller, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        await me.upload(("CANARY-name.pdf", b"CANARY-content"), key="CANARY-key")
        await me.http.get("/v1/runs?cursor=CANARY")
        await me.http.get("/v1/CANARY")
    assert "POST /v1/runs 202" in caplog.text
    assert "CANARY" not in "".join(r.getMessage() for r in caplog.records if r.name.startswith("lemma"))


async def test_a_database_that_is_away_is_a_503(me: Caller, server: Server) -> None:
    gone = Database(server.addresses("no_such_database").app, connections=1)
    app = assemble(replace(me.web, database=gone), PageImages(Renderer()))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
        response = await http.get("/v1/runs")
        problem(response, 503, "database_unavailable")
        assert response.headers["retry-after"] == "5"
        problem(await http.get("/readyz"), 503, "not_ready")
        assert (await http.get("/livez")).status_code == 200
        files = [("files", ("a.pdf", b"x"))]
        refused = await http.post("/v1/runs", data={"task": "invoices"}, files=files)
        problem(refused, 503, "database_unavailable")
    assert me.storage.files == {}
    await gone.close()


async def test_ready_and_alive(me: Caller) -> None:
    assert (await me.http.get("/livez")).json() == {"status": "ok"}
    assert (await me.http.get("/readyz")).json() == {"status": "ok"}


async def test_the_commit_comes_before_the_response(me: Caller) -> None:
    """When the first byte of the answer is on its way, another connection sees the row as it was told."""
    run_id = await me.seed(state="waiting")
    seen: list[str | None] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            async with me.database.transaction(me.organisation_id) as session:
                seen.append(
                    await session.scalar(text("SELECT state FROM run WHERE id = :id"), {"id": run_id})
                )

    scope = {
        "type": "http",
        "method": "POST",
        "path": f"/v1/runs/{run_id}/cancel",
        "raw_path": b"",
        "query_string": b"",
        "headers": [(b"host", b"127.0.0.1")],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8000),
        "scheme": "http",
        "http_version": "1.1",
        "asgi": {"version": "3.0"},
    }
    await me.app(scope, receive, send)
    assert seen == ["cancelled"]


async def test_a_failed_commit_is_a_failed_request(
    me: Caller, shared_addresses: Addresses, server: Server
) -> None:
    """The database refuses at commit, after all code of the handler has run: nobody is told "accepted"."""
    name = shared_addresses.app.database
    assert name is not None
    with server.admin(name) as owner:
        owner.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN IF NEW.state = 'cancelled' THEN RAISE 'refused at commit'; END IF; RETURN NEW; END $$"
        )
        owner.execute(
            "CREATE CONSTRAINT TRIGGER refuse AFTER UPDATE ON run DEFERRABLE INITIALLY DEFERRED "
            "FOR EACH ROW EXECUTE FUNCTION refuse()"
        )
        try:
            run_id = await me.seed(state="waiting")
            problem(await me.http.post(f"/v1/runs/{run_id}/cancel"), 500, "internal_error")
            assert (await me.http.get(f"/v1/runs/{run_id}")).json()["state"] == "waiting"
        finally:
            owner.execute("DROP TRIGGER refuse ON run; DROP FUNCTION refuse")


@pytest.fixture
def built(me: Caller) -> Path:
    """A built web app."""
    folder = me.web.settings.frontend_dir
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>first page</title>")
    (folder / "assets" / "app-abc123.js").write_text("console.log(1)")
    (folder / "icon.svg").write_text("<svg/>")
    (folder.parent / "secret.txt").write_text("secret")
    return folder


async def test_the_web_app_is_served_and_routes_itself(me: Caller, built: Path) -> None:
    for path in ("/", "/index.html", "/runs", f"/runs/{new_id()}", "/deep/er/address", "/a.b"):
        response = await me.http.get(path)
        assert (response.status_code, "first page" in response.text) == (200, True), path
        assert response.headers["cache-control"] == "no-cache"
        assert response.headers["content-security-policy"].startswith("default-src 'none'")
    response = await me.http.get("/assets/app-abc123.js")
    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert "javascript" in response.headers["content-type"]
    problem(await me.http.get("/assets/app-old.js"), 404, "not_found")
    problem(await me.http.get("/v1/nothing"), 404, "not_found")
    problem(await me.http.post("/runs"), 404, "not_found")


@pytest.mark.parametrize(
    "path",
    ["/../secret.txt", "/%2e%2e/secret.txt", "/assets/..%2f..%2fsecret.txt", "/..%5csecret.txt", "/%00"],
)
async def test_no_address_leads_out_of_the_web_app(me: Caller, built: Path, path: str) -> None:
    response = await me.http.get(path)
    assert "secret" not in response.text
    assert response.status_code in (200, 404)


async def test_without_a_built_web_app_the_api_answers_alone(me: Caller) -> None:
    problem(await me.http.get("/"), 404, "not_found")
    assert (await me.http.get("/v1/tasks")).status_code == 200
