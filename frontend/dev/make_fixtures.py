"""Draws an invented two-page invoice and writes what the API would say about it, for `server.mjs`.

Run: `uv run --no-sync python frontend/dev/make_fixtures.py`. The invoice's total is wrong on purpose.
"""

import io
import json
import re
from pathlib import Path
from typing import Any

import pypdfium2
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

OUT = Path(__file__).parent / "fixtures"
WIDTH, HEIGHT = A4
Piece = tuple[float, str, str]

ITEMS = [
    ("A-104", "Oak table top, oiled, 160 x 80 cm", "2", "pcs", "245.00", "490.00"),
    ("A-110", "Table frame, black steel", "2", "pcs", "129.50", "259.00"),
    ("C-201", "Bench, oak, 150 cm", "3", "pcs", "118.00", "354.00"),
    ("C-207", "Felt pads, box of 16", "5", "box", "4.90", "24.50"),
    ("S-001", "Assembly on site", "3.5", "h", "58.00", "203.00"),
]

LINES: list[tuple[int, float, float, list[Piece]]] = []
"""Page, y from the top, size, and pieces (x, text, align)."""


def lay_out() -> None:
    """The words of the invoice, line by line."""
    add = LINES.append
    add((1, 60, 18, [(56, "Nordlicht Tischlerei GmbH", "l"), (540, "Invoice", "r")]))
    add((1, 78, 9, [(56, "Hafenstrasse 12, 24103 Kiel, Germany", "l"), (540, "VAT id DE136695976", "r")]))
    add((1, 130, 10, [(56, "Larkspur Coffee Ltd", "l"), (380, "Invoice number", "l"), (540, "INV-2026-0417", "r")]))
    add((1, 145, 10, [(56, "48 Camden Passage", "l"), (380, "Date", "l"), (540, "03/04/2026", "r")]))
    add((1, 160, 10, [(56, "London N1 8EA", "l"), (380, "Due date", "l"), (540, "17 April 2026", "r")]))
    add((1, 175, 10, [(380, "Your order", "l"), (540, "PO 88-1203", "r")]))
    head = [(56, "Item", "l"), (110, "Description", "l"), (360, "Qty", "r"), (370, "Unit", "l"), (460, "Price", "r"), (540, "Amount", "r")]
    add((1, 230, 9, head))
    y = 252.0
    for item, text, quantity, unit, price, amount in ITEMS:
        add((1, y, 10, [(56, item, "l"), (110, text, "l"), (360, quantity, "r"), (370, unit, "l"), (460, price, "r"), (540, amount, "r")]))
        y += 20
    add((1, y + 20, 10, [(56, "Carried over to page 2", "l"), (540, "1,330.50", "r")]))
    add((2, 60, 12, [(56, "Nordlicht Tischlerei GmbH", "l"), (540, "Page 2 of 2", "r")]))
    add((2, 120, 10, [(380, "Net", "l"), (540, "1,330.50", "r")]))
    add((2, 138, 10, [(380, "VAT 19 %", "l"), (540, "252.80", "r")]))
    add((2, 160, 12, [(380, "Total EUR", "l"), (540, "1,583.39", "r")]))
    add((2, 230, 10, [(56, "Please pay to IBAN DE89 3704 0044 0532 0130 00, reference INV-2026-0417.", "l")]))
    add((2, 246, 10, [(56, "Thank you for your order.", "l")]))


def draw() -> tuple[bytes, list[dict[str, Any]], list[tuple[float, float, float, float]]]:
    """The PDF, its lines with words, and the box of each word."""
    buffer, lines = io.BytesIO(), []
    canvas = Canvas(buffer, pagesize=A4)
    page = 1
    for number, (on, y, size, pieces) in enumerate(LINES, 1):
        if on != page:
            canvas.showPage()
            page = on
        font = "Helvetica-Bold" if size > 10 else "Helvetica"
        text, words = "", []
        for x, piece, align in pieces:
            canvas.setFont(font, size)
            left = x - stringWidth(piece, font, size) if align == "r" else x
            canvas.drawString(left, HEIGHT - y, piece)
            text += "    " if text else ""
            for index, word in enumerate(piece.split(" ")):
                text += " " if index else ""
                width = stringWidth(word, font, size)
                box = [left / WIDTH, (y - size * 0.78) / HEIGHT, (left + width) / WIDTH, (y + size * 0.24) / HEIGHT]
                words.append({"start": len(text), "end": len(text) + len(word), "box": box})
                text += word
                left += width + stringWidth(" ", font, size)
        lines.append({"id": number, "page": on, "text": text, "words": words})
    canvas.setStrokeGray(0.75)
    canvas.save()
    return buffer.getvalue(), lines, []


