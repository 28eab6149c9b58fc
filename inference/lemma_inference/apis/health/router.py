"""Whether the engine takes requests now, who waits, and what was used. No key needed, no content shown."""

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from lemma_inference.admission import Admission
from lemma_inference.classes import CLASSES
from lemma_inference.engines.protocol import Engine
from lemma_inference.metering import Meter


def health_router(engine: Engine, admission: Admission, meter: Meter) -> APIRouter:
    router = APIRouter(tags=["health"])

    @router.get("/health", operation_id="health", response_model=None)
    async def health() -> JSONResponse:
        """200 when requests are taken, 503 with the reason while the engine starts or is gone."""
        engine_health = engine.health()
        body: dict[str, Any] = {
            "status": "ready" if engine_health.ready else "unavailable",
            "engine": {"name": engine.name, "slots": engine.slots, **asdict(engine_health)},
            "running": admission.running,
            "waiting": {name: admission.waiting(name) for name in CLASSES},
            "used": {name: asdict(totals) for name, totals in meter.totals.items()},
        }
        return JSONResponse(body, 200 if engine_health.ready else 503)

    return router
