"""The database of a machine: the server that DATABASE_URL names, else one of our own; migrated either way."""

import asyncio
import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from rich.console import Console

from lemma.core.errors import LemmaError
from lemma.db.addresses import Addresses, addresses_of
from lemma.db.migrate import prepare, upgrade
from lemma.local.postgres import EmbeddedPostgres
from lemma.settings import Settings

LOOK_EVERY = 0.5  # Seconds between looks at whether our own server lives.


class LocalDatabase:
    """Starts, migrates and watches. `failed` gets the error if our own server dies and does not come back."""

    def __init__(self, settings: Settings, failed: "asyncio.Future[LemmaError]", console: Console) -> None:
        self._settings = settings
        self._failed = failed
        self._console = console
        self._server = None if settings.database_url else EmbeddedPostgres(settings.data_dir)
        self._watcher: asyncio.Task[None] | None = None
        self.env: dict[str, str] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._watcher is not None:
            self._watcher.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watcher
        if self._server is not None:
            await asyncio.to_thread(self._server.stop)

    async def start(self) -> None:
        """Returns when the database answers and has the newest schema. Raises LemmaError."""
        if self._server is None:
            await asyncio.to_thread(_migrate_named, self._settings)
            return
        # Not cancelled half-way: a start that goes on in its thread could outlive the stop.
        await asyncio.shield(asyncio.create_task(asyncio.to_thread(self._server.start)))
        if self._server.note:
            self._console.print(self._server.note, style="dim")
        await asyncio.to_thread(upgrade, self._server.addresses().owner)
        self.env = {
            "DATABASE_URL": self._server.url("lemma_app"),
            "LEMMA_DATABASE_JOBS_URL": self._server.url("lemma_jobs"),
            "LEMMA_DATABASE_OWNER_URL": self._server.url("lemma_owner"),
        }
        self._watcher = asyncio.create_task(self._watch(self._server))

    async def _watch(self, server: EmbeddedPostgres) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY)
            if server.alive():
                continue
            self._console.print("The database stopped; starting it again.", style="yellow")
            try:
                await asyncio.to_thread(server.start)
            except LemmaError as error:
                if not self._failed.done():
                    self._failed.set_result(error)
                return


@contextmanager
def borrowed_database(settings: Settings) -> Iterator[Addresses]:
    """The database for a command: the named one, our own where it runs already, else ours for the while."""
    if settings.database_url is not None:
        yield addresses_of(settings)
        return
    running = EmbeddedPostgres(settings.data_dir).running()
    if running is not None:
        yield running
        return
    with EmbeddedPostgres(settings.data_dir) as server:
        upgrade(server.addresses().owner)
        yield server.addresses()


def _migrate_named(settings: Settings) -> None:
    addresses = addresses_of(settings)
    if settings.database_owner_url is None:
        prepare(addresses.owner)
    upgrade(addresses.owner)


def migrate(settings: Settings, console: Console) -> None:
    """`lemma migrate`: the newest schema, on the named server or on our own, which is stopped again."""
    if settings.database_url is not None:
        _migrate_named(settings)
    else:
        with EmbeddedPostgres(settings.data_dir) as server:
            upgrade(server.addresses().owner)
    console.print("The database has the newest schema.")
