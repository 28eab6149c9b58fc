"""Invoices in English: a studio's hours, a total that is wrong, and an American one with a deposit."""

from datetime import date
from decimal import Decimal

from reportlab.lib.colors import HexColor, white
from tools.samples.kit import HAIR, INK, LETTER, MUTED, Column, Sheet, Style
from tools.samples.truth import AMERICAN, BRITISH, CENT, Item, Truth, item, taxes

NAVY = HexColor("#1b3a4b")
CORAL = HexColor("#e4572e")
PLUM = HexColor("#5b3a6f")
LILAC = HexColor("#f3eef6")
SKY = HexColor("#2563eb")


def harbourline() -> tuple[bytes, Truth]:
    """Hours and days of a design studio; two columns of addresses; the month in letters."""
    truth = Truth(BRITISH)
    items = [
        item(
            "Brand workshop, full team",
            "1",
            "1450.00",
            "20",
            unit="day",
            more=["held at your office, 18 February"],
        ),
        item("Packaging design, second round", "22.5", "95.00", "20", unit="hrs"),
        item(
            "Illustration licence, 12 months",
            "1",
            "680.00",
            "20",
            unit="item",
            more=["UK and Ireland, print and web"],
        ),
        item("Proof prints by courier", "3", "28.40", "20", unit="sets"),
    ]
    sheet = Sheet(title="Invoice HL-1182", author="Harbourline Studio Ltd")
    _harbourline_head(sheet, truth)
    columns = [
        Column("Description", 24),
        Column("Qty", 124, "right"),
        Column("Unit", 127),
        Column("Rate", 154, "right"),
        Column("Amount", 186, "right"),
    ]
    style = Style("Serif-Regular", "Serif-Semibold", 10, leading=4.6, gap=3.6, head_size=8.5, head_ink=NAVY)
    y = sheet.head(columns, 24, 186, 126, style)
    rows = [
        truth.row(i, Item(e.description, e.quantity, e.price, None, "", e.unit, e.more))
        for i, e in enumerate(items)
    ]
    cells = [((r.description, *r.more), r.quantity, r.unit, r.price, r.amount) for r in rows]
    y = sheet.rows(columns, cells, 24, 186, y, style)
    split = taxes(items)[0]
    truth.choice("currency", "GBP", "£")
    rate = truth.percent("vat_by_rate[0].rate", split.rate, "%")
    tax = truth.money("tax_total", split.amount)
    truth.say("vat_by_rate[0].amount", f"{split.amount:.2f}", truth.locale.number(split.amount))
    pairs = [("Subtotal", truth.money("net", split.base)), (f"VAT at {rate}", tax)]
    y = sheet.pairs(130, 186, y + 3, pairs, ("Serif-Regular", "Serif-Regular"), 10, 6, ink=INK)
    sheet.rule(130, 186, y - 3.6, NAVY, 0.4)
    sheet.text(130, y + 2.5, "Total due", "Serif-Bold", 12, NAVY)
    sheet.text(186, y + 2.5, truth.money("total", split.base + split.amount), "Serif-Bold", 12, NAVY, "right")
    _harbourline_foot(sheet, truth)
    return sheet.pdf(), truth


