"""The `lemma extract` command: engine, progress bar, output, exit code."""

import os
import sys
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from lemma.core.errors import InvalidInput, LemmaError
from lemma.ingest import Limits
from lemma.local.commands import find_task, material_for
from lemma.local.extract import FileResult, extract
from lemma.local.output import (
    csv_header,
    csv_rows,
    json_line,
    print_table,
    sheet_header,
    sheet_rows,
)
from lemma.local.reading_engine import reading_engine
from lemma.reading.material import with_lists
from lemma.reading.schema import Task
from lemma.reading.sheet import read_by_rows
from lemma.settings import Settings

_NAME_BYTES = 240
"""What may be left of a file's name before `.json`: names have at most 255 bytes."""


class NotWritten(LemmaError):
    """A result could not be written where it should go."""

    code = "result_not_written"
    title = "A result could not be written"


@dataclass(frozen=True, slots=True)
class ExtractOptions:
    """What the user asked for on the command line."""

    files: tuple[Path, ...]
    task: str
    output: str
    with_source: bool
    out: Path | None
    model: str | None
    material: Path | None
    quiet: bool


async def run_extract(options: ExtractOptions, settings: Settings) -> int:
    """Reads the files and prints their results. Returns the exit code: 0, or 1 if a file gave no result."""
    task = find_task(options.task)
    material, said = material_for(task, options.material)
    task = with_lists(task, material)
    folder = _folder(options.out)
    console = Console(stderr=True)
    if said and not options.quiet:
        console.print(said, style="dim", highlight=False)
    all_done = True
    with _progress(console, options) as progress:
        bar = progress.add_task("starting the engine", total=len(options.files))

        def step(file: Path, what: str) -> None:
            progress.update(bar, description=f"{what} {file.name}", advance=1 if what == "finished" else 0)

        async with reading_engine(settings, options.model, console.print) as (gateway, model):
            results = extract(
                options.files, task, gateway, model, material=material, limits=Limits(), step=step
            )
            printer = _printer(options, task)
            async with aclosing(results):
                async for result in results:
                    all_done = all_done and result.done
                    printer(result)
                    if folder is not None:
                        _keep(folder, result, with_source=options.with_source)
    return 0 if all_done else 1


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


def _printer(options: ExtractOptions, task: Task) -> Callable[[FileResult], None]:
    """What prints one result on stdout, as it comes. A task that reads row by row gives CSV by rows."""
    if options.output == "json":
        return lambda result: _write(json_line(result, with_source=options.with_source) + "\n")
    if options.output == "csv" and read_by_rows(task):
        _write(sheet_header(task))
        return lambda result: _write(sheet_rows(result, task))
    if options.output == "csv":
        _write(csv_header())
        return lambda result: _write(csv_rows(result))
    console = Console()
    return lambda result: print_table(console, result)


def _write(text: str) -> None:
    # File names may hold bytes that are no UTF-8; they must not stop the others' results.
    data = text.encode("utf-8", "backslashreplace")
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.flush()
    except BrokenPipeError:
        raise  # Whoever read the results has seen enough; that needs no word.
    except OSError as error:
        raise NotWritten(f"The results cannot be written: {error.strerror}. Make room.") from error


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
    name = os.fsdecode(os.fsencode(result.file.name)[:_NAME_BYTES])
    path, copy = folder / f"{name}.json", 2
    while True:
        try:
            with path.open("x", encoding="utf-8", errors="backslashreplace") as file:
                file.write(json_line(result, with_source=with_source) + "\n")
                return
        except FileExistsError:
            path, copy = folder / f"{name}.{copy}.json", copy + 1
        except OSError as error:
            raise NotWritten(
                f"{path} cannot be written: {error.strerror}. Make room, or choose another --out."
            ) from error
