"""Puts records through readers: ingests each document once, and keeps what comes out as it comes."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from pathlib import Path

from lemma.core.errors import LemmaError
from lemma.evaluation.predictions import Prediction, Writer, answer_of, load_predictions
from lemma.evaluation.readers import CaseReader
from lemma.evaluation.records import LabelledSet, Record
from lemma.evaluation.sets.base import Adapter, Answer, Case
from lemma.ingest import Limits, ingest
from lemma.reading.source import Source

AT_ONCE = 2  # One document is ingested while another is read.
NOTHING = Answer((), {})


async def predict(
    of: LabelledSet,
    adapter: Adapter,
    records: Sequence[Record],
    readers: Sequence[CaseReader],
    path: Path,
    *,
    step: Callable[[Record], None] = lambda record: None,
) -> AsyncGenerator[Prediction]:
    """The predictions of every reader for every record, in order; those of an earlier run are taken over.

    Writes each to `path` as soon as it is there. `step` is told of each record that is done.
    """
    known = load_predictions(path)
    writer = Writer(path)
    places = asyncio.Semaphore(AT_ONCE)

    async def one(record: Record) -> list[Prediction]:
        async with places:
            found = await _one(of, adapter, record, readers, known, writer)
            step(record)
            return found

    under_way: list[asyncio.Task[list[Prediction]]] = []
    waiting = list(records)
    try:
        while waiting or under_way:
            while waiting and len(under_way) < 4 * AT_ONCE:
                under_way.append(asyncio.create_task(one(waiting.pop(0))))
            for prediction in await under_way.pop(0):
                yield prediction
    finally:
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
        writer.close()


async def _one(
    of: LabelledSet,
    adapter: Adapter,
    record: Record,
    readers: Sequence[CaseReader],
    known: dict[tuple[str, str, str, str], Prediction],
    writer: Writer,
) -> list[Prediction]:
    case = await asyncio.to_thread(adapter.case, of, record)
    found: list[Prediction] = []
    source: Source | LemmaError | None = None
    for reader in readers:
        by = reader.by(case)
        prediction = known.get((of.name, record.id, reader.name, by))
        if prediction is None:
            if source is None:
                source = await _source(case)
            prediction = await _read(of, record, reader, by, case, source)
            writer.write(prediction)
        found.append(prediction)
    return found


async def _source(case: Case) -> Source | LemmaError:
    try:
        return (await asyncio.to_thread(ingest, case.data, case.name, Limits())).source
    except LemmaError as error:
        return error


async def _read(
    of: LabelledSet, record: Record, reader: CaseReader, by: str, case: Case, source: Source | LemmaError
) -> Prediction:
    try:
        if isinstance(source, LemmaError):
            raise source
        outcome = await reader.read(case, source)
    except LemmaError as error:
        return Prediction(of.name, record.id, reader.name, by, NOTHING, failed=error.code)
    return Prediction(
        of.name,
        record.id,
        reader.name,
        by,
        answer_of(outcome.cells, outcome.source),
        seconds=outcome.seconds,
        rules={rule.code: rule.passed for rule in outcome.rules},
    )