def _harbourline_head(sheet: Sheet, truth: Truth) -> None:
    for i in range(4):
        sheet.box(24 + i * 5, 30 - i * 3.4, 3.6, 6 + i * 3.4, CORAL if i == 3 else NAVY)
    name = truth.words("supplier_name", "Harbourline Studio Ltd")[0]
    sheet.text(49, 35.6, "Harbourline", "Serif-Bold", 21, NAVY)
    lines = truth.words(
        "supplier_address", "Unit 9, The Imaginary Ropeworks", "Pretend Quay", "Bristow BX9 9ZZ"
    )
    sheet.block(186, 24, [name, *lines], "Serif-Regular", 9, MUTED, 4.6, "right")
    truth.choice("document_kind", "invoice", "Invoice")
    sheet.text(24, 62, "Invoice", "Serif-Bold", 26, NAVY)
    buyer = truth.words("buyer_name", "Thistledown Preserves LLP")[0]
    lines = truth.words("buyer_address", "The Old Jam Factory", "2 Bramble Yard", "Fernhill FH0 0ZZ")
    sheet.text(24, 75, "Billed to", "Serif-It", 9, MUTED)
    sheet.block(24, 81, [buyer, "Accounts payable", *lines], "Serif-Regular", 10, leading=5)
    pairs = [
        ("Invoice number", truth.identifier("number", "HL-1182")),
        ("Date", truth.date("issue_date", date(2025, 3, 14), "14 March 2025")),
        ("Due", truth.date("due_date", date(2025, 4, 13), "13 April 2025")),
        ("Your PO", truth.identifier("order_number", "TP-PO-3391")),
        ("Client account", truth.identifier("customer_number", "THI004")),
    ]
    sheet.pairs(124, 186, 75, pairs, ("Serif-Regular", "Serif-Semibold"), 10, 6)


def _harbourline_foot(sheet: Sheet, truth: Truth) -> None:
    iban = truth.identifier("iban", "GB64 ZZZZ 9912 3412 3456 78", compact=True)
    reference = truth.identifier("payment_reference", "RF64HL1182")
    vat = truth.identifier("supplier_vat_id", "GB 987 6543 11", compact=True)
    sheet.box(24, 232, 162, 26, HexColor("#eef3f5"))
    sheet.text(30, 239, "How to pay", "Serif-Bold", 10, NAVY)
    left = ["By bank transfer within 30 days", "Quayside Mutual, sort code 99-12-34", "Account no. 12345678"]
    sheet.block(30, 245, left, "Serif-Regular", 9, leading=4.6)
    sheet.block(112, 245, [f"IBAN {iban}", f"Reference {reference}"], "Serif-Regular", 9, leading=4.6)
    foot = f"Registered in England no. 99912345 · VAT registration {vat} · hello@harbourline.example"
    sheet.text(105, 276, foot, "Serif-Regular", 8, MUTED, "center")


def foxglove() -> tuple[bytes, Truth]:
    """A small invoice whose total has two digits swapped: 47.88 is printed as 48.78."""
    truth = Truth(BRITISH)
    items = [
        item("Loose leaf Assam, 250 g tin", "2", "11.45", "20", "TEA-ASM"),
        item("Ceramic teapot lid, replacement", "1", "17.00", "20", "POT-LID"),
    ]
    sheet = Sheet(title="Invoice 20250077", author="Foxglove Tea Traders")
    sheet.box(0, 0, 62, 297, LILAC)
    sheet.shape([(20, 34), (26, 18), (32, 34), (26, 31)], PLUM)
    sheet.disc(26, 16.5, 1.8, PLUM)
    sheet.text(15, 45, "Foxglove", "Manrope-ExtraBold", 15, PLUM)
    sheet.text(15, 50.5, "Tea Traders", "Manrope-Regular", 11, PLUM)
    name = truth.words("supplier_name", "Foxglove Tea Traders Ltd")[0]
    lines = truth.words("supplier_address", "31 Nowhere Lane", "Little Wittering", "LW9 9XX")
    vat = truth.identifier("supplier_vat_id", "GB911122231", compact=True)
    sheet.block(15, 68, [name, *lines], size=9, leading=4.8)
    sheet.block(15, 274, ["VAT number", vat], size=9, leading=4.8)
    _foxglove_body(sheet, truth, items)
    return sheet.pdf(), truth


