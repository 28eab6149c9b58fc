"""Runs the parts of Lemma as children of one process, and ends them all when it ends.

A child that dies is started again, sooner or later by how often it died. Each child has its own session,
so that Ctrl-C reaches the supervisor alone, which then stops the children in the reverse order of their
start. Where the kernel can (Linux), children also end when the supervisor is killed.
"""

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lemma.core.errors import LemmaError, Unavailable

STABLE_AFTER = 15.0  # Seconds without a death; then earlier ones are forgotten. A lost job waits longer.
MOST_DEATHS = 6  # In a row; then something is wrong that starting again does not mend.
LONGEST_PAUSE = 8.0
LOG_KEPT = 5_000_000  # Bytes of one log file; then it becomes NAME.log.1.


class ServiceFailed(Unavailable):
    """A part of Lemma does not start, or dies again and again."""

    code = "service_failed"
    title = "A part of Lemma does not run"


@dataclass(frozen=True, slots=True)
class Service:
    """A child to run: its command, what it gets beside our environment, and how to see that it is ready."""

    name: str
    argv: Sequence[str]
    ready: Callable[[], Awaitable[bool]]
    env: Mapping[str, str] = field(default_factory=dict)
    start_limit: float = 60.0
    stop_limit: float = 20.0


@dataclass(slots=True)
class _Child:
    service: Service
    process: asyncio.subprocess.Process
    watcher: asyncio.Task[None] | None = None
    deaths: int = 0
    started: float = field(default_factory=time.monotonic)


class Supervisor:
    """Starts services one after the other, keeps them running, stops them in reverse."""

    def __init__(self, log_dir: Path, say: Callable[[str], None]) -> None:
        self._log_dir = log_dir
        self._say = say
        self._children: list[_Child] = []
        self._stopping = False
        self.failed: asyncio.Future[LemmaError] = asyncio.get_running_loop().create_future()

    async def start(self, service: Service) -> None:
        """Starts a service and waits until it is ready. Raises ServiceFailed with the end of its log."""
        child = _Child(service, await self._spawn(service))
        self._children.append(child)
        await self._until_ready(child)
        child.watcher = asyncio.create_task(self._watch(child), name=f"watch {service.name}")

    async def stop(self) -> None:
        """Stops every child, the last started first: asks, waits for `stop_limit`, then kills its group."""
        self._stopping = True
        for child in reversed(self._children):
            if child.watcher is not None:
                child.watcher.cancel()
            await _end(child.process, child.service.stop_limit)
        self._children.clear()

    async def _spawn(self, service: Service) -> asyncio.subprocess.Process:
        with self._log(service.name).open("ab") as log:
            return await asyncio.create_subprocess_exec(
                *service.argv,
                env={**os.environ, **service.env},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=_end_with_parent if sys.platform == "linux" else None,
            )

    async def _until_ready(self, child: _Child) -> None:
        service = child.service
        limit = time.monotonic() + service.start_limit
        while not await service.ready():
            if child.process.returncode is not None:
                raise ServiceFailed(
                    f"The {service.name} ended with exit code {child.process.returncode} while it started. "
                    f"{self._last_words(service.name)}"
                )
            if time.monotonic() > limit:
                raise ServiceFailed(
                    f"The {service.name} was not ready within {service.start_limit:.0f} s. "
                    f"{self._last_words(service.name)}"
                )
            await asyncio.sleep(0.05)

    async def _watch(self, child: _Child) -> None:
        service = child.service
        while not self._stopping:
            code = await child.process.wait()
            if self._stopping:
                return
            lived = time.monotonic() - child.started
            child.deaths = 1 if lived > STABLE_AFTER else child.deaths + 1
            if child.deaths > MOST_DEATHS:
                self._give_up(service)
                return
            self._say(f"The {service.name} stopped ({_how(code)}); starting it again.")
            await asyncio.sleep(min(LONGEST_PAUSE, 0.25 * 2 ** (child.deaths - 1)))
            child.process = await self._spawn(service)
            child.started = time.monotonic()

    def _give_up(self, service: Service) -> None:
        if not self.failed.done():
            self.failed.set_result(
                ServiceFailed(
                    f"The {service.name} died {MOST_DEATHS + 1} times in a row. "
                    f"{self._last_words(service.name)}"
                )
            )

    def _log(self, name: str) -> Path:
        self._log_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._log_dir / f"{name.replace(' ', '-')}.log"
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_size > LOG_KEPT:
                path.replace(path.with_suffix(".log.1"))
        return path

    def _last_words(self, name: str) -> str:
        path = self._log(name)
        try:
            lines = path.read_text(errors="replace").strip().splitlines()[-12:]
        except FileNotFoundError:
            return ""
        return f"The end of {path}:\n" + "\n".join(f"  {line}" for line in lines)


def _how(code: int) -> str:
    """An exit code in words."""
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def _end_with_parent() -> None:
    """Asks Linux to end this child when the process that started it is gone: prctl(PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


async def _end(process: asyncio.subprocess.Process, limit: float) -> None:
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), limit)
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
