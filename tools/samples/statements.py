"""Bank and card statements: CSV, Excel, PDF, and a bare list, of small companies that do not exist.

An entry is written once, with what it says; each file prints it in the manner of its bank. Banks, shops and
people are invented, save chains that statements everywhere are full of.
"""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal

import openpyxl
from openpyxl.styles import Font
from tools.samples.bookings import (
    CARD,
    MARSCHLAND,
    NORTHGATE,
    PRAIRIE,
    QUAIS,
    RHEINTAL,
    TYPED,
    Entry,
)
from tools.samples.kit import A4, HAIR, INK, LETTER, MUTED, Sheet
from tools.samples.truth import BRITISH, GERMAN, Locale, Truth
from tools.samples.written import same_archive

Drawn = tuple[bytes, Truth]


def _truth(entries: Iterable[Entry], locale: Locale, day: str, *, signed: str = "before") -> Truth:
    """What is expected of the entries. `signed` is how the statement prints an amount that leaves: with a
    minus `before` or `after` it, or `never`, in a column of its own; dates are printed as `day`."""
    truth = Truth(locale)
    for number, each in enumerate(entries):
        at = f"transactions[{number}]"
        truth.say(f"{at}.category", each.category)
        truth.printed[f"{at}.category"] = []
        if each.merchant:
            truth.say(f"{at}.merchant", each.merchant)
        truth.cells[f"{at}.recurring"] = each.recurring  # type: ignore[assignment]  # JSON has booleans.
        truth.printed[f"{at}.recurring"] = []
        if day:
            truth.say(f"{at}.date", each.day.isoformat(), each.day.strftime(day))
        value = abs(each.amount) if signed == "never" else each.amount
        truth.say(f"{at}.amount", f"{value:.2f}", _printed(each.amount, locale, signed))
    return truth


def _printed(amount: Decimal, locale: Locale, signed: str) -> str:
    number = locale.number(abs(amount))
    if signed == "never":
        return number
    if signed == "after":
        return f"{number}{'-' if amount < 0 else '+'}"
    return f"-{number}" if amount < 0 else number


def _rows(rows: Iterable[Sequence[str]], separator: str, encoding: str) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=separator, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode(encoding)


# The United Kingdom: money out and in, a running balance, and one payment booked twice ---------------


def northgate() -> Drawn:
    """A CSV file with a head, balances between the entries, and the closing balance below."""
    balance = Decimal("3120.44")
    rows: list[Sequence[str]] = [
        ["Northgate Bank", "Business Current Account 41-88-20 30117742"],
        ["Date", "Details", "Money out", "Money in", "Balance"],
        ["31/03/2026", "Balance brought forward", "", "", BRITISH.number(balance)],
    ]
    for each in NORTHGATE:
        balance += each.amount
        paid = BRITISH.number(abs(each.amount))
        money = [paid, ""] if each.amount < 0 else ["", paid]
        rows.append([each.day.strftime("%d/%m/%Y"), each.text, *money, BRITISH.number(balance)])
    rows.append(["30/04/2026", "Closing balance", "", "", BRITISH.number(balance)])
    return _rows(rows, ",", "utf-8"), _truth(NORTHGATE, BRITISH, "%d/%m/%Y", signed="never")


# Germany: semicolons, decimal commas, Windows letters ------------------------------------------------


def rheintal() -> Drawn:
    """A CSV file in Windows-1252 with two dates for each entry."""
    rows: list[Sequence[str]] = [
        ["Umsätze", "Geschäftskonto", "Zimmerei Aumann GmbH"],
        [
            "Buchungstag",
            "Wertstellung",
            "Buchungstext",
            "Auftraggeber/Empfänger",
            "Verwendungszweck",
            "Betrag",
            "Währung",
        ],
    ]
    for each in RHEINTAL:
        day = each.day.strftime("%d.%m.%Y")
        rows.append([day, day, *each.text.split("; "), _printed(each.amount, GERMAN, "before"), "EUR"])
    rows.append(["31.03.2026", "", "Endsaldo", "", "", "7.004,17", "EUR"])
    return _rows(rows, ";", "cp1252"), _truth(RHEINTAL, GERMAN, "%d.%m.%Y")


# France: a workbook, debit and credit ----------------------------------------------------------------


def quais() -> Drawn:
    """An Excel file with real dates and numbers."""
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None  # noqa: S101  (a new workbook has a sheet)
    page.title = "Relevé février"
    page.append(["Banque des Quais", "Compte courant professionnel 00040 22871"])
    page.append(["Date", "Libellé", "Débit", "Crédit"])
    for cell in page[2]:
        cell.font = Font(bold=True)
    for each in QUAIS:
        amount = float(abs(each.amount))
        page.append([each.day, each.text, *([amount, None] if each.amount < 0 else [None, amount])])
        page.cell(page.max_row, 1).number_format = "dd/mm/yyyy"
        for column in (3, 4):
            page.cell(page.max_row, column).number_format = "#,##0.00"
    page.append(["Total des opérations", None, 2285.25, 2960.00])
    out = io.BytesIO()
    book.save(out)
    return same_archive(out.getvalue()), _truth(QUAIS, BRITISH, "%d/%m/%Y", signed="never")


# The United States: a PDF, several lines for an entry, a running balance -----------------------------


