"""What is booked on the sample statements: each entry once, with what a perfect reading says of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal


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


NORTHGATE = [
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

RHEINTAL = [
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

QUAIS = [
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

PRAIRIE = [
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

MARSCHLAND = [
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

CARD = [
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

TYPED = [
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
