"""Bank and card statements: CSV, Excel, PDF, and a bare list, of small companies that do not exist.

An entry is written once, with what it says; each file prints it in the manner of its bank. Banks, shops and
people are invented, save chains that statements everywhere are full of.
"""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import openpyxl
from openpyxl.styles import Font
from tools.samples.kit import A4, HAIR, INK, LETTER, MUTED, Sheet
from tools.samples.truth import BRITISH, GERMAN, Locale, Truth
from tools.samples.written import same_archive

Drawn = tuple[bytes, Truth]


@dataclass(frozen=True)
class Entry:
    """One booking. `amount` is negative where money leaves; `text` holds `merchant` word for word."""

    day: date
    text: str
    merchant: str
    amount: Decimal
    category: str
    recurring: bool = False
    more: tuple[str, ...] = ()


def entry(
    day: str,
    text: str,
    merchant: str,
    amount: str,
    category: str,
    recurring: bool = False,
    more: Sequence[str] = (),
) -> Entry:
    """An `Entry` from texts."""
    return Entry(date.fromisoformat(day), text, merchant, Decimal(amount), category, recurring, tuple(more))


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

_NORTHGATE = [
    entry(
        "2026-04-01",
        "STANDING ORDER  QUAYSIDE LETTINGS STUDIO RENT",
        "QUAYSIDE LETTINGS",
        "-850.00",
        "rent",
        True,
    ),
    entry("2026-04-02", "CARD PAYMENT  TESCO STORES 3345 BRISTOL", "TESCO STORES", "-31.48", "meals"),
    entry(
        "2026-04-03", "DIRECT DEBIT  OCTOPUS ENERGY A-4471", "OCTOPUS ENERGY", "-112.06", "utilities", True
    ),
    entry(
        "2026-04-07",
        "FASTER PAYMENT IN  HARBOURLINE STUDIO INV 2041",
        "HARBOURLINE STUDIO",
        "1740.00",
        "sales",
    ),
    entry("2026-04-08", "CARD PAYMENT  TRAINLINE 0333 202 2222", "TRAINLINE", "-64.20", "travel"),
    entry(
        "2026-04-09",
        "BILL PAYMENT  PAPER & GLUE LTD REF 8832",
        "PAPER & GLUE LTD",
        "-245.00",
        "goods and materials",
    ),
    entry(
        "2026-04-09",
        "BILL PAYMENT  PAPER & GLUE LTD REF 8832",
        "PAPER & GLUE LTD",
        "-245.00",
        "goods and materials",
    ),
    entry("2026-04-14", "CARD REFUND  TRAINLINE 0333 202 2222", "TRAINLINE", "32.10", "refund received"),
    entry("2026-04-15", "DIRECT DEBIT  HMRC VAT", "HMRC", "-1203.77", "taxes"),
    entry("2026-04-20", "CARD PAYMENT  ADOBE SYSTEMS SOFTWARE", "ADOBE", "-51.98", "software", True),
    entry("2026-04-27", "BACS  WAGES M OKAFOR", "M OKAFOR", "-1630.00", "wages", True),
    entry("2026-04-30", "MONTHLY ACCOUNT FEE", "", "-8.50", "bank fees", True),
]


def northgate() -> Drawn:
    """A CSV file with a head, balances between the entries, and the closing balance below."""
    balance = Decimal("3120.44")
    rows: list[Sequence[str]] = [
        ["Northgate Bank", "Business Current Account 41-88-20 30117742"],
        ["Date", "Details", "Money out", "Money in", "Balance"],
        ["31/03/2026", "Balance brought forward", "", "", BRITISH.number(balance)],
    ]
    for each in _NORTHGATE:
        balance += each.amount
        paid = BRITISH.number(abs(each.amount))
        money = [paid, ""] if each.amount < 0 else ["", paid]
        rows.append([each.day.strftime("%d/%m/%Y"), each.text, *money, BRITISH.number(balance)])
    rows.append(["30/04/2026", "Closing balance", "", "", BRITISH.number(balance)])
    return _rows(rows, ",", "utf-8"), _truth(_NORTHGATE, BRITISH, "%d/%m/%Y", signed="never")


