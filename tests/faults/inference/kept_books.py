"""The journal and the budgets, when the gateway is killed, its disk is full, or everybody asks at once."""

import asyncio
import os
import random
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lemma_inference.metering import Journal, Record
from lemma_inference.metering.journal import SEGMENT_BYTES
from tests.faults.inference.books import Finding, compare
from tests.faults.inference.clients import Reply, Wish
from tests.faults.inference.stage import MIXED, Plan, Stage, stage

RACERS = 64
# Of a day, so that no window ends in the middle of a race.
BUDGET = 20_000
# Room for the journal's file that is begun and for one more, if nothing else lies there.
DISK_BYTES = 12 << 20
# What is left on it for the gateway: its table of flights, and no second file.
LEFT_BYTES = 1 << 20
# What the file that is begun has room for still.
ROOM_BYTES = 160_000


async def kill_the_gateway(plan: Plan) -> Finding:
    """`kill -9` under load, and a new start. What a client saw complete is recorded once with its very
    tokens, what broke off to within a part, and what was used before counts against the budget after."""
    budget = f"budget = {{ tokens_per_day = {500 * BUDGET} }}"
    wishes = [Wish(w.stream, w.tokens, w.prompt, tenant="metered") for w in MIXED]
    async with stage(budget=budget) as here:
        asked = 0
        for _ in range(plan.rounds):
            over = asyncio.Event()
            load = asyncio.create_task(here.clients.load(wishes, plan.at_once, over))
            await asyncio.sleep(random.uniform(1.0, 3.0))
            await here.gateway.kill()
            over.set()
            await load
            for reply in here.clients.replies[asked:]:
                reply.left = not reply.complete  # Under its feet.
            asked = len(here.clients.replies)
            await here.gateway.start()
        await here.clients.ask(wishes[0])  # Who has not asked since a start has no budget to show.
        await here.gateway.until_idle()
        records = await here.gateway.records()
        found = Finding()
        compare(here.clients.replies, records, found)
        recovered = sum(record["finish"] == "recovered" for record in records)
        found.expect(recovered, "No request was under way when the gateway was killed.")
        await _not_more_than_made(here, records, found)
        used = sum(record["prompt"] + record["completion"] for record in records)
        counted = await _budget_used(here)
        found.over = max(0, used - counted)
        found.expect(
            used == counted, f"{used:,} tokens stand in the journal, {counted:,} count for the budget."
        )
        found.notes.append(f"{recovered} requests were found under way at a start; budget and journal agree.")
        return found


async def full_disk(plan: Plan) -> Finding:
    """The disk of the journal fills up. What is under way ends and is recorded, new requests get a 503 that
    says why, and all goes on when there is room again."""
    with _small_disk() as disk:
        if disk is None:
            return Finding(notes=["Not played: a small disk can be mounted by root only."])
        _almost_full(disk / "journal")
        ballast = disk / "ballast"
        _lay(ballast, _free(disk) - LEFT_BYTES)
        async with stage(journal=disk / "journal") as here:

            async def fault() -> None:
                async with asyncio.timeout(120):
                    while not _refused(here):  # noqa: ASYNC110 - nothing tells of it
                        await asyncio.sleep(0.1)
                await asyncio.sleep(1.0)
                ballast.unlink()
                async with asyncio.timeout(30):
                    while not (await here.clients.ask(Wish(tokens=4))).complete:  # noqa: ASYNC110
                        await asyncio.sleep(0.1)
                await asyncio.sleep(1.0)

            await here.under_load(fault, plan)
            found = await here.finding(beside="before")
            refused = _refused(here)
            found.expect(all(reply.status == 503 for reply in refused), "A full journal is not a 503.")
            after = max(here.clients.replies.index(reply) for reply in refused)
            found.expect(
                any(r.complete for r in here.clients.replies[after:]), "It did not go on afterwards."
            )
            found.notes.append(f"{len(refused)} requests were refused while the disk was full.")
            return found