def prairie() -> Drawn:
    """American: the month comes first, and what goes on is set in below its entry."""
    sheet = Sheet(LETTER, title="Statement May 2026", author="Prairie Federal Credit Union")
    sheet.text(22, 24, "Prairie Federal Credit Union", "Roboto-Bold", 14)
    sheet.text(
        22,
        31,
        "Business checking  ...7731     Statement period 05/01/2026 - 05/31/2026",
        "Roboto-Regular",
        9,
        MUTED,
    )
    balance = Decimal("6211.08")
    edges = (132.0, 162.0, 192.0)
    y = _heads(sheet, 46, ("Date", "Description"), (22, 46), ("Withdrawals", "Deposits", "Balance"), edges)
    sheet.text(46, y, "Beginning balance", "Roboto-Medium", 9)
    sheet.text(edges[2], y, BRITISH.number(balance), "Roboto-Regular", 9, INK, "right")
    for each in PRAIRIE:
        y += 6.2
        balance += each.amount
        sheet.text(22, y, each.day.strftime("%m/%d/%Y"), "Roboto-Regular", 9)
        sheet.text(46, y, each.text, "Roboto-Regular", 9)
        sheet.text(
            edges[each.amount > 0], y, BRITISH.number(abs(each.amount)), "Roboto-Regular", 9, INK, "right"
        )
        sheet.text(edges[2], y, BRITISH.number(balance), "Roboto-Regular", 9, INK, "right")
        for line in each.more:
            y += 4.2
            sheet.text(50, y, line, "Roboto-Light", 8, MUTED)
    sheet.text(46, y + 7, "Ending balance", "Roboto-Medium", 9)
    sheet.text(edges[2], y + 7, BRITISH.number(balance), "Roboto-Regular", 9, INK, "right")
    sheet.text(22, 262, "Page 1 of 1    Errors? Write to us within 60 days.", "Roboto-Light", 8, MUTED)
    return sheet.pdf(), _truth(PRAIRIE, BRITISH, "%m/%d/%Y", signed="never")


def _heads(
    sheet: Sheet,
    y: float,
    left: Sequence[str],
    at: Sequence[float],
    right: Sequence[str],
    edges: Sequence[float],
) -> float:
    for title, x in zip(left, at, strict=True):
        sheet.text(x, y, title, "Roboto-Medium", 8, MUTED)
    for title, x in zip(right, edges, strict=True):
        sheet.text(x, y, title, "Roboto-Medium", 8, MUTED, "right")
    sheet.canvas.setStrokeColor(HAIR)
    return y + 6


# Germany again: a savings bank's PDF, signs behind amounts, day and month alone -----------------------


def marschland() -> Drawn:
    """A savings bank: the merchant on the line below, the sign behind the amount."""
    sheet = Sheet(A4, title="Kontoauszug 1/2026", author="Sparkasse Marschland")
    sheet.text(24, 24, "Sparkasse Marschland", "Sans-Bold", 14)
    sheet.text(24, 31, "Kontoauszug 1/2026     Segelmacherei Petersen     Blatt 1", "Sans-Regular", 9, MUTED)
    y = _heads(sheet, 44, ("Buchung", "Wert", "Vorgang"), (24, 42, 60), ("Betrag EUR",), (180,))
    sheet.text(60, y, "Kontostand am 31.12.2025", "Sans-Semibold", 9)
    sheet.text(180, y, "4.108,33+", "Sans-Regular", 9, INK, "right")
    for each in MARSCHLAND:
        y += 6.4
        day = each.day.strftime("%d.%m.")
        sheet.text(24, y, day, "Sans-Regular", 9)
        sheet.text(42, y, day, "Sans-Regular", 9)
        sheet.text(60, y, each.text, "Sans-Regular", 9)
        sheet.text(180, y, _printed(each.amount, GERMAN, "after"), "Sans-Regular", 9, INK, "right")
        for line in each.more:
            y += 4.2
            sheet.text(60, y, line, "Sans-Regular", 9)
    sheet.text(60, y + 7, "Kontostand am 31.01.2026", "Sans-Semibold", 9)
    sheet.text(180, y + 7, "4.033,78+", "Sans-Regular", 9, INK, "right")
    return sheet.pdf(), _truth(MARSCHLAND, GERMAN, "%d.%m.", signed="after")


# A card abroad, and a list that somebody typed -------------------------------------------------------


def card() -> Drawn:
    """A credit card, where a plus is what was spent; an amount in dollars stands in one description."""
    rows: list[Sequence[str]] = [["Posting date", "Transaction", "Amount"]]
    rows += [[each.day.isoformat(), each.text, _printed(each.amount, BRITISH, "before")] for each in CARD]
    return _rows(rows, ",", "utf-8"), _truth(CARD, BRITISH, "%Y-%m-%d")


def typed() -> Drawn:
    """No dates, no columns: one thing on each line."""
    return "".join(f"{each.text}\n" for each in TYPED).encode(), _truth(TYPED, BRITISH, "")


TRANSACTIONS: dict[str, Callable[[], Drawn]] = {
    "card-june.csv": card,
    "marschland-kontoauszug.pdf": marschland,
    "northgate-april.csv": northgate,
    "petty-cash.txt": typed,
    "prairie-federal-may.pdf": prairie,
    "quais-fevrier.xlsx": quais,
    "rheintal-umsaetze.csv": rheintal,
}
