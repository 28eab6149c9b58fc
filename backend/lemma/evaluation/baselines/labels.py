"""A reader of labels and patterns: what one would write in an afternoon, in six languages.

For each field it looks for the words that are usually printed beside the value, and takes the nearest thing
of the right form to the right of them, else below. It knows no layout and learns nothing. Models are
measured against it, so it is meant to be as good as such a thing honestly gets in two hundred lines.
"""

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lemma.evaluation.readers import Outcome
from lemma.evaluation.sets.base import Case
from lemma.reading.cell import Cell, Evidence, Status
from lemma.reading.normalise.values import DocumentStyle, document_style, normalise
from lemma.reading.prompt import visible_lines
from lemma.reading.schema import Field, Task
from lemma.reading.source import Line, Source

_MONTH = (
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mär|mai|okt|dez|janv|févr|avr|juin|juil|août|déc"
    r"|ene|abr|ago|dic|gen|mag|giu|lug|set|ott|mrt|mei)[^\W\d_]*\.?"
)
_DATE = re.compile(
    rf"\b(?:\d{{4}}-\d\d-\d\d|\d{{1,2}}[./-]\d{{1,2}}[./-](?:\d{{4}}|\d\d)"
    rf"|\d{{1,2}}\.?[ -](?:de )?{_MONTH}[ -,]*(?:de )?\d{{2,4}}|{_MONTH} \d{{1,2}},? \d{{4}})\b",
    re.IGNORECASE,
)
_AMOUNT = re.compile(
    r"(?<![\w.,/-])-?\d{1,3}(?:[ .,'’]\d{3})*[.,]\d{2}(?![\d/-])"
    r"|(?<![\w.,/-])-?\d+[.,]\d{2}(?![\d/-])"
)
_NUMBER = re.compile(r"(?<![\w/.-])[A-Z0-9][A-Z0-9/._-]*\d[A-Z0-9/._-]*(?![\w/])", re.IGNORECASE)
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,4})?\b")
_VAT = re.compile(
    r"\b(?:DE ?\d{3} ?\d{3} ?\d{3}|ATU ?\d{8}|FR ?[A-Z0-9]{2} ?\d{3} ?\d{3} ?\d{3}|ES ?[A-Z0-9]\d{7}[A-Z0-9]"
    r"|IT ?\d{11}|NL ?\d{9} ?B ?\d{2}|GB ?\d{3} ?\d{4} ?\d{2}|BE ?0\d{3}\.?\d{3}\.?\d{3}|PL ?\d{10})\b"
)
_WORDS = re.compile(r"[^\s:].*\S|\S")


@dataclass(frozen=True, slots=True)
class _Rule:
    """Labels of a field, the likeliest first, the form of its value, and whether the last match counts."""

    field: str
    labels: tuple[str, ...]
    form: re.Pattern[str]
    last: bool = False


_FORMS = {"date": _DATE, "amount": _AMOUNT, "number": _NUMBER}
_RULES = tuple(
    _Rule(each["field"], tuple(each["labels"]), _FORMS[each["form"]], each.get("last", False))
    for each in tomllib.loads(Path(__file__).with_name("labels.toml").read_text(encoding="utf-8"))["rule"]
)
_BUYER = re.compile(
    r"^(?:bill(?:ed)? to|invoice to|sold to|customer|client|buyer|advertiser|rechnung an|kunde|käufer"
    r"|facturé à|adressé à|facturar a|cliente|spett\.?(?:le)?|aan|klant)\b[:.]?\s*",
    re.IGNORECASE,
)
_SELLER = re.compile(
    r"^(?:from|seller|supplier|vendor|verkäufer|lieferant|vendeur|fournisseur|proveedor)\b[:.]?\s*",
    re.IGNORECASE,
)
_TITLE = re.compile(
    r"\b(?:invoice|rechnung|facture|factura|fattura|factuur|receipt|order|bestellung|page|seite|copy"
    r"|original|date|datum|cash|welcome)\b",
    re.IGNORECASE,
)
_KINDS = (
    ("credit_note", r"credit note|gutschrift|avoir|nota de crédito|nota di credito|creditnota"),
    ("order", r"purchase order|bestellung|bon de commande|orden de compra|order confirmation"),
    ("invoice", r"invoice|rechnung|facture|factura|fattura|factuur"),
    ("receipt", r"receipt|quittung|kassenbon|cash bill|ticket"),
)
_CURRENCIES = (
    ("EUR", r"€|\beur\b"),
    ("GBP", r"£|\bgbp\b"),
    ("CHF", r"\bchf\b"),
    ("PLN", r"\bpln\b|zł"),
    ("MYR", r"\brm\b|\bmyr\b"),
    ("SEK", r"\bsek\b"),
    ("USD", r"\$|\busd\b"),
)


class LabelReader:
    """The task `invoices` by labels and patterns."""

    name = "labels and patterns"

    def __init__(self, task: Task) -> None:
        self._task = task

    def by(self, case: Case) -> str:
        del case
        return "1"

    async def read(self, case: Case, source: Source) -> Outcome:
        del case
        lines = visible_lines(source)
        style = document_style(line.text for line in lines)
        cells = {cell.path: cell for cell in _cells(self._task, lines, style)}
        return Outcome(tuple(cells.values()), source=source)


