"""Does the runs of a job: each alone in its failures, all together in their waiting for the model.

A run is taken (its attempt number goes up), its document becomes a source if it is none yet, the source
is read, and the result is stored where the attempt is still ours. No transaction is open while a document
is taken apart or a model is asked.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from lemma.core.errors import LemmaError, Unavailable
from lemma.db.edge import Database
from lemma.features.catalog.service import find_task
from lemma.features.documents.files import DocumentFiles
from lemma.features.material.shelf import Shelf
from lemma.features.runs.errors import RunBroke, RunKeepsBreaking, RunTookTooLong
from lemma.features.runs.jobs import run_ids
from lemma.features.runs.ledger import Held, RunLedger
from lemma.gateways.inference import InferenceGateway, ModelInfo, ModelUnknown
from lemma.gateways.inference.drive import Asker, read
from lemma.gateways.storage import Storage, StorageFull
from lemma.jobs import Started
from lemma.reading.schema import Task
from lemma.reading.source import Source

log = logging.getLogger(__name__)

MOST_LOST = 12  # Workers that a run may outlive; then it is held to be what kills them.
MOST_BREAKS = (
    3  # Attempts that may end by a fault of ours. Many pass by themselves; three times is a pattern.
)
PASSING = (Unavailable, StorageFull)  # What time or an operator heals, and no fault of the run.


@dataclass(frozen=True, slots=True)
class Workbench:
    """What runs are done with; put together by the worker's composition root.

    `shelf` has what organisations bring to tasks.
    `ingest` takes a document's bytes and name and gives its source; it runs in a thread. `at_once` bounds
    the runs of this process that are in work at a time. `limit` is the longest that one may take, in
    seconds, and `glance` how often progress is told and a cancelled run is noticed.
    """

    database: Database
    storage: Storage
    inference: InferenceGateway
    ingest: Callable[[bytes, str], Source]
    model: str
    at_once: asyncio.Semaphore
    shelf: Shelf
    tasks: Callable[[str], Task] = find_task
    limit: float = 900.0
    glance: float = 1.0

    async def handle(self, started: Started, payload: Mapping[str, Any]) -> None:
        """The handler of the job `runs.read`."""
        await _Chunk(self, started).do(run_ids(payload))


@dataclass(slots=True)
class _InWork:
    """A run in work. `dropped` says that it was stopped because it is no longer ours."""

    held: Held
    work: asyncio.Task[None]
    progress: dict[str, Any] = field(default_factory=dict)
    told: dict[str, Any] = field(default_factory=dict)
    dropped: bool = False


class _Chunk:
    def __init__(self, bench: Workbench, started: Started) -> None:
        self._bench = bench
        self._started = started
        self._ledger = RunLedger(bench.database, started)
        self._in_work: dict[UUID, _InWork] = {}

    async def do(self, ids: Sequence[UUID]) -> None:
        """Does what is still to do. Raises the first passing error, so that the job is tried again; runs
        that met none are done by then."""
        sound, suspect = await self._ledger.open_runs(ids)
        over = asyncio.Event()
        glancing = asyncio.create_task(self._glance(over), name=f"glance at job {self._started.id}")
        try:
            errors = await _all([self._one(run_id) for run_id in sound])
            # Alone, so that a run that kills its worker takes no other run down with it.
            errors += [await self._one(run_id) for run_id in suspect]
        finally:
            over.set()
            await asyncio.gather(glancing, return_exceptions=True)
        for error in errors:
            if error is not None:
                raise error

    async def _one(self, run_id: UUID) -> LemmaError | None:
        """Does one run and stores how it ended. Gives a passing error, and raises only if interrupted."""
        async with self._bench.at_once:
            held = await self._ledger.take(run_id)
            if held is None:
                return None
            if held.lost >= MOST_LOST:
                await self._ledger.fail(held, RunKeepsBreaking().problem())
                return None
            return await self._attempt(held)

    async def _attempt(self, held: Held) -> LemmaError | None:
        in_work = _InWork(held, asyncio.create_task(self._read(held), name=f"run {held.run_id}"))
        self._in_work[held.run_id] = in_work
        try:
            async with asyncio.timeout(self._bench.limit):
                await in_work.work
        except asyncio.CancelledError:
            if in_work.dropped:
                return None
            await asyncio.shield(self._give_back(held))
            raise
        except TimeoutError:
            await self._ledger.fail(held, RunTookTooLong(self._bench.limit).problem())
        except PASSING as error:
            return await self._postpone(held, error)
        except LemmaError as error:
            await self._ledger.fail(held, error.problem())
        except Exception:  # The edge of one run: a fault of ours must not take its neighbours down.
            log.exception("Run %s broke, at attempt %d.", held.run_id, held.attempt)
            if held.attempt < MOST_BREAKS:
                return await self._postpone(held, RunBroke())
            await self._ledger.fail(held, RunBroke().problem())
        finally:
            del self._in_work[held.run_id]
            await _stop(in_work.work)
        return None

    async def _postpone(self, held: Held, error: LemmaError) -> LemmaError:
        """After the last try the run has failed; before, it waits for the next."""
        if self._started.last:
            await self._ledger.fail(held, error.problem())
        else:
            with contextlib.suppress(Unavailable):
                await self._ledger.release(held)
        return error

    async def _give_back(self, held: Held) -> None:
        """The worker stops. If the database is gone too, the run is found by its silence."""
        with contextlib.suppress(Unavailable):
            await self._ledger.release(held)

    async def _read(self, held: Held) -> None:
        task = self._bench.tasks(held.task)
        self._tell(held, stage="opening", done=0, of=1)
        stocked = await self._bench.shelf.counting(self._started.organisation_id, task)
        source = await self._source(held)
        model = await self._model()

        def on_answer(answered: int, asked: int) -> None:
            self._tell(held, stage="reading", done=answered, of=asked)

        self._tell(held, stage="reading", done=0, of=1)
        reading = await read(
            self._bench.inference,
            model,
            task,
            source,
            asker=Asker(customer=str(self._started.organisation_id)),
            material=stocked.material,
            on_answer=on_answer,
        )
        if not await self._ledger.finish(held, task, source, reading, model.id, stocked):
            log.info("Run %s was no longer ours when it was read.", held.run_id)

    async def _source(self, held: Held) -> Source:
        """The document's source: as it was kept, or made now."""
        files = DocumentFiles(self._bench.storage, self._started.organisation_id, held.document_id)
        if await files.has_source():
            source = await files.source()
        else:
            data = await files.original()
            try:
                source = await asyncio.to_thread(self._bench.ingest, data, held.document_name)
            except PASSING:
                raise
            except LemmaError as error:
                await self._ledger.document_failed(held, error.problem())
                raise
            await files.put_source(source)
        await self._ledger.document_ready(held, source)
        return source

    async def _model(self) -> ModelInfo:
        for model in await self._bench.inference.models():
            if model.id == self._bench.model:
                return model
        raise ModelUnknown(
            f"The model {self._bench.model} is not served. Set LEMMA_MODEL to one that is, and try again."
        )

    def _tell(self, held: Held, **progress: Any) -> None:
        if held.run_id in self._in_work:
            self._in_work[held.run_id].progress = progress

    async def _glance(self, over: asyncio.Event) -> None:
        """Now and then: tells progress, and stops work on runs that are no longer ours.

        Ends by itself when all is over: cancelled in the middle of a statement, it would cost the pool
        a connection for each job.
        """
        while not over.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(over.wait(), self._bench.glance)
                return
            with contextlib.suppress(Unavailable):
                await self._drop(list(self._in_work.values()))
                for each in list(self._in_work.values()):
                    if each.progress != each.told:
                        progress = each.told = each.progress
                        await self._ledger.tell(each.held, progress)

    async def _drop(self, in_work: Sequence[_InWork]) -> None:
        if not in_work:
            return
        mine = await self._ledger.still_mine([each.held for each in in_work])
        for each in in_work:
            if each.held.run_id not in mine and not each.work.done():
                each.dropped = True
                each.work.cancel()


async def _all(work: Sequence[Coroutine[Any, Any, LemmaError | None]]) -> list[LemmaError | None]:
    """All results. If one raises or we are cancelled, the others are stopped, and have cleaned up."""
    tasks = [asyncio.create_task(each) for each in work]
    try:
        return list(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _stop(task: asyncio.Task[Any]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
