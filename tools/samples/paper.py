"""Samples that come from paper: a scanned invoice without a text layer, and a photographed receipt."""

import io
import math
from datetime import date
from decimal import Decimal
from time import gmtime

import numpy as np
import pypdfium2
from PIL import Image, ImageChops, ImageDraw, ImageFilter
from reportlab.lib.colors import HexColor
from reportlab.lib.units import mm
from tools.samples.kit import INK, Column, Sheet, Style
from tools.samples.truth import BRITISH, CENT, GERMAN, Truth, item

STAMP = HexColor("#3b4fb0")
SCAN_DPI = 150


def maler() -> tuple[bytes, Truth]:
    """A painter's invoice, typed, stamped, scanned a little askew. Payable in ten days: no due date."""
    truth = Truth(GERMAN)
    sheet = _maler_sheet(truth)
    page = pypdfium2.PdfDocument(sheet.pdf())[0]
    image = page.render(scale=SCAN_DPI / 72).to_pil().convert("L")
    return _scanned(image), truth


def _maler_sheet(truth: Truth) -> Sheet:
    items = [
        item("Wände streichen, Innendispersion weiß", "86.5", "9.80", unit="m²"),
        item("Decken streichen, zweimal", "42", "11.50", unit="m²"),
        item("Türrahmen lackieren, seidenmatt", "5", "64.00", unit="Stück"),
        item("Abdecken und Reinigen", "6", "48.00", unit="Std."),
    ]
    sheet = Sheet(title="Rechnung 2024/007", author="Malerbetrieb Farbenfroh")
    name = truth.words("supplier_name", "Malerbetrieb Farbenfroh")[0]
    sheet.text(25, 30, name, "Courier-Bold", 20)
    sheet.text(25, 37, "Ida Pinsel, Malermeisterin", "Courier", 11)
    lines = truth.words("supplier_address", "Kleckergasse 8", "04999 Tupfingen")
    sheet.block(185, 30, [*lines, "Tel. 0999 55 01 23"], "Courier", 10, leading=4.6, align="right")
    sheet.rule(25, 185, 46, INK, 0.5)
    buyer = truth.words("buyer_name", "Wohnungsgenossenschaft Luftschloss eG")[0]
    lines = truth.words("buyer_address", "Am Wolkenrand 21", "04998 Tupfingen")
    sheet.block(25, 62, [buyer, *lines], "Courier", 11, leading=5.4)
    truth.choice("document_kind", "invoice", "Rechnung")
    sheet.text(25, 100, f"Rechnung Nr. {truth.identifier('number', '2024/007')}", "Courier-Bold", 14)
    sheet.text(185, 100, truth.date("issue_date", date(2024, 1, 12)), "Courier", 11, align="right")
    done = truth.date("delivery_date", date(2024, 1, 10))
    sheet.text(25, 108, f"Malerarbeiten im Treppenhaus, ausgeführt am {done}", "Courier", 11)
    columns = [
        Column("Leistung", 25),
        Column("Menge", 122, "right"),
        Column("Einheit", 126),
        Column("EP EUR", 163, "right"),
        Column("EUR", 185, "right"),
    ]
    style = Style("Courier", "Courier-Bold", 10, 5, 3.2, 10, head_ink=INK, rule=None)
    y = sheet.head(columns, 25, 185, 122, style)
    rows = [truth.row(i, each) for i, each in enumerate(items)]
    y = sheet.rows(
        columns, [(r.description, r.quantity, r.unit, r.price, r.amount) for r in rows], 25, 185, y, style
    )
    net = sum((each.amount for each in items), Decimal(0))
    tax = (net * 19 / 100).quantize(CENT)
    truth.choice("currency", "EUR", "EUR")
    rate = truth.percent("vat_by_rate[0].rate", Decimal(19))
    tax_text = truth.amount("tax_total", tax)
    truth.say("vat_by_rate[0].amount", f"{tax:.2f}", tax_text)
    sheet.rule(118, 185, y - 3, INK, 0.4)
    pairs = [("Netto", truth.amount("net", net)), (f"MwSt {rate}", tax_text)]
    y = sheet.pairs(118, 185, y + 3, pairs, ("Courier", "Courier"), 11, 6, ink=INK)
    sheet.text(118, y + 1, "Gesamt", "Courier-Bold", 12)
    sheet.text(185, y + 1, truth.amount("total", net + tax), "Courier-Bold", 12, align="right")
    iban = truth.identifier("iban", "DE82 9901 0022 0007 6543 21", compact=True)
    tax_number = truth.identifier("supplier_tax_number", "099/815/08156")
    foot = ["Zahlbar innerhalb von 10 Tagen ohne Abzug.", f"IBAN {iban}", f"Steuernummer {tax_number}"]
    sheet.block(25, y + 24, foot, "Courier", 11, leading=6)
    _stamp(sheet)
    return sheet


