"""`make faults`: kills and freezes workers, kills PostgreSQL, and counts what was lost or done twice.

Prints `rounds, runs, lost, duplicated` for each kind of fault and in all. Ends with 1 unless both are 0.
"""

import argparse
import asyncio
import contextlib
import multiprocessing
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from uuid import UUID

from lemma.core.errors import Unavailable
from lemma.db import migrate
from lemma.db.edge import Database
from lemma.gateways.storage import FileStorage
from lemma.local.postgres import EmbeddedPostgres
from tests.faults.check import Finding, check, count_runs
from tests.faults.worker import LEASE, Workplace, work
from tests.fixtures.database import add_organisation
from tests.fixtures.work import TEXT, submit

ORGANISATIONS = 5
WORKERS = 3
PRELOAD = ["tests.faults.worker", "tests.faults.check", "tests.fixtures.database"]
"""What every worker imports is imported once, so that a killed one is back in a moment."""
BACKLOG = 300  # Runs; more are not put in while so many wait.
DRAIN_LIMIT = 600.0


class Fleet:
    """Worker processes and their supervisor: whatever ends is started again."""

    def __init__(self, place: Workplace, size: int) -> None:
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(PRELOAD)
        self._place = place
        self._size = size
        self._started = 0
        self._processes: list[ForkServerProcess] = []
        self._frozen: set[int] = set()

    def supervise(self) -> None:
        """Starts what is missing."""
        self._processes = [process for process in self._processes if process.is_alive()]
        while len(self._processes) < self._size:
            self._started += 1
            process = self._context.Process(target=work, args=(self._place, self._started), daemon=True)
            process.start()
            self._processes.append(process)

    def kill_one(self) -> None:
        """`kill -9`, and the supervisor does its work."""
        victim = random.choice(self._processes)
        victim.kill()
        victim.join(10)
        self.supervise()

    async def freeze_one(self, seconds: float) -> None:
        """Stops a worker in the middle of whatever it does, for longer than its lease, then lets it go on."""
        awake = [p for p in self._processes if p.pid not in self._frozen and p.is_alive()]
        pid = random.choice(awake).pid
        if pid is None:
            return
        self._frozen.add(pid)
        try:
            os.kill(pid, signal.SIGSTOP)
            await asyncio.sleep(seconds)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
            self._frozen.discard(pid)

    def stop(self) -> None:
        """Asks all to stop, then insists."""
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.join(10)
            if process.is_alive():
                process.kill()
                process.join()


@dataclass
class Stage:
    """Everything that a phase plays with."""

    postgres: EmbeddedPostgres
    database: Database
    storage: FileStorage
    fleet: Fleet
    organisations: list[UUID]
    acknowledged: dict[UUID, set[UUID]] = field(default_factory=dict)

    async def put_in(self, count: int) -> None:
        """Submits runs for some organisation; what was answered is owed. Without an answer, nothing is."""
        organisation_id = random.choice(self.organisations)
        with contextlib.suppress(Unavailable):
            ids = await submit(self.database, self.storage, organisation_id, [TEXT] * count)
            self.acknowledged.setdefault(organisation_id, set()).update(ids)

    async def waiting(self) -> int:
        """Runs that are not at their end, or a large number while nobody can say."""
        try:
            return await count_runs(self.database, self.organisations, "waiting", "running")
        except Unavailable:
            return sys.maxsize

    async def until_busy(self) -> None:
        """Waits until some worker is in the middle of a run: a fault is wasted on idle ones."""
        limit = time.monotonic() + 10
        while time.monotonic() < limit:
            self.fleet.supervise()
            with contextlib.suppress(Unavailable):
                if await count_runs(self.database, self.organisations, "running"):
                    return
            await asyncio.sleep(0.05)

    async def drain(self) -> None:
        """Waits for the end of all runs, in good conditions at last."""
        limit = time.monotonic() + DRAIN_LIMIT
        while await self.waiting() and time.monotonic() < limit:
            self.fleet.supervise()
            await asyncio.sleep(0.25)


async def kill_workers(stage: Stage) -> None:
    """One round: a worker dies between two instructions."""
    await stage.until_busy()
    await asyncio.sleep(random.uniform(0.0, 0.5))
    stage.fleet.kill_one()


async def freeze_workers(stage: Stage) -> None:
    """One round: a worker is silent for longer than its lease, and comes back."""
    await stage.until_busy()
    await asyncio.sleep(random.uniform(0.0, 0.3))
    await stage.fleet.freeze_one(LEASE * random.uniform(1.3, 2.2))


