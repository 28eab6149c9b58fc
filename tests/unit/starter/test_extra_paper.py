"""Labelled documents as lessons: what is surely known is asked, and nothing else."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from lemma.reading.pointers import Label, Pointers, Rows
from lemma.reading.source import Line
from starter.extra.find import Words, best, cents_of, labels_of, means, rivals_of
from starter.extra.paper import SETS
from starter.extra.rows import table
from starter.lesson import Lesson
from starter.texts import as_text

TILL = """HARBOUR LIGHT TRADING
SDN BHD (123456-X)
NO 7, JALAN MAWAR 2,
81100 JOHOR BAHRU
INV NO: 5519   DATE: 05/11/2019 18:20
RICE 5KG   31.20
SUB TOTAL  31.20
TOTAL (INCL. GST 6%)  RM 31.20
CASH  50.00"""
BROADCAST = """Advertiser
ORDER
Contract / Revision
446120 / 2
Friends of Ada Quill
03/02/20 - 03/15/20
1 KQQX 03/02/20 03/15/20 Noon News 3 $300.00
Totals 3 $900.00
Totals 3 $900.00 ($135.00) $765.00"""

INVOICE = """Invoice No: A-77
Date: 3 May 2021
Desk lamp  2  20.00  40.00
Chair  1  60.00  60.00
Total: 100.00 EUR"""


def words(*lines: str) -> Words:
    return Words([Line(number, 1, text) for number, text in enumerate(lines, start=1)])


def only(name: str, text: str, expected: dict[str, Any], **meta: object) -> Lesson:
    record = {"id": "made-1", "text": text, "expected": expected, "meta": meta}
    (lesson,) = SETS[name](Path(), record)
    as_text(lesson)
    return lesson


def said(lesson: Lesson, name: str) -> list[tuple[int, str]]:
    value = lesson.said[name]
    assert isinstance(value, Pointers)
    return [(run.line, run.text) for run in value.runs]


def test_a_receipt_is_asked_what_its_set_labels() -> None:
    expected = {"company": "HARBOUR LIGHT TRADING SDN BHD", "date": "2019-11-05", "total": 31.2}
    lesson = only("receipts_sroie", TILL, expected)
    assert said(lesson, "supplier_name") == [(1, "HARBOUR LIGHT TRADING"), (2, "SDN BHD")]
    assert said(lesson, "issue_date") == [(5, "05/11/2019")]
    assert said(lesson, "total") == [(8, "31.20")]
    assert lesson.said["currency"] == Label("MYR")
    assert "lines" not in lesson.asked
    assert "number" not in lesson.asked
    assert "iban" in lesson.asked
    assert "iban" not in lesson.said


def test_a_value_that_is_not_printed_is_not_asked() -> None:
    lesson = only("receipts_sroie", TILL, {"company": "SOMEBODY ELSE", "total": 99.0})
    assert not {"supplier_name", "total"} & set(lesson.asked)


def test_a_broadcast_order_is_found_in_a_torn_text_layer() -> None:
    expected = {
        "contract_number": "446120",
        "advertiser": "Friends of Ada Quill",
        "gross_amount": 900.0,
        "flight_from": "2020-03-02",
        "flight_to": "2020-03-15",
    }
    lesson = only("tv_ad_contracts", BROADCAST, expected)
    assert said(lesson, "number") == [(4, "446120")]
    assert said(lesson, "buyer_name") == [(5, "Friends of Ada Quill")]
    assert said(lesson, "period_start") == [(6, "03/02/20")]
    assert said(lesson, "period_end") == [(6, "03/15/20")]
    assert said(lesson, "total") == [(8, "900.00")]
    assert lesson.said["document_kind"] == Label("order")


def test_an_invoice_gives_its_rows_only_where_all_are_found() -> None:
    rows = [
        {"description": "Desk lamp", "quantity": 2, "unit_price": 20.0, "line_total": 40.0},
        {"description": "Chair", "quantity": 1, "unit_price": 60.0, "line_total": 60.0},
    ]
    expected = {
        "document_type": "invoice",
        "number": "A-77",
        "issue_date": "2021-05-03",
        "gross_total": 100.0,
    }
    lesson = only("invoices_real", INVOICE, {**expected, "currency": "EUR", "lines": rows})
    found = lesson.said["lines"]
    assert isinstance(found, Rows)
    assert [len(row) for row in found.rows] == [4, 4]
    assert said(lesson, "issue_date") == [(2, "3 May 2021")]
    assert "due_date" in lesson.asked
    rows[1]["line_total"] = 61.0
    assert "lines" not in only("invoices_real", INVOICE, {**expected, "lines": rows}).asked


def test_a_long_document_becomes_windows_that_say_what_they_show() -> None:
    text = BROADCAST + "\n" + "\n".join(f"{n} KQQX 03/02/20 03/15/20 Noon News {n} $0.00" for n in range(200))
    expected = {"contract_number": "446120", "advertiser": "Friends of Ada Quill"}
    lessons = list(SETS["tv_ad_contracts"](Path(), {"id": "long", "text": text, "expected": expected}))
    assert len(lessons) > 1
    assert "number" in lessons[0].said
    assert all("number" not in lesson.said for lesson in lessons[1:])
    assert all("number" in lesson.asked for lesson in lessons)


@pytest.mark.parametrize(
    ("text", "cents"),
    [("1.234,56", 123456), ("1,234", 123400), ("1 234.5", 123450), ("7'000.00", 700000), ("12.3.4", None)],
)
def test_printed_numbers_mean_cents(text: str, cents: int | None) -> None:
    assert cents_of(text) == cents


@pytest.mark.parametrize(
    "text", ["05/11/2019", "11/05/19", "2019-11-05", "5. November 2019", "Nov 5, 2019", "20191105"]
)
def test_a_day_is_found_in_any_spelling(text: str) -> None:
    assert means(text, date(2019, 11, 5))
    assert not means(text, date(2019, 11, 6))


def test_the_label_decides_between_equal_amounts() -> None:
    page = words("Subtotal  80.00", "Shipping  0.00", "Total  80.00")
    runs = page.amounts(80.0)
    for name, line in (("net", 1), ("total", 3)):
        chosen = best(page, runs, labels_of(name), rivals_of(name), sure=True)
        assert chosen is not None
        assert chosen[0].line == line


def test_a_row_is_found_over_two_lines() -> None:
    page = words("1  Steel bolt M8  4  2.50  10.00", "galvanised", "2  Nut  1  1.00  1.00")
    bolt = {"description": "Steel bolt M8 galvanised", "quantity": 4, "unit_price": 2.5, "line_total": 10.0}
    found = table(page, [bolt])
    assert found is not None
    description = found.rows[0]["description"]
    assert isinstance(description, Pointers)
    assert [run.text for run in description.runs] == ["Steel bolt M8", "galvanised"]