# Germany: semicolons, decimal commas, Windows letters ------------------------------------------------

_RHEINTAL = [
    entry(
        "2026-03-02",
        "Dauerauftrag; Hausverwaltung Kellermann; Miete Werkstatt März",
        "Hausverwaltung Kellermann",
        "-1190.00",
        "rent",
        True,
    ),
    entry("2026-03-03", "Kartenzahlung; ARAL Station 0815; Köln", "ARAL", "-78.31", "vehicles"),
    entry("2026-03-04", "Gutschrift; Wolkenkran GmbH; RE 2026-018", "Wolkenkran GmbH", "4284.00", "sales"),
    entry(
        "2026-03-05",
        "Lastschrift; Techniker Krankenkasse; Beiträge Februar",
        "Techniker Krankenkasse",
        "-612.40",
        "social security",
        True,
    ),
    entry(
        "2026-03-09",
        "Überweisung; Holz Brandt e.K.; Rechnung 77120 Leimbinder",
        "Holz Brandt e.K.",
        "-1873.29",
        "goods and materials",
    ),
    entry(
        "2026-03-10",
        "Lastschrift; Finanzamt Köln-Mitte; Umsatzsteuer Januar",
        "Finanzamt Köln-Mitte",
        "-1428.00",
        "taxes",
    ),
    entry(
        "2026-03-12",
        "Gutschrift; Holz Brandt e.K.; Gutschrift zu 77120",
        "Holz Brandt e.K.",
        "96.00",
        "refund received",
    ),
    entry(
        "2026-03-16",
        "Lastschrift; Vodafone GmbH; Kd-Nr 4410077 Internet",
        "Vodafone GmbH",
        "-44.99",
        "telephone and internet",
        True,
    ),
    entry(
        "2026-03-18", "Kartenzahlung; Gasthaus Zur Linde; Bewirtung", "Gasthaus Zur Linde", "-92.60", "meals"
    ),
    entry(
        "2026-03-23",
        "Überweisung; Steuerberatung Ilse Mohr; Quartal 1",
        "Steuerberatung Ilse Mohr",
        "-380.80",
        "professional fees",
    ),
    entry(
        "2026-03-31", "Abschluss; Rheintal-Bank; Kontoführung", "Rheintal-Bank", "-9.90", "bank fees", True
    ),
]


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
    for each in _RHEINTAL:
        day = each.day.strftime("%d.%m.%Y")
        rows.append([day, day, *each.text.split("; "), _printed(each.amount, GERMAN, "before"), "EUR"])
    rows.append(["31.03.2026", "", "Endsaldo", "", "", "7.004,17", "EUR"])
    return _rows(rows, ";", "cp1252"), _truth(_RHEINTAL, GERMAN, "%d.%m.%Y")


# France: a workbook, debit and credit ----------------------------------------------------------------

_QUAIS = [
    entry("2026-02-02", "PRLV SEPA EDF PRO", "EDF PRO", "-187.33", "utilities", True),
    entry("2026-02-03", "CB BOULANGERIE AU BON LEVAIN", "BOULANGERIE AU BON LEVAIN", "-18.40", "meals"),
    entry("2026-02-05", "VIR RECU MAIRIE DE VANNES FACT 26-011", "MAIRIE DE VANNES", "2960.00", "sales"),
    entry("2026-02-06", "CB SNCF CONNECT", "SNCF CONNECT", "-74.00", "travel"),
    entry(
        "2026-02-09",
        "PRLV SEPA MAAF ASSURANCES CONTRAT 88210",
        "MAAF ASSURANCES",
        "-63.12",
        "insurance",
        True,
    ),
    entry("2026-02-11", "CB TOTALENERGIES RELAIS DU GOLFE", "TOTALENERGIES", "-69.90", "vehicles"),
    entry("2026-02-16", "VIR SCI DES REMPARTS LOYER FEVRIER", "SCI DES REMPARTS", "-720.00", "rent", True),
    entry("2026-02-18", "RETRAIT DAB 18/02 VANNES REPUBLIQUE", "", "-100.00", "cash"),
    entry("2026-02-20", "PRLV SEPA URSSAF BRETAGNE", "URSSAF BRETAGNE", "-1041.00", "social security", True),
    entry("2026-02-27", "COTISATION CARTE BUSINESS", "", "-11.50", "bank fees", True),
]


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
    for each in _QUAIS:
        amount = float(abs(each.amount))
        page.append([each.day, each.text, *([amount, None] if each.amount < 0 else [None, amount])])
        page.cell(page.max_row, 1).number_format = "dd/mm/yyyy"
        for column in (3, 4):
            page.cell(page.max_row, column).number_format = "#,##0.00"
    page.append(["Total des opérations", None, 2285.25, 2960.00])
    out = io.BytesIO()
    book.save(out)
    return same_archive(out.getvalue()), _truth(_QUAIS, BRITISH, "%d/%m/%Y", signed="never")


