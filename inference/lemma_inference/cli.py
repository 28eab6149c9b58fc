"""The command line: `lemma-inference serve`, and groups of commands about models, keys and usage."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer
import uvicorn
from pydantic import ValidationError

from lemma_inference.errors import EngineMissing, ModelRefused, SettingsWrong
from lemma_inference.keys_cli import app as keys_app
from lemma_inference.launchers.cli import selftest
from lemma_inference.listener import Impatient
from lemma_inference.main import create_app
from lemma_inference.models_cli import models_app
from lemma_inference.settings import Settings
from lemma_inference.telemetry import logs
from lemma_inference.usage_cli import usage_app

app = typer.Typer(no_args_is_help=True, add_completion=False, help="The inference service.")
app.add_typer(models_app, name="models")
app.add_typer(keys_app, name="keys")
app.add_typer(usage_app, name="usage")
app.command()(selftest)


@app.command()
def serve(  # noqa: PLR0913, PLR0917 - options of a command, not arguments of a function
    host: Annotated[str | None, typer.Option(help="Address to listen on; 127.0.0.1 by default.")] = None,
    port: Annotated[int | None, typer.Option(help="Port; 8001 by default.")] = None,
    engine: Annotated[str | None, typer.Option(help="embedded, vllm or fake.")] = None,
    model: Annotated[str | None, typer.Option(help="Id of an approved model; starter by default.")] = None,
    upstream_url: Annotated[str | None, typer.Option(help="Where vLLM runs.")] = None,
    slots: Annotated[int | None, typer.Option(help="Requests at once.")] = None,
    models_file: Annotated[Path | None, typer.Option(help="The registry of approved models.")] = None,
    gateway_file: Annotated[Path | None, typer.Option(help="What is served where, for several.")] = None,
    keys_file: Annotated[Path | None, typer.Option(help="Tenants and their keys.")] = None,
    journal_folder: Annotated[Path | None, typer.Option(help="Where usage is written down.")] = None,
) -> None:
    """Serve approved models. Options go before the environment (LEMMA_INFERENCE_...)."""
    given: dict[str, Any] = {
        "host": host,
        "port": port,
        "engine": engine,
        "model": model,
        "upstream_url": upstream_url,
        "slots": slots,
        "models_file": models_file,
        "gateway_file": gateway_file,
        "keys_file": keys_file,
        "journal_folder": journal_folder,
    }
    try:
        settings = Settings(**{name: value for name, value in given.items() if value is not None})
        logs.configure(settings.log_format, settings.log_level)
        application = create_app(settings)
    except ValidationError as error:
        for problem in error.errors():
            _say(f"{'.'.join(map(str, problem['loc'])) or 'settings'}: {problem['msg']}")
        raise typer.Exit(2) from error
    except ModelRefused as error:
        _say(f"Refused ({error.extra.get('rule')}): {error.detail}")
        raise typer.Exit(1) from error
    except (EngineMissing, SettingsWrong) as error:
        _say(error.detail)
        raise typer.Exit(1) from error
    uvicorn.run(
        application,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        http=Impatient,
        timeout_graceful_shutdown=10,
    )


def _say(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")


def main() -> None:
    """The entry point."""
    app()
