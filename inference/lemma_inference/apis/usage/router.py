"""The journal by cursor. Whoever bills keeps `next` in the transaction that keeps the records, and so reads
each record exactly once; `(gateway, seq)` is unique for good."""

import asyncio
from collections.abc import Iterable
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from lemma_inference.apis.sampling import ROUNDED
from lemma_inference.errors import InvalidRequest, JournalFull, NotKept
from lemma_inference.metering import Journal, Metering

# The largest that all readers of JSON keep exactly.
NUMBER = 2**53 - 1


class Acknowledgement(BaseModel):
    """The reader has all records of this gateway up to `seq` for good."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    seq: Annotated[int, Field(ge=0, le=NUMBER, strict=True), ROUNDED]
    gateway: str | None = None


def usage_router(metering: Metering) -> APIRouter:
    router = APIRouter(tags=["operations"])

    def journal() -> Journal:
        if metering.journal is None:
            raise NotKept("This gateway keeps no journal. Set LEMMA_INFERENCE_JOURNAL_FOLDER.")
        return metering.journal

    @router.get("/v1/usage", operation_id="usage-list", response_model=None)
    async def list_usage(
        after: Annotated[int, Query(ge=0, le=NUMBER)] = 0,
        limit: Annotated[int, Query(ge=1, le=1000)] = 500,
        wait: Annotated[float, Query(ge=0.0, le=30.0)] = 0.0,
    ) -> Response:
        """Records beyond `after`, in order, once they are durable. With `wait` it is answered as soon as
        there is one, at the latest after so many seconds. `next` is the `after` of the next request.
        `missing` are numbers that were given out and have no record any more, and why."""
        kept = journal()
        if wait:
            await _more_than(kept, after, wait)
        page = await asyncio.to_thread(kept.page, after, limit)
        pruned = await asyncio.to_thread(kept.reader.pruned) if page.missing else 0
        body = {
            "object": "list",
            "gateway": kept.gateway,
            "data": [record.body() for record in page.records],
            "missing": list(_why(page.missing, pruned)),
            "next": page.next,
        }
        return Response(orjson.dumps(body), media_type="application/json")

    @router.post("/v1/usage/acknowledge", operation_id="usage-acknowledge")
    async def acknowledge(body: Acknowledgement) -> dict[str, Any]:
        """Says that all records up to this one are kept elsewhere, so that old ones may be pruned."""
        kept = journal()
        if body.gateway not in (None, kept.gateway):
            raise InvalidRequest(f"This is gateway {kept.gateway!r}, not {body.gateway!r}.", param="gateway")
        if body.seq > kept.durable:
            raise InvalidRequest(
                f"The newest record is {kept.durable}, so {body.seq} cannot be there.", param="seq"
            )
        try:
            acknowledged = await asyncio.to_thread(kept.reader.acknowledge, body.seq)
        except OSError as error:
            raise JournalFull(
                f"The acknowledgement cannot be kept: {error.strerror}. See to the journal's disk.",
                retry_after=1,
            ) from error
        return {"gateway": kept.gateway, "acknowledged": acknowledged}

    return router


async def _more_than(journal: Journal, after: int, seconds: float) -> None:
    """Waits until a record beyond this one is durable, at most so long."""
    loop, more = asyncio.get_running_loop(), asyncio.Event()

    def told() -> None:
        if journal.durable > after and not loop.is_closed():
            loop.call_soon_threadsafe(more.set)

    forget = journal.on_durable(told)
    try:
        if journal.durable <= after:
            async with asyncio.timeout(seconds):
                await more.wait()
    except TimeoutError:
        return
    finally:
        forget()


def _why(missing: Iterable[tuple[int, int]], pruned: int) -> Iterable[dict[str, Any]]:
    for first, last in missing:
        if first <= pruned:
            yield {"from": first, "to": min(last, pruned), "why": "pruned"}
        if last > pruned:
            yield {"from": max(first, pruned + 1), "to": last, "why": "lost"}
