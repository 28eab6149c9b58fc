"""`lemma usage`: what inference used, by day, model and class."""

import json
from collections.abc import Sequence
from dataclasses import asdict

from rich.console import Console
from rich.table import Table
from rich.text import Text

from lemma.features.usage.inference import Used, used
from lemma.jobs import Queue
from lemma.local.database import borrowed_database
from lemma.settings import Settings

COUNTS = ("requests", "prompt", "cached", "completion", "wasted")


async def show_usage(settings: Settings, console: Console, *, days: int, as_json: bool) -> None:
    """Prints it as a table with a sum, or as one JSON object a line."""
    with borrowed_database(settings) as addresses:
        async with Queue.open(addresses.jobs, connections=1) as queue:
            found = await used(queue, days)
    if as_json:
        for row in found:
            body = asdict(row) | {"day": row.day.isoformat(), "class": row.request_class}
            body.pop("request_class")
            console.out(json.dumps(body), highlight=False)
        return
    if not found:
        console.print(f"Inference used nothing in the last {days} days, or the gateway keeps no journal.")
        return
    console.print(_table(found))
    console.print("Tokens. `cached` are part of `prompt`; `wasted` are billed to nobody.", style="dim")


def _table(found: Sequence[Used]) -> Table:
    table = Table(box=None, header_style="dim")
    for heading in ("day", "model", "class"):
        table.add_column(heading)
    for heading in COUNTS:
        table.add_column(heading, justify="right")
    for row in found:
        counts = [f"{getattr(row, name):,}" for name in COUNTS]
        table.add_row(row.day.isoformat(), Text(row.model), row.request_class, *counts)
    sums = [f"{sum(getattr(row, name) for row in found):,}" for name in COUNTS]
    table.add_section()
    table.add_row("", "", "all", *sums, style="bold")
    return table
