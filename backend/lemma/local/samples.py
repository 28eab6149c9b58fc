"""Puts the sample documents through the running service, as any client would, and shows what came out."""

import asyncio
import collections
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import httpx
from rich.console import Console
from rich.table import Table
from rich.text import Text

from lemma.local.output import print_cells

TASK = "invoices"
SHOWN_WHOLE = 1  # Samples whose cells are printed; of the others one line each.
LOOK_EVERY = 0.3
FINAL = {"done", "failed", "cancelled"}


async def show_samples(address: str, console: Console) -> None:
    """Runs every sample once (a second start finds the first one's results) and prints them."""
    async with httpx.AsyncClient(base_url=address, trust_env=False, timeout=30.0) as client:
        samples = (await client.get(f"/v1/tasks/{TASK}/samples")).raise_for_status().json()["items"]
        with console.status("Reading the sample documents"):
            runs = [await _submit(client, sample["name"]) for sample in samples]
            finished: dict[str, dict[str, Any]] = {}
            async for body in _as_they_finish(client, [run["id"] for run in runs]):
                finished[body["id"]] = body
                if len(finished) <= SHOWN_WHOLE:
                    title = f"{body['document']['name']}  {_seconds(body)}, {body['model']}"
                    print_cells(console, title, body)
    _print_summary(console, address, [finished[run["id"]] for run in runs])


async def _submit(client: httpx.AsyncClient, name: str) -> dict[str, Any]:
    answer = await client.post(
        "/v1/runs", json={"task": TASK, "sample": name}, headers={"Idempotency-Key": f"sample-{TASK}-{name}"}
    )
    run: dict[str, Any] = answer.raise_for_status().json()["items"][0]
    return run


async def _as_they_finish(client: httpx.AsyncClient, open_runs: list[str]) -> AsyncIterator[dict[str, Any]]:
    """Each run once it has come to its end, the quickest first."""
    waiting = list(open_runs)
    while waiting:
        for run_id in list(waiting):
            answer = await client.get(f"/v1/runs/{run_id}")
            # The web server may be starting again; the run goes on without it.
            if answer.is_success and answer.json()["state"] in FINAL:
                waiting.remove(run_id)
                yield answer.json()
        await asyncio.sleep(LOOK_EVERY)


def _print_summary(console: Console, address: str, runs: list[dict[str, Any]]) -> None:
    table = Table(box=None, header_style="dim")
    for heading in ("sample", "found", "derived", "doubtful", "absent", "checks", "seconds"):
        table.add_column(heading, justify="left" if heading == "sample" else "right")
    for run in runs:
        counts = collections.Counter(cell["status"] for cell in run["cells"])
        broken = sum(1 for rule in run["rules"] if rule["passed"] is False)
        held = sum(1 for rule in run["rules"] if rule["passed"])
        checks = f"[red]{broken} of {broken + held} broken" if broken else f"[green]{held} hold"
        if run["state"] == "done":
            table.add_row(
                Text(run["document"]["name"]),
                str(counts["found"]),
                str(counts["derived"]),
                str(counts["unreadable"] + counts["conflicting"]),
                str(counts["absent"]),
                checks,
                _seconds(run).removesuffix(" s"),
            )
        else:
            detail = (run["error"] or {}).get("detail", run["state"])
            table.add_row(Text(run["document"]["name"]), Text(detail, "red"))
    console.print(table)
    console.print(f"\nSee them with their pages, or drop your own: [bold]{address}[/bold]\n", highlight=False)


def _seconds(run: dict[str, Any]) -> str:
    started, finished = run["started_at"], run["finished_at"]
    if not started or not finished:
        return ""
    return f"{(datetime.fromisoformat(finished) - datetime.fromisoformat(started)).total_seconds():.1f} s"
