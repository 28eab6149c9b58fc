"""`lemma-inference keys`: make keys, and see whose are in a file."""

import re
import sys
from pathlib import Path
from typing import Annotated

import typer

from lemma_inference.classes import CLASSES
from lemma_inference.errors import SettingsWrong
from lemma_inference.keys import Keys, digest, new_key

app = typer.Typer(no_args_is_help=True, help="The keys of tenants.")


@app.command()
def new(
    key_id: Annotated[str, typer.Argument(help="A short public id, such as `backend`.")],
    request_class: Annotated[
        list[str] | None, typer.Option("--class", help="research, interactive or batch; may be repeated.")
    ] = None,
) -> None:
    """Make a key. It is shown once, on stdout; the lines for the file of keys follow on stderr."""
    classes = request_class or ["interactive"]
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", key_id):
        _say("An id has letters, digits, dots, dashes and underscores, at most 64.")
        raise typer.Exit(2)
    if unknown := [name for name in classes if name not in CLASSES]:
        _say(f"There is no class {unknown[0]!r}; classes are {', '.join(CLASSES)}.")
        raise typer.Exit(2)
    key = new_key(key_id)
    typer.echo(key)
    names = ", ".join(f'"{name}"' for name in classes)
    _say(f'\n[[tenant.key]]\nid = "{key_id}"\nsha256 = "{digest(key)}"\nclasses = [{names}]')


@app.command("list")
def list_keys(file: Annotated[Path, typer.Argument(help="The file of keys.")]) -> None:
    """Whose keys are in the file, and for what. Exit code 1 where the file cannot be used."""
    try:
        keys = Keys.load(file)
    except SettingsWrong as error:
        _say(error.detail)
        raise typer.Exit(1) from error
    for holder in sorted(keys.holders, key=lambda one: (one.caller.tenant, one.caller.key)):
        until = f"until {holder.expires:%Y-%m-%d}" if holder.expires else ""
        admin = "admin" if holder.admin else ""
        caller = holder.caller
        typer.echo(f"{caller.tenant:<24} {caller.key:<24} {','.join(holder.classes):<28} {admin:<6} {until}")


def _say(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")
