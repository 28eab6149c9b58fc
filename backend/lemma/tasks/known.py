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

from lemma.reading.cell import RuleResult

CODE = "not_seen_before"


@dataclass(frozen=True, slots=True)
class Known:
    """An earlier document: where it is, and its values in JSON form by path, such as `number` and `total`."""

    reference: str
    values: Mapping[str, Any]


def seen_before(values: Mapping[str, Any], earlier: Iterable[Known]) -> RuleResult:
    """A rule on `number` and the supplier, against earlier documents of the same organisation.

    Not applied (`passed` is None) where the document has no number, or nothing that names its supplier.
    """
    number = _folded(values.get("number"))
    paths = ("number", "supplier_name", "supplier_vat_id", "total")
    if not number:
        return RuleResult(CODE, None, "The document has no number to look for.", paths)
    if not any(_folded(values.get(path)) for path in _SUPPLIER):
        return RuleResult(
            CODE, None, "Nothing names the supplier, and numbers of two suppliers may be equal.", paths
        )
    for known in earlier:
        if _folded(known.values.get("number")) == number and _same_supplier(values, known.values):
            return RuleResult(CODE, False, _sentence(values, known), paths)
    return RuleResult(
        CODE, True, f"No earlier document of this supplier has the number {values['number']}.", paths
    )


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
