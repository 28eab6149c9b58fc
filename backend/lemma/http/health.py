"""`/livez` and `/readyz`: is the process alive, and should it get requests?"""

import asyncio
import shutil

from fastapi import APIRouter
from pydantic import BaseModel

from lemma.core.errors import Unavailable
from lemma.http.context import Web, WebParts
from lemma.http.problems import responses

router = APIRouter(tags=["health"])

_LEAST_FREE = 0.02


class NotReady(Unavailable):
    """This process should get no requests now."""

    code = "not_ready"
    title = "Not ready for requests"


class Health(BaseModel):
    """A good answer; the other is a problem."""

    status: str = "ok"


@router.get("/livez", name="live", summary="Is the process alive?")
async def live() -> Health:
    """Asks nothing of anybody: a slow database must not get web processes killed."""
    return Health()


@router.get("/readyz", name="ready", summary="May requests be sent here?", responses=responses(NotReady))
async def ready(parts: WebParts) -> Health:
    """Whether the database answers in half a second, there is room for files, and no stop was asked for."""
    if parts.streams.stopping:
        raise NotReady("This process is about to stop.")
    try:
        async with asyncio.timeout(0.5):
            await parts.database.ping()
    except (TimeoutError, Unavailable) as error:
        raise NotReady("The database does not answer.") from error
    if await asyncio.to_thread(_share_free, parts) < _LEAST_FREE:
        raise NotReady("The disk for documents is nearly full. Free some space.")
    return Health()


def _share_free(parts: Web) -> float:
    folder = parts.settings.data_dir
    usage = shutil.disk_usage(folder if folder.exists() else folder.absolute().anchor)
    return usage.free / usage.total
