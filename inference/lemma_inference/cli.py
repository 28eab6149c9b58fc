"""The command line: `lemma-inference serve`, `lemma-inference models list|check|pin`."""

import logging
import re
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
import uvicorn
from pydantic import ValidationError

from lemma_inference.errors import EngineMissing, ModelRefused
from lemma_inference.main import create_app
from lemma_inference.registry import check, load_cards
from lemma_inference.registry.check import sha256
from lemma_inference.settings import MODELS_FILE, Settings

app = typer.Typer(no_args_is_help=True, add_completion=False, help="The inference service.")
models_app = typer.Typer(no_args_is_help=True, help="The approved models.")
app.add_typer(models_app, name="models")

ModelsFile = Annotated[Path, typer.Option(help="The registry of approved models.")]


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; 127.0.0.1 by default.")] = None,
    port: Annotated[int | None, typer.Option(help="Port; 8001 by default.")] = None,
    engine: Annotated[str | None, typer.Option(help="embedded, vllm or fake.")] = None,
    model: Annotated[str | None, typer.Option(help="Id of an approved model; starter by default.")] = None,
    upstream_url: Annotated[str | None, typer.Option(help="Where vLLM runs.")] = None,
    slots: Annotated[int | None, typer.Option(help="Requests at once.")] = None,
    models_file: Annotated[Path | None, typer.Option(help="The registry of approved models.")] = None,
) -> None:
    """Serve one approved model. Options go before the environment (LEMMA_INFERENCE_...)."""
    given: dict[str, Any] = {
        "host": host,
        "port": port,
        "engine": engine,
        "model": model,
        "upstream_url": upstream_url,
        "slots": slots,
        "models_file": models_file,
    }
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    # httpx logs every request's address at this level; ours are all the same.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        settings = Settings(**{name: value for name, value in given.items() if value is not None})
        application = create_app(settings)
    except ValidationError as error:
        for problem in error.errors():
            _say(f"{'.'.join(map(str, problem['loc'])) or 'settings'}: {problem['msg']}")
        raise typer.Exit(2) from error
    except ModelRefused as error:
        _say(f"Refused ({error.extra.get('rule')}): {error.detail}")
        raise typer.Exit(1) from error
    except EngineMissing as error:
        _say(error.detail)
        raise typer.Exit(1) from error
    uvicorn.run(
        application,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=10,
    )


@models_app.command("list")
def list_models(models_file: ModelsFile = MODELS_FILE) -> None:
    """The approved models."""
    for card in _cards(models_file).values():
        millions = f"{card.parameters / 1e6:,.0f}M"
        typer.echo(f"{card.id:<24} {millions:>9} {card.context:>8} {card.licence:<12} {card.title}")


@models_app.command("check")
def check_models(
    model: Annotated[str | None, typer.Argument(help="Only this one.")] = None,
    models_file: ModelsFile = MODELS_FILE,
) -> None:
    """Compare every file with its pinned hash, and every card with the policy. Exit code 1 on a breach."""
    cards = _cards(models_file)
    if model is not None and model not in cards:
        _say(f"{model!r} is not in {models_file}.")
        raise typer.Exit(2)
    breached = False
    for card in [cards[model]] if model else cards.values():
        findings = check(card, models_file.parent)
        breached = breached or bool(findings)
        typer.echo(f"{card.id}: {'refused' if findings else 'approved'}")
        for finding in findings:
            typer.echo(f"  {finding.rule}: {finding.detail}")
    raise typer.Exit(int(breached))


@models_app.command("pin")
def pin_model(
    model: Annotated[str, typer.Argument(help="The model whose files were made anew.")],
    models_file: ModelsFile = MODELS_FILE,
) -> None:
    """Write the present hashes of a model's files into the registry: an approval, to be reviewed as one."""
    card = _cards(models_file).get(model)
    if card is None:
        _say(f"{model!r} is not in {models_file}.")
        raise typer.Exit(2)
    text = models_file.read_text(encoding="utf-8")
    for file in card.files:
        found = sha256(models_file.parent / file.path)
        line = re.compile(rf'(path = "{re.escape(file.path)}"[^\n]*sha256 = ")[0-9a-f]{{64}}"')
        text, changed = line.subn(rf'\g<1>{found}"', text)
        if not changed:
            _say(f"{file.path}: its path and sha256 must stand on one line of {models_file}.")
            raise typer.Exit(1)
        typer.echo(f"{found}  {file.path}")
    models_file.write_text(text, encoding="utf-8")


def _cards(models_file: Path) -> dict[str, Any]:
    try:
        return dict(load_cards(models_file))
    except ModelRefused as error:
        _say(error.detail)
        raise typer.Exit(1) from error


def _say(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")


def main() -> None:
    """The entry point."""
    app()
