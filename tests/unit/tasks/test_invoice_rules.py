"""The rules of the invoice task: what they catch, and what they must not call wrong."""

from datetime import date
from decimal import Decimal

import pytest

from lemma.reading.cell import Cell, Evidence, RuleResult, Status, Value
from lemma.reading.rules import apply_rules
from lemma.reading.source import Line, Page, Source
from lemma.tasks import task

INVOICES = task("invoices")


def check(code: str, lines: list[str], **values: Value | tuple[Value, str]) -> RuleResult:
    """What the rule says of these values. A value may name words of the lines as its evidence, by the
    text after it; `lines__0__amount` is the path `lines[0].amount`."""
    made = tuple(Line(i, 1, text) for i, text in enumerate(lines, 1))
    source = Source("text/plain", (Page(1, "plain"),), made)
    cells = [_cell(source, name, value) for name, value in values.items()]
    return next(rule for rule in apply_rules(INVOICES, source, made, cells) if rule.code == code)


def _cell(source: Source, name: str, value: Value | tuple[Value, str]) -> Cell:
    table, _, rest = name.partition("__")
    index, _, column = rest.partition("__")
    path = f"{table}[{index}].{column}" if rest else name
    value, words = value if isinstance(value, tuple) else (value, "")
    places = [(line, line.text.index(words)) for line in source.lines if words and words in line.text]
    evidence = tuple(Evidence(1, line.id, at, at + len(words)) for line, at in places[:1])
    return Cell(path, value, words or str(value), Status.FOUND, evidence)


D = Decimal


def test_a_total_with_two_digits_swapped_is_caught_with_the_exact_difference() -> None:
    rule = check("net_and_tax_make_total", [], net=D("38.00"), tax_total=D("7.98"), total=D("45.89"))
    assert rule.passed is False
    assert rule.detail == "38.00 + 7.98 is 45.98, the document says 45.89: off by 0.09."
    assert rule.paths == ("net", "tax_total", "total")


def test_shipping_may_stand_in_the_net_sum_or_beside_it() -> None:
    values = {"net": D("100.00"), "tax_total": D("19.00"), "shipping": D("5.00")}
    for total in ("119.00", "124.00"):
        assert check("net_and_tax_make_total", [], **values, total=D(total)).passed is True


def test_without_the_tax_a_difference_proves_nothing() -> None:
    rule = check("net_and_tax_make_total", [], net=D("100.00"), total=D("119.00"))
    assert rule.passed is None
    assert "Tax is not given" in rule.detail


def test_withheld_tax_may_explain_a_lower_total() -> None:
    values = {"net": D("1000.00"), "tax_total": D("210.00"), "total": D("1060.00")}
    assert check("net_and_tax_make_total", [], **values).passed is False
    rule = check("net_and_tax_make_total", ["Retención IRPF 15 %    -150,00", "Total    1.060,00"], **values)
    assert rule.passed is None
    assert "150.00 on line 1" in rule.detail


def test_rows_of_a_receipt_add_up_to_the_total_because_prices_hold_the_tax() -> None:
    values = {"lines__0__amount": D("6.80"), "lines__1__amount": D("12.20")}
    assert check("lines_add_up", [], **values, net=D("15.83"), total=D("19.00")).passed is True


def test_a_missing_row_is_caught() -> None:
    values = {"lines__0__amount": D("60.00"), "lines__1__amount": D("30.00")}
    rule = check("lines_add_up", ["Tea    5.00"], **values, net=D("95.00"), total=D("114.00"))
    assert rule.passed is False
    assert rule.detail == "60.00 + 30.00 is 90.00, the document says 95.00: off by 5.00."


def test_a_printed_discount_and_a_charge_may_explain_a_sum() -> None:
    values = {"lines__0__amount": D("60.00"), "lines__1__amount": D("35.00"), "net": D("102.00")}
    lines = ["REMISE COMMERCIALE    -5,00  10,00%", "FRAIS DE DEPLACEMENT    12,00  10,00%"]
    rule = check("lines_add_up", lines, **values)
    assert rule.passed is None
    assert "5.00 on line 1" in rule.detail
    assert "12.00 on line 2" in rule.detail


def test_an_amount_that_is_not_quantity_times_price_is_caught() -> None:
    rule = check(
        "quantity_times_price",
        ["Desk    3    120.00    320.00"],
        lines__0__quantity=(D(3), "3"),
        lines__0__unit_price=(D("120.00"), "120.00"),
        lines__0__amount=(D("320.00"), "320.00"),
    )
    assert rule.passed is False
    assert rule.detail == "row 1: 3 x 120.00 is 360.00, the document says 320.00: off by 40.00."