def _foxglove_body(sheet: Sheet, truth: Truth, items: list[Item]) -> None:
    truth.choice("document_kind", "invoice", "TAX INVOICE")
    sheet.text(74, 34, "TAX INVOICE", "Manrope-Bold", 15, PLUM, track=1.2)
    pairs = [
        ("Invoice no.", truth.identifier("number", "20250077")),
        ("Invoice date", truth.date("issue_date", date(2025, 5, 27))),
        ("Payment due", truth.date("due_date", date(2025, 6, 10))),
    ]
    sheet.pairs(74, 102, 46, pairs, align="left", leading=5.4)
    buyer = truth.words("buyer_name", "The Crooked Kettle")[0]
    lines = truth.words("buyer_address", "4 Steam Street", "Upper Boiling", "UB0 1ZZ")
    sheet.text(140, 46, "Bill to", "Sans-Semibold", 9, PLUM)
    sheet.block(140, 51.4, [buyer, *lines], leading=4.8)
    columns = [
        Column("Code", 74),
        Column("Item", 96),
        Column("Qty", 150, "right"),
        Column("Price", 168, "right"),
        Column("Amount", 194, "right"),
    ]
    style = Style(size=9.5, head_ink=PLUM, gap=3.2)
    y = sheet.head(columns, 74, 194, 88, style)
    bare = [Item(e.description, e.quantity, e.price, None, e.number) for e in items]
    rows = [truth.row(i, each) for i, each in enumerate(bare)]
    y = sheet.rows(
        columns, [(r.number, r.description, r.quantity, r.price, r.amount) for r in rows], 74, 194, y, style
    )
    split = taxes(items)[0]
    truth.choice("currency", "GBP", "£")
    net, tax = truth.money("net", split.base), truth.money("tax_total", split.amount)
    rate = truth.percent("vat_by_rate[0].rate", split.rate, "%")
    truth.say("vat_by_rate[0].amount", f"{split.amount:.2f}", truth.locale.number(split.amount))
    y = sheet.pairs(146, 194, y + 3, [("Net", net), (f"VAT {rate}", tax)], size=10, leading=6)
    wrong = split.base + split.amount + Decimal("0.90")
    sheet.box(142, y - 2.4, 54, 10, PLUM, 1.5)
    sheet.text(146, y + 4, "Total", "Manrope-Bold", 10.5, white)
    sheet.text(194, y + 4, truth.money("total", wrong), "Sans-Bold", 12, white, "right")
    terms = [
        "Please pay within 14 days to Foxglove Tea Traders Ltd,",
        "sort code 99-00-11, account 00998877.",
    ]
    sheet.block(74, y + 24, terms, size=9.5, leading=5)


def brightpixel() -> tuple[bytes, Truth]:
    """A subscription in dollars: sales tax, a deposit, and a balance that is not the total."""
    truth = Truth(AMERICAN)
    items = [
        item(
            "Analytics Cloud, Team plan",
            "12",
            "49.00",
            number="AC-TEAM",
            more=["Mar 1, 2025 to Mar 31, 2025, 12 seats"],
        ),
        item("Additional events, per million", "3.5", "18.00", number="AC-EVT"),
        item("Onboarding, remote", "1", "750.00", number="SV-ONB", more=["two sessions of 90 minutes"]),
    ]
    sheet = Sheet(LETTER, title="Invoice INV-00482", author="BrightPixel Analytics, Inc.")
    _brightpixel_head(sheet, truth)
    columns = [
        Column("Item", 20),
        Column("Code", 98),
        Column("Quantity", 140, "right"),
        Column("Unit price", 166, "right"),
        Column("Amount", 195, "right"),
    ]
    style = Style("Roboto-Regular", "Roboto-Medium", 9, gap=3.4, head_size=8)
    y = sheet.head(columns, 20, 196, 112, style)
    rows = [truth.row(i, each) for i, each in enumerate(items)]
    cells = [((r.description, *r.more), r.number, r.quantity, f"${r.price}", f"${r.amount}") for r in rows]
    y = sheet.rows(columns, cells, 20, 196, y, style)
    net = sum((each.amount for each in items), Decimal(0))
    tax = (net * Decimal("0.0825")).quantize(CENT)
    total, paid = net + tax, Decimal("500.00")
    # A lone dollar sign could be Canada's or Australia's; here the words beside the total settle it.
    truth.choice("currency", "USD", "USD")
    rate = truth.percent("vat_by_rate[0].rate", Decimal("8.25"), "%")
    truth.say("vat_by_rate[0].amount", f"{tax:.2f}", truth.locale.number(tax))
    pairs = [
        ("Subtotal", truth.money("net", net)),
        (f"Sales tax ({rate})", truth.money("tax_total", tax)),
        ("Total (USD)", truth.money("total", total)),
        ("Deposit received Feb 20, 2025", truth.locale.money(-paid)),
    ]
    faces = ("Roboto-Regular", "Roboto-Regular")
    y = sheet.pairs(118, 195, y + 3, pairs, faces, 9.5, 6, ink=INK)
    sheet.rule(118, 195, y - 3.8, SKY, 0.4)
    sheet.text(118, y + 2.4, "Balance due", "Roboto-Bold", 12)
    sheet.text(195, y + 2.4, truth.money("amount_due", total - paid), "Roboto-Bold", 12, SKY, "right")
    _brightpixel_foot(sheet, truth)
    return sheet.pdf(), truth


