"""Whether requests are taken now, who waits, and what was used. No key needed, no content and no tenant
shown."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from lemma_inference.classes import CLASSES
from lemma_inference.fleet import House, Member
from lemma_inference.metering import Metering

_REPORT = {"application/json": {"schema": {"type": "object"}}}
REPORTS: dict[int | str, dict[str, Any]] = {
    200: {"description": "Every model takes requests", "content": _REPORT},
    503: {"description": "A model takes none; `models` says which and why", "content": _REPORT},
}


def health_router(houses: Sequence[House], metering: Metering) -> APIRouter:
    router = APIRouter(tags=["health"])

    @router.get("/health", operation_id="health", response_model=None, responses=REPORTS)
    async def health() -> JSONResponse:
        """200 when every model takes requests, 503 with the reasons while one does not."""
        ready = all(house.ready for house in houses)
        body: dict[str, Any] = {
            "status": "ready" if ready else "unavailable",
            "running": sum(house.admission.running for house in houses),
            "waiting": {name: sum(house.admission.waiting(name) for house in houses) for name in CLASSES},
            "used": {name: asdict(totals) for name, totals in metering.totals.items()},
            "models": {house.served.id: _house(house) for house in houses},
        }
        return JSONResponse(body, 200 if ready else 503)

    return router


def _house(house: House) -> dict[str, Any]:
    return {
        "ready": house.ready,
        "running": house.admission.running,
        "waiting": {name: house.admission.waiting(name) for name in CLASSES},
        "replicas": {name: _member(member) for name, member in house.members.items()},
    }


def _member(member: Member) -> dict[str, Any]:
    engine = member.engine
    return {
        "engine": engine.name,
        "slots": engine.slots,
        "home": member.home,
        "breaker": member.breaker.state,
        **asdict(engine.health()),
    }