@pytest.mark.parametrize(
    ("line", "quantity", "price", "amount", "reason"),
    [
        ("Desk  3  120.00  12 %  316.80", "3", "120.00", "316.80", "12 % less"),
        ("Desk  3  120.00  rebate 41.00  319.00", "3", "120.00", "319.00", "41.00 is printed"),
        ("Screws  200  52.52  105.04", "200", "52.52", "105.04", "for 100"),
        ("Consulting  20  90.00  1620.00", "20", "90.00", "1620.00", "none is printed"),
        ("Card  1  278.61  14.5%  319.01", "1", "278.61", "319.01", "14.5 % more"),
    ],
)
def test_what_is_printed_may_explain_an_amount(
    line: str, quantity: str, price: str, amount: str, reason: str
) -> None:
    rule = check(
        "quantity_times_price",
        [line],
        lines__0__quantity=(D(quantity), quantity),
        lines__0__unit_price=(D(price), price),
        lines__0__amount=(D(amount), amount),
    )
    assert rule.passed is None
    assert reason in rule.detail


def test_one_piece_too_many_is_caught_although_the_difference_is_the_price_beside_it() -> None:
    rule = check(
        "quantity_times_price",
        ["Lamp  4  189.00  567.00"],
        lines__0__quantity=(D(4), "4"),
        lines__0__unit_price=(D("189.00"), "189.00"),
        lines__0__amount=(D("567.00"), "567.00"),
    )
    assert rule.passed is False


def test_a_rounded_price_is_no_error() -> None:
    """5 x 4.10 is 20.50; printed is 20.48, because the price is 4.095 and was rounded to be printed."""
    row = {"lines__0__quantity": D(5), "lines__0__unit_price": D("4.10"), "lines__0__amount": D("20.48")}
    assert check("quantity_times_price", [], **row).passed is True


def test_sums_carried_over_are_no_rows() -> None:
    lines = ["Oats    75.00", "Salt    25.00", "Carried over    100.00", "Tea    10.00", "Net    120.00"]
    amounts = {f"lines__{i}__amount": (D(v), v) for i, v in enumerate(["75.00", "25.00", "10.00"])}
    rule = check("all_lines_found", lines, **amounts, net=(D("120.00"), "120.00"))
    assert rule.passed is True
    lines[2] = "Flour    20.00"
    lines[4] = "Net    130.00"
    rule = check("all_lines_found", lines, **amounts, net=(D("130.00"), "130.00"))
    assert rule.passed is False
    assert "1 more lines" in rule.detail


def test_the_same_row_printed_twice_is_told_and_not_called_wrong() -> None:
    lines = ["Coffee    2.50", "Coffee 2.50"]
    rows: dict[str, Value | tuple[Value, str]] = {
        "lines__0__description": ("Coffee", "Coffee    2.50"),
        "lines__1__description": ("Coffee", "Coffee 2.50"),
    }
    rule = check("no_line_twice", lines, **rows)
    assert rule.passed is None
    assert rule.detail == "rows 1, 2 are the same; each is printed by itself, so both may be right."
    rows["lines__1__description"] = ("Coffee", "Coffee    2.50")
    assert check("no_line_twice", lines, **rows).passed is False


def test_a_credit_note_keeps_to_the_same_rules_with_its_minus() -> None:
    values: dict[str, Value | tuple[Value, str]] = {
        "lines__0__quantity": D(-1),
        "lines__0__unit_price": D("749.00"),
        "lines__0__amount": D("-749.00"),
        "net": D("-749.00"),
        "tax_total": D("-142.31"),
        "total": D("-891.31"),
    }
    for code in ("quantity_times_price", "lines_add_up", "net_and_tax_make_total"):
        assert check(code, [], **values).passed is True


def test_it_cannot_be_due_before_it_was_issued() -> None:
    rule = check("dates_in_order", [], issue_date=date(2025, 5, 27), due_date=date(2025, 5, 20))
    assert rule.passed is False
    assert "by 7 days" in rule.detail


def test_a_wrong_check_digit_is_caught() -> None:
    rule = check("check_digits", [], iban="DE05900500000001234568", supplier_vat_id="DE111222339")
    assert rule.passed is False
    assert "DE05900500000001234568 is not a valid IBAN" in rule.detail
    assert "DE111222339" not in rule.detail
