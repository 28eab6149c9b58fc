"""The `lemma extract` command: engine, progress bar, output, exit code."""

import sys
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from lemma.core.errors import InvalidInput, Unavailable
from lemma.gateways.inference import HttpInference, ModelInfo
from lemma.ingest import Limits
from lemma.local.commands import find_task
from lemma.local.engine import answers, borrowed_engine
from lemma.local.extract import FileResult, extract
from lemma.local.output import csv_header, csv_rows, json_line, print_table
from lemma.settings import Settings


class ModelNotServed(InvalidInput):
    """The engine does not serve the model that was asked for."""

    code = "model_not_served"
    title = "No such model here"


@dataclass(frozen=True, slots=True)
class ExtractOptions:
    """What the user asked for on the command line."""

    files: tuple[Path, ...]
    task: str
    output: str
    with_source: bool
    out: Path | None
    model: str | None
    quiet: bool


async def run_extract(options: ExtractOptions, settings: Settings) -> int:
    """Reads the files and prints their results. Returns the exit code: 0, or 1 if a file gave no result."""
    task = find_task(options.task)
    folder = _folder(options.out)
    console = Console(stderr=True)
    all_done = True
    with _progress(console, options) as progress:
        bar = progress.add_task("starting the engine", total=len(options.files))

        def step(file: Path, what: str) -> None:
            progress.update(bar, description=f"{what} {file.name}", advance=1 if what == "finished" else 0)

        async with _engine(settings, options.model, console.print) as (gateway, model):
            results = extract(options.files, task, gateway, model, limits=Limits(), step=step)
            printer = _printer(options)
            async with aclosing(results):
                async for result in results:
                    all_done = all_done and result.done
                    printer(result)
                    if folder is not None:
                        _keep(folder, result, with_source=options.with_source)
    return 0 if all_done else 1


@asynccontextmanager
async def _engine(
    settings: Settings, wanted: str | None, say: Callable[[str], None]
) -> AsyncIterator[tuple[HttpInference, ModelInfo]]:
    """A gateway to the service that runs already, else to one started for this command."""
    running = await answers(f"{settings.inference_url}/health")
    url = settings.inference_url if running else None
    async with (
        borrowed_engine(url, settings.data_dir / "logs", say) as address,
        HttpInference(address) as gateway,
    ):
        yield gateway, await _choose(gateway, wanted or settings.model)


async def _choose(gateway: HttpInference, wanted: str) -> ModelInfo:
    served = await gateway.models()
    for model in served:
        if model.id == wanted:
            return model
    if not served:
        raise Unavailable("The engine serves no model. See `lemma-inference models check`.")
    names = ", ".join(model.id for model in served)
    raise ModelNotServed(
        f"The engine does not serve {wanted!r}; it serves {names}. Give one of these with --model."
    )


def _progress(console: Console, options: ExtractOptions) -> Progress:
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=options.quiet or not console.is_terminal,
    )


def _printer(options: ExtractOptions) -> Callable[[FileResult], None]:
    """What prints one result on stdout, as it comes."""
    if options.output == "json":
        return lambda result: _write(json_line(result, with_source=options.with_source) + "\n")
    if options.output == "csv":
        _write(csv_header())
        return lambda result: _write(csv_rows(result))
    console = Console()
    return lambda result: print_table(console, result)


def _write(text: str) -> None:
    # File names may hold bytes that are no UTF-8; they must not stop the others' results.
    sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace"))
    sys.stdout.flush()


def _folder(out: Path | None) -> Path | None:
    if out is None:
        return None
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidInput(
            f"The folder {out} cannot be made: {error.strerror}. Choose another --out."
        ) from error
    return out


def _keep(folder: Path, result: FileResult, *, with_source: bool) -> None:
    """Writes `NAME.json`; a second file of the same name in another folder gets `NAME.2.json`, and so on."""
    path, copy = folder / f"{result.file.name}.json", 2
    while True:
        try:
            with path.open("x", encoding="utf-8", errors="backslashreplace") as file:
                file.write(json_line(result, with_source=with_source) + "\n")
                return
        except FileExistsError:
            path, copy = folder / f"{result.file.name}.{copy}.json", copy + 1
