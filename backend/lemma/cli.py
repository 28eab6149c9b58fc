"""The `lemma` command. Each subcommand is a few lines over the part that does the work."""

import asyncio
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from lemma.core.errors import InvalidInput, LemmaError, NotFound
from lemma.local.commands import check_task_file, list_tasks, show_task
from lemma.local.extraction_command import ExtractOptions, run_extract
from lemma.settings import read_settings
from lemma.tasks import builtin

app = typer.Typer(
    name="lemma",
    help="Paperwork in, checked rows out: every value with the words that it was read from.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
tasks_app = typer.Typer(
    help="The business tasks that come with Lemma, and files that define others.", no_args_is_help=True
)
app.add_typer(tasks_app, name="tasks")
jobs_app = typer.Typer(
    help="Background work that failed for good: see it, run it again.", no_args_is_help=True
)
app.add_typer(jobs_app, name="jobs")


class Format(StrEnum):
    """How results are printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


class Part(StrEnum):
    """Which records are evaluated."""

    TEST = "test"
    TRAIN = "train"
    ALL = "all"


Host = Annotated[str, typer.Option(help="The address to serve on: one of this machine alone.")]
Port = Annotated[int, typer.Option(min=1, max=65535, help="The port to serve on.")]
DataDir = Annotated[Path, typer.Option(help="Where documents and the database are kept.")]
Samples = Annotated[bool, typer.Option(help="Put the sample documents through after the start.")]
Once = Annotated[bool, typer.Option(help="Stop after the samples instead of serving on.")]

Files = Annotated[list[Path], typer.Argument(metavar="FILE...", help="The documents to read.")]
TaskName = Annotated[str, typer.Option(help="A task's id (see `lemma tasks list`) or a task file.")]
Output = Annotated[Format, typer.Option("--format", help="How to print the results.")]
WithSource = Annotated[bool, typer.Option(help="Add the document's lines to JSON, to check values against.")]
Out = Annotated[Path | None, typer.Option(help="Also write one JSON file a document into this folder.")]
Model = Annotated[str | None, typer.Option(help="The model that reads; else the one of the settings.")]
MaterialFolder = Annotated[
    Path | None,
    typer.Option(help="Your lists, passages, playbook and examples: a folder; else a sample company's."),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress on stderr.")]


@app.command()
def up(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    data_dir: DataDir = Path(".lemma"),
    samples: Samples = True,
    once: Once = False,
) -> None:
    """Start everything on this machine and keep serving until Ctrl-C."""
    from lemma.local.up import UpOptions, run_up  # noqa: PLC0415  (web and database: seconds of imports)

    options = UpOptions(host=host, port=port, data_dir=data_dir, samples=samples, once=once)
    raise typer.Exit(asyncio.run(run_up(options, Console())))


@app.command()
def extract(
    files: Files,
    task: TaskName = "invoices",
    output: Output = Format.TABLE,
    with_source: WithSource = False,
    out: Out = None,
    model: Model = None,
    material: MaterialFolder = None,
    quiet: Quiet = False,
) -> None:
    """Read documents into rows and exit.

    Exit code 0: every file gave a result. 1: some did not. 2: wrong use.
    """
    options = ExtractOptions(tuple(files), task, output.value, with_source, out, model, material, quiet)
    raise typer.Exit(asyncio.run(run_extract(options, read_settings())))


@app.command("eval")
def evaluate(  # noqa: PLR0913, PLR0917  (each is an option of the command line)
    data: Annotated[list[Path], typer.Option(help="A folder with labelled records; may be given again.")],
    task: Annotated[str | None, typer.Option(help="The task to evaluate; else the one that fits.")] = None,
    model: Annotated[
        str | None, typer.Option(help="The model that reads, or none for examples alone.")
    ] = None,
    part: Annotated[Part, typer.Option(help="Which of our two parts of the set.")] = Part.TEST,
    limit: Annotated[int | None, typer.Option(min=1, help="The most records of a folder.")] = None,
    examples: Annotated[
        str, typer.Option(help="The customer's examples: auto (the training part), none, or a folder.")
    ] = "none",
    out: Annotated[Path, typer.Option(help="Where predictions and reports go.")] = Path(".lemma/eval"),
    baselines: Annotated[bool, typer.Option(help="Put baselines beside it.")] = True,
    quiet: Quiet = False,
) -> None:
    """Read labelled documents and say how well: per field, with intervals, beside baselines.

    Goes on where it was stopped. Exit code 0: every folder was evaluated. 1: some were not.
    """
    from lemma.local.evaluation_command import EvalOptions, run_eval  # noqa: PLC0415  (seconds of imports)

    options = EvalOptions(
        task, tuple(data), model, part.value, limit, examples, out, baselines=baselines, quiet=quiet
    )
    raise typer.Exit(asyncio.run(run_eval(options, read_settings(), Console())))


@app.command()
def migrate() -> None:
    """Bring the database to the newest migration, starting the embedded one where no other is named."""
    from lemma.local.database import migrate as migrate_database  # noqa: PLC0415  (as above)

    migrate_database(read_settings(), Console())


@app.command()
def worker() -> None:
    """Run jobs until stopped; for machines that do not use `lemma up`."""
    from lemma.worker import main as worker_main  # noqa: PLC0415  (as above)

    worker_main()


@app.command()
def usage(
    days: Annotated[int, typer.Option(min=1, max=3660, help="How many days back.")] = 30,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """What the models used, by day, model and class of requests."""
    from lemma.local.usage_command import show_usage  # noqa: PLC0415  (as above)

    asyncio.run(show_usage(read_settings(), Console(), days=days, as_json=as_json))


@tasks_app.command("list")
def tasks_list() -> None:
    """The tasks that come with Lemma."""
    list_tasks(builtin(), Console())


@tasks_app.command("show")
def tasks_show(task: Annotated[str, typer.Argument(help="A task's id or a task file.")]) -> None:
    """The fields and rules of a task."""
    show_task(task, Console())


@tasks_app.command("check")
def tasks_check(
    file: Annotated[Path, typer.Argument(help="The TOML file of a task, or the id of one that is here.")],
    material: Annotated[Path | None, typer.Option(help="A material folder to check for it.")] = None,
) -> None:
    """Say whether a task file, and material for it, can be used, and else what to change in which line."""
    raise typer.Exit(check_task_file(file, material, Console(), Console(stderr=True)))


@jobs_app.command("list-dead")
def jobs_list_dead(
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="The most jobs to list.")] = 100,
) -> None:
    """The jobs that used up their tries, the latest first."""
    from lemma.local.dead_jobs import list_dead  # noqa: PLC0415  (as above)

    asyncio.run(list_dead(read_settings(), Console(), limit=limit))


@jobs_app.command("rerun")
def jobs_rerun(ids: Annotated[list[int], typer.Argument(metavar="ID...", help="The dead jobs.")]) -> None:
    """Give dead jobs all their tries again."""
    from lemma.local.dead_jobs import rerun  # noqa: PLC0415  (as above)

    asyncio.run(rerun(read_settings(), Console(), ids))


def main() -> None:
    """Runs the command line. A known error becomes its sentence, never a traceback, and exit code 2 where
    what was asked for is not there or cannot be used, else 1."""
    try:
        app()
    except LemmaError as error:
        console = Console(stderr=True)
        console.print(error.detail, style="red", markup=False, highlight=False, soft_wrap=True)
        sys.exit(2 if isinstance(error, InvalidInput | NotFound) else 1)


if __name__ == "__main__":
    main()
