"""The whole path but the model: bytes, source, prompt, grammar, decoding, alignment, exact values, rules.

The engine is the oracle of the tests, which answers at once, so this is what the product itself costs.
"""

import asyncio

from lemma.gateways.inference import FakeInference
from lemma.gateways.inference.drive import read
from lemma.ingest import ingest
from lemma.reading.prompt import render_answer
from lemma.tasks import Sample, samples, task
from tests.bench.files import text_layer_pdfs
from tests.bench.measure import Measure, best_times
from tests.unit.tasks.oracle import said, source_of


def measures() -> list[Measure]:
    """Pages a second over the samples with a text layer, one after the other."""
    invoices = task("invoices")
    paths = set(text_layer_pdfs())
    chosen = [each for each in samples("invoices") if each.path in paths]
    answers = {
        each.name: render_answer(invoices, source_of(each.path), said(invoices, each)) for each in chosen
    }

    async def one(sample: Sample) -> None:
        gateway = FakeInference().will_answer(answers[sample.name])
        source = ingest(sample.path.read_bytes(), sample.name).source
        await read(gateway, gateway.model, invoices, source)

    async def every() -> None:
        for sample in chosen:
            await one(sample)

    pages = sum(len([p for p in source_of(each.path).pages if p.kind == "text"]) for each in chosen)
    (taken,) = best_times([lambda: asyncio.run(every())], rounds=2)
    return [Measure("whole path without a model: samples", pages / taken, "pages/s", pages)]
