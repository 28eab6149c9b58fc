"""The whole path on the messages, statements and questionnaires that we made, with an engine that answers
perfectly: units, retrieval, prompt, grammar, rules and evidence are the product's own."""

from functools import cache

import pytest

from lemma.evaluation import compare
from lemma.reading.cell import Cell, RuleResult, Status
from lemma.reading.reader import ModelFacts, Reader, Reading
from lemma.reading.serialise import cell_json
from lemma.retrieval import Retriever
from lemma.tasks import samples, task
from lemma.tasks.builtin import default_material
from tests.unit.reading.engine import accepts
from tests.unit.tasks.oracle import source_of
from tests.unit.tasks.unit_oracle import answered

TASKS = ("tickets", "transactions", "questionnaires")
BY_NAME = {f"{name}/{sample.name}": sample for name in TASKS for sample in samples(name)}


@cache
def read(name: str) -> Reading:
    """The reading of a sample with its task's own material, made once."""
    sample = BY_NAME[name]
    asked, material = task(sample.task), default_material(sample.task).material
    facts = ModelFacts("perfect", "compact", 20_000, len)
    source = source_of(sample.path)
    reader = Reader(asked, source, facts, material=material, retrieve=Retriever(material.passages))
    units = any(field.each for field in asked.fields)
    for request in reader.next_requests():
        # A unit's request is named by its row: those that have no passage are not asked.
        row = int(request.id.partition(".")[0]) if units else None
        answer = answered(asked, sample, request, row)
        assert accepts(request.grammar, answer.text), answer.text
        reader.feed(request.id, answer)
    assert not reader.next_requests()
    return reader.result()


@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_every_cell_is_what_the_document_says(name: str) -> None:
    sample, reading = BY_NAME[name], read(name)
    cells = [cell_json(cell) for cell in reading.cells]
    comparison = compare(task(sample.task), sample.name, cells, sample.expected or {})
    assert [each for each in comparison.judged if each.verdict not in {"right", "absent"}] == []
    assert all(each.printed == each.found == each.paired for each in comparison.rows)
    for cell in reading.cells:
        runs = [reading.source.line(each.line).text[each.start : each.end] for each in cell.evidence]
        assert (cell.raw or "") == " ".join(runs)


@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_what_is_right_breaks_no_rule(name: str) -> None:
    assert [rule for rule in read(name).rules if rule.passed is False] == []


def _rules(name: str) -> dict[str, RuleResult]:
    return {rule.code: rule for rule in read(name).rules}


def _cells(name: str) -> dict[str, Cell]:
    return {cell.path: cell for cell in read(name).cells}


@pytest.mark.parametrize("name", ["northgate-april.csv", "prairie-federal-may.pdf"])
def test_balances_are_followed(name: str) -> None:
    rule = _rules(f"transactions/{name}")["balance_adds_up"]
    assert rule.passed is True
    assert "balances changes by the amount" in rule.detail


def test_a_payment_that_was_booked_twice_is_told() -> None:
    rule = _rules("transactions/northgate-april.csv")["not_entered_twice"]
    assert rule.passed is None
    assert "rows 6, 7 are the same" in rule.detail


def test_an_entry_keeps_the_lines_below_it() -> None:
    entry = _cells("transactions/prairie-federal-may.pdf")["transactions[1].entry"]
    assert entry.raw is not None
    assert entry.raw.endswith("DES MOINES IA CARD 4410")
    assert len(entry.evidence) == 2


def test_a_reply_is_made_of_help_pages_and_shows_them() -> None:
    reading = read("tickets/unknown-charge.txt")
    reply = next(cell for cell in reading.cells if cell.path == "reply")
    pages = {reading.source.pages[each.page - 1].kind for each in reply.evidence}
    assert pages == {"passage"}
    assert reply.signals["generated"] is False
    assert _rules("tickets/unknown-charge.txt")["reply_is_supported"].passed is True


def test_what_no_help_page_answers_has_no_reply() -> None:
    assert _cells("tickets/boat-question.eml")["reply"].status is Status.ABSENT


def test_a_question_that_no_document_answers_stays_blank() -> None:
    cells = _cells("questionnaires/controls.xlsx")
    assert cells["answers[4].verdict"].value == "not_mentioned"
    assert cells["answers[4].quote"].status is Status.ABSENT
    assert cells["answers[4].answer"].status is Status.ABSENT


def test_the_union_of_all_passages_is_in_the_source_once() -> None:
    source = read("questionnaires/controls.xlsx").source
    titles = [page.name for page in source.pages if page.kind == "passage"]
    assert len(titles) == len(set(titles))
    assert [line.id for line in source.lines] == list(range(1, len(source.lines) + 1))
