"""`lemma-inference usage`: read the journal of usage, see that it is whole, compare it with the engines.

All of it works beside a running gateway, and without one. Exit codes: 0 fine, 1 something is wrong with the
journal or the figures differ, 2 called in a way that makes no sense.
"""

import asyncio
import csv
import json
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from pydantic import ValidationError

from lemma_inference.deployments import load_deployments
from lemma_inference.errors import SettingsWrong
from lemma_inference.metering.flights import given
from lemma_inference.metering.reader import Reader
from lemma_inference.metering.reconcile import Counters, Drift, Place, Source, compare, counters, fetch
from lemma_inference.metering.record import Record
from lemma_inference.settings import Settings

usage_app = typer.Typer(no_args_is_help=True, add_completion=False, help="Who used what, from the journal.")

PAGE = 1000


class ExportFormat(StrEnum):
    jsonl = "jsonl"
    csv = "csv"


class SummaryFormat(StrEnum):
    table = "table"
    json = "json"
    csv = "csv"


Folder = Annotated[
    Path | None, typer.Option(help="The journal's folder; LEMMA_INFERENCE_JOURNAL_FOLDER by default.")
]
Since = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Only requests from this day on.")]
Until = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Only requests before this day, UTC.")
]


@usage_app.command()
def export(
    after: Annotated[int, typer.Option(min=0, help="Only records with a higher number.")] = 0,
    form: Annotated[ExportFormat, typer.Option("--format", help="One record a line.")] = ExportFormat.jsonl,
    folder: Folder = None,
) -> None:
    """Print records in order, as far as the disk has them. What to give as --after next time is told on
    stderr, and which numbers have no record any more. Exit code 1 if records are lost."""
    reader = Reader(_folder(folder))
    through, pruned = reader.settled(), reader.pruned()
    table = csv.writer(sys.stdout, lineterminator="\n")
    lost: list[tuple[int, int]] = []
    first = True
    while after < through:
        page = reader.page(after, PAGE, through)
        lost += [(max(start, pruned + 1), end) for start, end in page.missing if end > pruned]
        for record in page.records:
            body = record.body()
            if form is ExportFormat.jsonl:
                typer.echo(json.dumps(body, ensure_ascii=False))
                continue
            body.pop("wasted", None)
            if first:
                table.writerow(body)
                first = False
            table.writerow(body.values())
        after = page.next
    _say(f"next: --after {after}")
    for start, end in lost:
        _say(f"lost: {start} to {end}")
    raise typer.Exit(1 if lost else 0)


KEYS: dict[str, Callable[[Record], str]] = {
    "tenant": lambda record: record.tenant,
    "customer": lambda record: record.customer,
    "key": lambda record: record.key,
    "class": lambda record: record.request_class,
    "model": lambda record: record.model,
    "replica": lambda record: record.replica,
    "finish": lambda record: record.finish,
    "day": lambda record: f"{datetime.fromtimestamp(record.at, UTC):%Y-%m-%d}",
    "hour": lambda record: f"{datetime.fromtimestamp(record.at, UTC):%Y-%m-%dT%H}",
}
SUMS = ("requests", "prompt", "cached", "completion", "wasted_prompt", "wasted_completion")


@usage_app.command()
def summary(
    by: Annotated[str, typer.Option(help=f"Any of {', '.join(KEYS)}, with commas.")] = "tenant,class,model",
    since: Since = None,
    until: Until = None,
    form: Annotated[SummaryFormat, typer.Option("--format", help="How to print it.")] = SummaryFormat.table,
    folder: Folder = None,
) -> None:
    """Sums of requests and tokens. `cached` is part of `prompt`; days are of UTC, and a request counts where
    it began."""
    names = [name.strip() for name in by.split(",") if name.strip()]
    if not names or (unknown := [name for name in names if name not in KEYS]):
        _say(f"There is no {unknown[0] if names else 'empty'!r} to sum by; there are {', '.join(KEYS)}.")
        raise typer.Exit(2)
    sums: dict[tuple[str, ...], list[int]] = {}
    for record in _between(Reader(_folder(folder)).all(), since, until):
        group = sums.setdefault(tuple(KEYS[name](record) for name in names), [0] * len(SUMS))
        group[0] += 1
        for place, name in enumerate(SUMS[1:], 1):
            group[place] += getattr(record, name)
    rows = [[*group, *map(str, figures)] for group, figures in sorted(sums.items())]
    _print([*names, *SUMS], rows, form, words=len(names))


@usage_app.command()
def verify(folder: Folder = None) -> None:
    """Read every record: is each as it was written, and is no number missing? Exit code 1 if not."""
    place = _folder(folder)
    # First what was given out, then what is there: a gateway may be writing.
    health = Reader(place).verify(given(place / "flights"))
    for sentence in health.torn:
        _say(f"Left by a crash, and nothing is lost by it: {sentence}")
    for sentence in health.wrong:
        _say(f"Wrong: {sentence}")
    span = f", {health.first} to {health.last}" if health.records else ""
    verdict = f"{len(health.wrong)} things are wrong" if health.wrong else "all as they were written"
    typer.echo(f"{health.records} records{span}: {verdict}.")
    raise typer.Exit(1 if health.wrong else 0)


@usage_app.command()
def acknowledge(
    seq: Annotated[int, typer.Argument(min=1, help="You have all records up to this number for good.")],
    folder: Folder = None,
) -> None:
    """Say that records are kept elsewhere, so that `prune` may remove them here."""
    reader = Reader(_folder(folder))
    if seq > (newest := reader.settled()):
        _say(f"The newest record is {newest}, so {seq} cannot be there.")
        raise typer.Exit(2)
    typer.echo(f"Acknowledged up to {reader.acknowledge(seq)}.")


