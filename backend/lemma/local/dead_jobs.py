"""`lemma jobs`: the jobs that used up their tries. They stay until a person has looked."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from lemma.jobs import Queue
from lemma.local.database import borrowed_database
from lemma.settings import Settings


async def list_dead(settings: Settings, console: Console, *, limit: int) -> None:
    """Prints which jobs are dead, when they died, and whose runs they are about; no content."""
    with borrowed_database(settings) as addresses:
        async with Queue.open(addresses.jobs, connections=1) as queue:
            dead = await queue.dead(limit)
    if not dead:
        console.print("No job is dead.")
        return
    table = Table(box=None, header_style="dim")
    for heading in ("job", "what", "tries", "died at", "organisation", "about"):
        table.add_column(heading, overflow="fold", no_wrap=heading in {"job", "died at"})
    for job in dead:
        runs = job.payload.get("run_ids", ())
        table.add_row(
            str(job.id),
            Text(job.name),
            str(job.attempts),
            f"{job.died_at:%Y-%m-%d %H:%M}" if job.died_at else "",
            Text(str(job.payload.get("organisation_id", ""))),
            f"{len(runs)} run{'' if len(runs) == 1 else 's'}" if runs else "",
        )
    console.print(table)
    console.print("Run one again with `lemma jobs rerun ID`, when its cause is mended.", style="dim")


async def rerun(settings: Settings, console: Console, ids: Sequence[int]) -> None:
    """Makes dead jobs due again. Raises JobNotDead at the first that is none; those before it are due."""
    with borrowed_database(settings) as addresses:
        async with Queue.open(addresses.jobs, connections=1) as queue:
            for job_id in ids:
                await queue.rerun(job_id)
                console.print(f"Job {job_id} is due again; a worker takes it within seconds.")
