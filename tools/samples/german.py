"""German samples: an invoice with two rates, and a credit note with a minus before each amount."""

from datetime import date
from decimal import Decimal

from reportlab.lib.colors import HexColor, white
from tools.samples.kit import HAIR, INK, MUTED, Column, Sheet, Style
from tools.samples.truth import GERMAN, Item, Row, Truth, item, taxes

NIGHT = HexColor("#14213d")
AMBER = HexColor("#f2a541")
MOSS = HexColor("#2f5d50")
LEAF = HexColor("#e7efe9")


def nordlicht() -> tuple[bytes, Truth]:
    """A lamp maker's invoice: cash discount terms beside the due date, a book at the reduced rate."""
    truth = Truth(GERMAN)
    items = [
        item(
            "Tischleuchte „Polaris“, Messing gebürstet",
            "4",
            "189.00",
            "19",
            "NL-2041",
            "Stk.",
            ["inkl. Leuchtmittel E27, 6 W, 2700 K"],
        ),
        item("Pendelleuchte „Kleine Fichte“, Glas opal", "2", "324.50", "19", "NL-3317", "Stk."),
        item("Textilkabel grau, Meterware", "12.5", "6.40", "19", "NL-0090", "m"),
        item(
            "Montage vor Ort durch Elektrofachkraft",
            "3",
            "72.00",
            "19",
            "DL-0004",
            "Std.",
            ["am 22.03.2024, 9:00–12:00 Uhr"],
        ),
        item("Buch „Licht und Raum“, gebunden", "1", "38.32", "7", "BU-1180", "Stk."),
    ]
    sheet = Sheet(title="Rechnung RE-2024-0317", author="Nordlicht Leuchtenmanufaktur GmbH")
    _nordlicht_head(sheet, truth)
    rows = [truth.row(i, each) for i, each in enumerate(items)]
    y = _nordlicht_rows(sheet, rows)
    _nordlicht_sums(sheet, truth, items, y)
    _nordlicht_foot(sheet, truth)
    return sheet.pdf(), truth


def _nordlicht_head(sheet: Sheet, truth: Truth) -> None:
    sheet.box(0, 0, 210, 3, NIGHT)
    sheet.shape([(20, 30), (27, 14), (34, 30)], NIGHT)
    sheet.disc(27, 20.5, 2.6, AMBER)
    sheet.text(39, 22, "NORDLICHT", "Manrope-ExtraBold", 17, NIGHT, track=1.6)
    sheet.text(39.2, 27.6, "Leuchtenmanufaktur seit 1987", "Manrope-Regular", 8, MUTED)
    name = truth.words("supplier_name", "Nordlicht Leuchtenmanufaktur GmbH")[0]
    street, town = truth.words("supplier_address", "Polarweg 7", "24999 Musterhafen")
    sheet.text(20, 51, f"{name} · {street} · {town}", "Sans-Regular", 7, MUTED)
    sheet.rule(20, 96, 52.2)
    buyer = truth.words("buyer_name", "Buchhandlung Eselsohr e. K.")[0]
    lines = truth.words("buyer_address", "Lesegasse 12", "20999 Beispielstadt")
    sheet.block(20, 58, [buyer, "Frau Jette Blattner", *lines], size=10.5, leading=5)
    truth.choice("document_kind", "invoice", "Rechnung")
    pairs = [
        ("Rechnungsnummer", truth.identifier("number", "RE-2024-0317")),
        ("Rechnungsdatum", truth.date("issue_date", date(2024, 3, 26))),
        ("Leistungsdatum", truth.date("delivery_date", date(2024, 3, 22))),
        ("Kundennummer", truth.identifier("customer_number", "K-10482")),
        ("Ihre Bestellung", truth.identifier("order_number", "ES-773/24")),
        ("Ihre USt-IdNr.", truth.identifier("buyer_vat_id", "DE222333444", compact=True)),
    ]
    sheet.box(122, 47, 68, 34.5, HexColor("#f6f4ef"), 1.5)
    sheet.pairs(126, 186, 53.5, pairs)
    sheet.text(20, 98, "Rechnung", "Manrope-Bold", 20, NIGHT)
    sheet.text(20, 105.5, "Vielen Dank für Ihren Auftrag. Wir berechnen wie vereinbart:", size=9.5)


