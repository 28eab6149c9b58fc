"""The whole path on the contracts and meetings that we made, with a model that answers perfectly.

Ingest, prompt, grammar, decoding, windows, merging and evidence are the product's own; only the answers
are given, and nobody has a say beside the model. Each is read at once, and again in small windows, as a
model with a short context must.
"""

import pytest

from lemma.evaluation import compare
from lemma.reading.align import lines_of
from lemma.reading.cell import Status
from lemma.reading.pointers import Clause, OneSaid, Rows, Said
from lemma.reading.prompt import render_answer, visible_lines
from lemma.reading.reader import Answer, ModelFacts, Reader, Reading, Request
from lemma.reading.schema import Task
from lemma.reading.serialise import cell_json
from lemma.tasks import Sample, samples, task
from tests.unit.tasks.lines_oracle import said
from tests.unit.tasks.oracle import source_of

ALL = [sample for name in ("contracts", "meetings") for sample in samples(name)]
BY_NAME = {f"{sample.task}/{sample.name}": sample for sample in ALL}


def _judge(sample: Sample, reading: Reading) -> None:
    asked = task(sample.task)
    comparison = compare(
        asked, sample.name, [cell_json(cell) for cell in reading.cells], sample.expected or {}
    )
    assert [each for each in comparison.judged if each.verdict not in {"right", "absent"}] == []
    assert all(each.printed == each.found == each.paired for each in comparison.rows)


@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_every_cell_is_what_the_document_says(name: str) -> None:
    sample = BY_NAME[name]
    asked, source = task(sample.task), source_of(sample.path)
    reader = Reader(asked, source, ModelFacts("perfect", "compact", 1_000_000, len))
    (request,) = reader.next_requests()
    reader.feed(request.id, Answer(render_answer(asked, source, said(asked, sample)), "stop"))
    reading = reader.result()
    _judge(sample, reading)
    for cell in reading.cells:
        if cell.status is Status.FOUND:
            runs = [source.line(each.line).text[each.start : each.end] for each in cell.evidence]
            assert cell.raw == " ".join(runs)
    assert [rule for rule in reading.rules if rule.passed is False] == []


@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_small_windows_find_the_same(name: str) -> None:
    """A clause across a cut is put together, and no row of an overlap is there twice."""
    sample = BY_NAME[name]
    asked, source = task(sample.task), source_of(sample.path)
    perfect = said(asked, sample)
    lines = visible_lines(source)
    words = max(len(line.text) for line in lines)
    overhead = len(" ".join(field.name for field in asked.fields))
    facts = ModelFacts("small", "compact", 2 * words + 3 * overhead + 500, len)
    reader = Reader(asked, source, facts)
    asked_for = 0
    while requests := reader.next_requests():
        asked_for += len(requests)
        assert asked_for < 200
        for request in requests:
            reader.feed(request.id, _answered(asked, request, perfect, sample))
    assert asked_for > 1
    _judge(sample, reader.result())


def _answered(asked: Task, request: Request, perfect: dict[str, Said], sample: Sample) -> Answer:
    """What a perfect model says that sees only the lines and fields of the request."""
    named = request.messages[0]["content"].split("\n")[1].split(" ")
    fields = tuple(f for f in asked.fields if any(n.partition("(")[0] == f.name for n in named))
    shown = {int(line.split(" ")[0]) for line in request.messages[-1]["content"].splitlines()}
    seen = {field.name: part for field in fields if (part := _seen(perfect.get(field.name), shown))}
    text = render_answer(Task(asked.id, 1, "", "", fields), source_of(sample.path), seen)
    cut = request.max_tokens < len(text)
    return Answer(text[: request.max_tokens], "length" if cut else "stop")


def _seen(value: Said | None, shown: set[int]) -> Said | None:
    """The part of an answer that these lines show: of a row what is left of it, of a clause its lines."""
    if value is None:
        return None
    if isinstance(value, Rows):
        rows = [
            {name: part for name, one in row.items() if (part := _one_seen(one, shown)) is not None}
            for row in value.rows
        ]
        # Whoever sees an owner and not what is to be done sees no action.
        first = {name for row in value.rows[:1] for name in list(row)[:1]}
        return (
            Rows(tuple(row for row in rows if first & row.keys()))
            if any(first & r.keys() for r in rows)
            else None
        )
    return _one_seen(value, shown)


def _one_seen(value: OneSaid, shown: set[int]) -> OneSaid | None:
    if isinstance(value, Clause):
        left = lines_of(value) & shown
        return Clause(min(left), max(left)) if left else None
    return value if lines_of(value) <= shown else None