# The United States: a PDF, several lines for an entry, a running balance -----------------------------

_PRAIRIE = [
    entry("2026-05-01", "ACH DEBIT GUSTO PAYROLL", "GUSTO", "-5120.00", "wages", True, ["PPD ID 9138864001"]),
    entry(
        "2026-05-04",
        "PURCHASE THE HOME DEPOT #2207",
        "THE HOME DEPOT",
        "-318.77",
        "goods and materials",
        False,
        ["DES MOINES IA CARD 4410"],
    ),
    entry(
        "2026-05-05",
        "DEPOSIT SQUARE INC",
        "SQUARE INC",
        "2914.60",
        "sales",
        True,
        ["CCD ID 9424300002 260504P2"],
    ),
    entry("2026-05-06", "PURCHASE USPS PO 1834560", "USPS", "-27.95", "postage and freight"),
    entry(
        "2026-05-11",
        "PURCHASE SHELL OIL 57444",
        "SHELL OIL",
        "-61.02",
        "vehicles",
        False,
        ["AMES IA CARD 4410"],
    ),
    entry(
        "2026-05-12",
        "RETURN THE HOME DEPOT #2207",
        "THE HOME DEPOT",
        "45.30",
        "refund received",
        False,
        ["DES MOINES IA CARD 4410"],
    ),
    entry(
        "2026-05-15",
        "ACH DEBIT STATE FARM RO 27",
        "STATE FARM",
        "-204.18",
        "insurance",
        True,
        ["CPC-CLIENT 22 S 1120"],
    ),
    entry("2026-05-18", "CHECK 1184", "", "-950.00", "rent", True),
    entry("2026-05-20", "PURCHASE GOOGLE ADS 8837", "GOOGLE ADS", "-300.00", "advertising"),
    entry("2026-05-29", "INTEREST PAID", "", "1.14", "interest", True),
]


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
    for each in _PRAIRIE:
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
    return sheet.pdf(), _truth(_PRAIRIE, BRITISH, "%m/%d/%Y", signed="never")


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

_MARSCHLAND = [
    entry(
        "2026-01-02",
        "LASTSCHRIFT",
        "Stadtwerke Husum",
        "-156.00",
        "utilities",
        True,
        ["Stadtwerke Husum", "Abschlag Strom Januar"],
    ),
    entry(
        "2026-01-05",
        "KARTENZAHLUNG",
        "REWE",
        "-54.20",
        "meals",
        False,
        ["REWE Markt 4432 Husum", "03.01. 17:22"],
    ),
    entry(
        "2026-01-07",
        "GUTSCHRIFT",
        "Fjordlight Outdoor",
        "812.50",
        "sales",
        False,
        ["Fjordlight Outdoor", "Rechnung 26/004 Trockensäcke"],
    ),
    entry(
        "2026-01-12",
        "LASTSCHRIFT",
        "Telekom Deutschland",
        "-39.95",
        "telephone and internet",
        True,
        ["Telekom Deutschland", "Festnetz 0484110"],
    ),
    entry("2026-01-15", "BARGELDAUSZAHLUNG", "", "-200.00", "cash"),
    entry(
        "2026-01-20",
        "ÜBERWEISUNG",
        "Kreditkasse Nord",
        "-430.00",
        "loan",
        True,
        ["Kreditkasse Nord", "Rate Kredit 99-210"],
    ),
    entry("2026-01-30", "ENTGELT", "", "-6.90", "bank fees", True, ["Kontoführung Januar"]),
]


