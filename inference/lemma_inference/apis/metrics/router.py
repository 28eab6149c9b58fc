"""What Prometheus reads."""

from fastapi import APIRouter, Response
from fastapi.responses import PlainTextResponse, StreamingResponse

from lemma_inference.telemetry import Telemetry


def metrics_router(telemetry: Telemetry) -> APIRouter:
    router = APIRouter(tags=["operations"])

    @router.get("/metrics", operation_id="metrics", response_model=None, response_class=PlainTextResponse)
    async def metrics() -> Response:
        """All metrics in Prometheus's text format. Needs an admin key where keys are set."""
        return StreamingResponse(telemetry.slices(), media_type="text/plain; version=0.0.4; charset=utf-8")

    return router
