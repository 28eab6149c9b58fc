"""The whole path on the sample documents, with an engine that answers perfectly.

Ingest, prompt, grammar, decoding, alignment, normalisers, embedded XML and rules are the product's own;
only the answer's text is given. Then every cell must be what the page says, at the words that say it.
"""

from functools import cache

import pytest
from llguidance import LLMatcher, LLTokenizer

from lemma.evaluation import compare
from lemma.gateways.inference import FakeInference
from lemma.gateways.inference.drive import read
from lemma.reading.cell import RuleResult, Status
from lemma.reading.prompt import render_answer
from lemma.reading.reader import Reading
from lemma.reading.serialise import cell_json
from lemma.tasks import Sample, samples, task
from tests.unit.tasks.oracle import said, source_of

INVOICES = task("invoices")
# Recognition takes seconds; tests of ingest hold it to these two files.
TEXT = {
    each.name: each
    for each in samples("invoices")
    if each.name[-8:] != "scan.pdf" and each.path.suffix != ".jpg"
}
WRONG = "foxglove-wrong-total.pdf"
RIGHT = sorted(TEXT.keys() - {WRONG})


@cache
def _answer(name: str) -> str:
    sample: Sample = TEXT[name]
    return render_answer(INVOICES, source_of(sample.path), said(INVOICES, sample))


_READ: dict[str, tuple[Reading, str]] = {}


async def _read(name: str) -> Reading:
    """The reading of a sample, made once; its grammar is kept beside it."""
    if name not in _READ:
        gateway = FakeInference().will_answer(_answer(name))
        reading = await read(gateway, gateway.model, INVOICES, source_of(TEXT[name].path))
        (call,) = gateway.calls
        _READ[name] = reading, call.grammar or ""
    return _READ[name][0]


def _rules(reading: Reading) -> dict[str, RuleResult]:
    return {rule.code: rule for rule in reading.rules}


@pytest.mark.parametrize("name", sorted(TEXT))
async def test_every_cell_is_what_the_page_says(name: str) -> None:
    reading = await _read(name)
    cells = [cell_json(cell) for cell in reading.cells]
    comparison = compare(INVOICES, name, cells, TEXT[name].expected or {})
    assert [each for each in comparison.judged if each.verdict not in {"right", "absent"}] == []
    assert all(each.printed == each.found == each.paired for each in comparison.rows)


@pytest.mark.parametrize("name", sorted(TEXT))
async def test_every_found_cell_is_word_for_word_at_its_evidence(name: str) -> None:
    source = source_of(TEXT[name].path)
    for cell in (await _read(name)).cells:
        if cell.status is Status.FOUND:
            runs = [source.line(each.line).text[each.start : each.end] for each in cell.evidence]
            assert cell.raw == " ".join(runs)
            assert all(runs)


@pytest.mark.parametrize("name", RIGHT)
async def test_a_document_that_is_right_breaks_no_rule(name: str) -> None:
    assert [rule for rule in (await _read(name)).rules if rule.passed is False] == []


async def test_the_wrong_total_is_named_with_the_exact_difference() -> None:
    rules = _rules(await _read(WRONG))
    assert [code for code, rule in rules.items() if rule.passed is False] == ["net_and_tax_make_total"]
    detail = rules["net_and_tax_make_total"].detail
    assert "39.90 + 7.98 is 47.88" in detail
    assert "48.78" in detail
    assert "0.90" in detail


async def test_thirty_two_rows_over_two_pages_add_up() -> None:
    rules = _rules(await _read("atlantic-larder-invoice.pdf"))
    for code in ("quantity_times_price", "lines_add_up", "net_and_tax_make_total", "vat_by_rate_adds_up"):
        assert rules[code].passed is True, rules[code]


async def test_the_embedded_invoice_agrees_with_the_page() -> None:
    reading = await _read("wolkenkran-facturx.pdf")
    signals = {cell.path: cell.signals.get("xml") for cell in reading.cells}
    for path in ("number", "issue_date", "total", "iban", "supplier_vat_id", "lines[2].amount"):
        assert signals[path] == "agrees", path
    assert not [path for path, said in signals.items() if said == "differs"]


async def test_a_credit_note_keeps_its_minus() -> None:
    cells = {cell.path: cell for cell in (await _read("radwerk-rechnungskorrektur.pdf")).cells}
    assert str(cells["total"].value) == "-938.79"
    assert cells["total"].raw == "-938,79"
    assert cells["number"].value == "GS-2025-0042"


@pytest.mark.parametrize("name", sorted(TEXT))
async def test_the_perfect_answer_keeps_to_the_grammar(name: str) -> None:
    """A model may write what the oracle writes: no true value lacks a token path."""
    await _read(name)
    tokenizer = _bytes_tokenizer()
    matcher = LLMatcher(tokenizer, LLMatcher.grammar_from_lark(_READ[name][1]))
    tokens = tokenizer.tokenize_str(_answer(name))
    accepted = matcher.validate_tokens(tokens)
    text = _answer(name)
    assert accepted == len(tokens), f"stops before {text.encode()[accepted : accepted + 60]!r}"
    assert matcher.consume_tokens(tokens)
    assert matcher.is_accepting()


@cache
def _bytes_tokenizer() -> LLTokenizer:
    return LLTokenizer("byte")
