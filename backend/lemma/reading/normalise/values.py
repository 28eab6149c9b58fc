"""Which normaliser a kind takes, with what the document as a whole says about its numbers and dates."""

from collections.abc import Iterable
from dataclasses import dataclass

from lemma.reading.cell import Status
from lemma.reading.normalise.amounts import NumberStyle, number_style, read_number
from lemma.reading.normalise.dates import DateStyle, date_style, read_date
from lemma.reading.normalise.identifiers import CHECKERS
from lemma.reading.normalise.outcome import Outcome
from lemma.reading.schema.model import Field


@dataclass(frozen=True, slots=True)
class DocumentStyle:
    """How a document writes numbers and dates: seen from all its lines, once."""

    numbers: NumberStyle
    dates: DateStyle


def document_style(texts: Iterable[str]) -> DocumentStyle:
    """The style of a document with these lines."""
    lines = list(texts)
    return DocumentStyle(number_style(lines), date_style(lines))


def normalise(field: Field, raw: str, style: DocumentStyle) -> Outcome:
    """The typed value of these words for a field; `raw` is as it stands, runs joined by one space."""
    match field.kind:
        case "amount":
            return read_number(raw, style.numbers, money=True)
        case "number":
            return read_number(raw, style.numbers, money=False)
        case "date":
            return read_date(raw, style.dates)
        case "identifier":
            return _identifier(field, raw)
        case _:
            return Outcome(" ".join(raw.split()))


def _identifier(field: Field, raw: str) -> Outcome:
    """The compact form, with what the check digits said. A wrong one is kept: it is what stands there."""
    if field.checker is None:
        return Outcome(" ".join(raw.split()))
    check = CHECKERS[field.checker]
    checked = check(raw)
    if checked.valid is not True:
        # The run may begin with the label: "VAT id DE123456788". The longest tail that is valid counts.
        words = raw.split()
        tails = (check(" ".join(words[start:])) for start in range(1, len(words)))
        checked = next((tail for tail in tails if tail.valid), checked)
    if not checked.value:
        return Outcome(None, Status.UNREADABLE, f"“{raw}” holds no letters or digits.")
    return Outcome(checked.value, signals={"checksum": checked.valid, "checksum_why": checked.why})