def marschland() -> Drawn:
    """A savings bank: the merchant on the line below, the sign behind the amount."""
    sheet = Sheet(A4, title="Kontoauszug 1/2026", author="Sparkasse Marschland")
    sheet.text(24, 24, "Sparkasse Marschland", "Sans-Bold", 14)
    sheet.text(24, 31, "Kontoauszug 1/2026     Segelmacherei Petersen     Blatt 1", "Sans-Regular", 9, MUTED)
    y = _heads(sheet, 44, ("Buchung", "Wert", "Vorgang"), (24, 42, 60), ("Betrag EUR",), (180,))
    sheet.text(60, y, "Kontostand am 31.12.2025", "Sans-Semibold", 9)
    sheet.text(180, y, "4.108,33+", "Sans-Regular", 9, INK, "right")
    for each in _MARSCHLAND:
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
    truth = _truth(_MARSCHLAND, GERMAN, "%d.%m.", signed="after")
    for path in [path for path in truth.cells if path.endswith(".date")]:
        del truth.cells[path], truth.printed[path]  # Without a year it is no date; it is unreadable.
    return sheet.pdf(), truth


# A card abroad, and a list that somebody typed -------------------------------------------------------

_CARD = [
    entry("2026-06-03", "LUFTHANSA 2202441883120 FRANKFURT", "LUFTHANSA", "412.17", "travel"),
    entry("2026-06-04", "UBER *TRIP HELP.UBER.COM LISBOA", "UBER", "14.85", "travel"),
    entry("2026-06-05", "HOTEL MIRADOR DO TEJO LISBOA", "HOTEL MIRADOR DO TEJO", "286.00", "travel"),
    entry("2026-06-05", "PASTELARIA SAO ROQUE LISBOA", "PASTELARIA SAO ROQUE", "9.40", "meals"),
    entry("2026-06-09", "FIGMA MONTHLY RENEWAL USD 45.00", "FIGMA", "41.62", "software", True),
    entry("2026-06-09", "FOREIGN TRANSACTION FEE", "", "0.83", "bank fees"),
    entry("2026-06-12", "AMAZON MKTPLACE 306-11 REFUND", "AMAZON MKTPLACE", "-23.99", "refund received"),
    entry("2026-06-15", "PAYMENT RECEIVED THANK YOU", "", "-1204.66", "transfer"),
    entry("2026-06-22", "LINKEDIN ADS 77310245", "LINKEDIN ADS", "150.00", "advertising"),
]


def card() -> Drawn:
    """A credit card, where a plus is what was spent; an amount in dollars stands in one description."""
    rows: list[Sequence[str]] = [["Posting date", "Transaction", "Amount"]]
    rows += [[each.day.isoformat(), each.text, _printed(each.amount, BRITISH, "before")] for each in _CARD]
    return _rows(rows, ",", "utf-8"), _truth(_CARD, BRITISH, "%Y-%m-%d")


_TYPED = [
    entry(
        "2026-01-01", "Ink and paper, Stationers Hall 12.80", "Stationers Hall", "12.80", "office supplies"
    ),
    entry("2026-01-01", "stamps at the post office 22.00", "post office", "22.00", "postage and freight"),
    entry(
        "2026-01-01",
        "Chamber of commerce yearly dues 180.00",
        "Chamber of commerce",
        "180.00",
        "dues and donations",
        True,
    ),
    entry("2026-01-01", "first aid course, Red Cross 65.00", "Red Cross", "65.00", "training and books"),
]


def typed() -> Drawn:
    """No dates, no columns: one thing on each line."""
    return "".join(f"{each.text}\n" for each in _TYPED).encode(), _truth(_TYPED, BRITISH, "")


TRANSACTIONS: dict[str, Callable[[], Drawn]] = {
    "card-june.csv": card,
    "marschland-kontoauszug.pdf": marschland,
    "northgate-april.csv": northgate,
    "petty-cash.txt": typed,
    "prairie-federal-may.pdf": prairie,
    "quais-fevrier.xlsx": quais,
    "rheintal-umsaetze.csv": rheintal,
}