def _brightpixel_head(sheet: Sheet, truth: Truth) -> None:
    for i in range(3):
        for j in range(3):
            sheet.box(
                20 + i * 4.4, 18 + j * 4.4, 3.6, 3.6, SKY if (i + j) % 2 == 0 else HexColor("#bfd3fb"), 0.6
            )
    sheet.text(37, 26.5, "BrightPixel", "Roboto-Bold", 18)
    truth.choice("document_kind", "invoice", "Invoice")
    sheet.text(195.9, 26.5, "Invoice", "Roboto-Light", 24, MUTED, "right")
    name = truth.words("supplier_name", "BrightPixel Analytics, Inc.")[0]
    lines = truth.words(
        "supplier_address", "1200 Placeholder Blvd, Suite 400", "Sampleton, TX 00000", "United States"
    )
    ein = truth.identifier("supplier_tax_number", "98-7654321")
    sheet.block(20, 44, [name, *lines, f"EIN {ein}"], "Roboto-Regular", 9, leading=4.8)
    pairs = [
        ("Invoice number", truth.identifier("number", "INV-00482")),
        ("Invoice date", truth.date("issue_date", date(2025, 2, 28), "Feb 28, 2025")),
        ("Due date", truth.date("due_date", date(2025, 3, 30), "Mar 30, 2025")),
        ("Account", truth.identifier("customer_number", "ACME-DE-7")),
    ]
    sheet.pairs(130, 195.9, 44, pairs, ("Roboto-Regular", "Roboto-Medium"), 9, 5.6)
    buyer = truth.words("buyer_name", "Tumbleweed Outfitters LLC")[0]
    lines = truth.words("buyer_address", "77 Dusty Trail", "Mockingbird Flats, NM 00001")
    sheet.text(20, 80, "Bill to", "Roboto-Medium", 9, SKY)
    sheet.block(20, 85.4, [buyer, *lines], "Roboto-Regular", 9, leading=4.8)
    sheet.text(130, 80, "Ship to", "Roboto-Medium", 9, SKY)
    sheet.block(
        130,
        85.4,
        ["Tumbleweed Outfitters LLC", "Dock 3, 9 Warehouse Row", "Mockingbird Flats, NM 00002"],
        "Roboto-Regular",
        9,
        leading=4.8,
    )


def _brightpixel_foot(sheet: Sheet, truth: Truth) -> None:
    reference = truth.identifier("payment_reference", "BP-00482-ACME")
    lines = [
        "Pay by ACH to First Imaginary Bank, routing 999999992, account 000123456789.",
        f"Payment reference: {reference}. A late fee of 1.5% a month applies after the due date.",
    ]
    sheet.rule(20, 196, 250, HAIR)
    sheet.block(20, 256, lines, "Roboto-Regular", 8.5, MUTED, 4.8)
