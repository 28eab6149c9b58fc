"""A child process on this machine, kept up: started, watched, and started again when it dies or freezes."""

import asyncio
import contextlib
import ctypes
import json
import logging
import os
import secrets
import sys
import time
from collections.abc import AsyncIterator, Callable

import httpx

from lemma_inference.engines.replica import Replica
from lemma_inference.errors import EngineMissing
from lemma_inference.launchers.spec import Spec

log = logging.getLogger(__name__)

# llama.cpp's threads meet at a barrier about a hundred times for each token, and OpenMP lets them spin there
# for milliseconds. On cores that others use too, a spinning thread takes the time from the one it waits for:
# 2 threads on 2 busy cores decoded 1 to 4 tokens/s so, 15 to 120 with this, 30 with a single thread.
OPENMP = {"GOMP_SPINCOUNT": "300"}

START_SECONDS = 300.0
PROBE_MISSES = 3
LONGEST_PAUSE = 10.0
# A child that lived this long was healthy, and the next pause begins from the shortest again.
HEALTHY_SECONDS = 30.0


def require_openmp() -> None:
    """Raises `EngineMissing` where the OpenMP runtime is absent, as on a bare Debian: the wheel of the
    engine links to it and does not bring it."""
    if sys.platform != "linux":
        return
    try:
        ctypes.CDLL("libgomp.so.1")
    except OSError as error:
        raise EngineMissing(
            "The embedded engine needs the OpenMP runtime libgomp.so.1. Install it, on Debian and Ubuntu by "
            "`apt-get install libgomp1`."
        ) from error


class LocalProcess:
    """Runs one engine for as long as `running` is open. What it knows goes into `replica`."""

    def __init__(
        self, make_spec: Callable[[str], Spec], replica: Replica, *, probe_every: float = 5.0
    ) -> None:
        """`make_spec` gets a fresh key and says what the child is to load. Every `probe_every` seconds the
        child is asked for a sign of life, for which it has as long; after three misses it is ended."""
        self._make_spec = make_spec
        self._replica = replica
        self._probe_every = probe_every
        self._child: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        """The child's process id, None while there is no child."""
        return self._child.pid if self._child and self._child.returncode is None else None

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Supervises in the background; on leaving, the child is gone."""
        task = asyncio.create_task(self._keep_up(), name="engine-supervisor")
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _keep_up(self) -> None:
        failures = 0
        while True:
            started = time.monotonic()
            reason = await self._one_life()
            failures = 0 if time.monotonic() - started > HEALTHY_SECONDS else failures + 1
            pause = min(0.1 * 2**failures, LONGEST_PAUSE)
            self._replica.restarts += 1
            self._replica.down(f"{reason} It is started again.")
            log.error("%s Starting it again in %.1f s (restart %d).", reason, pause, self._replica.restarts)
            await asyncio.sleep(pause)

    async def _one_life(self) -> str:
        """From start to end of one child; the reason for the end, as a sentence."""
        key = secrets.token_hex(16)
        self._child = child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "lemma_inference.launchers.llamacpp_child",
            env={**OPENMP, **os.environ},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        assert child.stdin is not None  # noqa: S101 - both are pipes, said three lines above
        assert child.stdout is not None  # noqa: S101
        try:
            with contextlib.suppress(ConnectionError):
                child.stdin.write(self._make_spec(key).line().encode())
                await child.stdin.drain()
            try:
                async with asyncio.timeout(START_SECONDS):
                    said = await child.stdout.readline()
            except TimeoutError:
                return f"The engine did not start within {START_SECONDS:.0f} seconds."
            if not said:
                return f"The engine could not load the model (exit code {await child.wait()})."
            self._replica.up(json.loads(said)["url"], key)
            log.info("The engine is ready (process %d).", child.pid)
            return await self._watch(child)
        finally:
            await _end(child)

    async def _watch(self, child: asyncio.subprocess.Process) -> str:
        """Returns once the child has died, or has not answered for too long."""
        misses = 0
        async with httpx.AsyncClient(timeout=self._probe_every, trust_env=False) as probe:
            while misses < PROBE_MISSES:
                try:
                    async with asyncio.timeout(self._probe_every):
                        code = await child.wait()
                except TimeoutError:
                    misses = 0 if await _answers(probe, f"{self._replica.url}/health") else misses + 1
                else:
                    return f"The engine ended (exit code {code})."
        return "The engine no longer answers."


async def _answers(probe: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await probe.get(url)).status_code == 200
    except httpx.TransportError:
        return False


async def _end(child: asyncio.subprocess.Process) -> None:
    """The child ends when its stdin does; a frozen one is killed."""
    if child.returncode is None:
        if child.stdin is not None:
            child.stdin.close()
        try:
            async with asyncio.timeout(2.0):
                await child.wait()
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
            await child.wait()
