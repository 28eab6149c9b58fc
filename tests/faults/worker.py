"""The worker that is killed, frozen and cut off: the real one, over an engine that invents its answers."""

import asyncio
import logging
import os
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL

from lemma.core.errors import LemmaError
from lemma.db.edge import Database
from lemma.features.runs.jobs import READ_RUNS, OrphanSweep
from lemma.gateways.inference import Call, FakeInference
from lemma.gateways.storage import FileStorage
from lemma.jobs import JobWorker, Queue, WorkerOptions
from tests.fixtures.work import ANSWER, workbench

LEASE = 2.0


@dataclass(frozen=True)
class Workplace:
    """Where a worker finds what it needs. `calls` is a file with one byte for each question to the engine:
    what is there beyond the number of runs was asked more than once. `log` is for all workers' errors."""

    app: URL
    jobs: URL
    files: Path
    calls: Path
    log: Path


def work(place: Workplace, seed: int) -> None:
    """A process of its own. Ends with 1 where a supervisor must start it again."""
    logging.basicConfig(filename=place.log, level=logging.ERROR, force=True)
    try:
        asyncio.run(_work(place, seed))
    except LemmaError:
        os._exit(1)


async def _work(place: Workplace, seed: int) -> None:
    calls = os.open(place.calls, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def answer(_call: Call) -> str:
        os.write(calls, b".")
        return ANSWER

    engine = FakeInference(seed=seed, delay=0.05, script=answer)
    database = Database(place.app, connections=4)
    async with Queue.open(place.jobs, connections=3) as queue:
        bench = workbench(database, FileStorage(place.files), engine, at_once=8)
        worker = JobWorker(
            queue,
            {READ_RUNS: bench.handle},
            options=WorkerOptions(jobs=2, heartbeat=0.4, lease=LEASE, grace=2.0, poll=0.3),
            chores=[OrphanSweep(database, queue, grace=5.0)],
        )
        await worker.run()
    await database.close()
