"""The web app over a fresh database, and callers in it: HTTP in, rows and files out."""

from collections.abc import AsyncIterator, Callable, Collection, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from lemma.core.clock import SystemClock
from lemma.core.ids import new_id
from lemma.db.addresses import Addresses
from lemma.db.edge import Database
from lemma.features.documents.files import DocumentFiles, original_key
from lemma.features.documents.images import PageImage, PageImages
from lemma.features.documents.models import Document
from lemma.features.runs.journal import record
from lemma.features.runs.models import CellRow, Result, Run
from lemma.gateways.storage import MemoryStorage
from lemma.http.context import Web
from lemma.http.streams import Streams
from lemma.ingest.drafts import PageImage as RealPageImage
from lemma.main import assemble
from lemma.reading.source import Box, Line, Page, Source, Word
from lemma.settings import Limits, Settings
from tests.fixtures.database import Server, add_organisation

PROBLEM = {"type", "title", "status", "code", "detail", "request_id"}

SOURCE = Source(
    "application/pdf",
    (Page(1, "text", 595, 842), Page(2, "text", 595, 842), Page(3, "xml", name="factur-x.xml")),
    (
        Line(
            1,
            1,
            "Invoice INV-806",
            (Word(0, 7, Box(0.1, 0.1, 0.2, 0.12)), Word(8, 15, Box(0.3, 0.1, 0.4, 0.12))),
        ),
        Line(2, 2, "Total  -12,00 €"),
        Line(3, 3, "Invoice/ID  INV-806"),
    ),
    ("Page 2 was recognised.",),
)


@dataclass
class Renderer:
    """Draws pages without a PDF library, and counts how often it is asked to."""

    asked: list[list[int]] = field(default_factory=list)

    def __call__(
        self, data: bytes, source: Source, *, name: str | None, pages: Collection[int]
    ) -> Iterator[PageImage]:
        self.asked.append(sorted(pages))
        for page in pages:
            yield RealPageImage(page, "large", b"RIFF large %d" % page, 100, 140)
            yield RealPageImage(page, "small", b"RIFF small %d" % page, 50, 70)


@dataclass
class Caller:
    """Somebody who uses the API as one organisation."""

    http: httpx.AsyncClient
    web: Web
    organisation_id: UUID
    app: FastAPI
    renderer: Renderer

    @property
    def storage(self) -> MemoryStorage:
        assert isinstance(self.web.storage, MemoryStorage)
        return self.web.storage

    @property
    def database(self) -> Database:
        return self.web.database

    async def upload(
        self, *files: tuple[str, bytes], task: str = "invoices", key: str | None = None
    ) -> httpx.Response:
        headers = {} if key is None else {"Idempotency-Key": key}
        parts = [("files", file) for file in files]
        return await self.http.post("/v1/runs", data={"task": task}, files=parts, headers=headers)

    async def count(self, table: str) -> int:
        """Rows of this organisation."""
        async with self.database.transaction(self.organisation_id) as session:
            return int(await session.scalar(text(f"SELECT count(*) FROM {table}")) or 0)  # noqa: S608 (ours)

    async def seed(self, *, state: str = "done", name: str = "invoice.pdf", task: str = "invoices") -> UUID:
        """A run in this state, with its document, files and, where it is done, a result."""
        document_id, run_id = new_id(), new_id()
        org = self.organisation_id
        await self.storage.put(org, original_key(document_id), b"%PDF the original")
        if state == "done":
            await DocumentFiles(self.storage, org, document_id).put_source(SOURCE)
        async with self.database.transaction(org) as session:
            ready = "ready" if state == "done" else "received"
            session.add(
                Document(
                    organisation_id=org, id=document_id, name=name, size=17, sha256="ab" * 32, state=ready
                )
            )
            await session.flush()
            error = {"type": "urn:x", "title": "t", "status": 422, "code": "file_broken", "detail": "Broken."}
            session.add(
                Run(
                    organisation_id=org,
                    id=run_id,
                    document_id=document_id,
                    task=task,
                    task_version="1",
                    state=state,
                    error=error if state == "failed" else None,
                )
            )
            await session.flush()
            for each in ("running", state):
                await record(session, org, run_id, "state", {"state": each})
            if state == "done":
                session.add(
                    Result(
                        organisation_id=org,
                        run_id=run_id,
                        attempt=1,
                        rules=[{"code": "dates_in_order", "passed": None, "detail": "No date.", "paths": []}],
                        notes=list(SOURCE.notes),
                    )
                )
                session.add_all(cells(org, run_id))
        return run_id


