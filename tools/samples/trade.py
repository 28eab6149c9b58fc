"""A wholesaler's invoice over two pages with sums carried over, and an American purchase order."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from reportlab.lib.colors import HexColor, white
from tools.samples.kit import HAIR, LETTER, MUTED, Column, Sheet, Style
from tools.samples.truth import AMERICAN, IRISH, Item, Row, Truth, item, taxes

TEAL = HexColor("#0f6e6e")
FOAM = HexColor("#eef6f6")
BRICK = HexColor("#a23b1f")
FIRST_PAGE = 21

_GOODS = [
    ("Wild Atlantic sea salt, flakes 1 kg", "SS-1010", "12", "tub", "8.95", "0"),
    ("Smoked sea salt, 250 g", "SS-1044", "24", "jar", "4.10", "0"),
    ("Rolled oats, jumbo, 15 kg", "GR-2001", "4", "sack", "18.75", "0"),
    ("Pinhead oatmeal, 15 kg", "GR-2007", "2", "sack", "19.40", "0"),
    ("Stoneground wholemeal flour, 25 kg", "GR-2102", "6", "sack", "23.60", "0"),
    ("Strong white flour, 25 kg", "GR-2110", "8", "sack", "21.15", "0"),
    ("Dillisk, dried, 100 g", "SW-3003", "30", "bag", "3.85", "0"),
    ("Carrageen moss, 50 g", "SW-3008", "20", "bag", "3.20", "0"),
    ("Apple cider vinegar, raw, 5 l", "VG-4001", "6", "can", "14.50", "13.5"),
    ("Malt vinegar, 5 l", "VG-4004", "6", "can", "9.80", "13.5"),
    ("Rapeseed oil, cold pressed, 5 l", "OL-4101", "10", "can", "24.90", "0"),
    ("Honey, heather, 340 g", "HN-5001", "36", "jar", "6.45", "0"),
    ("Honey, wildflower, 340 g", "HN-5002", "36", "jar", "5.95", "0"),
    ("Raspberry jam, 12 kg catering", "JM-5104", "2", "pail", "41.30", "0"),
    ("Seville marmalade, 12 kg catering", "JM-5110", "2", "pail", "39.75", "0"),
    ("Breakfast tea, 1100 bags", "TE-6001", "5", "case", "36.20", "0"),
    ("Peppermint tea, 300 bags", "TE-6014", "3", "case", "22.80", "0"),
    ("Ground coffee, medium, 6 x 1 kg", "CF-6101", "4", "case", "71.40", "0"),
    ("Whole bean espresso, 6 x 1 kg", "CF-6107", "3", "case", "78.90", "0"),
    ("Dark chocolate couverture 70 %, 5 kg", "CH-7002", "4", "bag", "52.35", "23"),
    ("Milk chocolate couverture, 5 kg", "CH-7005", "4", "bag", "47.10", "23"),
    ("Cocoa powder, 22/24, 5 kg", "CH-7011", "2", "bag", "44.60", "23"),
    ("Vanilla extract, 500 ml", "FL-7101", "6", "btl", "28.95", "23"),
    ("Baking powder, 5 kg", "BK-7201", "2", "pail", "16.70", "0"),
    ("Bread soda, 5 kg", "BK-7204", "2", "pail", "12.45", "0"),
    ("Fast action yeast, 20 x 500 g", "BK-7210", "1", "case", "58.80", "0"),
    ("Compostable cups 12 oz, 1000", "PK-8001", "3", "case", "74.25", "23"),
    ("Cup lids 12 oz, 1000", "PK-8002", "3", "case", "46.15", "23"),
    ("Kraft paper bags medium, 500", "PK-8020", "4", "case", "31.90", "23"),
    ("Greaseproof sheets, 2400", "PK-8031", "2", "case", "27.35", "23"),
    ("Blue roll, 2 ply, 6 rolls", "CL-9001", "5", "pack", "15.60", "23"),
    ("Washing up liquid, 2 x 5 l", "CL-9014", "2", "case", "18.20", "23"),
]


def atlantic() -> tuple[bytes, Truth]:
    """Thirty-two rows; the table goes on overleaf under its heading, with the sum carried over."""
    truth = Truth(IRISH)
    items = [item(d, q, p, r, n, u) for d, n, q, u, p, r in _GOODS]
    rows = [truth.row(i, each, percent="%") for i, each in enumerate(items)]
    sheet = Sheet(title="Invoice 70023318", author="Atlantic Larder Wholesale DAC")
    _atlantic_head(sheet, truth)
    y = _atlantic_rows(sheet, rows[:FIRST_PAGE], 104)
    carried = truth.locale.number(sum((each.amount for each in items[:FIRST_PAGE]), Decimal(0)))
    sheet.text(150, y + 2, "Carried forward", "Roboto-Medium", 8.5, TEAL, "right")
    sheet.text(194, y + 2, carried, "Roboto-Medium", 8.5, TEAL, "right")
    _atlantic_foot(sheet, truth, 1)
    sheet.next_page()
    sheet.text(16, 20, "Atlantic Larder", "Roboto-Bold", 11, TEAL)
    sheet.text(194, 20, "Invoice 70023318, continued", "Roboto-Regular", 9, MUTED, "right")
    sheet.text(150, 31, "Brought forward", "Roboto-Medium", 8.5, TEAL, "right")
    sheet.text(194, 31, carried, "Roboto-Medium", 8.5, TEAL, "right")
    y = _atlantic_rows(sheet, rows[FIRST_PAGE:], 39)
    _atlantic_sums(sheet, truth, items, y + 5)
    _atlantic_foot(sheet, truth, 2)
    return sheet.pdf(), truth


def _atlantic_head(sheet: Sheet, truth: Truth) -> None:
    sheet.box(0, 0, 210, 34, TEAL)
    for i in range(3):
        x = 16 + i * 6
        sheet.shape([(x, 21), (x + 4, 15), (x + 8, 21), (x + 4, 19)], HexColor("#8fd0cb"))
    sheet.text(42, 20, "Atlantic Larder", "Roboto-Bold", 20, white)
    sheet.text(42, 26, "Wholesale provisions for bakeries and kitchens", "Roboto-Light", 9, white)
    truth.choice("document_kind", "invoice", "INVOICE")
    sheet.text(194, 20, "INVOICE", "Roboto-Bold", 14, white, "right", track=1.5)
    name = truth.words("supplier_name", "Atlantic Larder Wholesale DAC")[0]
    lines = truth.words("supplier_address", "Pier 99, Selkie Road", "Ballymyth, Co. Nowhere")
    vat = truth.identifier("supplier_vat_id", "IE9999888G", compact=True)
    sheet.block(16, 45, [name, *lines, f"VAT {vat}"], "Roboto-Regular", 8.5, leading=4.5)
    sheet.text(82, 45, "Invoice to", "Roboto-Medium", 8, TEAL)
    buyer = truth.words("buyer_name", "The Seagull Bakehouse")[0]
    lines = truth.words("buyer_address", "12 Crumb Street", "Port Fable, Co. Nowhere")
    vat = truth.identifier("buyer_vat_id", "IE9998777P", compact=True)
    sheet.block(82, 50, [buyer, *lines, f"VAT {vat}"], "Roboto-Regular", 8.5, leading=4.5)
    pairs = [
        ("Invoice no.", truth.identifier("number", "70023318")),
        ("Invoice date", truth.date("issue_date", date(2025, 9, 19))),
        ("Delivered", truth.date("delivery_date", date(2025, 9, 18))),
        ("Due date", truth.date("due_date", date(2025, 10, 19))),
        ("Account no.", truth.identifier("customer_number", "SEA-0451")),
        ("Order ref.", truth.identifier("order_number", "BH/2025/0914")),
    ]
    sheet.box(140, 39, 56, 39, FOAM)
    sheet.pairs(144, 194, 46, pairs, ("Roboto-Regular", "Roboto-Medium"), 8.5, 5.6)
    sheet.text(
        16,
        88,
        "Goods remain our property until paid in full. Shortages to be reported within 24 hours.",
        "Roboto-Light",
        8,
        MUTED,
    )


def _atlantic_rows(sheet: Sheet, rows: Sequence[Row], y: float) -> float:
    columns = [
        Column("Code", 18),
        Column("Description", 38),
        Column("Qty", 120, "right"),
        Column("Unit", 124),
        Column("Price", 153, "right"),
        Column("VAT", 169, "right"),
        Column("Amount €", 194, "right"),
    ]
    style = Style(
        "Roboto-Regular",
        "Roboto-Medium",
        8.6,
        4.0,
        2.5,
        7.8,
        head_fill=FOAM,
        head_ink=TEAL,
        rule=HexColor("#e3ecec"),
    )
    y = sheet.head(columns, 16, 196, y, style)
    cells = [(r.number, r.description, r.quantity, r.unit, r.price, r.rate, r.amount) for r in rows]
    return sheet.rows(columns, cells, 16, 196, y + 1, style)


def _atlantic_sums(sheet: Sheet, truth: Truth, items: Sequence[Item], y: float) -> None:
    split = taxes(items)
    net = sum((each.base for each in split), Decimal(0))
    tax = sum((each.amount for each in split), Decimal(0))
    truth.choice("currency", "EUR", "€")
    columns = [Column("VAT rate", 18), Column("Goods €", 62, "right"), Column("VAT €", 88, "right")]
    style = Style("Roboto-Regular", "Roboto-Medium", 8.6, 4, 2.2, 7.8, head_ink=TEAL)
    bottom = sheet.head(columns, 16, 90, y + 2, style)
    cells = []
    for i, each in enumerate(split):
        at = f"vat_by_rate[{i}]"
        rate = truth.percent(f"{at}.rate", each.rate, "%")
        cells.append((rate, truth.amount(f"{at}.base", each.base), truth.amount(f"{at}.amount", each.amount)))
    sheet.rows(columns, cells, 16, 90, bottom, style)
    faces = ("Roboto-Regular", "Roboto-Medium")
    pairs = [("Net goods", truth.money("net", net)), ("VAT", truth.money("tax_total", tax))]
    y = sheet.pairs(128, 194, y + 3, pairs, faces, 9.5, 6)
    sheet.box(124, y - 2, 72, 10.5, TEAL)
    sheet.text(128, y + 4.7, "Invoice total", "Roboto-Medium", 10.5, white)
    sheet.text(194, y + 4.7, truth.money("total", net + tax), "Roboto-Bold", 12, white, "right")
    iban = truth.identifier("iban", "IE07 ZZZZ 9900 1212 3456 78", compact=True)
    text = [
        f"Pay to: IBAN {iban}, Bank of Ballymyth",
        "Please quote the invoice number and your account number.",
    ]
    sheet.block(16, y + 32, text, "Roboto-Regular", 9, leading=5)


def _atlantic_foot(sheet: Sheet, truth: Truth, page: int) -> None:
    sheet.rule(16, 194, 280, HAIR)
    foot = "Atlantic Larder Wholesale DAC · Registered in Ireland 999123 · orders@atlanticlarder.example"
    sheet.text(16, 285, foot, "Roboto-Regular", 7.5, MUTED)
    sheet.text(194, 285, f"Page {page} of 2", "Roboto-Regular", 7.5, MUTED, "right")


def lakeshore() -> tuple[bytes, Truth]:
    """An order: the supplier is the one written to. Another date settles day and month."""
    truth = Truth(AMERICAN)
    items = [
        item("Birch plywood 4x8, 3/4 in, grade B/BB", "40", "68.50", number="PLY-34-B", unit="sheet"),
        item("Hard maple, S4S, 8/4, random width", "220", "11.25", number="MPL-84", unit="bd ft"),
        item("Drawer slides, soft close, 21 in", "64", "14.80", number="DS-21-SC", unit="pair"),
        item("Wood glue, type II, 5 gal", "3", "96.40", number="GL-5G", unit="pail"),
    ]
    sheet = Sheet(LETTER, title="Purchase Order 4500018", author="Lakeshore Cabinet Company")
    _lakeshore_head(sheet, truth)
    columns = [
        Column("Line", 20),
        Column("Part no.", 32),
        Column("Description", 56),
        Column("Qty", 136, "right"),
        Column("UOM", 140),
        Column("Unit price", 172, "right"),
        Column("Extended", 196, "right"),
    ]
    style = Style(size=9.2, head_ink=BRICK, head_size=8, gap=3)
    y = sheet.head(columns, 20, 196, 124, style)
    rows = [truth.row(i, each) for i, each in enumerate(items)]
    cells = [
        (f"{(i + 1) * 10}", r.number, r.description, r.quantity, r.unit, r.price, r.amount)
        for i, r in enumerate(rows)
    ]
    y = sheet.rows(columns, cells, 20, 196, y, style)
    net, freight = sum((each.amount for each in items), Decimal(0)), Decimal("185.00")
    truth.choice("currency", "USD", "US dollars")
    pairs = [("Subtotal", truth.money("net", net)), ("Freight", truth.money("shipping", freight))]
    y = sheet.pairs(140, 196, y + 4, pairs, size=10, leading=6)
    sheet.rule(140, 196, y - 3.6, BRICK, 0.4)
    sheet.text(140, y + 2.6, "Order total", "Sans-Bold", 11.5)
    sheet.text(196, y + 2.6, truth.money("total", net + freight), "Sans-Bold", 11.5, BRICK, "right")
    text = [
        "All prices in US dollars. Sales tax exempt: resale certificate on file.",
        "Confirm within two business days. Show the purchase order number on every packing slip.",
    ]
    sheet.block(20, y + 22, text, size=9.5, leading=5)
    sheet.rule(20, 90, 244)
    sheet.text(20, 249, "Wendell Knott, purchasing", "Sans-It", 9.5, MUTED)
    return sheet.pdf(), truth


def _lakeshore_head(sheet: Sheet, truth: Truth) -> None:
    sheet.box(20, 16, 13, 13, BRICK)
    sheet.box(22, 18, 4, 9, white)
    sheet.box(27, 18, 4, 4, white)
    sheet.box(27, 23, 4, 4, white)
    name = truth.words("buyer_name", "Lakeshore Cabinet Company")[0]
    sheet.text(37, 21.5, name, "Sans-Bold", 15, BRICK)
    lines = truth.words("buyer_address", "480 Millpond Road", "Driftwood Falls, MI 00004")
    sheet.text(37, 27.4, f"{lines[0]} · {lines[1]}", size=9, ink=MUTED)
    truth.choice("document_kind", "order", "PURCHASE ORDER")
    sheet.text(196, 42, "PURCHASE ORDER", "Sans-Bold", 18, align="right", track=0.8)
    pairs = [
        ("PO number", truth.identifier("number", "4500018")),
        ("Order date", truth.date("issue_date", date(2025, 4, 22))),
        ("Deliver by", truth.date("delivery_date", date(2025, 5, 6))),
        ("Our account with you", truth.identifier("customer_number", "LC-2290")),
        ("Terms", "Net 30"),
    ]
    sheet.pairs(130, 196, 52, pairs, leading=5.6)
    vendor = truth.words("supplier_name", "Timberfable Lumber & Hardware LLC")[0]
    lines = truth.words("supplier_address", "9 Sawdust Way", "Splinter Creek, WI 00003")
    sheet.text(20, 52, "VENDOR", "Sans-Bold", 8, BRICK, track=0.8)
    sheet.block(20, 58, [vendor, "Attn: Sales desk", *lines], size=9.5, leading=4.8)
    sheet.text(20, 86, "SHIP TO", "Sans-Bold", 8, BRICK, track=0.8)
    sheet.block(
        20,
        92,
        ["Lakeshore Cabinet Company, Plant 2", "17 Kiln Lane, Dock B", "Driftwood Falls, MI 00005"],
        size=9.5,
        leading=4.8,
    )
