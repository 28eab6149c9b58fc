"""The `lemma eval` command: labelled folders through the whole product path, and a report on each."""

import json
import subprocess
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from lemma.core.errors import InvalidInput
from lemma.evaluation.baselines import baselines_for
from lemma.evaluation.judging import judge_prediction
from lemma.evaluation.predictions import FILE, Prediction
from lemma.evaluation.readers import CaseReader, ExampleReader, ProductReader
from lemma.evaluation.records import LabelledSet, Record, load_set, sampled
from lemma.evaluation.render import as_json, as_markdown
from lemma.evaluation.run import predict
from lemma.evaluation.sets import Adapter, NoAdapter, adapter_for
from lemma.evaluation.sets.base import nested
from lemma.evaluation.summary import summarise
from lemma.gateways.inference import InferenceGateway, ModelInfo
from lemma.local.commands import find_task
from lemma.local.reading_engine import reading_engine
from lemma.reading.material import Labelled
from lemma.settings import Settings

NO_MODEL = "none"
Wanted = Literal["train", "test", "all"]


@dataclass(frozen=True, slots=True)
class EvalOptions:
    """What the user asked for on the command line.

    `examples` is a folder, "auto" (the training part of the same folder) or "none".
    """

    task: str | None
    data: tuple[Path, ...]
    model: str | None = None
    part: Wanted = "test"
    limit: int | None = None
    examples: str = "none"
    out: Path = Path(".lemma/eval")
    baselines: bool = True
    quiet: bool = False


async def run_eval(options: EvalOptions, settings: Settings, console: Console) -> int:
    """Evaluates each folder and writes its report. Returns the exit code: 1 where a folder had nothing to
    evaluate."""
    errors = Console(stderr=True)
    done = True
    async with _engine(options, settings, errors) as engine:
        for folder in options.data:
            try:
                await evaluate(options, folder, engine, console, errors)
            except NoAdapter as error:
                errors.print(error.detail, markup=False)
                done = False
    return 0 if done else 1


Engine = tuple[InferenceGateway, ModelInfo] | None


async def evaluate(
    options: EvalOptions, folder: Path, engine: Engine, console: Console, errors: Console
) -> None:
    """One folder: predictions, figures, report."""
    if options.examples == "auto" and options.part != "test":
        raise InvalidInput(
            "With --examples auto the training part are the examples, so only --part test can be evaluated."
        )
    of = load_set(folder)
    adapter = adapter_for(of, options.task)
    records = sampled([each for each in of.records if options.part in {"all", each.part}], options.limit)
    if len(records) < len(of.records):
        what = f"{of.name}: {len(records)} of {len(of.records)} records ({options.part} part)."
        errors.print(f"{what} For a folder of your own give --part all.", style="dim")
    examples = _examples(options, of, adapter)
    readers = _readers(options, adapter, engine, examples)
    out = options.out / of.name
    by_reader: dict[str, list[tuple[Record, Prediction]]] = {reader.name: [] for reader in readers}
    known = {record.id: record for record in records}
    with _progress(errors, quiet=options.quiet) as progress:
        bar = progress.add_task(of.name, total=len(records))
        predictions = predict(
            of, adapter, records, readers, out / FILE, step=lambda record: progress.advance(bar)
        )
        async with aclosing(predictions):
            async for prediction in predictions:
                by_reader[prediction.reader].append((known[prediction.id], prediction))
    report(options, of, adapter, by_reader, engine, len(examples), out, console)


def report(
    options: EvalOptions,
    of: LabelledSet,
    adapter: Adapter,
    by_reader: dict[str, list[tuple[Record, Prediction]]],
    engine: Engine,
    examples: int,
    out: Path,
    console: Console,
) -> None:
    """Judges the predictions, and writes `report.json`, `report.md` and the outside scorer's files."""
    choices = adapter.choices(of)
    summaries = []
    for reader, pairs in by_reader.items():
        judged = [judge_prediction(of, adapter, record, prediction) for record, prediction in pairs]
        summaries.append(summarise(reader, judged, choices))
        for subset in sorted({adapter.subset(record) for record, _ in pairs} - {""}):
            part = [each for each in judged if adapter.subset(each.record) == subset]
            if len(part) < len(judged):
                summaries.append(summarise(f"{reader}: {subset}", part, choices))
    facts = _facts(options, of, adapter, engine, examples, sum(1 for _ in next(iter(by_reader.values()), ())))
    out.mkdir(parents=True, exist_ok=True)
    text = json.dumps(as_json(facts, summaries), indent=1, ensure_ascii=False)
    (out / "report.json").write_text(text + "\n", encoding="utf-8")
    page = as_markdown(facts, summaries)
    (out / "report.md").write_text(page + "\n", encoding="utf-8")
    first = next(iter(by_reader.values()), [])
    with (out / "predictions_reference.jsonl").open("w", encoding="utf-8") as file:
        for record, prediction in first:
            shaped = nested(adapter.predicted(of, record, prediction.answer))
            file.write(json.dumps({"id": record.id, "predicted": shaped}, ensure_ascii=False) + "\n")
    with (out / "gold_reference.jsonl").open("w", encoding="utf-8") as file:
        for record, _ in first:
            file.write(json.dumps(dict(record.raw), ensure_ascii=False) + "\n")
    console.print(page, markup=False, highlight=False, soft_wrap=True)
    console.print(f"Written to {out}/report.md and {out}/report.json", style="dim", highlight=False)


def _examples(options: EvalOptions, of: LabelledSet, adapter: Adapter) -> tuple[Labelled, ...]:
    """The customer's examples: the training part of this folder, or all of another one."""
    if options.examples == "none":
        return ()
    if options.examples == "auto":
        return adapter.examples(of, [each for each in of.records if each.part == "train"])
    other = load_set(Path(options.examples))
    return adapter.examples(other, other.records)


def _readers(
    options: EvalOptions, adapter: Adapter, engine: Engine, examples: Sequence[Labelled]
) -> list[CaseReader]:
    task = find_task(adapter.task)
    readers: list[CaseReader] = []
    if engine is not None:
        readers.append(ProductReader(*engine, task, examples))
    if engine is None or adapter.task == "invoices":
        readers.append(ExampleReader(task, examples))
    if options.baselines:
        readers.extend(baselines_for(task, examples))
    return readers


@asynccontextmanager
async def _engine(options: EvalOptions, settings: Settings, errors: Console) -> AsyncIterator[Engine]:
    if options.model == NO_MODEL:
        yield None
        return
    async with reading_engine(settings, options.model, errors.print) as engine:
        yield engine


def _progress(console: Console, *, quiet: bool) -> Progress:
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=quiet or not console.is_terminal,
    )


def _facts(
    options: EvalOptions, of: LabelledSet, adapter: Adapter, engine: Engine, examples: int, documents: int
) -> dict[str, Any]:
    """What a report says of itself."""
    model = engine[1] if engine is not None else None
    return {
        "task": adapter.task,
        "dataset": of.name,
        "family": adapter.family,
        "part": options.part,
        "documents": documents,
        "examples": examples,
        "model": model.id if model else "none",
        "weights_sha256": model.weights if model else "",
        "commit": _commit(),
        "as_of": datetime.now(UTC).isoformat(timespec="minutes"),
    }


def _commit() -> str:
    """The commit of this checkout, with a + where files differ from it; nothing outside of one."""
    try:
        found = subprocess.run(
            ["git", "describe", "--always", "--dirty=+", "--abbrev=12"],
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return found.stdout.strip()
