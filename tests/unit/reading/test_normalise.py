"""Words to values: every way of writing that we know, and honest refusals."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lemma.reading.cell import Status
from lemma.reading.normalise.amounts import NumberStyle, number_style, read_number
from lemma.reading.normalise.dates import DateStyle, date_style, read_date
from lemma.reading.normalise.identifiers import CHECKERS
from lemma.reading.normalise.months import month_names
from lemma.reading.normalise.values import document_style, normalise
from lemma.reading.schema import Field

NONE = DateStyle()


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("1.200,50", "1200.50"),
        ("1,200.50", "1200.50"),
        ("1'200.50", "1200.50"),
        ("1’200.50", "1200.50"),
        ("1 200,50", "1200.50"),
        ("1\u00a0200,50", "1200.50"),
        ("1\u202f234\u202f567,89", "1234567.89"),
        ("12,5", "12.5"),
        ("0,125", "0.125"),
        ("1234.567", "1234.567"),
        (".50", "0.50"),
        ("1,00,000.00", "100000.00"),
        ("12,34,567", "1234567"),
        ("1.234.567", "1234567"),
        ("1.200", "1200"),
        ("(12.00)", "-12.00"),
        ("$(1,234.50)", "-1234.50"),
        ("($12.00)", "-12.00"),
        ("12.00-", "-12.00"),
        ("−5,00", "-5.00"),
        ("- 12,00 €", "-12.00"),
        ("€ -12,00", "-12.00"),
        ("EUR -12,00", "-12.00"),
        ("12.00 CR", "-12.00"),
        ("Cr. 12.00", "-12.00"),
        ("Scr 12.00", "12.00"),
        ("EUR1.200,50", "1200.50"),
        ("12,-", "12"),
        ("CHF 12.--", "12"),
        ("12,– €", "12"),
        ("19 %", "19"),
        ("8,1%", "8.1"),
        ("٣٬٤٥٦٫٧٨", "3456.78"),
        ("１２，３００円", "12300"),
        ("A-12", "12"),
        ("9" * 40 + ".01", "9" * 40 + ".01"),
        ("-" + "9" * 40 + ".01", "-" + "9" * 40 + ".01"),
    ],
)
def test_amounts(raw: str, value: str) -> None:
    outcome = read_number(raw, NumberStyle(), money=True)
    assert (outcome.status, outcome.value) == (Status.FOUND, Decimal(value))


@pytest.mark.parametrize(
    "raw", ["2 x 3.50", "free", "", "12.03.2024", "1.2.3", "1'2", "1,23,4.5", "3-5", "1.20.30"]
)
def test_what_is_no_single_number_is_unreadable(raw: str) -> None:
    outcome = read_number(raw, NumberStyle(), money=True)
    assert outcome.value is None
    assert outcome.status is Status.UNREADABLE
    assert outcome.reason


def test_the_document_settles_three_digits_after_a_mark() -> None:
    assert read_number("1.200", NumberStyle(","), money=False).value == 1200
    assert read_number("1.200", NumberStyle("."), money=False).value == Decimal("1.200")
    assert read_number("1,200", NumberStyle(","), money=True).value == Decimal("1.200")
    outcome = read_number("1.200", NumberStyle(), money=False)
    assert outcome.status is Status.CONFLICTING
    assert outcome.signals["readings"] == ["1.200", "1200"]


def test_the_style_of_a_document_comes_from_its_amounts() -> None:
    assert number_style(["Net 1.200,50", "VAT 228,10 on 12.03.2024 at 10.30"]).decimal == ","
    assert number_style(["Net 1,200.50", "VAT 228.10"]).decimal == "."
    assert number_style(["1,20 and 1.20"]).decimal is None
    assert number_style(["none"]).decimal is None


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=2), st.sampled_from([".,", ",.", "' .", " ,"]))
def test_an_amount_written_in_any_style_is_read_back(amount: Decimal, style: str) -> None:
    group, mark = style[0], style[-1]
    text = f"{amount:,.2f}".replace(",", "\0").replace(".", mark).replace("\0", group)
    assert read_number(text, NumberStyle(), money=True).value == amount


@pytest.mark.parametrize(
    "raw",
    [
        "2024-01-05", "2024/1/5", "20240105", "2024-01-05T10:00:00", "05.01.2024", "5.1.24", "5. 1. 2024",
        "5. Januar 2024", "5 janvier 2024", "January 5, 2024", "Jan. 5th, 2024", "05-Jan-24", "5/Jan/2024",
        "05-JAN-2024", "5Jan2024", "5 de enero de 2024", "5 stycznia 2024 r.", "5 gennaio 2024",
        "Friday, 5 January 2024", "Fri Jan 05 2024", "2024年1月5日", "令和6年1月5日", "2024년 1월 5일",
        "5 มกราคม 2567", "2024 January 5", "the 5th day of January 2024", "5th of January, 2024",
        "٠٥.٠١.٢٠٢٤", "05 01 2024", "5 января 2024", "5 Jänner 2024", "5 janv. 2024",
        "Date: 05.01.2024 17:30",
    ],
)  # fmt: skip
def test_dates(raw: str) -> None:
    assert read_date(raw, NONE).value == date(2024, 1, 5)


@pytest.mark.parametrize("raw", ["31/02/2024", "31.02.2024", "March 2024", "30 days", "12.3", "", "0/0/0000"])
def test_what_is_no_date_is_unreadable(raw: str) -> None:
    outcome = read_date(raw, NONE)
    assert outcome.value is None
    assert outcome.status is Status.UNREADABLE


def test_two_dates_are_conflicting() -> None:
    assert read_date("01.01.2024 - 31.01.2024", NONE).status is Status.CONFLICTING


def test_day_and_month_are_conflicting_where_nothing_settles_them() -> None:
    outcome = read_date("03/04/2024", NONE)
    assert outcome.status is Status.CONFLICTING
    assert outcome.signals["readings"] == ["2024-04-03", "2024-03-04"]
    assert outcome.reason is not None
    assert "nothing in the document settles which" in outcome.reason


@pytest.mark.parametrize(
    ("texts", "first"),
    [
        (["Due 25/12/2024"], "day"),
        (["Due 12/25/2024"], "month"),
        (["25/12/2024", "12/25/2024", "MwSt"], None),
        (["Austin, TX 78701", "Sales Tax"], "month"),
        (["Facture", "TVA 20 %"], "day"),
        (["Rechnung", "New York, NY 10001"], None),
        (["25.12.2024"], None),
        (["GST 6%  RM 12.00 Sdn Bhd"], "day"),
    ],
)
def test_other_dates_then_words_settle_day_and_month(texts: list[str], first: str | None) -> None:
    assert date_style(texts).first == first


def test_a_settled_date_says_what_settled_it() -> None:
    outcome = read_date("03/04/2024", date_style(["25/12/2024"]))
    assert outcome.value == date(2024, 4, 3)
    assert outcome.signals["day_month"] == "other dates of the document have the day first"
    assert read_date("03/04/2024", DateStyle("month")).value == date(2024, 3, 4)
    assert read_date("03.04.2024", DateStyle("month")).value == date(2024, 4, 3)


@given(st.dates(date(1970, 1, 1), date(2069, 12, 31)))
def test_dates_in_unambiguous_forms_are_read_back(day: date) -> None:
    for form in ("%Y-%m-%d", "%d.%m.%Y", "%d %B %Y", "%B %d, %Y", "%d-%b-%y", "%d.%m.%y"):
        assert read_date(day.strftime(form), NONE).value == day


def test_no_month_has_a_name_that_is_only_digits() -> None:
    assert set(month_names().values()) == set(range(1, 13))
    assert all(name and not name.isdigit() for name in month_names())


@pytest.mark.parametrize(
    ("checker", "raw", "value", "valid"),
    [
        ("iban", "DE89 3704 0044 0532 0130 00", "DE89370400440532013000", True),
        ("iban", "DE88 3704 0044 0532 0130 00", "DE88370400440532013000", False),
        ("iban", "IBAN: DE89 3704 0044 0532 0130 00", "DE89370400440532013000", True),
        ("vat_id", "DE 136,695 976", "DE136695976", True),
        ("vat_id", "USt-IdNr. DE136695976", "DE136695976", True),
        ("vat_id", "DE136695978", "DE136695978", False),
        ("vat_id", "ATU13585627", "ATU13585627", True),
        ("vat_id", "FR 40 303 265 045", "FR40303265045", True),
        ("vat_id", "GB 980 7806 84", "GB980780684", True),
        ("vat_id", "CHE-107.787.577 IVA", "CHE107787577IVA", True),
        ("vat_id", "NO 995 525 828 MVA", "NO995525828MVA", True),
        ("vat_id", "EL 094259216", "EL094259216", True),
        ("vat_id", "123456", "123456", None),
        ("vat_id", "QQ123456", "QQ123456", None),
        ("bic", "COBADEFFXXX", "COBADEFFXXX", True),
        ("gtin", "4006381333931", "4006381333931", True),
        ("gtin", "4006381333932", "4006381333932", False),
        ("creditor_reference", "RF18 5390 0754 7034", "RF18539007547034", True),
        ("tax_number", "21/815/08150", "21/815/08150", True),
        ("tax_number", "nothing", "nothing", None),
    ],
)
def test_identifiers(checker: str, raw: str, value: str, valid: bool | None) -> None:
    outcome = normalise(Field("x", "identifier", "X", checker=checker), raw, document_style([]))
    assert outcome.value == value
    assert outcome.signals["checksum"] is valid
    assert outcome.signals["checksum_why"]


@given(st.text(max_size=40), st.sampled_from(sorted(CHECKERS)))
def test_no_words_break_a_normaliser(raw: str, checker: str) -> None:
    style = document_style([raw])
    for kind in ("amount", "number", "date", "identifier", "quote"):
        outcome = normalise(Field("x", kind, "X", checker=checker), raw, style)
        assert outcome.value is not None or outcome.reason or not raw.strip()


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("02.01.", date(2026, 1, 2)),
        ("31.12.", date(2025, 12, 31)),
        ("02.01", date(2026, 1, 2)),
        ("2 Jan", date(2026, 1, 2)),
        ("Jan 2", date(2026, 1, 2)),
        ("15.06.", None),
        ("40.01.", None),
    ],
)
def test_a_date_without_a_year_lies_among_the_others(raw: str, expected: date | None) -> None:
    style = date_style(["Kontostand am 31.12.2025", "2.1. Miete", "03.01. 17:22", "Kontostand am 31.01.2026"])
    outcome = read_date(raw, style)
    assert outcome.value == expected
    assert (outcome.status is Status.UNREADABLE) == (expected is None)
    if expected:
        assert "2025-12-31 and 2026-01-31" in outcome.signals["year"]


def test_a_year_is_never_guessed() -> None:
    assert read_date("02.01.", NONE).status is Status.UNREADABLE
    two_years = date_style(["01.01.2024", "31.12.2025"])
    assert "has no year" in (read_date("02.03.", two_years).reason or "")
    american = date_style(["Period 05/01/2026 - 05/31/2026"])
    assert read_date("05/04", american).value == date(2026, 5, 4)
