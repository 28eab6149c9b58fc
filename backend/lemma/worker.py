"""The worker process, put together: it takes jobs from the queue until it is told to stop."""

import asyncio
import logging
import sys
from contextlib import AsyncExitStack

from lemma.core.errors import LemmaError, Unavailable
from lemma.db.addresses import addresses_of
from lemma.db.edge import Database
from lemma.features.documents.sweep import StrayFiles
from lemma.features.material.shelf import Shelf
from lemma.features.runs.execution import Workbench
from lemma.features.runs.jobs import READ_RUNS, OrphanSweep
from lemma.features.usage.inference import InferenceUsage
from lemma.gateways.inference import HttpInference
from lemma.gateways.storage import FileStorage
from lemma.http.idempotency import FORGET_OLD_KEYS
from lemma.ingest import Limits, ingest
from lemma.ingest.children import close as close_children
from lemma.jobs import JobWorker, Queue, WorkerOptions, now_and_then
from lemma.reading.source import Source
from lemma.settings import Settings, configure_log, read_settings

log = logging.getLogger("lemma.worker")

HOUR = 3600.0
USAGE_SECONDS = 30.0


async def work(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT. Raises LemmaError where the worker cannot go on."""
    addresses = addresses_of(settings)
    limits = Limits(bytes=settings.limits.file_bytes)

    def read_file(data: bytes, name: str) -> Source:
        return ingest(data, name, limits).source

    async with AsyncExitStack() as stack:
        stack.push_async_callback(asyncio.to_thread, close_children)
        database = Database(addresses.app, connections=settings.database_pool)
        stack.push_async_callback(database.close)
        storage = FileStorage(settings.files_dir)
        key = settings.inference_key.get_secret_value() if settings.inference_key else None
        inference = await stack.enter_async_context(HttpInference(settings.inference_url, api_key=key))
        workbench = Workbench(
            database=database,
            storage=storage,
            inference=inference,
            ingest=read_file,
            model=settings.model,
            at_once=asyncio.Semaphore(settings.worker_runs),
            shelf=Shelf(database),
        )
        queue = await stack.enter_async_context(Queue.open(addresses.jobs))

        async def sweep() -> None:
            await asyncio.to_thread(storage.sweep)

        async def forget_keys() -> None:
            await queue.rows(FORGET_OLD_KEYS)

        worker = JobWorker(
            queue,
            {READ_RUNS: workbench.handle},
            options=WorkerOptions(jobs=settings.worker_jobs),
            chores=[
                OrphanSweep(database, queue),
                now_and_then(sweep, every=HOUR),
                now_and_then(StrayFiles(database, storage), every=HOUR),
                now_and_then(forget_keys, every=HOUR),
                now_and_then(InferenceUsage(queue, inference), every=USAGE_SECONDS),
            ],
        )
        log.info("The worker waits for jobs.")
        await worker.run()


def main() -> None:
    """`python -m lemma.worker`: ends with 0 when it was asked to, with 1 when its supervisor should
    start it again, with 2 when its settings cannot be used."""
    try:
        settings = read_settings()
        configure_log(settings)
        asyncio.run(work(settings))
    except LemmaError as error:
        sys.stderr.write(f"{error.detail}\n")
        raise SystemExit(1 if isinstance(error, Unavailable) else 2) from None


if __name__ == "__main__":
    main()
