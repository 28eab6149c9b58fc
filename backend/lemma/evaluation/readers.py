"""Who reads: the product with a model, the product's examples alone, or a baseline. All give cells."""

import asyncio
import hashlib
import json
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Protocol

from lemma import second
from lemma.classify import by_example, by_name
from lemma.evaluation.sets.base import Case
from lemma.gateways.inference import InferenceGateway, ModelInfo
from lemma.gateways.inference.drive import Asker, read
from lemma.reading.cell import Cell, RuleResult, Status
from lemma.reading.cells import CellMaker, HeardRow
from lemma.reading.material import Labelled, over, with_lists
from lemma.reading.normalise.values import document_style
from lemma.reading.plan import Plan, make_plan
from lemma.reading.schema import Task
from lemma.reading.source import Source
from lemma.retrieval import Retriever
from lemma.second import second_opinion
from lemma.tasks import default_material


@dataclass(frozen=True, slots=True)
class Outcome:
    """Cells and rules of one document. `source` is what their evidence is in: the document and passages."""

    cells: tuple[Cell, ...]
    source: Source
    rules: tuple[RuleResult, ...] = ()
    seconds: float | None = None


class CaseReader(Protocol):
    """Reads a case whose document has become a source."""

    name: str

    def by(self, case: Case) -> str:
        """What the reading depends on, in short: predictions made with something else are made anew."""
        ...

    async def read(self, case: Case, source: Source) -> Outcome:
        """The cells. Raises LemmaError."""
        ...


class ProductReader:
    """The product: ingest, prompt, grammar, evidence, examples and rules, asked for what is labelled."""

    def __init__(
        self, gateway: InferenceGateway, model: ModelInfo, task: Task, examples: Sequence[Labelled]
    ) -> None:
        self.name = f"lemma with {model.id}" + (f", {len(examples)} examples" if examples else "")
        self._gateway = gateway
        self._model = model
        self._task = task
        self._examples = tuple(examples)
        self._known = fingerprint(
            model.id, model.weights, _task_words(task), _example_words(examples), _marker(task)
        )

    def by(self, case: Case) -> str:
        return fingerprint(self._known, *case.asked)

    async def read(self, case: Case, source: Source) -> Outcome:
        began = time.monotonic()
        theirs = replace(case.material, examples=self._examples)
        material = over(default_material(self._task.id).material, theirs)
        task = narrowed(self._task, case.asked)
        reading = await read(
            self._gateway, self._model, task, source, material=material, asker=Asker("batch")
        )
        return Outcome(reading.cells, reading.source, reading.rules, time.monotonic() - began)


class ExampleReader:
    """The customer's examples and the second reading alone, without any model."""

    def __init__(self, task: Task, examples: Sequence[Labelled]) -> None:
        self.name = "lemma without a model" + (f", {len(examples)} examples" if examples else "")
        self._task = task
        self._examples = tuple(examples)
        self._known = fingerprint(_task_words(task), _example_words(examples), _marker(task))

    def by(self, case: Case) -> str:
        return fingerprint(self._known, *case.asked)

    async def read(self, case: Case, source: Source) -> Outcome:
        began = time.monotonic()
        material = replace(case.material, examples=self._examples)
        task = with_lists(narrowed(self._task, case.asked), material)
        plan = await asyncio.to_thread(make_plan, task, source, Retriever(material.passages))
        cells = await asyncio.to_thread(
            second_opinion("compact"), task, plan.source, list(_blank(task, plan))
        )
        for say in (by_name("compact", material), by_example(material)):
            cells = await asyncio.to_thread(say, task, plan.source, cells)
        return Outcome(tuple(cells), plan.source, (), time.monotonic() - began)


def _blank(task: Task, plan: Plan) -> Iterator[Cell]:
    """The cells of a reading in which nothing was said: what code alone knows of the units."""
    for field in task.fields:
        if not field.each:
            yield Cell(field.name, None, None, Status.ABSENT)
            continue
        maker = CellMaker(plan.source, plan.lines, document_style(line.text for line in plan.lines))
        for row, unit in enumerate(plan.units[field.name]):
            yield from maker.unit(field, row, HeardRow({}), unit.lines)


def narrowed(task: Task, asked: Sequence[str]) -> Task:
    """The task with these fields only, and without its rules, which may speak of others."""
    if not asked:
        return task
    return replace(task, fields=tuple(field for field in task.fields if field.name in asked), rules=())


def fingerprint(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def _task_words(task: Task) -> str:
    return json.dumps(asdict(task), default=str, sort_keys=True)


def _marker(task: Task) -> str:
    """The hash of the weights of the second reading, where the task has one."""
    weights = Path(second.__file__).with_name(f"{task.id}.npz")
    return hashlib.sha256(weights.read_bytes()).hexdigest() if weights.exists() else ""


def _example_words(examples: Iterable[Labelled]) -> str:
    digest = hashlib.sha256()
    for example in examples:
        digest.update(f"{example.text}\0{json.dumps(dict(example.values), sort_keys=True)}\0".encode())
    return digest.hexdigest()
