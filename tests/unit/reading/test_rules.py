"""Rules: exact arithmetic, honest refusals, sentences a person can act on."""

from datetime import date
from decimal import Decimal

import pytest

from lemma.reading.cell import Cell, Evidence, RuleResult, Status, Value
from lemma.reading.rules import apply_rules
from lemma.reading.schema import Task
from lemma.reading.source import Source
from tests.unit.reading.making import source, task

FIELDS = """
[[field]]
name = "issued"
kind = "date"
[[field]]
name = "due"
kind = "date"
[[field]]
name = "iban"
kind = "identifier"
checker = "iban"
[[field]]
name = "net"
kind = "amount"
[[field]]
name = "shipping"
kind = "amount"
[[field]]
name = "discount"
kind = "amount"
[[field]]
name = "tax"
kind = "amount"
[[field]]
name = "total"
kind = "amount"
[[field]]
name = "items"
kind = "number"
[[field]]
name = "lines"
kind = "rows"
[[field.column]]
name = "name"
kind = "quote"
[[field.column]]
name = "quantity"
kind = "number"
[[field.column]]
name = "price"
kind = "amount"
[[field.column]]
name = "rate"
kind = "number"
[[field.column]]
name = "amount"
kind = "amount"
[[field]]
name = "vat"
kind = "rows"
[[field.column]]
name = "rate"
kind = "number"
[[field.column]]
name = "base"
kind = "amount"
[[field.column]]
name = "tax"
kind = "amount"
"""


def rule(toml: str) -> Task:
    return task(f'{FIELDS}\n[[rule]]\ncode = "check"\n{toml}')


def cell(path: str, value: Value, place: tuple[int, int, int] | None = None) -> Cell:
    status = Status.ABSENT if value is None else Status.FOUND
    evidence = (Evidence(1, *place),) if place else ()
    return Cell(path, value, str(value), status, evidence)


def check(asked: Task, values: dict[str, str | date | None], given: Source | None = None) -> RuleResult:
    """What the rule says of these values; texts that are numbers become decimals."""
    given = given or source("nothing")
    cells = []
    for path, value in values.items():
        number = isinstance(value, str) and value.replace(".", "").replace("-", "").isdigit()
        cells.append(cell(path, Decimal(str(value)) if number else value))
    (found,) = apply_rules(asked, given, given.lines, cells)
    return found


SUM = rule(
    'kind = "sum"\nparts = ["lines.amount"]\nminus = ["discount"]\nmaybe = ["shipping"]\n'
    'equals = "net"\ntolerance = "0.02"'
)


def test_a_sum_gives_the_exact_difference() -> None:
    found = check(SUM, {"lines[0].amount": "38.00", "lines[1].amount": "7.98", "net": "45.89"})
    assert found.passed is False
    assert found.detail == "38.00 + 7.98 is 45.98, the document says 45.89: off by 0.09."
    assert found.paths == ("lines[0].amount", "lines[1].amount", "net")


@pytest.mark.parametrize(
    ("net", "passed"), [("45.98", True), ("46.00", True), ("46.01", False), ("50.98", True), ("45.96", True)]
)
def test_a_sum_keeps_to_its_tolerance_and_may_count_shipping(net: str, passed: bool) -> None:
    values = {"lines[0].amount": "38.00", "lines[1].amount": "7.98", "net": net, "shipping": "5.00"}
    assert check(SUM, dict(values)).passed is passed


def test_what_is_taken_off_may_be_printed_with_or_without_its_sign() -> None:
    for discount in ("2.00", "-2.00"):
        found = check(SUM, {"lines[0].amount": "10.00", "discount": discount, "net": "8.00"})
        assert found.passed
        assert found.detail == "10.00 - 2.00 is 8.00, and the document says 8.00."


def test_no_digit_is_ever_rounded_away() -> None:
    big = "1" + "0" * 40 + ".01"
    found = check(SUM, {"lines[0].amount": big, "lines[1].amount": "0.07", "net": big})
    assert found.passed is False
    assert found.detail.endswith("off by 0.07.")


def test_a_rule_without_its_values_is_not_applied() -> None:
    for values in ({"net": "1.00"}, {"lines[0].amount": "1.00"}, {}):
        assert check(SUM, dict(values)).passed is None


