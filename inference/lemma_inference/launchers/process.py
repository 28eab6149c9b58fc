"""Engines as processes on this machine: started on a leash, started again when they end."""

import asyncio
import contextlib
import json
import logging
import socket
import sys
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from lemma_inference.launchers.orphans import Groups
from lemma_inference.launchers.protocol import Endpoint, EngineSpec, State
from lemma_inference.settings import engine_environment

log = logging.getLogger(__name__)

SHORTEST_PAUSE = 0.2
LONGEST_PAUSE = 30.0
# An engine that lived this long was healthy, and the next pause begins from the shortest again.
HEALTHY_SECONDS = 60.0


@dataclass(eq=False)
class _Engine:
    """One engine, over all its lives."""

    spec: EngineSpec
    task: asyncio.Task[None] | None = None
    child: asyncio.subprocess.Process | None = None
    group: int | None = None
    url: str | None = None
    state: State = "starting"
    detail: str = "The engine is starting."
    lives: int = 0
    failures: int = 0
    unknown: frozenset[str] = frozenset()

    def endpoint(self) -> Endpoint:
        return Endpoint(self.spec.id, self.url, self.spec.key, self.state, self.detail, self.lives)


class LocalLauncher:
    """Engines as children of this process. `host` is where they listen: another than this machine's own only
    where a gateway elsewhere must reach them."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        self._host = host
        self._engines: dict[str, _Engine] = {}
        self._groups = Groups()

    async def launch(self, spec: EngineSpec) -> Endpoint:
        if spec.id not in self._engines:
            engine = self._engines[spec.id] = _Engine(spec)
            engine.task = asyncio.create_task(self._keep_up(engine), name=f"engine {spec.id}")
        return self._engines[spec.id].endpoint()

    async def stop(self, engine: str) -> None:
        found = self._engines.pop(engine, None)
        if found is not None and found.task is not None:
            found.task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await found.task

    async def list(self) -> list[Endpoint]:
        return [engine.endpoint() for engine in self._engines.values()]

    async def serves(self, engine: str) -> None:
        """It was seen to serve: from now on nothing of what it prints is kept."""
        found = self._engines.get(engine)
        if found is not None and found.state != "ready":
            found.state, found.detail = "ready", "The engine is ready."
            if found.child is not None and found.child.stdin is not None:
                with contextlib.suppress(ConnectionError):
                    found.child.stdin.write(b"quiet\n")
                    await found.child.stdin.drain()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """On leaving, no engine is left. What a killed gateway left is ended first."""
        if ended := await asyncio.to_thread(self._groups.end_orphans):
            log.warning("Ended %d engines that a killed gateway left.", len(ended))
        try:
            yield
        finally:
            await asyncio.gather(*(self.stop(name) for name in list(self._engines)))

    async def _keep_up(self, engine: _Engine) -> None:
        while True:
            started = time.monotonic()
            engine.lives += 1
            reason = await self._one_life(engine)
            healthy = time.monotonic() - started > HEALTHY_SECONDS
            engine.failures = 0 if healthy else engine.failures + 1
            pause = min(SHORTEST_PAUSE * 2.0**engine.failures, LONGEST_PAUSE)
            engine.state, engine.url = "down", None
            engine.detail = f"{reason} It is started again."
            log.error("Engine %s: %s Starting it again in %.1f s.", engine.spec.id, reason, pause)
            await asyncio.sleep(pause)

    async def _one_life(self, engine: _Engine) -> str:
        """From start to end of one process; the reason for the end, as a sentence."""
        port = free_port(self._host)
        given = without(engine.spec.argv, engine.unknown)
        argv = [part.replace("{port}", str(port)).replace("{host}", self._host) for part in given]
        engine.child = child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "lemma_inference.launchers.leash",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        assert child.stdin is not None  # noqa: S101 - both are pipes, said three lines above
        assert child.stdout is not None  # noqa: S101
        engine.state, engine.detail = "starting", "The engine is starting."
        engine.url = f"http://{self._host}:{port}"
        try:
            with contextlib.suppress(ConnectionError):
                asked = {"argv": argv, "env": engine_environment() | dict(engine.spec.env)}
                child.stdin.write(json.dumps(asked).encode() + b"\n")
                await child.stdin.drain()
            group = await child.stdout.readline()
            if group:
                engine.group = json.loads(group)["group"]
                self._groups.add(engine.group, child.pid)
            return self._ended(engine, await child.stdout.readline())
        finally:
            engine.url = None
            child.stdin.close()
            with contextlib.suppress(ProcessLookupError):
                await asyncio.shield(_gone(child))
            if engine.group is not None:  # Of a leash that was killed, the engine's workers are still there.
                self._groups.end(engine.group)
                engine.group = None

    def _ended(self, engine: _Engine, said: bytes) -> str:
        """The reason for its end. What it did not know and can do without, it is not given again."""
        if not said:
            return "The engine's parent was killed."
        ended = json.loads(said)
        why = next((line for line in reversed(ended["said"]) if "Error" in line or "error" in line), "")
        unknown = engine.unknown | (unrecognized(why) & set(engine.spec.optional))
        if unknown != engine.unknown:
            names = ", ".join(sorted(unknown - engine.unknown))
            log.warning("Engine %s does not know %s and is started without.", engine.spec.id, names)
            engine.unknown = unknown
        return f"The engine ended (exit code {ended['code']}){': ' + why if why else ''}."


def unrecognized(line: str) -> set[str]:
    """The options that a program says it does not know, in the words of Python's argparse."""
    _, found, rest = line.partition("unrecognized arguments:")
    return {part.split("=")[0] for part in rest.split() if part.startswith("--")} if found else set()


def without(argv: Sequence[str], unknown: frozenset[str]) -> list[str]:
    """The command without these options and their values."""
    kept: list[str] = []
    dropping = False
    for part in argv:
        if part.startswith("--"):
            dropping = part in unknown
        if not dropping:
            kept.append(part)
    return kept


async def _gone(child: asyncio.subprocess.Process) -> None:
    """The leash ends its engine once stdin is closed; one that does not is killed, and the engine with it."""
    try:
        async with asyncio.timeout(15.0):
            await child.wait()
    except TimeoutError:
        child.kill()
        await child.wait()


def free_port(host: str) -> int:
    """A port that nobody listens on. It may be taken before the engine has it; then that ends, and the next
    life gets another."""
    with socket.socket() as one:
        one.bind((host, 0))
        port: int = one.getsockname()[1]
        return port
