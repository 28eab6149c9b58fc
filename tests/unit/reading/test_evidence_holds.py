"""The promise: whatever a model does, each found value stands word for word at its evidence."""

import json
import random
import re
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lemma.reading.cell import Status
from lemma.reading.decode import decode
from lemma.reading.grammar import build_grammar
from lemma.reading.prompt import render_answer
from lemma.reading.reader import ModelFacts, Reader
from lemma.reading.serialise import cell_json
from lemma.reading.source import Source
from tests.unit.reading.engine import accepts, answer_by_pairs, answer_randomly, walk
from tests.unit.reading.strategies import every_kind, sources

TASK = every_kind()
FACTS = ModelFacts("random", "compact", 4096, len)
# The grammar takes "law: 4-4" for a clause of one line; it is written "law: 4".
ONE_LINE_RANGE = re.compile(r"(?<=^law: )([0-9]+)-\1\n", re.MULTILINE)
RELAXED = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def check_cells(source: Source, reader: Reader) -> None:
    reading = reader.result()
    for cell in reading.cells:
        words = [source.line(e.line).text[e.start : e.end] for e in cell.evidence]
        assert all(word and word == word.strip(" ") for word in words)
        assert (cell.raw or "") == " ".join(words)
        assert all(source.line(e.line).page == e.page for e in cell.evidence)
        json.dumps(cell_json(cell), allow_nan=False)
        if cell.status is Status.FOUND:
            assert cell.raw
            assert cell.value is not None
        else:
            assert cell.reason or cell.status is Status.ABSENT


@RELAXED
@given(sources(), st.integers())
def test_each_found_value_stands_word_for_word_at_its_evidence(source: Source, seed: int) -> None:
    chooser = random.Random(seed)
    reader = Reader(TASK, source, FACTS)
    rounds = 0
    while requests := reader.next_requests():
        rounds += 1
        for request in requests:
            reader.feed(request.id, answer_randomly(request, chooser))
    assert rounds <= 60
    check_cells(source, reader)


@settings(RELAXED, max_examples=15)
@given(sources(), st.integers())
def test_it_holds_for_the_tokens_of_a_real_tokenizer(source: Source, seed: int) -> None:
    chooser = random.Random(seed)
    reader = Reader(TASK, source, replace(FACTS, context=3000))
    while requests := reader.next_requests():
        for request in requests:
            reader.feed(request.id, answer_by_pairs(request, chooser))
    check_cells(source, reader)


@RELAXED
@given(sources(), st.integers(), st.integers(1, 400))
def test_answers_that_are_cut_anywhere_are_continued_to_an_end(source: Source, seed: int, limit: int) -> None:
    chooser = random.Random(seed)
    reader = Reader(TASK, source, FACTS)
    while requests := reader.next_requests():
        for request in requests:
            reader.feed(request.id, answer_randomly(request, chooser, limit))
    check_cells(source, reader)


@RELAXED
@given(sources(), st.integers())
def test_every_path_decodes_and_renders_to_itself(source: Source, seed: int) -> None:
    lines = [line for line in source.lines if line.text]
    if not lines:
        return
    grammar = build_grammar(TASK.fields, lines)
    text, ended = walk(grammar, random.Random(seed))
    decoded = decode(text, TASK.fields, lines, finished=ended)
    if ended:
        again = render_answer(TASK, source, decoded.said)
        assert again == ONE_LINE_RANGE.sub(r"\1\n", text)
        assert accepts(grammar, again)
        assert decode(again, TASK.fields, lines).said == decoded.said