def _nordlicht_rows(sheet: Sheet, rows: list[Row]) -> float:
    columns = [
        Column("Pos.", 22),
        Column("Artikel", 31),
        Column("Bezeichnung", 52),
        Column("Menge", 130, "right"),
        Column("Einheit", 133),
        Column("Preis €", 160, "right"),
        Column("USt", 171, "right"),
        Column("Betrag €", 188, "right"),
    ]
    style = Style(head_fill=NIGHT, head_ink=white, zebra=HexColor("#f6f4ef"), rule=None)
    y = sheet.head(columns, 20, 190, 115, style)
    cells = [
        (str(i + 1), r.number, (r.description, *r.more), r.quantity, r.unit, r.price, r.rate, r.amount)
        for i, r in enumerate(rows)
    ]
    return sheet.rows(columns, cells, 20, 190, y + 1, style)


def _nordlicht_sums(sheet: Sheet, truth: Truth, items: list[Item], y: float) -> None:
    net = sum((each.amount for each in items), Decimal(0))
    split = taxes(items)
    tax = sum((each.amount for each in split), Decimal(0))
    truth.choice("currency", "EUR", "€")
    sheet.rule(118, 190, y - 2.6, NIGHT, 0.35)
    y = sheet.pairs(120, 188, y + 2.6, [("Nettobetrag", truth.amount("net", net) + " €")])
    for i, each in enumerate(split):
        rate = truth.percent(f"vat_by_rate[{i}].rate", each.rate)
        base = truth.amount(f"vat_by_rate[{i}].base", each.base)
        amount = truth.amount(f"vat_by_rate[{i}].amount", each.amount)
        y = sheet.pairs(120, 188, y, [(f"zzgl. {rate} USt auf {base} €", f"{amount} €")])
    y = sheet.pairs(120, 188, y, [("Umsatzsteuer gesamt", truth.amount("tax_total", tax) + " €")])
    sheet.box(118, y - 2, 72, 9.5, NIGHT, 1)
    sheet.text(121, y + 4.2, "Rechnungsbetrag", "Manrope-Bold", 10, white)
    sheet.text(188, y + 4.2, truth.amount("total", net + tax) + " €", "Sans-Bold", 11.5, white, "right")
    due = truth.date("due_date", date(2024, 4, 25))
    text = [
        f"Zahlbar bis {due} ohne Abzug.",
        "Bei Zahlung bis 05.04.2024 gewähren wir 2 % Skonto.",
        f"Bitte geben Sie als Verwendungszweck {truth.identifier('payment_reference', 'NL 10482-0317')} an.",
    ]
    sheet.block(20, y + 22, text, size=9.5, leading=5)


def _nordlicht_foot(sheet: Sheet, truth: Truth) -> None:
    vat = truth.identifier("supplier_vat_id", "DE111222339", compact=True)
    number = truth.identifier("supplier_tax_number", "20/293/08154")
    iban = truth.identifier("iban", "DE05 9005 0000 0001 2345 67", compact=True)
    sheet.rule(20, 190, 268)
    left = ["Nordlicht Leuchtenmanufaktur GmbH", "Polarweg 7 · 24999 Musterhafen", "Tel. 04999 12345-0"]
    middle = ["Amtsgericht Musterhafen HRB 99901", f"USt-IdNr. {vat}", f"Steuernummer {number}"]
    right = ["Förde-Bank Musterhafen", f"IBAN {iban}", "BIC FOERDE99XXX"]
    sheet.block(20, 273, left, size=7.5, ink=MUTED, leading=3.8)
    sheet.block(82, 273, middle, size=7.5, ink=MUTED, leading=3.8)
    sheet.block(139, 273, right, size=7.5, ink=MUTED, leading=3.8)


def radwerk() -> tuple[bytes, Truth]:
    """A credit note that names the invoice it corrects: the trap is to read that one's number and date."""
    truth = Truth(GERMAN)
    items = [
        item(
            "Stadtrad „Kiesel“, 7-Gang, Gr. M",
            "-1",
            "749.00",
            "19",
            "88-1407",
            "Stück",
            ["Rahmennummer RW 55120, Rückgabe wegen Lackschaden"],
        ),
        item("Fahrradkorb Weide, hinten", "-1", "39.90", "19", "88-0021", "Stück"),
    ]
    sheet = Sheet(title="Rechnungskorrektur GS-2025-0042", author="Radwerk Sonnenallee eG")
    _radwerk_head(sheet, truth)
    rows = [truth.row(i, each, percent="%") for i, each in enumerate(items)]
    columns = [
        Column("Artikel-Nr.", 25),
        Column("Beschreibung", 48),
        Column("Menge", 128, "right"),
        Column("Einzelpreis", 152, "right"),
        Column("MwSt", 164, "right"),
        Column("Gesamt", 185, "right"),
    ]
    style = Style("Roboto-Regular", "Roboto-Medium", 8.8, head_ink=MOSS)
    y = sheet.head(columns, 25, 185, 136, style)
    cells = [
        (r.number, (r.description, *r.more), f"{r.quantity} {r.unit}", r.price, r.rate, r.amount)
        for r in rows
    ]
    y = sheet.rows(columns, cells, 25, 185, y, style)
    _radwerk_sums(sheet, truth, items, y)
    return sheet.pdf(), truth


