"""`lemma up`: everything on this machine, under one supervisor, until Ctrl-C."""

import asyncio
import signal
import sys
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from lemma.core.errors import Conflict, InvalidInput, LemmaError
from lemma.local.database import LocalDatabase
from lemma.local.engine import answers, inference_service
from lemma.local.lock import only_one
from lemma.local.ports import free_port, holder, is_taken
from lemma.local.samples import show_samples
from lemma.local.supervisor import Service, Supervisor
from lemma.settings import Settings, read_settings

_PROBE = 1 << 20
"""Bytes without which it is no use to begin."""


class PortTaken(Conflict):
    """Something else listens on the port that was asked for."""

    code = "port_taken"
    title = "The port is taken"


class DataDirUnusable(InvalidInput):
    """The folder for documents and the database cannot be made or written."""

    code = "data_dir_unusable"
    title = "The data folder cannot be used"


@dataclass(frozen=True, slots=True)
class UpOptions:
    """What the user asked for on the command line."""

    host: str
    port: int
    data_dir: Path
    samples: bool
    once: bool


async def run_up(options: UpOptions, console: Console) -> int:
    """Starts everything, puts the samples through, serves until a signal. Returns the exit code.

    Raises LemmaError where something cannot start; then nothing is left running.
    """
    stopping = _on_signals()
    data_dir = _data_dir(options.data_dir)
    address = f"http://{options.host}:{options.port}"
    settings = read_settings(data_dir=data_dir, host=options.host, port=options.port)
    with only_one(data_dir, address):
        _refuse_taken_port(options)
        async with AsyncExitStack() as stack:
            supervisor = Supervisor(data_dir / "logs", lambda words: console.print(words, style="yellow"))
            # Left in the reverse order: the database stops when nobody uses it any more.
            database = await stack.enter_async_context(LocalDatabase(settings, supervisor.failed, console))
            stack.push_async_callback(_stop, supervisor, console)
            await _first(asyncio.create_task(_start(settings, supervisor, database)), stopping)
            if stopping.done():
                return 0
            console.print(f"Lemma serves on [bold]{address}[/bold]. Ctrl-C stops it.", highlight=False)
            return await _serve(options, address, supervisor, stopping, console)


async def _start(settings: Settings, supervisor: Supervisor, database: LocalDatabase) -> None:
    """Engine and database start side by side; worker and web when both are there."""
    host, inference_url = settings.host, settings.inference_url
    async with asyncio.TaskGroup() as group:
        group.create_task(database.start())
        if not await answers(f"{inference_url}/health"):
            port = free_port(host)
            inference_url = f"http://{host}:{port}"
            journal = settings.data_dir / "inference" / "journal"
            group.create_task(supervisor.start(inference_service(host, port, journal)))
    env = {
        **database.env,
        "LEMMA_DATA_DIR": str(settings.data_dir),
        "LEMMA_HOST": host,
        "LEMMA_PORT": str(settings.port),
        "LEMMA_INFERENCE_URL": inference_url,
    }
    await supervisor.start(_python("worker", "lemma.worker", env))
    await supervisor.start(_python("web server", "lemma.main", env, f"http://{host}:{settings.port}/readyz"))


def _python(name: str, module: str, env: dict[str, str], probe: str | None = None) -> Service:
    async def ready() -> bool:
        return probe is None or await answers(probe)

    return Service(name=name, argv=[sys.executable, "-m", module], env=env, ready=ready)


async def _serve(
    options: UpOptions, address: str, supervisor: Supervisor, stopping: asyncio.Future[None], console: Console
) -> int:
    if options.samples:
        await _first(asyncio.create_task(show_samples(address, console)), stopping, supervisor.failed)
    if not options.once:
        await _first(stopping, supervisor.failed)
    if supervisor.failed.done():
        raise supervisor.failed.result()
    return 0


async def _first(*waited: asyncio.Future[None] | asyncio.Future[LemmaError]) -> None:
    """Waits for whichever comes first and stops the tasks among the others; raises what it raised."""
    done, pending = await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
    for future in pending:
        if isinstance(future, asyncio.Task):
            future.cancel()
            await asyncio.gather(future, return_exceptions=True)
    for future in done:
        if isinstance(future, asyncio.Task):
            _raise_one(future)


def _raise_one(task: "asyncio.Task[None]") -> None:
    """Raises a task's error; of a group of them the first, which says what to do."""
    error = task.exception()
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if error is not None:
        raise error


async def _stop(supervisor: Supervisor, console: Console) -> None:
    console.print("Stopping.", style="dim")
    await supervisor.stop()


def _on_signals() -> "asyncio.Future[None]":
    """A future that is done once we are asked to stop. A second signal ends us at once."""
    loop = asyncio.get_running_loop()
    stopping: asyncio.Future[None] = loop.create_future()

    def asked(number: signal.Signals) -> None:
        if not stopping.done():
            stopping.set_result(None)
        else:
            loop.remove_signal_handler(number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, asked, number)
    return stopping


def _data_dir(path: Path) -> Path:
    try:
        path.mkdir(parents=True, exist_ok=True)
        probe = path / ".writable"
        try:
            probe.write_bytes(bytes(_PROBE))  # An empty file has room on a full disk, too.
        finally:
            probe.unlink(missing_ok=True)
    except OSError as error:
        raise DataDirUnusable(
            f"{path} cannot be written: {error.strerror}. Make room or set --data-dir to another folder."
        ) from error
    return path.resolve()


def _refuse_taken_port(options: UpOptions) -> None:
    if is_taken(options.host, options.port):
        who = holder(options.port)
        raise PortTaken(
            f"Port {options.port} is taken{f' by {who}' if who else ''}. Stop it, or choose another: "
            f"make run PORT={options.port + 10}"
        )
