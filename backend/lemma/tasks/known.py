"""Whether a document was seen before, from facts that the caller knows. Pure: the caller looks them up.

A supplier's number is used once. The same number from the same supplier again is the same invoice, sent
twice or typed twice; paying it twice is the costliest mistake of a ledger. Two suppliers may well use the
same number, so a number alone proves nothing.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from lemma.reading.cell import Cell, RuleResult
from lemma.reading.schema import Task
from lemma.reading.serialise import value_json

CODE = "not_seen_before"
PATHS = ("number", "supplier_name", "supplier_vat_id", "supplier_tax_number", "iban", "total")
"""The cells that tell whether two documents are the same."""


@dataclass(frozen=True, slots=True)
class Known:
    """An earlier document: where it is, and its values in JSON form by path, such as `number` and `total`.

    `reference` is for people, `id` for programs: the run that read it, where there is one.
    """

    reference: str
    values: Mapping[str, Any]
    id: str | None = None


def applies_to(task: Task) -> bool:
    """Whether documents of this task are told apart by a number and a supplier."""
    names = {field.name for field in task.fields}
    return "number" in names and not names.isdisjoint(_SUPPLIER)


def values_of(cells: Iterable[Cell]) -> dict[str, Any]:
    """What the cells say at `PATHS`, in JSON form."""
    return {
        cell.path: value_json(cell.value) for cell in cells if cell.path in PATHS and cell.value is not None
    }


def number_key(values: Mapping[str, Any]) -> str | None:
    """The document's number as it is compared: letters and digits alone. None where there is none.

    The lookup of earlier documents goes by it.
    """
    return _folded(values.get("number")) or None


def find_known(values: Mapping[str, Any], earlier: Iterable[Known]) -> Known | None:
    """The first earlier document with the same number of the same supplier."""
    number = number_key(values)
    return next(
        (
            known
            for known in earlier
            if number and number_key(known.values) == number and _same_supplier(values, known.values)
        ),
        None,
    )


def same_file(reference: str) -> RuleResult:
    """The rule's word on a file that is the earlier one byte for byte, whatever was read from it."""
    return RuleResult(CODE, False, f"The very same file was seen before, as {reference}.", _SHOWN)


def seen_before(values: Mapping[str, Any], earlier: Iterable[Known]) -> RuleResult:
    """A rule on `number` and the supplier, against earlier documents of the same organisation.

    Not applied (`passed` is None) where the document has no number, or nothing that names its supplier.
    """
    if number_key(values) is None:
        return RuleResult(CODE, None, "The document has no number to look for.", _SHOWN)
    if not any(_folded(values.get(path)) for path in _SUPPLIER):
        return RuleResult(
            CODE, None, "Nothing names the supplier, and numbers of two suppliers may be equal.", _SHOWN
        )
    known = find_known(values, earlier)
    if known is not None:
        return RuleResult(CODE, False, _sentence(values, known), _SHOWN)
    return RuleResult(
        CODE, True, f"No earlier document of this supplier has the number {values['number']}.", _SHOWN
    )


_SHOWN = ("number", "supplier_name", "supplier_vat_id", "total")
_SUPPLIER = ("supplier_vat_id", "supplier_tax_number", "iban", "supplier_name")
_FORMS = re.compile(
    r"\b(gmbh|mbh|ag|kg|ohg|eg|ug|se|ltd|limited|llc|inc|plc|sarl|sas|sa|srl|spa|sl|bv|nv|co)\b\.?",
    re.IGNORECASE,
)


def _same_supplier(left: Mapping[str, Any], right: Mapping[str, Any]) -> bool:
    """By the first identifier that both have; only without one by name, legal form aside."""
    for path in _SUPPLIER[:-1]:
        one, other = _folded(left.get(path)), _folded(right.get(path))
        if one and other:
            return one == other
    one, other = (_folded(_FORMS.sub(" ", str(each.get("supplier_name") or ""))) for each in (left, right))
    return bool(one) and one == other


def _sentence(values: Mapping[str, Any], known: Known) -> str:
    was, now = known.values.get("total"), values.get("total")
    same = "for the same total" if was == now else f"there with a total of {was}, here of {now}"
    return f"Number {values['number']} of this supplier was seen before, in {known.reference}, {same}."


def _folded(value: Any) -> str:
    text = unicodedata.normalize("NFKD", str(value or "")).casefold()
    return "".join(each for each in text if each.isalnum())
