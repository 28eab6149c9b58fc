"""The command line about models: `lemma-inference models list|check|show|fetch|pin`.

Exit codes: 0 done or approved, 1 refused or failed, 2 called in a way that makes no sense.
"""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from pydantic import ValidationError

from lemma_inference.errors import ModelRefused
from lemma_inference.registry import ModelCard, Registry, load_registry, local_folder, warnings
from lemma_inference.registry.bar import Bar
from lemma_inference.registry.check import Report, report
from lemma_inference.registry.fetch import Fetcher
from lemma_inference.registry.files import sha256
from lemma_inference.registry.hub import Hub
from lemma_inference.registry.pins import write_pin
from lemma_inference.registry.policy import Finding, card_findings, origin
from lemma_inference.settings import ModelSettings

models_app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="The models that may be served: which they are, whether their files are those, and fetching them.",
)

ModelsFile = Annotated[Path | None, typer.Option(help="The registry; inference/models.toml by default.")]
ModelsFolder = Annotated[
    Path | None, typer.Option(help="Where fetched models lie; .lemma/models by default.")
]
AsJson = Annotated[bool, typer.Option("--json", help="As JSON, for programs.")]
Model = Annotated[str, typer.Argument(help="Its id in the registry.")]


@models_app.command("list")
def list_models(
    as_json: AsJson = False, models_file: ModelsFile = None, models_folder: ModelsFolder = None
) -> None:
    """The models of the registry, judged by what it says of them. No file is read; `check` reads them."""
    settings = _settings(models_file, models_folder)
    reports = [report(card, settings, read=False) for card in _registry(settings).model]
    if as_json:
        typer.echo(json.dumps([_facts(entry) for entry in reports], indent=2))
        return
    rows = [
        ("MODEL", "VERDICT", "KIND", "SIZE", "CONTEXT", "MEMORY", "LICENCE", "ENGINES"),
        *map(_row, reports),
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        typer.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


@models_app.command("check")
def check_models(
    model: Annotated[str | None, typer.Argument(help="Only this one.")] = None,
    as_json: AsJson = False,
    models_file: ModelsFile = None,
    models_folder: ModelsFolder = None,
) -> None:
    """Hold every card to the policy and every file that is here to its hash. All breaches are told.

    Exit code 1 if one is refused. Without MODEL, models that are not fetched are judged by their cards, and
    those that are known and not approved are listed; with MODEL, only "approved" gives 0.
    """
    settings = _settings(models_file, models_folder)
    registry = _registry(settings)
    cards = [_card(registry, model, settings)] if model else registry.model
    reports = [report(card, settings) for card in cards]
    if as_json:
        notes = warnings(registry)
        typer.echo(json.dumps({"models": [_facts(entry) for entry in reports], "warnings": notes}, indent=2))
    else:
        for entry in reports:
            typer.echo(f"{entry.card.id}: {entry.verdict}")
            _tell(entry.findings)
        for note in warnings(registry):
            _say(f"Warning: {note}")
    bad = [
        entry for entry in reports if entry.verdict == "refused" or (model and entry.verdict != "approved")
    ]
    raise typer.Exit(1 if bad else 0)


@models_app.command("show")
def show_model(model: Model, models_file: ModelsFile = None, models_folder: ModelsFolder = None) -> None:
    """All that the registry says of a model, where its files belong, and what stands against it."""
    settings = _settings(models_file, models_folder)
    card = _card(_registry(settings), model, settings)
    entry = report(card, settings, read=False)
    typer.echo(f"{card.id}: {entry.verdict}\n{card.title}")
    lines = {
        "repository": card.repository + (f" @ {card.revision}" if card.revision else " (ours)"),
        "licence": card.licence,
        "released": str(card.released or "not stated"),
        "parameters": f"{card.parameters:,}",
        "context": f"{card.context:,} tokens",
        "numbers": card.dtype or "not stated",
        "memory": f"{card.memory / 1e9:.2f} GB, {card.kv_bytes_per_token:,} bytes a token of context",
        "engines": ", ".join(card.engines) or "any that reads its files",
        "vllm options": ", ".join(f"{name}={value}" for name, value in card.vllm.items()),
        "base": card.base,
        "data": card.data,
        "hashes from": card.pinned_from,
        "folder": str(local_folder(card, settings)),
    }
    for name, value in lines.items():
        if value:
            typer.echo(f"  {name:<13} {value}")
    for score in card.scores:
        typer.echo(f"  {score.benchmark}: {score.value:g}  {score.source}")
    for file in card.files:
        repository, revision = origin(card, file)
        elsewhere = f"  {repository}@{revision}" if file.repository else ""
        typer.echo(f"  {file.sha256 or 'not pinned':<64}  {file.bytes:>14,}  {file.path}{elsewhere}")
    _tell(entry.findings)


@models_app.command("fetch")
def fetch_model(
    model: Model,
    source: Annotated[
        str,
        typer.Option(
            "--from",
            metavar="hub|URL",
            help="The hub of the settings; or a mirror of the same form; or an address that holds {path},"
            " and {repository} and {revision} where it needs them.",
        ),
    ] = "hub",
    to: Annotated[
        Path | None, typer.Option(help="The folder for the files; see `models show` for the usual.")
    ] = None,
    pin: Annotated[
        bool,
        typer.Option(
            "--pin", help="Compare every file with what the hub publishes, and write missing hashes."
        ),
    ] = False,
    models_file: ModelsFile = None,
    models_folder: ModelsFolder = None,
) -> None:
    """Fetch the pinned files of a model, and no others. Begun files are continued; a second call only checks.

    A model that breaks the policy is not fetched. One that lacks hashes is, with --pin: each file is compared
    with the hash that the hub itself publishes, and the hashes are written into the registry, to be reviewed.
    """
    settings = _settings(models_file, models_folder)
    card = _card(_registry(settings), model, settings)
    if card.own:
        typer.echo(f"{card.id} is ours and lies beside {settings.models_file}; there is nothing to fetch.")
        raise typer.Exit(0)
    against = [found for found in card_findings(card) if not (pin and found.rule in ("known", "unpinned"))]
    if against:
        typer.echo(f"{card.id}: refused, so it is not fetched")
        _tell(against)
        raise typer.Exit(1)
    folder = to or local_folder(card, settings)
    try:
        with httpx.Client() as client:
            token = settings.hub_token.get_secret_value() if settings.hub_token else None
            hub = Hub.at(settings.hub_url if source == "hub" else source, settings.hub_url, token)
            digests = Fetcher(client, hub, Bar(sys.stderr)).fetch(card, folder)
            if pin:
                _compare(card, folder, digests, Hub.at(settings.hub_url, settings.hub_url, token), client)
                _write_pins(card, folder, digests, settings.models_file)
    except ModelRefused as error:
        _say(error.detail)
        raise typer.Exit(1) from error
    except OSError as error:
        _say(f"{folder} cannot be written: {error.strerror}.")
        raise typer.Exit(1) from error
    card = _card(_registry(settings), model, settings)
    entry = report(card, settings, folder)
    typer.echo(f"{card.id}: {entry.verdict}, in {folder}")
    _tell(entry.findings)
    raise typer.Exit(0 if entry.verdict == "approved" or pin else 1)


@models_app.command("pin")
def pin_model(model: Model, models_file: ModelsFile = None, models_folder: ModelsFolder = None) -> None:
    """Write the present hashes of a model's files into the registry: an approval, to be reviewed as one."""
    settings = _settings(models_file, models_folder)
    card = _card(_registry(settings), model, settings)
    folder = local_folder(card, settings)
    try:
        digests = {file.path: sha256(folder / file.path) for file in card.files}
        _write_pins(card, folder, digests, settings.models_file)
    except OSError as error:
        _say(f"{error.filename} cannot be read: {error.strerror}.")
        raise typer.Exit(1) from error
    except ModelRefused as error:
        _say(error.detail)
        raise typer.Exit(1) from error
    for path, digest in digests.items():
        typer.echo(f"{digest}  {path}")


def _compare(card: ModelCard, folder: Path, digests: dict[str, str], hub: Hub, client: httpx.Client) -> None:
    """Every file against the hash that the hub publishes for it. Raises `ModelRefused`."""
    listings = {where: hub.published(client, *where) for where in {origin(card, file) for file in card.files}}
    for file in card.files:
        repository, revision = origin(card, file)
        listed = listings[repository, revision].get(file.path)
        if listed is None:
            raise ModelRefused(f"{file.path} is not in {repository}@{revision}.", rule="hub")
        if not listed.is_of(folder / file.path, digests[file.path]):
            raise ModelRefused(
                f"{file.path} has SHA-256 {digests[file.path]}, the hub publishes another"
                f" ({listed.sha256 or listed.git_blob or 'none'}): nothing was pinned.",
                rule="sha256",
            )


def _write_pins(card: ModelCard, folder: Path, digests: dict[str, str], models_file: Path) -> None:
    text = models_file.read_text(encoding="utf-8")
    for path, digest in digests.items():
        text = write_pin(text, card.id, path, digest, (folder / path).stat().st_size)
    fresh = models_file.with_name(f".{models_file.name}.new")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(models_file)


def _settings(models_file: Path | None, models_folder: Path | None) -> ModelSettings:
    given: dict[str, Any] = {"models_file": models_file, "models_folder": models_folder}
    try:
        return ModelSettings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        for problem in error.errors():
            _say(f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}")
        raise typer.Exit(2) from error


def _registry(settings: ModelSettings) -> Registry:
    try:
        return load_registry(settings.models_file)
    except ModelRefused as error:
        _say(error.detail)
        raise typer.Exit(1) from error


def _card(registry: Registry, model: str, settings: ModelSettings) -> ModelCard:
    card = registry.cards.get(model)
    if card is None:
        known = ", ".join(sorted(registry.cards)) or "none"
        _say(f"{model!r} is not in {settings.models_file}. There are: {known}.")
        raise typer.Exit(2)
    return card


def _row(entry: Report) -> tuple[str, ...]:
    card = entry.card
    size = f"{card.parameters / 1e9:.1f}B" if card.parameters >= 1e9 else f"{card.parameters / 1e6:.1f}M"
    memory = f"{card.memory / 1e9:.1f} GB" if card.memory >= 1e8 else f"{card.memory / 1e6:.0f} MB"
    engines = ",".join(card.engines)
    return (card.id, entry.verdict, card.kind, size, str(card.context), memory, card.licence, engines)


def _facts(entry: Report) -> dict[str, Any]:
    card = entry.card
    return {
        **card.model_dump(mode="json"),
        "verdict": entry.verdict,
        "fetched": entry.fetched,
        "findings": [{"rule": found.rule, "detail": found.detail} for found in entry.findings],
    }


def _tell(findings: list[Finding]) -> None:
    for finding in findings:
        typer.echo(f"  {finding.rule}: {finding.detail}")


def _say(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")