@usage_app.command()
def prune(
    days: Annotated[float, typer.Option(min=0.0, help="Keep what ended in the last so many days.")] = 30.0,
    folder: Folder = None,
) -> None:
    """Remove files whose records were all acknowledged and ended long enough ago."""
    reader = Reader(_folder(folder))
    removed = reader.prune(days)
    for name in removed:
        typer.echo(name)
    _say(f"{len(removed)} files removed; records begin after {reader.pruned()}.")


@usage_app.command()
def reconcile(
    replica: Annotated[
        list[str] | None, typer.Option(metavar="MODEL/REPLICA=URL", help="A replica; may be repeated.")
    ] = None,
    gateway_file: Annotated[
        Path | None, typer.Option(help="The file of deployments, for the replicas that it lists.")
    ] = None,
    key_file: Annotated[Path | None, typer.Option(help="The key of replicas that have no own one.")] = None,
    tolerance: Annotated[float, typer.Option(min=0.0, help="The share that may differ.")] = 0.005,
    form: Annotated[SummaryFormat, typer.Option("--format", help="How to print it.")] = SummaryFormat.table,
    folder: Folder = None,
) -> None:
    """Compare the journal with the engines' own counters since each engine's start. Exact while nothing is
    under way. Exit code 1 if the figures differ by more than the tolerance, or an engine cannot be asked."""
    place = _folder(folder)
    sources = _sources(replica or [], gateway_file, key_file)
    if not sources:
        _say("Name replicas by --replica or --gateway-file.")
        raise typer.Exit(2)
    report = compare(Reader(place).all(), asyncio.run(_ask(sources)))
    for drift in report.drifts:
        if drift.trouble:
            _say(f"{drift.model}/{drift.replica}: {drift.trouble}")
    head = ["model", "replica", "since", "metered", "counted", "differ", "share"]
    _print(head, [_row(drift) for drift in report.drifts if not drift.trouble], form, words=3)
    raise typer.Exit(1 if report.incomplete or report.worst > tolerance else 0)


def _row(drift: Drift) -> list[str]:
    return [
        drift.model,
        drift.replica,
        f"{datetime.fromtimestamp(drift.since, UTC):%Y-%m-%dT%H:%M:%SZ}",
        f"{drift.metered_prompt}+{drift.metered_completion}",
        f"{drift.counted_prompt}+{drift.counted_completion}",
        f"{drift.prompt:+}{drift.completion:+}",
        f"{drift.share:.3%}",
    ]


async def _ask(sources: dict[Place, Source]) -> dict[Place, Counters | None]:
    found: dict[Place, Counters | None] = {}
    async with httpx.AsyncClient(timeout=10.0, trust_env=False) as client:
        for place, source in sources.items():
            try:
                found[place] = counters(await fetch(client, source))
            except httpx.HTTPError:
                found[place] = None
    return found


def _sources(named: list[str], gateway_file: Path | None, key_file: Path | None) -> dict[Place, Source]:
    sources: dict[Place, Source] = {}
    try:
        usual = key_file.read_text(encoding="utf-8").strip() if key_file else None
        for deployment in load_deployments(gateway_file) if gateway_file else ():
            for entry in deployment.replica:
                key = entry.key_file.read_text(encoding="utf-8").strip() if entry.key_file else usual
                name = entry.id or httpx.URL(entry.url).netloc.decode()
                sources[deployment.model, name] = Source(entry.url, key)
    except OSError as error:
        _say(f"{error.filename} cannot be read: {error.strerror}.")
        raise typer.Exit(2) from error
    except SettingsWrong as error:
        _say(error.detail)
        raise typer.Exit(2) from error
    for one in named:
        name, _, url = one.partition("=")
        model, _, replica = name.rpartition("/")
        if not (model and replica and url.startswith(("http://", "https://"))):
            _say(f"{one!r} is not MODEL/REPLICA=URL.")
            raise typer.Exit(2)
        sources[model, replica] = Source(url.rstrip("/"), usual)
    return sources


def _between(records: Iterator[Record], since: datetime | None, until: datetime | None) -> Iterator[Record]:
    first = since.replace(tzinfo=UTC).timestamp() if since else float("-inf")
    last = until.replace(tzinfo=UTC).timestamp() if until else float("inf")
    return (record for record in records if first <= record.at < last)


def _print(head: list[str], rows: list[list[str]], form: SummaryFormat, *, words: int) -> None:
    """The first columns are words, the others figures."""
    if form is SummaryFormat.json:
        figures: list[dict[str, Any]] = [
            {name: int(cell) if cell.isdigit() else cell for name, cell in zip(head, row, strict=True)}
            for row in rows
        ]
        typer.echo(json.dumps(figures, indent=2, ensure_ascii=False))
        return
    if form is SummaryFormat.csv:
        csv.writer(sys.stdout, lineterminator="\n").writerows([head, *rows])
        return
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    for row in [head, *rows]:
        cells = [
            cell.ljust(width) if place < words else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        typer.echo("  ".join(cells).rstrip())


def _folder(given_folder: Path | None) -> Path:
    folder = given_folder
    if folder is None:
        try:
            folder = Settings().journal_folder
        except ValidationError as error:
            _say(f"The settings cannot be used: {error.errors()[0]['msg']}. Give --folder.")
            raise typer.Exit(2) from error
    if folder is None:
        _say("Give --folder, or set LEMMA_INFERENCE_JOURNAL_FOLDER.")
        raise typer.Exit(2)
    if not (folder / "gateway").is_file():
        _say(f"{folder} holds no journal of usage.")
        raise typer.Exit(2)
    return folder


def _say(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")
