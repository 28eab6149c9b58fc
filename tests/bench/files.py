"""The files that benchmarks read: the samples, and long documents made of the same kind of page."""

import io
from functools import cache
from pathlib import Path

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from lemma.tasks import samples


@cache
def text_layer_pdfs() -> tuple[Path, ...]:
    """The sample PDFs that have a text layer."""
    return tuple(
        each.path for each in samples("invoices") if each.path.suffix == ".pdf" and "scan" not in each.name
    )


@cache
def long_pdf(pages: int) -> bytes:
    """A list of deliveries of so many pages: forty rows of six columns on each."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=1)
    for page in range(pages):
        canvas.setFont("Helvetica", 9)
        canvas.drawString(50, 800, f"List of deliveries, page {page + 1} of {pages}")
        for row in range(40):
            y = 770 - row * 18
            number = page * 40 + row + 1
            canvas.drawString(50, y, f"{number}")
            canvas.drawString(90, y, f"A-{number * 37 % 9973:05d}")
            canvas.drawString(160, y, f"Bracket, galvanised, {number % 90 + 10} x {number % 40 + 20} mm")
            canvas.drawRightString(390, y, f"{number % 12 + 1}")
            canvas.drawRightString(460, y, f"{number % 90 + 1},{number % 100:02d}")
            canvas.drawRightString(540, y, f"{(number % 12 + 1) * (number % 90 + 1)},00")
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()
