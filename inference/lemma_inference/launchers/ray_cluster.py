"""Engines on the machines of a Ray cluster. Ray places and restarts; no token passes through it.

`ray` is an optional dependency (`lemma-inference[ray]`) and imported only where a deployment asks for it.
When the head does not answer, the gateway goes on with the engines that it knows, which live on without Ray;
once the head is back, the actors are made again and take over what runs.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, replace
from importlib import import_module
from typing import Any

from lemma_inference.errors import EngineMissing
from lemma_inference.launchers.minder import LEASE_SECONDS
from lemma_inference.launchers.protocol import Endpoint, EngineSpec
from lemma_inference.launchers.ray_actor import EngineActor

log = logging.getLogger(__name__)

# Seconds that Ray may take for an answer, and after which one that failed is asked again.
PATIENCE = 5.0
AGAIN = 3.0


class RayLauncher:
    """Detached, named actors, one for each engine."""

    def __init__(
        self,
        address: str = "auto",
        namespace: str = "lemma",
        host: str | None = None,
        lease_seconds: float = LEASE_SECONDS,
    ) -> None:
        """`address` is the head's, as `ray.init` takes it. Raises `EngineMissing` where ray is not
        installed."""
        try:
            self._ray: Any = import_module("ray")
        except ImportError as error:
            raise EngineMissing(
                "launcher = ray needs the package ray. Install it: `uv sync --extra ray`."
            ) from error
        self._address = address
        self._namespace = namespace
        self._host = host
        self._lease = lease_seconds
        self._specs: dict[str, EngineSpec] = {}
        self._known: dict[str, Endpoint] = {}
        self._task: asyncio.Task[None] | None = None

    async def launch(self, spec: EngineSpec) -> Endpoint:
        self._specs[spec.id] = spec
        starting = Endpoint(spec.id, None, None, "starting", "Ray has not placed the engine yet.", lives=0)
        return self._known.setdefault(spec.id, starting)

    async def stop(self, engine: str) -> None:
        spec = self._specs.pop(engine, None)
        self._known.pop(engine, None)
        if spec is not None:
            await asyncio.to_thread(self._stop, spec)

    async def list(self) -> list[Endpoint]:
        """As it was last known. Asking Ray goes on in the background, so that a head that hangs stops
        nobody."""
        return list(self._known.values())

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """On leaving, the engines run on: a gateway that is started again finds them."""
        self._task = asyncio.create_task(self._keep_asking(), name="ray launcher")
        try:
            yield
        finally:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            await asyncio.to_thread(self._ray.shutdown)

    async def _keep_asking(self) -> None:
        while True:
            failed = False
            for spec in list(self._specs.values()):
                try:
                    endpoint = await asyncio.wait_for(asyncio.to_thread(self._ask, spec), 4 * PATIENCE)
                except Exception as error:  # noqa: BLE001 - Ray's errors have no common root; said and tried again
                    failed = True
                    self._lost(spec.id, error)
                else:
                    if spec.id in self._specs:
                        self._known[spec.id] = endpoint
            await asyncio.sleep(AGAIN if failed else 1.0)

    def _lost(self, engine: str, error: Exception) -> None:
        """The head does not answer, or has no room. An engine that runs goes on running."""
        known = self._known[engine]
        detail = f"Ray does not answer ({type(error).__name__})."
        if known.url is None and known.detail != detail:
            self._known[engine] = replace(known, detail=detail)
        log.warning("Engine %s: %s", engine, detail)
        self._ray.shutdown()

    def _ask(self, spec: EngineSpec) -> Endpoint:
        """Blocks."""
        if not self._ray.is_initialized():
            self._ray.init(
                address=self._address,
                namespace=self._namespace,
                logging_level=logging.ERROR,
                log_to_driver=False,
                configure_logging=False,
            )
        found = self._ray.get(self._actor(spec).endpoint.remote(), timeout=PATIENCE)
        return Endpoint(**found)

    def _actor(self, spec: EngineSpec) -> Any:
        actor = self._ray.remote(EngineActor)
        options = actor.options(
            name=f"engine-{spec.id}",
            lifetime="detached",
            get_if_exists=True,
            max_restarts=-1,
            num_gpus=spec.gpus,
            num_cpus=0,
        )
        return options.remote(asdict(spec), self._host, self._lease)

    def _stop(self, spec: EngineSpec) -> None:
        actor = self._actor(spec)
        self._ray.get(actor.stop.remote(), timeout=PATIENCE)
        self._ray.kill(actor)