def _radwerk_head(sheet: Sheet, truth: Truth) -> None:
    for x in (30.5, 44.5):
        sheet.disc(x, 26, 6, MOSS)
        sheet.disc(x, 26, 4.6, white)
        sheet.disc(x, 26, 1, MOSS)
    sheet.shape([(30.2, 26.4), (36, 16.5), (37, 17), (31, 26.8)], MOSS)
    sheet.shape([(36, 16.5), (44.3, 26), (43.6, 26.6), (35.6, 17.4)], MOSS)
    sheet.text(56, 25, "Radwerk Sonnenallee", "Roboto-Bold", 19, MOSS)
    sheet.text(56, 30.6, "Räder, Reparatur, Genossenschaft", "Roboto-Light", 9.5, MUTED)
    name = truth.words("supplier_name", "Radwerk Sonnenallee eG")[0]
    lines = truth.words("supplier_address", "Sonnenallee 400a", "12999 Neuberlin")
    sheet.block(185, 22, [name, *lines, "Telefon 030 9990 4711"], "Roboto-Regular", 8, MUTED, 4, "right")
    buyer = truth.words("buyer_name", "Kita Wirbelwind gGmbH")[0]
    lines = truth.words("buyer_address", "Pustekuchenweg 3", "12998 Neuberlin")
    sheet.block(25, 60, [buyer, *lines], "Roboto-Regular", 10.5, leading=5.2)
    truth.choice("document_kind", "credit_note", "Rechnungskorrektur")
    sheet.text(25, 97, "Rechnungskorrektur (Gutschrift)", "Roboto-Bold", 16, MOSS)
    pairs = [
        ("Belegnummer", truth.identifier("number", "GS-2025-0042")),
        ("Datum", truth.date("issue_date", date(2025, 2, 11))),
        ("Kunde", truth.identifier("customer_number", "20077")),
    ]
    sheet.box(25, 102.5, 160, 18, LEAF, 1.5)
    for i, (label, value) in enumerate(pairs):
        sheet.text(30 + i * 52, 109.5, label, "Roboto-Regular", 8, MUTED)
        sheet.text(30 + i * 52, 115, value, "Roboto-Medium", 10.5)
    text = "Zu unserer Rechnung RE-2025-0198 vom 21.01.2025 schreiben wir Ihnen gut:"
    sheet.text(25, 128, text, "Roboto-Regular", 9.5)


def _radwerk_sums(sheet: Sheet, truth: Truth, items: list[Item], y: float) -> None:
    split = taxes(items)[0]
    truth.choice("currency", "EUR", "EUR")
    net = truth.amount("net", split.base)
    rate = truth.percent("vat_by_rate[0].rate", split.rate, "%")
    tax = truth.amount("tax_total", split.amount)
    truth.say("vat_by_rate[0].amount", f"{split.amount:.2f}", tax)
    faces = ("Roboto-Regular", "Roboto-Medium")
    pairs = [("Summe netto EUR", net), (f"MwSt {rate} EUR", tax)]
    y = sheet.pairs(118, 185, y + 4, pairs, faces, 9.5, 6)
    sheet.rule(118, 185, y - 3.4, MOSS, 0.4)
    sheet.text(118, y + 2, "Gutschriftbetrag EUR", "Roboto-Bold", 10.5, MOSS)
    sheet.text(
        185, y + 2, truth.amount("total", split.base + split.amount), "Roboto-Bold", 11.5, INK, "right"
    )
    text = [
        "Der Betrag wird innerhalb von 14 Tagen auf das uns bekannte Konto erstattet.",
        "Die ursprüngliche Rechnung bleibt im Übrigen unverändert.",
    ]
    sheet.block(25, y + 18, text, "Roboto-Regular", 9.5, leading=5)
    vat = truth.identifier("supplier_vat_id", "DE 333 444 558", compact=True)
    sheet.rule(25, 185, 272, HAIR)
    foot = f"Radwerk Sonnenallee eG · GnR 999 B Neuberlin · Vorstand: Mara Speichert · USt-IdNr. {vat}"
    sheet.text(105, 277, foot, "Roboto-Regular", 7.5, MUTED, "center")
