"""The web process, put together: what it is made of, and in which order a request meets it.

RequestEdge -> SecurityHeaders -> LocalAccess -> BodyLimit -> routes -> the web app's files
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from socket import socket

import uvicorn
from fastapi import FastAPI
from starlette.types import Lifespan, Scope

from lemma.core.clock import SystemClock
from lemma.core.errors import LemmaError
from lemma.db.addresses import addresses_of
from lemma.db.edge import Database
from lemma.features.catalog.router import router as tasks
from lemma.features.documents.images import PageImages
from lemma.features.material.limits import LIMITS
from lemma.features.material.passages import OpenFile
from lemma.features.material.router import router as material
from lemma.features.organisations.service import LOCAL_ORGANISATION, ensure_local_organisation
from lemma.features.runs.router import router as runs
from lemma.features.runs.schemas import RunRequest
from lemma.gateways.storage import FileStorage
from lemma.http import health, openapi, problems
from lemma.http.access import LocalAccess
from lemma.http.bodies import BodyLimit
from lemma.http.context import Web
from lemma.http.headers import SecurityHeaders
from lemma.http.requests import RequestEdge
from lemma.http.static import WebApp
from lemma.http.streams import Streams
from lemma.ingest import Limits, ingest
from lemma.ingest.children import close as close_children
from lemma.ingest.images import page_images
from lemma.reading.source import Source
from lemma.settings import Settings, configure_log, read_settings


def open_passages(data: bytes, name: str) -> Source:
    """Takes a file of passages apart while its sender waits, so within tighter limits than a document."""
    limits = Limits(
        bytes=LIMITS.file_bytes,
        pages=300,
        characters=LIMITS.characters,
        seconds=120.0,
        seconds_per_picture=60.0,
    )
    return ingest(data, name, limits).source


def create_app(settings: Settings) -> FastAPI:
    """The web app as it is served: the real parts, built but not yet connected to anything."""
    database = Database(addresses_of(settings).app, connections=settings.database_pool)
    web = Web(
        settings=settings,
        database=database,
        storage=FileStorage(settings.files_dir),
        clock=SystemClock(),
        streams=Streams(settings.limits.streams),
        local_organisation=LOCAL_ORGANISATION,
    )

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await ensure_local_organisation(database)
        yield
        await database.close()
        await asyncio.to_thread(close_children)

    return assemble(web, PageImages(page_images), lifespan)


def assemble(
    web: Web,
    images: PageImages,
    lifespan: Lifespan[FastAPI] | None = None,
    *,
    open_file: OpenFile = open_passages,
) -> FastAPI:
    """The web app over these parts: tests bring their own."""
    app = FastAPI(
        title="Lemma",
        summary="Paperwork in, checked rows out.",
        version="1",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=openapi.operation_id,
    )
    app.state.web = web
    app.state.page_images = images
    app.state.open_file = open_file
    routers = (health.router, tasks, material, runs)
    for router in routers:
        app.include_router(router)
    app.router.default = WebApp(web.settings.frontend_dir)
    problems.install(app, routers)
    openapi.describe(app, RunRequest)
    app.add_middleware(BodyLimit, limit=lambda scope: _body_limit(web.settings, scope))
    app.add_middleware(LocalAccess)
    app.add_middleware(RequestEdge)
    app.add_middleware(SecurityHeaders)
    return app


def _body_limit(settings: Settings, scope: Scope) -> int:
    """Documents may be large, and material may be; nothing else is."""
    path, method = scope["path"], scope["method"]
    if path == "/v1/runs" and method == "POST":
        return settings.limits.upload_bytes
    if path.startswith("/v1/tasks/") and path.endswith(("/material", "/passages")):
        return settings.limits.material_bytes
    return settings.limits.json_bytes


class DrainingServer(uvicorn.Server):
    """Tells event streams to end before it waits for open requests, which otherwise never would."""

    def __init__(self, config: uvicorn.Config, streams: Streams) -> None:
        super().__init__(config)
        self._streams = streams

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        self._streams.stop()
        await super().shutdown(sockets)


def serve(settings: Settings) -> None:
    """Serve until a signal says to stop; then finish what is open, within `drain_seconds`."""
    app = create_app(settings)
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_level=settings.log_level,
        access_log=False,  # RequestEdge logs the route's template; the address itself could hold a name.
        proxy_headers=False,
        server_header=False,
        date_header=True,
        timeout_graceful_shutdown=settings.drain_seconds,
        timeout_keep_alive=20,
        h11_max_incomplete_event_size=64 * 1024,
        lifespan="on",
    )
    web: Web = app.state.web
    DrainingServer(config, web.streams).run()


def main() -> None:
    """`python -m lemma.main`: ends with 2 when its settings cannot be used."""
    try:
        settings = read_settings()
        configure_log(settings)
        serve(settings)
    except LemmaError as error:
        sys.stderr.write(f"{error.detail}\n")
        raise SystemExit(2) from None


if __name__ == "__main__":
    main()
