"""`lemma-inference selftest`: whether a running vLLM does what the gateway relies on."""

import asyncio
from typing import Annotated

import typer

from lemma_inference.launchers.selftest import SelfTest


def selftest(
    url: Annotated[str, typer.Argument(help="The engine's address, such as http://127.0.0.1:8101.")],
    model: Annotated[str, typer.Option(help="The name that it serves its model by.")],
    seats: Annotated[int, typer.Option(help="Its --max-num-seqs.", min=1, max=4096)] = 64,
    key: Annotated[
        str | None, typer.Option(help="Its key.", envvar="LEMMA_INFERENCE_UPSTREAM_KEY", show_envvar=True)
    ] = None,
) -> None:
    """Try priorities, grammar, usage and keys of an engine. Exit code 1 where one is not as it must be."""
    report = asyncio.run(SelfTest(url.rstrip("/"), key, model, seats).run())
    for check in report.checks:
        typer.echo(
            f"{'ok  ' if check.passed else 'FAIL'} {check.name:<9} {check.seconds:6.2f} s  {check.saw}"
        )
    raise typer.Exit(int(report.wrong is not None))