async def racing_clients(plan: Plan) -> Finding:
    """64 clients at once against what is left of a budget, again and again; every second time the gateway is
    killed in the middle of it."""
    found = Finding()
    for number in range(max(2, plan.rounds // 2)):
        async with stage(engines=1, budget=f"budget = {{ tokens_per_day = {BUDGET} }}") as here:
            for heat in range(8):
                racers = [asyncio.create_task(here.clients.ask(_racer(n))) for n in range(RACERS)]
                if number % 2 and heat == 2:
                    await asyncio.sleep(1.0)
                    await here.gateway.kill()
                await asyncio.gather(*racers)
                if number % 2 and heat == 2:
                    for reply in here.clients.replies[-RACERS:]:
                        reply.left = not reply.complete and reply.code != "over_budget"
                    await here.gateway.start()
            one = await here.finding()
            _add(one, found)
            records = await here.gateway.records()
            used = sum(record["prompt"] + record["completion"] for record in records)
            found.over += max(0, used - BUDGET)
            codes = {reply.code for reply in here.clients.replies if not reply.complete and not reply.left}
            found.expect(codes <= {"over_budget"}, f"Refused with {codes}.")
            found.expect(codes, "The budget was never used up, so nothing was raced for.")
            killed = " with the gateway killed in between" if number % 2 else ""
            found.notes.append(f"{used:,} of {BUDGET:,} tokens used by {len(records)} requests{killed}.")
    return found


def _add(one: Finding, found: Finding) -> None:
    """The findings of one race to those of all."""
    found.requests += one.requests
    found.unseen += one.unseen
    found.twice += one.twice
    found.lost += one.lost
    found.broken += one.broken
    found.notes += one.notes


def _racer(number: int) -> Wish:
    """A third of them leave in the middle, which gives back what they did not use."""
    return Wish(
        stream=number % 2 == 0,
        tokens=random.choice((4, 16, 64)),
        prompt=random.choice((10, 300)),
        tenant="metered",
        leave_after=random.uniform(0.1, 2.0) if number % 3 == 0 else None,
    )


def _refused(here: Stage) -> list[Reply]:
    return [reply for reply in here.clients.replies if reply.code == "journal_full"]


def _almost_full(folder: Path) -> None:
    """A journal as a gateway leaves it whose file has room for a few hundred records more."""
    folder.mkdir()
    journal = Journal(folder)
    record = Record(
        id="0" * 32, at=1.0, end=2.0, tenant="product", customer="before", key="product",
        request_class="batch", model="fake", replica="e1", prompt=1, cached=0, completion=1,
        wasted_prompt=0, wasted_completion=0, attempts=1, finish="stop",
    )  # fmt: skip
    for _ in range((SEGMENT_BYTES - ROOM_BYTES) // (len(record.line()) + 8)):
        journal.append(record)
    journal.close()


def _free(folder: Path) -> int:
    disk = os.statvfs(folder)
    return disk.f_bavail * disk.f_frsize


def _lay(path: Path, size: int) -> None:
    with path.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, size)


@contextmanager
def _small_disk() -> Iterator[Path | None]:
    """A disk of a few MB, in memory; None where it cannot be mounted."""
    folder = Path(tempfile.mkdtemp(prefix="lemma-disk-"))
    options = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(folder)]
    mounted = os.geteuid() == 0 and subprocess.run(options, check=False, capture_output=True).returncode == 0
    try:
        yield folder if mounted else None
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(folder)], check=False)
        folder.rmdir()


async def _not_more_than_made(here: Stage, records: list[dict[str, object]], found: Finding) -> None:
    """No engine was killed here, so none made fewer tokens than are written down."""
    metered = sum(int(str(one["completion"])) + int(str(one["wasted_completion"])) for one in records)
    counted = sum([(await engine.counters())["completion"] for engine in here.engines])
    found.twice += max(0, int(metered - counted))
    found.notes.append(f"Tokens of answers: {metered:,} metered, {counted:,.0f} counted by the engines.")


async def _budget_used(here: Stage) -> int:
    """What counts against the metered tenant's day, as the gateway says."""
    page = await here.gateway.metrics()
    for line in page.splitlines():
        if "budget_used{" in line and '"tenant metered"' in line and "tokens a day" in line:
            return int(float(line.rpartition(" ")[2]))
    return -1
