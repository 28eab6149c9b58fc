"""A sheet of paper in millimetres from its top left corner, and what invoices are drawn with."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Literal

from reportlab.lib.colors import Color, HexColor
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

A4 = (210.0, 297.0)
LETTER = (215.9, 279.4)
INK = HexColor("#1c2024")
MUTED = HexColor("#6b7280")
HAIR = HexColor("#d4d8de")

Align = Literal["left", "right", "center"]

_FAMILIES = {
    "Manrope": ("font_manrope", "Manrope", ("Regular", "SemiBold", "Bold", "ExtraBold")),
    "Roboto": ("font_roboto", "Roboto", ("Light", "Regular", "Medium", "Bold")),
    "Sans": ("font_source_sans_pro", "SourceSansPro", ("Light", "Regular", "Semibold", "Bold", "It")),
    "Serif": ("font_source_serif_pro", "SourceSerifPro", ("Regular", "Semibold", "Bold", "It")),
}


def register_fonts() -> None:
    """Makes `Sans-Regular`, `Roboto-Bold` and so on known to the PDF writer."""
    for family, (package, stem, weights) in _FAMILIES.items():
        for weight in weights:
            path = files(package) / "files" / f"{stem}-{weight}.ttf"
            pdfmetrics.registerFont(TTFont(f"{family}-{weight}", str(path)))


@dataclass(frozen=True)
class Column:
    """A column of a table. `x` is its left edge, or its right edge where it is set to the right."""

    title: str
    x: float
    align: Align = "left"


@dataclass(frozen=True)
class Style:
    """How a table looks. Sizes in points, distances in millimetres."""

    face: str = "Sans-Regular"
    bold: str = "Sans-Semibold"
    size: float = 9
    leading: float = 4.2
    gap: float = 2.6
    head_size: float = 7.5
    head_ink: Color = field(default_factory=lambda: MUTED)
    head_fill: Color | None = None
    rule: Color | None = field(default_factory=lambda: HAIR)
    zebra: Color | None = None
    ink: Color = field(default_factory=lambda: INK)
    muted: Color = field(default_factory=lambda: MUTED)


class Sheet:
    """One document of one or more pages of the same size."""

    def __init__(self, size: tuple[float, float] = A4, *, title: str, author: str) -> None:
        self.width, self.height = size
        self.buffer = io.BytesIO()
        self.canvas = Canvas(
            self.buffer, pagesize=(size[0] * mm, size[1] * mm), invariant=1, pageCompression=1
        )
        self.canvas.setTitle(title)
        self.canvas.setAuthor(author)
        self.canvas.setCreator(author)

    def pdf(self) -> bytes:
        """The finished file."""
        self.canvas.save()
        return self.buffer.getvalue()

    def next_page(self) -> None:
        self.canvas.showPage()

    def text(
        self,
        x: float,
        y: float,
        text: str,
        face: str = "Sans-Regular",
        size: float = 9,
        ink: Color = INK,
        align: Align = "left",
        *,
        track: float = 0,
    ) -> float:
        """Sets one line with its baseline at `y`; hands back its width in millimetres."""
        width = (pdfmetrics.stringWidth(text, face, size) + track * len(text)) / mm
        start = x - {"left": 0.0, "right": width, "center": width / 2}[align]
        line = self.canvas.beginText(start * mm, (self.height - y) * mm)
        line.setFont(face, size)
        line.setFillColor(ink)
        line.setCharSpace(track)
        line.textOut(text)
        self.canvas.drawText(line)
        return width

    def block(
        self,
        x: float,
        y: float,
        lines: Sequence[str],
        face: str = "Sans-Regular",
        size: float = 9,
        ink: Color = INK,
        leading: float = 4.4,
        align: Align = "left",
    ) -> float:
        """Sets lines below each other; hands back the baseline after the last."""
        for line in lines:
            self.text(x, y, line, face, size, ink, align)
            y += leading
        return y

    def pairs(  # noqa: PLR0913, PLR0917  (what a block of type is told, in the order of reading)
        self,
        x: float,
        right: float,
        y: float,
        pairs: Sequence[tuple[str, str]],
        faces: tuple[str, str] = ("Sans-Regular", "Sans-Semibold"),
        size: float = 9,
        leading: float = 5,
        align: Align = "right",
        ink: Color = MUTED,
    ) -> float:
        """Labels at `x`, values ending (or beginning) at `right`."""
        for label, value in pairs:
            self.text(x, y, label, faces[0], size, ink)
            self.text(right, y, value, faces[1], size, INK, align)
            y += leading
        return y

    def rule(self, x0: float, x1: float, y: float, ink: Color = HAIR, width: float = 0.2) -> None:
        self.canvas.setStrokeColor(ink)
        self.canvas.setLineWidth(width * mm)
        self.canvas.line(x0 * mm, (self.height - y) * mm, x1 * mm, (self.height - y) * mm)

    def box(self, x: float, y: float, width: float, height: float, fill: Color, radius: float = 0) -> None:
        """A filled rectangle whose top left corner is at `x`, `y`."""
        self.canvas.setFillColor(fill)
        bottom = (self.height - y - height) * mm
        self.canvas.roundRect(x * mm, bottom, width * mm, height * mm, radius * mm, stroke=0, fill=1)

    def frame(
        self, x: float, y: float, width: float, height: float, ink: Color = HAIR, line: float = 0.2
    ) -> None:
        self.canvas.setStrokeColor(ink)
        self.canvas.setLineWidth(line * mm)
        self.canvas.rect(x * mm, (self.height - y - height) * mm, width * mm, height * mm)

    def disc(self, x: float, y: float, radius: float, fill: Color) -> None:
        self.canvas.setFillColor(fill)
        self.canvas.circle(x * mm, (self.height - y) * mm, radius * mm, stroke=0, fill=1)

    def shape(self, points: Sequence[tuple[float, float]], fill: Color) -> None:
        """A filled polygon."""
        path = self.canvas.beginPath()
        path.moveTo(points[0][0] * mm, (self.height - points[0][1]) * mm)
        for x, y in points[1:]:
            path.lineTo(x * mm, (self.height - y) * mm)
        path.close()
        self.canvas.setFillColor(fill)
        self.canvas.drawPath(path, stroke=0, fill=1)

    def head(self, columns: Sequence[Column], x0: float, x1: float, y: float, style: Style) -> float:
        """The heading of a table; hands back the baseline of its first row."""
        if style.head_fill is not None:
            self.box(x0, y - 4.6, x1 - x0, 7, style.head_fill)
        for column in columns:
            self.text(column.x, y, column.title, style.bold, style.head_size, style.head_ink, column.align)
        if style.head_fill is None:
            self.rule(x0, x1, y + 2.2, INK, 0.25)
        return y + 2.6 + style.leading

    def rows(
        self,
        columns: Sequence[Column],
        rows: Sequence[Sequence[str | Sequence[str]]],
        x0: float,
        x1: float,
        y: float,
        style: Style,
    ) -> float:
        """The rows of a table; a cell of several texts is set below each other. Baseline after the last."""
        for index, row in enumerate(rows):
            depth = max(1 if isinstance(cell, str) else len(cell) for cell in row)
            height = (depth - 1) * style.leading + style.leading + style.gap
            if style.zebra is not None and index % 2:
                self.box(x0, y - style.leading + 0.2 - style.gap / 2, x1 - x0, height, style.zebra)
            for column, cell in zip(columns, row, strict=True):
                texts = (cell,) if isinstance(cell, str) else tuple(cell)
                for line, text in enumerate(texts):
                    ink, size = (style.ink, style.size) if line == 0 else (style.muted, style.size - 1)
                    self.text(column.x, y + line * style.leading, text, style.face, size, ink, column.align)
            y += height
            if style.rule is not None:
                self.rule(x0, x1, y - style.leading - style.gap / 2 + 0.6, style.rule, 0.15)
        return y