def test_a_value_that_conflicts_is_not_guessed() -> None:
    cells = [
        Cell("lines[0].amount", None, "1.200", Status.CONFLICTING),
        cell("net", Decimal(5)),
    ]
    (found,) = apply_rules(SUM, source("x"), (), cells)
    assert found.passed is None
    assert found.detail == "Amount in row 1 has no single value, so this cannot be checked."


PRODUCT = rule('kind = "product"\nfactors = ["lines.quantity", "lines.price"]\nequals = "lines.amount"')


def row(number: int, quantity: str | None, price: str, amount: str) -> dict[str, str | date | None]:
    names = zip(("quantity", "price", "amount"), (quantity, price, amount), strict=True)
    return {f"lines[{number}].{name}": value for name, value in names}


def test_a_product_is_rounded_as_the_document_rounds() -> None:
    assert check(PRODUCT, row(0, "45.32", "1.459", "66.12")).passed


def test_a_product_names_the_row_that_is_wrong() -> None:
    found = check(PRODUCT, row(0, "2", "10.00", "20.00") | row(1, "3", "12.50", "41.17"))
    assert found.passed is False
    assert "3 x 12.50 is 37.50, the document says 41.17: off by 3.67." in found.detail
    assert "2" in found.detail
    assert "lines[1].amount" in found.paths
    assert "lines[0].amount" not in found.paths


def test_rows_that_lack_a_value_are_left_out() -> None:
    assert check(PRODUCT, row(0, None, "10.00", "99.00") | row(1, "1", "5.00", "5.00")).passed
    assert check(PRODUCT, row(0, None, "10.00", "99.00")).passed is None


def test_percentages_in_rows_and_in_the_document() -> None:
    in_rows = rule('kind = "percent"\nbase = "vat.base"\nrate = "vat.rate"\nequals = "vat.tax"')
    assert check(in_rows, {"vat[0].base": "100.00", "vat[0].rate": "19", "vat[0].tax": "19.00"}).passed
    found = check(in_rows, {"vat[0].base": "100.00", "vat[0].rate": "19", "vat[0].tax": "16.00"})
    assert found.passed is False
    assert "19 % of 100.00 is 19.00, the document says 16.00: off by 3.00." in found.detail
    whole = rule('kind = "percent"\nbase = "net"\nrate = "items"\nequals = "tax"')
    assert check(whole, {"net": "50.00", "items": "7", "tax": "3.50"}).passed


def test_groups_add_up_by_rate() -> None:
    asked = rule(
        'kind = "group_sum"\namount = "lines.amount"\nby = "lines.rate"\n'
        'key = "vat.rate"\nequals = "vat.base"'
    )
    values: dict[str, str | date | None] = {
        "lines[0].amount": "10.00", "lines[0].rate": "19",
        "lines[1].amount": "5.00", "lines[1].rate": "7",
        "lines[2].amount": "2.00", "lines[2].rate": "19.0",
        "vat[0].rate": "19.00", "vat[0].base": "12.00",
        "vat[1].rate": "7", "vat[1].base": "5.00",
    }  # fmt: skip
    assert check(asked, values).passed
    found = check(asked, values | {"vat[1].base": "6.00"})
    assert found.detail == "rows at 7 add up to 5.00, the document says 6.00: off by 1.00."
    assert check(asked, values | {"lines[1].rate": None}).passed is None


ORDER = rule('kind = "order"\nfields = ["issued", "due"]')


def test_dates_in_order() -> None:
    assert check(ORDER, {"issued": date(2024, 1, 1), "due": date(2024, 1, 1)}).passed
    found = check(ORDER, {"issued": date(2024, 2, 1), "due": date(2024, 1, 1)})
    assert found.passed is False
    assert "Issued 2024-02-01 is later than Due 2024-01-01, by 31 days." in found.detail
    assert check(ORDER, {"issued": date(2024, 1, 1)}).passed is None


def test_check_digits() -> None:
    asked = rule('kind = "checksum"\nfields = ["iban"]')
    assert check(asked, {"iban": "DE89370400440532013000"}).passed
    found = check(asked, {"iban": "DE88370400440532013000"})
    assert found.passed is False
    assert "DE88370400440532013000 is not a valid IBAN" in found.detail
    assert check(asked, {}).passed is None