@dataclass(frozen=True, slots=True)
class _Span:
    line: Line
    start: int
    end: int


def _cells(task: Task, lines: Sequence[Line], style: DocumentStyle) -> Iterator[Cell]:
    for rule in _RULES:
        found = list(_labelled(rule, lines))
        if found:
            chosen = found[-1] if rule.last else found[0]
            yield _cell(task.field(rule.field), chosen, style)
            if rule.field == "period_start":
                later = [span for span in _below_or_right(chosen, lines, _DATE) if span != chosen]
                if later:
                    yield _cell(task.field("period_end"), later[0], style)
    yield from _patterns(task, lines, style)
    yield from _parties(task, lines, style)
    yield from _choices(task, lines)


def _labelled(rule: _Rule, lines: Sequence[Line]) -> Iterator[_Span]:
    """The values beside the first kind of label that has any."""
    for labels in rule.labels:
        pattern = re.compile(labels, re.IGNORECASE)
        found = []
        for at, line in enumerate(lines):
            match = pattern.search(line.text)
            if match is not None:
                value = _right(line, match.end(), rule.form) or _below(lines, at, match.start(), rule.form)
                if value is not None:
                    found.append(value)
        if found:
            yield from found
            return


def _right(line: Line, at: int, form: re.Pattern[str]) -> _Span | None:
    match = form.search(line.text, at)
    return None if match is None else _Span(line, match.start(), match.end())


def _below(lines: Sequence[Line], at: int, column: int, form: re.Pattern[str]) -> _Span | None:
    """In the next two lines, the thing of this form that begins nearest to the label's column."""
    for line in lines[at + 1 : at + 3]:
        matches = sorted(form.finditer(line.text), key=lambda match: abs(match.start() - column))
        if matches:
            return _Span(line, matches[0].start(), matches[0].end())
    return None


def _below_or_right(span: _Span, lines: Sequence[Line], form: re.Pattern[str]) -> Iterator[_Span]:
    at = next(i for i, line in enumerate(lines) if line.id == span.line.id)
    for line in lines[at : at + 2]:
        for match in form.finditer(line.text, span.end if line is span.line else 0):
            yield _Span(line, match.start(), match.end())


def _patterns(task: Task, lines: Sequence[Line], style: DocumentStyle) -> Iterator[Cell]:
    """Identifiers that are known by their form alone: the first VAT id is the seller's."""
    for form, fields in ((_IBAN, ("iban",)), (_VAT, ("supplier_vat_id", "buyer_vat_id"))):
        seen: dict[str, _Span] = {}
        for line in lines:
            for match in form.finditer(line.text):
                seen.setdefault(match.group().replace(" ", ""), _Span(line, match.start(), match.end()))
        for name, span in zip(fields, seen.values(), strict=False):
            yield _cell(task.field(name), span, style)


def _parties(task: Task, lines: Sequence[Line], style: DocumentStyle) -> Iterator[Cell]:
    for name, label in (("supplier_name", _SELLER), ("buyer_name", _BUYER)):
        found = _after(label, lines)
        if found is None and name == "supplier_name":
            found = _first_name(lines)
        if found is not None:
            yield _cell(task.field(name), found, style)


def _after(label: re.Pattern[str], lines: Sequence[Line]) -> _Span | None:
    for at, line in enumerate(lines):
        match = label.search(line.text)
        if match is None:
            continue
        for other, start in ((line, match.end()), *((below, 0) for below in lines[at + 1 : at + 2])):
            words = re.compile(r"\S+(?: \S+)*").search(other.text, start)
            if words is not None and re.search(r"[^\W\d_]{2}", words.group()):
                return _Span(other, words.start(), words.end())
    return None


def _first_name(lines: Sequence[Line]) -> _Span | None:
    """The first words of the page that are no title and no number."""
    for line in lines[:8]:
        words = re.search(r"\S+(?: \S+)*", line.text)
        if words and re.search(r"[^\W\d_]{3}", words.group()) and not _TITLE.search(words.group()):
            return _Span(line, words.start(), words.end())
    return None


def _choices(task: Task, lines: Sequence[Line]) -> Iterator[Cell]:
    text = "\n".join(line.text for line in lines)
    for name, table in (("document_kind", _KINDS), ("currency", _CURRENCIES)):
        if any(field.name == name for field in task.fields):
            for value, words in table:
                if re.search(words, text, re.IGNORECASE):
                    yield Cell(name, value, None, Status.DERIVED)
                    break


def _cell(field: Field, span: _Span, style: DocumentStyle) -> Cell:
    raw = span.line.text[span.start : span.end]
    outcome = normalise(field, raw, style)
    evidence = Evidence(span.line.page, span.line.id, span.start, span.end)
    return Cell(field.name, outcome.value, raw, outcome.status, (evidence,))
