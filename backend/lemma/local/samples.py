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

FIRST_TASK = "invoices"
OF_OTHERS = 2  # Samples of each other task; the rest wait for who wants to try them.
SHOWN_WHOLE = 1  # Samples whose cells are printed; of the others one line each.
LOOK_EVERY = 0.3
FINAL = {"done", "failed", "cancelled"}
NOT_FOUND = 404


async def show_samples(address: str, console: Console) -> None:
    """Runs samples once (a second start finds the first one's results) and prints them: every invoice with
    a line of its own, then a few of each other task with a line for the task."""
    async with httpx.AsyncClient(base_url=address, trust_env=False, timeout=30.0) as client:
        tasks = (await client.get("/v1/tasks")).raise_for_status().json()["items"]
        invoices = await _read(client, FIRST_TASK, None, console)
        _print_summary(console, address, invoices)
        for task in tasks:
            if task["id"] != FIRST_TASK:
                _print_line(console, address, task, await _read(client, task["id"], OF_OTHERS, console))
    console.print()


async def _read(
    client: httpx.AsyncClient, task: str, most: int | None, console: Console
) -> list[dict[str, Any]]:
    """The finished runs of a task's samples, in their order."""
    samples = (await client.get(f"/v1/tasks/{task}/samples")).raise_for_status().json()["items"]
    page = await client.get("/v1/runs", params={"task": task, "limit": 200})
    known = {run["document"]["name"]: run["id"] for run in page.raise_for_status().json()["items"]}
    names = [sample["name"] for sample in samples[:most]]
    with console.status(f"Reading the samples of {task}"):
        ids = [known.get(name) or await _submit(client, task, name) for name in names]
        finished: dict[str, dict[str, Any]] = {}
        async for body in _as_they_finish(client, ids):
            finished[body["id"]] = body
            if task == FIRST_TASK and len(finished) <= SHOWN_WHOLE:
                title = f"{body['document']['name']}  {_seconds(body)}, {body['model']}"
                print_cells(console, title, body)
    return [finished[run_id] for run_id in ids if run_id in finished]


async def _submit(client: httpx.AsyncClient, task: str, name: str) -> str:
    answer = await client.post(
        "/v1/runs", json={"task": task, "sample": name}, headers={"Idempotency-Key": f"sample-{task}-{name}"}
    )
    run_id: str = answer.raise_for_status().json()["items"][0]["id"]
    return run_id


async def _as_they_finish(client: httpx.AsyncClient, open_runs: list[str]) -> AsyncIterator[dict[str, Any]]:
    """Each run once it has come to its end, the quickest first."""
    waiting = list(open_runs)
    while waiting:
        for run_id in list(waiting):
            answer = await client.get(f"/v1/runs/{run_id}")
            # The web server may be starting again; the run goes on without it.
            if answer.status_code == NOT_FOUND:  # Somebody removed it, now or long ago.
                waiting.remove(run_id)
            elif answer.is_success and answer.json()["state"] in FINAL:
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


def _print_line(console: Console, address: str, task: dict[str, Any], runs: list[dict[str, Any]]) -> None:
    """What the samples of a task gave, in one line."""
    if not runs:
        return
    done = [run for run in runs if run["state"] == "done"]
    counts = collections.Counter(cell["status"] for run in done for cell in run["cells"])
    words = [f"{len(done)} of {len(runs)} samples read", f"{counts['found'] + counts['derived']} values"]
    if doubtful := counts["unreadable"] + counts["conflicting"]:
        words.append(f"{doubtful} doubtful")
    if broken := sum(rule["passed"] is False for run in done for rule in run["rules"]):
        words.append(f"{broken} checks broken")
    words += [f"{_seconds(run)} {run['document']['name']}" for run in done]
    line = Text.assemble(
        (f"{task['title']}  ", "bold"), ", ".join(words), (f"  {address}/?task={task['id']}", "dim")
    )
    console.print(line)


def _seconds(run: dict[str, Any]) -> str:
    started, finished = run["started_at"], run["finished_at"]
    if not started or not finished:
        return ""
    return f"{(datetime.fromisoformat(finished) - datetime.fromisoformat(started)).total_seconds():.1f} s"
