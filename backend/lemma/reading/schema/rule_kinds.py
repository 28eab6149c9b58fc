"""What each kind of rule takes, so that a task file is checked before anything is read with it.

A parameter names a field (`net`), a column of a table (`lines.amount`), a table (`lines`), a decimal or a
yes/no. The rules themselves are in `lemma.reading.rules`, under the same names.
"""

from dataclasses import dataclass
from typing import Literal

from lemma.reading.schema.model import Kind

MONEY: frozenset[Kind] = frozenset({"amount", "number"})
DATE: frozenset[Kind] = frozenset({"date"})
ANY: frozenset[Kind] = frozenset(
    {"quote", "amount", "date", "number", "identifier", "choice", "flag", "clause"}
)


@dataclass(frozen=True, slots=True)
class Param:
    """One parameter of a kind of rule.

    `takes`: `field` is a field or a column by its path; `table` a field of kind rows; `decimal` a number
    written as a string, so that it stays exact; `flag` true or false; `words` a list of texts. `many` allows
    a list.
    """

    takes: Literal["field", "table", "decimal", "flag", "words"]
    kinds: frozenset[Kind] = ANY
    many: bool = False
    required: bool = True


_TOLERANCE = Param("decimal", required=False)

RULE_KINDS: dict[str, dict[str, Param]] = {
    # parts (fields, or whole columns) - minus, with or without `maybe`, is equals or one of or_equals;
    # amounts on lines with a word of explained_by may explain a difference
    "sum": {
        "parts": Param("field", MONEY, many=True),
        "minus": Param("field", MONEY, many=True, required=False),
        "maybe": Param("field", MONEY, many=True, required=False),
        "equals": Param("field", MONEY),
        "or_equals": Param("field", MONEY, many=True, required=False),
        "explained_by": Param("words", many=True, required=False),
        "tolerance": _TOLERANCE,
    },
    # in each row: the product of the factors is equals (or in the document, where no factor is a column)
    "product": {
        "factors": Param("field", MONEY, many=True),
        "less_percent": Param("field", MONEY, required=False),
        "equals": Param("field", MONEY),
        "tolerance": _TOLERANCE,
    },
    # base * rate / 100 is equals, in each row or in the document
    "percent": {
        "base": Param("field", MONEY),
        "rate": Param("field", MONEY),
        "equals": Param("field", MONEY),
        "tolerance": _TOLERANCE,
    },
    # the column `amount`, added up by the column `by`, is `equals` in the row of another table with `key`
    "group_sum": {
        "amount": Param("field", MONEY),
        "by": Param("field", MONEY),
        "key": Param("field", MONEY),
        "equals": Param("field", MONEY),
        "tolerance": _TOLERANCE,
    },
    # each date is not later than the next
    "order": {"fields": Param("field", DATE, many=True)},
    # the check digits of each identifier are right
    "checksum": {"fields": Param("field", frozenset({"identifier"}), many=True)},
    # the fields that are there say the same
    "same": {"fields": Param("field", ANY, many=True)},
    # no two rows are equal in all these columns
    "unique_rows": {"columns": Param("field", ANY, many=True)},
    # the rows found are as many as the document prints; lines with a word of not_rows are none
    "row_count": {
        "table": Param("table", frozenset({"rows"})),
        "position": Param("field", ANY, required=False),
        "amount": Param("field", MONEY, required=False),
        "count": Param("field", MONEY, required=False),
        "not_rows": Param("words", many=True, required=False),
    },
    # each of these has a value
    "present": {"fields": Param("field", ANY | {"rows"}, many=True)},
    # each value, save those of `unless`, has words beside it in one of the fields of `by`
    "backed": {
        "value": Param("field", ANY),
        "unless": Param("words", many=True, required=False),
        "by": Param("field", ANY | {"text"}, many=True),
    },
    # each sentence of these texts cites a line
    "supported": {"fields": Param("field", frozenset({"text"}), many=True)},
    # the balance that a statement prints after each entry changes by the entry's amount
    "running_balance": {"amount": Param("field", MONEY)},
}