async def kill_postgres(stage: Stage) -> None:
    """One round: the server dies and is started again; workers that end meanwhile are, too."""
    await stage.until_busy()
    await asyncio.sleep(random.uniform(0.0, 1.0))
    pid = stage.postgres.pid
    if pid is not None:
        os.kill(pid, signal.SIGKILL)
    await asyncio.to_thread(_start_again, stage.postgres)
    for _ in range(10):
        stage.fleet.supervise()
        await asyncio.sleep(0.1)


def _start_again(postgres: EmbeddedPostgres) -> None:
    while postgres.alive():
        time.sleep(0.01)
    postgres.start()


async def play(stage: Stage, rounds: int, runs: int, fault: Callable[[Stage], Awaitable[None]]) -> Finding:
    """Puts in the runs evenly over the rounds, makes a fault in each, then lets all settle and looks."""
    stage.acknowledged = {}
    stage.organisations = [await add_organisation(stage.database) for _ in range(ORGANISATIONS)]
    stage.fleet.supervise()
    owed = 0
    for number in range(1, rounds + 1):
        while (share := runs * number // rounds - owed) > 0 and await stage.waiting() < BACKLOG:
            await stage.put_in(min(share, 40))
            owed = sum(map(len, stage.acknowledged.values()))
        await fault(stage)
    while owed < runs:
        if await stage.waiting() < BACKLOG:
            await stage.put_in(min(runs - owed, 40))
            owed = sum(map(len, stage.acknowledged.values()))
        else:
            stage.fleet.supervise()
            await asyncio.sleep(0.25)
    await stage.drain()
    return await check(stage.database, stage.acknowledged)


async def main(directory: Path, rounds: int, runs: int) -> int:
    """All phases. Gives the exit code."""
    calls = directory / "calls"
    phases = (
        ("kill -9 a worker", rounds, runs * 7 // 10, kill_workers),
        ("freeze a worker past its lease", max(1, rounds // 5), runs * 2 // 10, freeze_workers),
        ("kill -9 PostgreSQL", max(1, rounds // 10), runs - runs * 9 // 10, kill_postgres),
    )
    findings: list[tuple[int, Finding]] = []
    with EmbeddedPostgres(directory / "data") as postgres:
        addresses = postgres.addresses()
        await asyncio.to_thread(migrate.upgrade, addresses.owner)
        log = directory / "workers.log"
        fleet = Fleet(Workplace(addresses.app, addresses.jobs, directory / "files", calls, log), WORKERS)
        database = Database(addresses.app, connections=4)
        stage = Stage(postgres, database, FileStorage(directory / "files"), fleet, [])
        try:
            for name, count, share, fault in phases:
                began = time.monotonic()
                finding = await play(stage, count, share, fault)
                findings.append((count, finding))
                _say(f"{name:32}", count, finding, time.monotonic() - began)
        finally:
            fleet.stop()
            await database.close()
    asked = await asyncio.to_thread(calls.stat)
    total = Finding(*(sum(getattr(each, name) for _, each in findings) for name in Finding.__annotations__))
    played = sum(count for count, _ in findings)
    _say(f"{'total':32}", played, total, None)
    _write(f"questions to the engine: {asked.st_size} for {total.runs} runs")
    _write("rounds, runs, lost, duplicated")
    _write(f"{played}, {total.runs}, {total.lost}, {total.duplicated}")
    if total.lost or total.duplicated:
        kept = Path(tempfile.gettempdir()) / "lemma-faults.log"
        await asyncio.to_thread(shutil.copy, log, kept)
        _write(f"What the workers said is in {kept}.")
        return 1
    return 0


def in_a_place_of_its_own(rounds: int, runs: int) -> int:
    """All phases in a directory that is removed afterwards. Gives the exit code."""
    directory = Path(tempfile.mkdtemp(prefix="lemma-faults-"))
    directory.chmod(0o711)  # Started by root, the server runs as another user, who must pass.
    try:
        return asyncio.run(main(directory, rounds, runs))
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _say(name: str, rounds: int, finding: Finding, seconds: float | None) -> None:
    took = "" if seconds is None else f", {seconds:.0f} s"
    _write(
        f"{name} rounds {rounds:4}, runs {finding.runs:5}, lost {finding.lost}, "
        f"duplicated {finding.duplicated}  ({finding.repeated} begun more than once{took})"
    )


def _write(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--runs", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=None)
    arguments = parser.parse_args()
    random.seed(arguments.seed)
    sys.exit(in_a_place_of_its_own(arguments.rounds, arguments.runs))