def cells(org: UUID, run_id: UUID) -> list[CellRow]:
    key: dict[str, Any] = {"organisation_id": org, "run_id": run_id, "signals": {}, "reason": None}
    where = [{"page": 1, "line": 1, "start": 8, "end": 15, "boxes": [[0.3, 0.1, 0.4, 0.12]]}]
    return [
        CellRow(
            **key, position=0, path="number", kind="identifier", value="INV-806", raw="INV-806",
            status="found", evidence=where,
        ),
        CellRow(
            **key, position=1, path="total", kind="amount", value="-12.00", raw="-12,00", status="found",
            evidence=[{"page": 2, "line": 2, "start": 7, "end": 13, "boxes": []}],
        ),
        CellRow(
            **key, position=2, path="due_date", kind="date", value=None, raw=None, status="absent",
            evidence=[],
        ),
        CellRow(
            **key, position=3, path="lines[0].description", kind="quote", value="=1+1", raw="=1+1",
            status="found", evidence=where,
        ),
    ]  # fmt: skip


Callers = Callable[[UUID], Caller]


@pytest.fixture(scope="session")
def shared_addresses(server: Server, template: str) -> Iterator[Addresses]:
    """One database for all tests of the API: each test is an organisation of its own in it."""
    name = "lemma_test_api"
    with server.admin() as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    yield server.addresses(name)
    with server.admin() as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
async def database(shared_addresses: Addresses) -> AsyncIterator[Database]:
    """That database as the app sees it."""
    database = Database(shared_addresses.app, connections=8)
    yield database
    await database.close()


@pytest.fixture
async def organisation(database: Database) -> UUID:
    """The organisation of this test."""
    return await add_organisation(database)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        _env_file=None,
        data_dir=tmp_path / "data",
        frontend_dir=tmp_path / "dist",
        limits=Limits(file_bytes=20_000, files=5, upload_bytes=100_000, json_bytes=2_000, streams=3),
    )


@pytest.fixture
async def callers(database: Database, settings: Settings) -> AsyncIterator[Callers]:
    """Makes callers of different organisations who share the database and the storage."""
    shared = Web(
        settings=settings,
        database=database,
        storage=MemoryStorage(capacity=200_000),
        clock=SystemClock(),
        streams=Streams(settings.limits.streams),
        local_organisation=new_id(),
    )
    async with AsyncExitStack() as stack:

        def caller(organisation_id: UUID) -> Caller:
            web = replace(shared, local_organisation=organisation_id)
            renderer = Renderer()
            app = assemble(web, PageImages(renderer))
            transport = httpx.ASGITransport(app, raise_app_exceptions=False)
            http = httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000")
            stack.push_async_callback(http.aclose)
            return Caller(http, web, organisation_id, app, renderer)

        yield caller


@pytest.fixture
def me(callers: Callers, organisation: UUID) -> Caller:
    """The caller that a test is about."""
    return callers(organisation)


@pytest.fixture
async def stranger(callers: Callers, database: Database) -> Caller:
    """Somebody else, of another organisation."""
    return callers(await add_organisation(database, "Stranger"))


def problem(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The problem that a response holds: its shape is the same on every failure path."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert set(body) >= PROBLEM
    assert (body["status"], body["code"]) == (status, code), body
    assert body["type"] == f"urn:lemma:error:{code}"
    assert body["request_id"] == response.headers["x-request-id"]
    assert body["detail"].endswith((".", "?"))
    assert "Traceback" not in response.text
    return body