def _stamp(sheet: Sheet) -> None:
    """The reader's stamp of arrival: a date that is not the invoice's."""
    canvas = sheet.canvas
    canvas.saveState()
    canvas.translate(132 * mm, (297 - 80) * mm)
    canvas.rotate(7)
    canvas.setStrokeColor(STAMP)
    canvas.setFillColor(STAMP)
    canvas.setLineWidth(1.4)
    canvas.rect(0, 0, 48 * mm, 15 * mm)
    canvas.setFont("Helvetica-Bold", 13)
    canvas.drawCentredString(24 * mm, 8.6 * mm, "EINGEGANGEN")
    canvas.setFont("Helvetica", 11)
    canvas.drawCentredString(24 * mm, 3.2 * mm, "15. Jan. 2024")
    canvas.restoreState()


def _scanned(image: Image.Image) -> bytes:
    """An office scanner's PDF: a little askew, grey paper, specks, and no text layer."""
    random = np.random.default_rng(7)
    turned = image.rotate(0.7, Image.Resampling.BICUBIC, fillcolor=255)
    soft = turned.filter(ImageFilter.GaussianBlur(0.45))
    pixels = np.asarray(soft, dtype=np.float64)
    pixels = 26 + pixels * (236 - 26) / 255
    speckled = pixels + random.normal(0, 1.6, pixels.shape)
    for _ in range(90):
        y, x = int(random.integers(pixels.shape[0] - 2)), int(random.integers(pixels.shape[1] - 2))
        speckled[y : y + 2, x : x + 2] = random.integers(90, 190)
    scan = Image.fromarray(np.clip(speckled, 0, 255).astype(np.uint8))
    out = io.BytesIO()
    day = gmtime(1705312800)  # 15 January 2024, so that the file is the same on every day
    scan.save(out, "PDF", resolution=SCAN_DPI, quality=38, creationDate=day, modDate=day)
    return out.getvalue()


def crane() -> tuple[bytes, Truth]:
    """A café's receipt, photographed on a table. Prices hold the tax; the cash given is not the total."""
    truth = Truth(BRITISH)
    sheet, height = _crane_sheet(truth)
    page = pypdfium2.PdfDocument(sheet.pdf())[0]
    paper = page.render(scale=3.0).to_pil().convert("L")
    return _photographed(paper.crop((0, 0, paper.width, int(height * mm * 3.0)))), truth


def _crane_sheet(truth: Truth) -> tuple[Sheet, float]:
    items = [
        item("Flat white", "2", "3.40", "20"),
        item("Cheese scone", "1", "2.95", "20"),
        item("Soup of the day", "1", "6.50", "20"),
        item("Pink lemonade", "1", "2.75", "20"),
    ]
    sheet = Sheet((80, 170), title="Receipt", author="The Paper Crane")
    face, bold = "Courier", "Courier-Bold"
    sheet.shape([(34, 10), (40, 4), (46, 10), (40, 8)], INK)
    sheet.shape([(40, 8), (46, 10), (40, 13)], INK)
    sheet.text(40, 20, truth.words("supplier_name", "The Paper Crane")[0], bold, 13, align="center")
    lines = truth.words("supplier_address", "8 Origami Row", "Foldham FX9 9ZZ")
    vat = truth.identifier("supplier_vat_id", "GB 933 3444 32", compact=True)
    sheet.block(40, 26, [*lines, f"VAT no. {vat}"], bold, 9, leading=4.4, align="center")
    truth.choice("document_kind", "receipt", "RECEIPT")
    sheet.text(6, 43, f"RECEIPT {truth.identifier('number', '004512')}", bold, 10)
    sheet.text(74, 43, "Table 6", bold, 10, align="right")
    sheet.text(6, 48, truth.date("issue_date", date(2025, 8, 9), "09 Aug 2025") + "  13:42  Till 1", bold, 10)
    dashes = "-" * 35
    sheet.text(6, 53, dashes, face, 9)
    y = 58.5
    for i, each in enumerate(items):
        at = f"lines[{i}]"
        truth.words(f"{at}.description", each.description)
        quantity = truth.number(f"{at}.quantity", each.quantity)
        sheet.text(6, y, f"{quantity} {each.description}", bold, 10)
        sheet.text(74, y, truth.amount(f"{at}.amount", each.amount), bold, 10, align="right")
        y += 5
        if each.quantity > 1:
            sheet.text(10, y, f"@ {truth.amount(f'{at}.unit_price', each.price)} each", bold, 9)
            y += 5
    sheet.text(6, y, dashes, face, 9)
    return sheet, _crane_sums(sheet, truth, sum((e.amount for e in items), Decimal(0)), y + 7)