def cite(lines: list[dict[str, Any]], line: int, words: str) -> dict[str, Any]:
    """The evidence for these words of this line."""
    found = lines[line - 1]
    start = found["text"].index(words)
    end = start + len(words)
    boxes = [word["box"] for word in found["words"] if word["start"] < end and word["end"] > start]
    box = [min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes)]
    return {"page": found["page"], "line": line, "start": start, "end": end, "boxes": [box]}


def cells(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What a reading of this invoice gives."""
    out: list[dict[str, Any]] = []

    def cell(path: str, value: Any, at: list[tuple[int, str]], status: str = "found", reason: str | None = None) -> None:
        evidence = [cite(lines, line, words) for line, words in at]
        raw = " ".join(words for _, words in at) or None
        signals = {"logprob": -0.02, "match": "exact"} if at else {}
        kind = KINDS.get(path.rpartition(".")[2], "quote")
        out.append({"path": path, "label": path, "kind": kind, "group": "", "value": value, "raw": raw, "status": status, "evidence": evidence, "signals": signals, "reason": reason})

    cell("document_kind", "invoice", [(1, "Invoice")])
    cell("number", "INV-2026-0417", [(3, "INV-2026-0417")])
    cell("issue_date", None, [(4, "03/04/2026")], "conflicting", "Could be 3 April 2026 or 4 March 2026; the document writes no other date this way.")
    cell("due_date", "2026-04-17", [(5, "17 April 2026")])
    cell("delivery_date", None, [], "absent")
    cell("order_number", "PO 88-1203", [(6, "PO 88-1203")])
    cell("customer_number", None, [], "absent")
    cell("supplier_name", "Nordlicht Tischlerei GmbH", [(1, "Nordlicht Tischlerei GmbH")])
    cell("supplier_address", "Hafenstrasse 12, 24103 Kiel, Germany", [(2, "Hafenstrasse 12, 24103 Kiel, Germany")])
    cell("supplier_vat_id", "DE136695976", [(2, "DE136695976")])
    cell("supplier_tax_number", None, [], "absent")
    cell("buyer_name", "Larkspur Coffee Ltd", [(3, "Larkspur Coffee Ltd")])
    cell("buyer_address", "48 Camden Passage London N1 8EA", [(4, "48 Camden Passage"), (5, "London N1 8EA")])
    cell("buyer_vat_id", None, [], "absent")
    cell("buyer_tax_number", None, [], "absent")
    cell("iban", "DE89370400440532013000", [(18, "DE89 3704 0044 0532 0130 00")])
    cell("payment_reference", "INV-2026-0417", [(18, "INV-2026-0417")])
    cell("currency", "EUR", [(17, "EUR")])
    for row, (item, text, quantity, unit, price, amount) in enumerate(ITEMS):
        line = 8 + row
        cell(f"lines[{row}].description", text, [(line, text)])
        cell(f"lines[{row}].item_number", item, [(line, item)])
        cell(f"lines[{row}].quantity", quantity, [(line, quantity)])
        cell(f"lines[{row}].unit", unit, [(line, unit)])
        cell(f"lines[{row}].unit_price", price, [(line, price)])
        cell(f"lines[{row}].vat_rate", None, [], "absent")
        cell(f"lines[{row}].amount", amount, [(line, amount)])
    cell("net_total", "1330.50", [(15, "1,330.50")])
    cell("vat_by_rate[0].rate", "19", [(16, "19")])
    cell("vat_by_rate[0].base", None, [], "absent")
    cell("vat_by_rate[0].amount", "252.80", [(16, "252.80")])
    cell("tax_total", "252.80", [(16, "252.80")])
    cell("shipping", None, [], "absent")
    cell("total", "1583.39", [(17, "1,583.39")])
    cell("amount_due", None, [], "absent")
    return out


KINDS = {
    "document_kind": "choice", "currency": "choice",
    "number": "identifier", "order_number": "identifier", "customer_number": "identifier", "item_number": "identifier",
    "supplier_vat_id": "identifier", "supplier_tax_number": "identifier", "buyer_vat_id": "identifier",
    "buyer_tax_number": "identifier", "iban": "identifier", "payment_reference": "identifier",
    "issue_date": "date", "due_date": "date", "delivery_date": "date",
    "quantity": "number", "vat_rate": "number", "rate": "number",
    "unit_price": "amount", "amount": "amount", "base": "amount", "net_total": "amount", "tax_total": "amount",
    "shipping": "amount", "total": "amount", "amount_due": "amount",
}  # fmt: skip


def task() -> dict[str, Any]:
    """The fields of the task, as far as this invoice needs them."""
    fields: list[dict[str, Any]] = []

    def field(name: str, label: str, group: str, columns: list[Any] | None = None) -> dict[str, Any]:
        kind = "rows" if columns else KINDS.get(name, "quote")
        options = [{"name": "invoice", "label": "Invoice"}, {"name": "EUR", "label": "Euro"}]
        return {
            "name": name, "kind": kind, "label": label, "about": "", "group": group, "required": False,
            "options": options if kind == "choice" else [], "columns": columns or [],
        }  # fmt: skip

    plain = {
        "document": "document_kind=Kind of document number=Number issue_date=Issue date due_date=Due date "
        "delivery_date=Delivery date order_number=Order number customer_number=Customer number",
        "supplier": "supplier_name=Supplier supplier_address=Address supplier_vat_id=VAT id supplier_tax_number=Tax number",
        "buyer": "buyer_name=Buyer buyer_address=Address buyer_vat_id=VAT id buyer_tax_number=Tax number",
        "payment": "iban=IBAN payment_reference=Payment reference currency=Currency",
        "amounts": "net_total=Net tax_total=Tax shipping=Shipping total=Total amount_due=Amount due",
    }
    rows = {
        "lines": "description=Description item_number=Item quantity=Quantity unit=Unit unit_price=Unit price "
        "vat_rate=VAT rate amount=Amount",
        "vat_by_rate": "rate=Rate base=Taxed amount amount=Tax",
    }
    split = re.compile(r"(\w+)=((?:(?!\w+=).)+)")
    for group, text in plain.items():
        if group == "amounts":
            for name, columns in rows.items():
                made = [field(each, label.strip(), "") for each, label in split.findall(columns)]
                fields.append(field(name, "Lines" if name == "lines" else "VAT by rate", name[:5].replace("vat_b", "amounts"), made))
        fields += [field(name, label.strip(), group) for name, label in split.findall(text)]
    return {"id": "invoices", "version": 1, "title": "Invoices and receipts", "about": "", "fields": fields, "rules": []}


RULES = [
    ("lines_multiply", "Quantity times price", True, "In all 5 rows quantity x unit price is the amount.", ["lines"]),
    ("lines_add_up_to_net", "Rows add up to net", True, "490.00 + 259.00 + 354.00 + 24.50 + 203.00 is 1330.50, as the document says.", ["lines", "net_total"]),
    ("net_and_tax_make_total", "Net and tax make the total", False, "1330.50 + 252.80 is 1583.30, the document says 1583.39: off by 0.09.", ["net_total", "tax_total", "total"]),
    ("dates_in_order", "Dates in order", None, "The issue date is not settled.", ["issue_date", "due_date"]),
    ("iban_is_valid", "IBAN is valid", True, "The check digits of DE89 3704 0044 0532 0130 00 are right.", ["iban"]),
    ("supplier_vat_id_is_valid", "VAT id is valid", True, "The check digit of DE136695976 is right.", ["supplier_vat_id"]),
    ("rows_printed_are_found", "All rows found", True, "5 rows are printed, 5 were found.", ["lines"]),
]


def main() -> None:
    """Write the PDF, the page images and the run."""
    lay_out()
    data, lines, _ = draw()
    OUT.mkdir(exist_ok=True)
    (OUT / "invoice.pdf").write_bytes(data)
    pdf = pypdfium2.PdfDocument(data)
    for number, page in enumerate(pdf, 1):
        for size, scale in (("large", 2.2), ("small", 0.4)):
            page.render(scale=scale).to_pil().save(OUT / f"page-{number}-{size}.webp", quality=80)
    pages = [
        {"number": n, "kind": "text", "width": WIDTH, "height": HEIGHT, "name": None, "has_image": True}
        for n in (1, 2)
    ]
    run = {
        "cells": cells(lines),
        "rules": [{"code": c, "label": w, "passed": p, "detail": d, "paths": on} for c, w, p, d, on in RULES],
        "notes": ["Page 2 continues the table of page 1."],
        "pages": pages,
        "source": {
            "media_type": "application/pdf",
            "lines": [{key: line[key] for key in ("id", "page", "text")} for line in lines],
        },
    }
    (OUT / "task.json").write_text(json.dumps(task(), indent=1))
    (OUT / "run.json").write_text(json.dumps(run, indent=1))


if __name__ == "__main__":
    main()
