"""The gateway's end of engines on Ray. It never loads Ray: a `driver` in a process of its own does.

When the head does not answer, the gateway goes on with the engines that it knows, which live on without Ray;
once the head is back, actors are made again and take over what runs.
"""

import asyncio
import contextlib
import json
import logging
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from importlib.util import find_spec
from typing import Any

from lemma_inference.errors import EngineMissing
from lemma_inference.launchers.on_ray.minder import LEASE_SECONDS
from lemma_inference.launchers.on_ray.plan import Plan
from lemma_inference.launchers.protocol import Endpoint, EngineSpec

log = logging.getLogger(__name__)

# A driver that says nothing for so long is stuck, because its head is; the first line takes longer.
FIRST_LINE = 120.0
NEXT_LINE = 20.0
AGAIN = 2.0
STOP_SECONDS = 30.0


class RayLauncher:
    """Detached, named actors, one for each engine."""

    def __init__(
        self,
        address: str = "auto",
        namespace: str = "lemma",
        host: str | None = None,
        lease_seconds: float = LEASE_SECONDS,
    ) -> None:
        """`address` is the head's, as `ray.init` takes it; this machine must be part of the cluster. Raises
        `EngineMissing` where ray is not installed."""
        if find_spec("ray") is None:
            raise EngineMissing("launcher = ray needs the package ray. Install it: `uv sync --extra ray`.")
        self._plan = Plan(address, namespace, host, lease_seconds, ())
        self._specs: dict[str, EngineSpec] = {}
        self._known: dict[str, Endpoint] = {}
        self._stopped: dict[str, asyncio.Event] = {}
        self._driver: asyncio.subprocess.Process | None = None
        self._changed = asyncio.Event()
        self._problem = ""

    async def launch(self, spec: EngineSpec) -> Endpoint:
        if spec.id not in self._specs:
            self._specs[spec.id] = spec
            self._known[spec.id] = Endpoint(
                spec.id, None, None, "starting", "Ray has not placed the engine yet.", lives=0
            )
            await self._end_driver()  # The next one knows of it.
        self._changed.set()
        return self._known[spec.id]

    async def stop(self, engine: str) -> None:
        """Waits until Ray has passed it on, at most half a minute."""
        driver = self._driver
        if engine in self._specs and driver is not None and driver.stdin is not None:
            self._stopped[engine] = asyncio.Event()
            with contextlib.suppress(ConnectionError, TimeoutError):
                driver.stdin.write(f"{engine}\n".encode())
                async with asyncio.timeout(STOP_SECONDS):
                    await self._stopped[engine].wait()
        self._specs.pop(engine, None)
        self._known.pop(engine, None)
        self._stopped.pop(engine, None)

    async def list(self) -> list[Endpoint]:
        """As it was last known; a head that hangs stops nobody."""
        return list(self._known.values())

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """On leaving, the engines run on: a gateway that is started again finds them."""
        task = asyncio.create_task(self._keep_asking(), name="ray launcher")
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _keep_asking(self) -> None:
        while True:
            await self._changed.wait()
            known = {name: one.url for name, one in self._known.items() if one.url is not None}
            plan = replace(self._plan, specs=tuple(self._specs.values()), known=known)
            try:
                await self._one_driver(plan)
            except TimeoutError:
                self._lost("Ray does not answer.")
            await asyncio.sleep(AGAIN)

    async def _one_driver(self, plan: Plan) -> None:
        """From its start to its end. Raises `TimeoutError` where it says nothing for too long."""
        self._driver = driver = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "lemma_inference.launchers.on_ray.driver",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            limit=2**20,
        )
        assert driver.stdin is not None  # noqa: S101 - both are pipes, said above
        assert driver.stdout is not None  # noqa: S101
        try:
            if plan.specs != tuple(self._specs.values()):
                return  # Another engine is wanted by now.
            driver.stdin.write(plan.line().encode())
            patience = FIRST_LINE
            while True:
                async with asyncio.timeout(patience):
                    line = await driver.stdout.readline()
                if not line:
                    break
                self._told(json.loads(line))
                patience = NEXT_LINE
        finally:
            self._driver = None
            with contextlib.suppress(ProcessLookupError):
                driver.kill()
            await asyncio.shield(driver.wait())

    def _told(self, said: dict[str, Any]) -> None:
        for one in said.get("engines", ()):
            endpoint = Endpoint(**one)
            before = self._known.get(endpoint.id)
            # An actor that is gone says nothing of its engine, which lives without it. Whether it does is
            # seen by asking the engine.
            if before is not None and not (before.url and endpoint.lives == 0):
                self._known[endpoint.id] = endpoint
            elif before is not None:
                log.warning("Engine %s: %s", endpoint.id, endpoint.detail)
        if (engine := said.get("stopped")) in self._stopped:
            self._stopped[engine].set()
        if error := said.get("error"):
            self._lost(f"Ray does not answer ({error}).")
        elif self._problem:
            self._problem = ""
            log.info("Ray answers again.")

    def _lost(self, detail: str) -> None:
        """An engine that runs goes on running. Said once."""
        for engine, known in self._known.items():
            if known.url is None:
                self._known[engine] = replace(known, detail=detail)
        if detail != self._problem:
            log.warning("%s Engines that run go on; none is started until it does.", detail)
            self._problem = detail

    async def _end_driver(self) -> None:
        if self._driver is not None:
            with contextlib.suppress(ProcessLookupError):
                self._driver.kill()
