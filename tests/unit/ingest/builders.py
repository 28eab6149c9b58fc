"""Files of every kind, made on the spot: nothing that tests read comes from anywhere else."""

import io
from collections.abc import Callable, Sequence
from email.message import EmailMessage

import docx
import openpyxl
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

Draw = Callable[[Canvas], None]
WIDTH, HEIGHT = 595, 842

CII = """<?xml version="1.0" encoding="UTF-8"?>
<rsm:CrossIndustryInvoice xmlns:rsm="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
 xmlns:ram="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"
 xmlns:udt="urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100">
<rsm:ExchangedDocument><ram:ID>R-77</ram:ID><ram:IssueDateTime>
<udt:DateTimeString format="102">20260314</udt:DateTimeString></ram:IssueDateTime></rsm:ExchangedDocument>
<rsm:SupplyChainTradeTransaction>
<ram:IncludedSupplyChainTradeLineItem><ram:SpecifiedTradeProduct><ram:Name>Schrauben</ram:Name>
</ram:SpecifiedTradeProduct></ram:IncludedSupplyChainTradeLineItem>
<ram:IncludedSupplyChainTradeLineItem><ram:SpecifiedTradeProduct><ram:Name>Muttern</ram:Name>
</ram:SpecifiedTradeProduct></ram:IncludedSupplyChainTradeLineItem>
<ram:ApplicableHeaderTradeSettlement><ram:SpecifiedTradeSettlementHeaderMonetarySummation>
<ram:GrandTotalAmount currencyID="EUR">119.00</ram:GrandTotalAmount>
</ram:SpecifiedTradeSettlementHeaderMonetarySummation></ram:ApplicableHeaderTradeSettlement>
</rsm:SupplyChainTradeTransaction></rsm:CrossIndustryInvoice>"""


def pdf(*pages: Draw, encrypt: StandardEncryption | None = None) -> bytes:
    """A PDF with a page for each drawing."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(WIDTH, HEIGHT), encrypt=encrypt, invariant=1)
    for draw in pages:
        canvas.setFont("Helvetica", 10)
        draw(canvas)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def text_at(*placed: tuple[float, float, str], font: str = "Helvetica", size: float = 10) -> Draw:
    """Draws texts, each at points from the top left."""

    def draw(canvas: Canvas) -> None:
        canvas.setFont(font, size)
        for x, y, text in placed:
            canvas.drawString(x, HEIGHT - y, text)

    return draw


def invoice_pdf() -> bytes:
    """A small invoice with two address blocks and a table."""
    return pdf(
        text_at(
            (50, 60, "Muster GmbH"),
            (350, 60, "Rechnung INV-806-360"),
            (50, 74, "Hauptstr. 5"),
            (350, 74, "Datum 14.03.2026"),
            (50, 140, "Pos"),
            (90, 140, "Beschreibung"),
            (400, 140, "Menge"),
            (500, 140, "Betrag"),
            (50, 156, "1"),
            (90, 156, "Beratung vor Ort"),
            (400, 156, "3"),
            (500, 156, "270,00"),
            (400, 190, "Gesamt"),
            (500, 190, "270,00"),
        )
    )


def picture(lines: Sequence[str], *, size: tuple[int, int] = (900, 420), kind: str = "PNG") -> bytes:
    """A picture of a few lines in large letters, easy to recognise."""
    return encoded(drawn(lines, size=size), kind)


def drawn(lines: Sequence[str], *, size: tuple[int, int] = (900, 420)) -> Image.Image:
    image = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(image)
    font = ImageFont.load_default(40)
    for i, line in enumerate(lines):
        pen.text((40, 40 + 80 * i), line, fill="black", font=font)
    return image


def encoded(image: Image.Image, kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    image.save(out, kind)
    return out.getvalue()


def docx_file() -> bytes:
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "Muster GmbH, Berlin"
    document.add_paragraph("Angebot 2026-11")
    table = document.add_table(rows=2, cols=3)
    for row, cells in zip(table.rows, (("Pos", "Text", "Betrag"), ("1", "Montage", "80,00")), strict=True):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text
    document.add_paragraph("Danke\tsehr")
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def xlsx_file() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Preise"
    sheet.append(["Artikel", "Preis", "Anteil"])
    sheet.append(["Schraube M8", 1234.5, 0.19])
    sheet["B2"].number_format = '#,##0.00 "€"'
    sheet["C2"].number_format = "0%"
    hidden = book.create_sheet("Intern")
    hidden.append(["geheim"])
    hidden.sheet_state = "hidden"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def eml_file(*attachments: tuple[str, str, bytes], html: str | None = None) -> bytes:
    message = EmailMessage()
    message["From"] = "Anna Beispiel <anna@example.org>"
    message["To"] = "rechnung@example.com"
    message["Subject"] = "Rechnung für März"
    message["Date"] = "Sat, 14 Mar 2026 10:00:00 +0100"
    message.set_content("Guten Tag,\n\nanbei die Rechnung über 119,00 EUR.\n")
    if html is not None:
        message.add_alternative(html, subtype="html")
    for name, kind, data in attachments:
        main, _, sub = kind.partition("/")
        if kind == "message/rfc822":
            inner = EmailMessage()
            inner["From"] = "x@example.org"
            inner["Subject"] = name
            inner.set_content(data.decode())
            message.add_attachment(inner)
        else:
            message.add_attachment(data, maintype=main, subtype=sub, filename=name)
    return message.as_bytes()


HTML = b"""<!doctype html><html><head><title>x</title><style>p{color:red}</style></head><body>
<script>var hidden = "script text";</script>
<p>Bestellung <b>4711</b></p><p style="display:none">unsichtbar</p>
<table><tr><th>Artikel</th><th>Menge</th><th>Preis</th></tr>
<tr><td>Hammer</td><td>2</td><td>19,90</td></tr></table>
<table><tr><td>Lieferung<br>Weg 1</td><td>Rechnung<br>Platz 2</td></tr></table></body></html>"""

CSV = "Datum;Text;Betrag\n01.02.2026;Müller & Söhne;1.200,50\n02.02.2026;Büro;-3,00\n".encode("cp1252")
