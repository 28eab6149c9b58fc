"""Asks the engines, every half minute, whether they counted what we did."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import httpx

from lemma_inference.engines.upstream import Upstream
from lemma_inference.fleet import House
from lemma_inference.metering import Metering
from lemma_inference.metering.reconcile import Place, Reconciler, Source
from lemma_inference.telemetry import Telemetry

EVERY = 30.0
WITHIN = 5.0


class Reconciling:
    """Runs beside the service. What it finds is a metric, and an alert beyond half a percent."""

    def __init__(
        self, houses: Sequence[House], metering: Metering, telemetry: Telemetry, every: float = EVERY
    ) -> None:
        self._houses = houses
        self._telemetry = telemetry
        self._every = every
        self._reconciler = Reconciler(metering.seen)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Asks in the background."""
        task = asyncio.create_task(self._keep_asking(), name="reconciling")
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _keep_asking(self) -> None:
        async with httpx.AsyncClient(timeout=WITHIN, trust_env=False) as client:
            while True:
                report = await self._reconciler.look(client, self._sources())
                for drift in report.drifts:
                    if not drift.trouble:
                        self._telemetry.reconciled(drift.model, drift.replica, drift.share)
                await asyncio.sleep(self._every)

    def _sources(self) -> dict[Place, Source]:
        """Engines that are there now. The embedded one is ours alone and shows no metrics."""
        return {
            (house.served.id, name): Source(engine.replica.url, engine.replica.key)
            for house in self._houses
            for name, member in house.members.items()
            if isinstance(engine := member.engine, Upstream)
            and engine.name == "vllm"
            and engine.replica.url is not None
        }