def _crane_sums(sheet: Sheet, truth: Truth, total: Decimal, y: float) -> float:
    bold = "Courier-Bold"
    truth.choice("currency", "GBP", "£")
    net = (total / Decimal("1.2")).quantize(CENT)
    sheet.text(6, y, "TOTAL", bold, 14)
    sheet.text(74, y, truth.money("total", total), bold, 14, align="right")
    pairs = [("CASH", "£20.00"), ("CHANGE", f"£{20 - total:.2f}")]
    y = sheet.pairs(6, 74, y + 6.5, pairs, (bold, bold), 10, 5, ink=INK)
    rate = truth.percent("vat_by_rate[0].rate", Decimal(20), "%")
    sheet.text(6, y + 3, f"VAT {rate} incl.", bold, 9)
    tax = truth.amount("tax_total", total - net)
    truth.say("vat_by_rate[0].amount", f"{total - net:.2f}", tax)
    sheet.text(74, y + 3, tax, bold, 9, align="right")
    sheet.text(6, y + 7.5, "Net", bold, 9)
    net_text = truth.amount("net", net)
    truth.say("vat_by_rate[0].base", f"{net:.2f}", net_text)
    sheet.text(74, y + 7.5, net_text, bold, 9, align="right")
    sheet.block(
        40,
        y + 17,
        ["You were served by Wren", "Thank you, fly by again!"],
        bold,
        9,
        leading=4.6,
        align="center",
    )
    return y + 28


def _photographed(paper: Image.Image) -> bytes:
    """The receipt on a dark table: perspective, uneven light, a soft shadow, sensor noise."""
    random = np.random.default_rng(11)
    width, height = 1000, int(1000 * paper.height / paper.width * 0.86) + 220
    sheet = Image.new("L", paper.size, 244)
    sheet.paste(paper.point(lambda v: 52 + v * 192 // 255))
    corners = [(150, 95), (858, 70), (892, height - 120), (128, height - 86)]
    coefficients = _perspective(corners, paper.size)
    flat = sheet.transform(
        (width, height), Image.Transform.PERSPECTIVE, coefficients, Image.Resampling.BICUBIC
    )
    mask = Image.new("L", (width, height), 0)
    ImageDraw.Draw(mask).polygon(corners, fill=255)
    ys, xs = np.mgrid[0:height, 0:width]
    wood = 74 + 9 * np.sin(xs / 61 + 2.2 * np.sin(ys / 240)) + 4 * np.sin(ys / 9 + xs / 700)
    table = np.stack([wood * 1.16, wood * 0.88, wood * 0.66], axis=-1)
    shadow = ImageChops.offset(mask, 14, 18).filter(ImageFilter.GaussianBlur(16))
    table *= 1 - 0.6 * np.asarray(shadow, dtype=np.float32)[..., None] / 255
    light = 1.05 - 0.20 * (xs / width) - 0.12 * (ys / height) + 0.02 * np.sin(ys / 150)
    white = np.asarray(flat, dtype=np.float32)[..., None] * np.array([1.0, 0.985, 0.945])
    alpha = np.asarray(mask.filter(ImageFilter.GaussianBlur(0.8)), dtype=np.float32)[..., None] / 255
    photo = (white * alpha + table * (1 - alpha)) * light[..., None]
    photo += random.normal(0, 2.0, photo.shape)
    image = Image.fromarray(np.clip(photo, 0, 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(0.4))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=62, optimize=True)
    return out.getvalue()


def _perspective(corners: list[tuple[int, int]], size: tuple[int, int]) -> tuple[float, ...]:
    """The eight coefficients that take a point of the photo back to the paper."""
    source = [(0, 0), (size[0], 0), size, (0, size[1])]
    rows: list[list[float]] = []
    for (x, y), (u, v) in zip(corners, source, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y])
    flat = np.array(source, dtype=np.float64).reshape(8)
    solved = np.linalg.solve(np.array(rows, dtype=np.float64), flat)
    assert all(math.isfinite(value) for value in solved)  # noqa: S101  (the corners are not on one line)
    return tuple(float(value) for value in solved)