def test_values_that_should_be_the_same() -> None:
    asked = rule('kind = "same"\nfields = ["net", "total"]')
    assert check(asked, {"net": "1.00", "total": "1.00"}).passed
    assert check(asked, {"net": "1.00", "total": "2.00"}).passed is False
    assert check(asked, {"net": "1.00"}).passed is None


def test_rows_that_are_there_twice() -> None:
    asked = rule('kind = "unique_rows"\ncolumns = ["lines.name", "lines.amount"]')
    values: dict[str, str | date | None] = {
        "lines[0].name": "Tea", "lines[0].amount": "1.00",
        "lines[1].name": "Cup", "lines[1].amount": "1.00",
        "lines[2].name": "TEA ", "lines[2].amount": "1.00",
    }  # fmt: skip
    found = check(asked, values)
    assert found.passed is None
    assert "rows 1, 3 are the same" in found.detail
    assert found.paths == ("lines[0].name", "lines[0].amount", "lines[2].name", "lines[2].amount")
    assert check(asked, values | {"lines[2].name": "Pot"}).passed
    assert check(asked, {}).passed is None
    twice = [cell(f"lines[{n}].name", "Tea", (1, 0, 3)) for n in (0, 1)]
    (result,) = apply_rules(asked, source("Tea"), (), twice)
    assert result.passed is False


def test_required_fields_have_a_rule_of_their_own() -> None:
    asked = task('[[field]]\nname = "net"\nkind = "amount"\nrequired = true\n')
    assert check(asked, {"net": None}).detail == "Missing: Net."
    assert check(asked, {"net": "1.00"}).passed
    assert check(asked, {"net": "1.00"}).code == "required"
    rows = rule('kind = "present"\nfields = ["lines", "net"]')
    assert check(rows, {"net": "1.00"}).detail == "Missing: Lines."
    assert check(rows, {"net": "1.00", "lines[0].name": "x"}).passed


COUNT = rule('kind = "row_count"\ntable = "lines"\namount = "lines.amount"\ncount = "items"')


def counted(
    given: Source, rows: dict[int, int], total: int | None = None, items: str | None = None
) -> RuleResult:
    """The verdict where the row of each index stands on that line, with the amount at its end."""
    cells = [cell("items", Decimal(items) if items else None)]
    for index, number in rows.items():
        text = given.line(number).text
        at = text.rindex(" ") + 1
        cells.append(cell(f"lines[{index}].name", text[0], (number, 0, 1)))
        cells.append(cell(f"lines[{index}].amount", Decimal(5), (number, at, len(text))))
    if total:
        text = given.line(total).text
        cells.append(cell("total", Decimal(15), (total, text.rindex(" ") + 1, len(text))))
    (found,) = apply_rules(COUNT, given, given.lines, cells)
    return found


PLAIN = source("Goods", "Tea       5.00", "Cup       5.00", "with saucer", "Pot       5.00", "Total    15.00")


def test_rows_are_held_against_a_printed_count() -> None:
    assert counted(PLAIN, {0: 2, 1: 3, 2: 5}, items="3").passed
    assert counted(PLAIN, {0: 2, 1: 3}, items="3").passed is False


def test_rows_are_held_against_printed_positions() -> None:
    given = source("1 Tea   5.00", "2 Cup   5.00", "3 Pot   5.00", "4 Jar   5.00", "19 % VAT 1.00")
    assert counted(given, {0: 1, 1: 2, 2: 3, 3: 4}).passed
    found = counted(given, {0: 1, 1: 2, 2: 4})
    assert found.passed is False
    assert "not found: 3" in found.detail
    last = counted(given, {0: 1, 1: 2, 2: 3})
    assert last.passed is False
    assert "numbers its rows up to 4" in last.detail


def test_rows_are_held_against_lines_with_an_amount() -> None:
    assert counted(PLAIN, {0: 2, 1: 3, 2: 5}, total=6).passed
    found = counted(PLAIN, {0: 2, 1: 5}, total=6)
    assert found.passed is False
    assert found.detail.endswith(": 3.")


def test_without_an_anchor_the_count_proves_nothing() -> None:
    found = counted(PLAIN, {0: 2, 1: 3, 2: 5})
    assert found.passed is None
    assert "prints nothing that says how many" in found.detail
    assert counted(PLAIN, {}).passed is None
