"""Contracts and meetings as files: plain text, Word, PDF. What they say is marked in `texts/`."""

import io
import re
import textwrap
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Pt
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from tools.samples.kit import A4, INK, LETTER, MUTED, Sheet
from tools.samples.marked import TIED, Marked, Paragraph, marked
from tools.samples.truth import GERMAN, Truth

Drawn = tuple[bytes, Truth]
_EPOCH = (2025, 1, 1, 0, 0, 0)
_SAVED = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]+")


def plain(name: str, *, width: int | None = None, by_line: bool = False) -> Callable[[], Drawn]:
    """A text file, with paragraphs broken at `width` characters or each on one long line."""

    def draw() -> Drawn:
        text = marked(name, by_line=by_line)
        lines: list[str] = []
        for number, paragraph in enumerate(text.paragraphs):
            if number and (paragraph.blank or not by_line):
                lines.append("")
            lines.extend(_wrapped(paragraph, width))
        return ("\n".join(lines) + "\n").replace(TIED, " ").encode(), _truth(text)

    return draw


def _wrapped(paragraph: Paragraph, width: int | None) -> list[str]:
    if width is None:
        return [paragraph.text]
    # A tie counts as no place to break, which is what textwrap does with it.
    lines = textwrap.wrap(paragraph.text, width, break_long_words=False, break_on_hyphens=False)
    return [line.center(width).rstrip() for line in lines] if paragraph.style == "title" else lines


def word(name: str, *, face: str = "Cambria", by_line: bool = False) -> Callable[[], Drawn]:
    """A Word file: a paragraph for each piece of text."""

    def draw() -> Drawn:
        text = marked(name, by_line=by_line)
        document = docx.Document()
        style = document.styles["Normal"]
        style.font.name, style.font.size = face, Pt(10.5)
        for paragraph in text.paragraphs:
            shown = paragraph.text.replace(TIED, " ")
            if paragraph.style == "title":
                document.add_heading(shown, 0).alignment = WD_ALIGN_PARAGRAPH.CENTER
            elif paragraph.style == "heading":
                document.add_heading(shown, 2)
            else:
                document.add_paragraph(shown)
        about, then = document.core_properties, datetime(*_EPOCH, tzinfo=UTC)
        about.author, about.created, about.modified = "", then, then
        return _same_bytes(document), _truth(text)

    return draw


def _same_bytes(document: "docx.document.Document") -> bytes:
    """The file without the times at which its parts were packed."""
    first = io.BytesIO()
    document.save(first)
    return same_archive(first.getvalue())


def same_archive(data: bytes) -> bytes:
    """An Office file without the times at which its parts were packed."""
    last = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as packed,
        zipfile.ZipFile(last, "w", zipfile.ZIP_DEFLATED) as again,
    ):
        for name in sorted(packed.namelist(), key=lambda each: (each != "[Content_Types].xml", each)):
            part = _SAVED.sub(rb"\g<1>2025-01-01T00:00:00Z", packed.read(name))
            again.writestr(zipfile.ZipInfo(name, _EPOCH), part, zipfile.ZIP_DEFLATED)
    return last.getvalue()


_TOP, _BOTTOM, _LEFT, _RIGHT = 28.0, 26.0, 24.0, 24.0


def sheet(
    name: str, *, size: tuple[float, float] = A4, face: str = "Serif", points: float = 10.0
) -> Callable[[], Drawn]:
    """A PDF: ragged lines, a page number below, no clause over the end of a page."""

    def draw() -> Drawn:
        text = marked(name)
        page = Sheet(size, title=text.cells.get("title", ""), author="")
        _Setter(page, face, points).all(text)
        return page.pdf(), _truth(text)

    return draw


class _Setter:
    def __init__(self, page: Sheet, face: str, points: float) -> None:
        self.page = page
        self.faces = {
            "title": (f"{face}-Bold", points + 5),
            "heading": (f"{face}-Semibold", points + 0.5),
            "text": (f"{face}-Regular", points),
        }
        self.leading = points * 0.5
        self.number = 1
        self.y = _TOP

    def all(self, text: Marked) -> None:
        for paragraph in text.paragraphs:
            self.paragraph(paragraph)
        self.foot()

    def foot(self) -> None:
        self.page.text(
            self.page.width / 2,
            self.page.height - 14,
            f"– {self.number} –",
            self.faces["text"][0],
            8,
            MUTED,
            "center",
        )

    def paragraph(self, paragraph: Paragraph) -> None:
        face, points = self.faces[paragraph.style]
        lines = set_lines(paragraph.text, face, points, self.page.width - _LEFT - _RIGHT)
        height = len(lines) * self.leading + (14 if paragraph.style == "heading" else 0)
        if self.y + height > self.page.height - _BOTTOM:
            self.foot()
            self.page.next_page()
            self.number, self.y = self.number + 1, _TOP
        self.y += {"title": 4.0, "heading": 2.2, "text": 0.0}[paragraph.style]
        for line in lines:
            if paragraph.style == "title":
                self.page.text(self.page.width / 2, self.y, line, face, points, INK, "center")
            else:
                self.page.text(_LEFT, self.y, line, face, points, INK)
            self.y += self.leading
        self.y += 5.0 if paragraph.style == "title" else 1.9


def set_lines(text: str, face: str, points: float, width: float) -> list[str]:
    """Lines that fit; a tie is no place to break and is printed as a space."""
    lines: list[str] = []
    for each in text.split(" "):
        longer = f"{lines[-1]} {each}" if lines else each
        if lines and pdfmetrics.stringWidth(longer.replace(TIED, " "), face, points) / mm <= width:
            lines[-1] = longer
        else:
            lines.append(each)
    return [line.replace(TIED, " ") for line in lines]


def _truth(text: Marked) -> Truth:
    truth = Truth(GERMAN)
    truth.cells, truth.printed = text.cells, text.printed
    return truth


CONTRACTS: dict[str, Callable[[], Drawn]] = {
    "brightwater-saas.docx": word("contracts/brightwater-saas.txt"),
    "fougere-licence-marque.docx": word("contracts/fougere-licence-marque.txt", face="Calibri"),
    "harbour-lane-lease.txt": plain("contracts/harbour-lane-lease.txt"),
    "hollenbach-rahmenliefervertrag.pdf": sheet("contracts/hollenbach-rahmenliefervertrag.txt", face="Sans"),
    "kestrel-mutual-nda.txt": plain("contracts/kestrel-mutual-nda.txt", width=92),
    "larkspur-consulting.pdf": sheet("contracts/larkspur-consulting.txt", size=LETTER),
    "quillon-amendment.docx": word("contracts/quillon-amendment.txt", face="Times New Roman"),
}

MEETINGS: dict[str, Callable[[], Drawn]] = {
    "comite-fete-transcription.txt": plain("meetings/comite-fete-transcription.txt", by_line=True),
    "gartenverein-protokoll.docx": word("meetings/gartenverein-protokoll.txt", face="Calibri"),
    "harvest-launch-transcript.txt": plain("meetings/harvest-launch-transcript.txt", by_line=True),
    "site-visit-notes.md": plain("meetings/site-visit-notes.txt", by_line=True),
    "tidewater-board-minutes.pdf": sheet("meetings/tidewater-board-minutes.txt", size=LETTER),
    "tuesday-standup-transcript.txt": plain("meetings/tuesday-standup-transcript.txt", by_line=True),
    "werkstatt-jour-fixe-transkript.docx": word("meetings/werkstatt-jour-fixe-transkript.txt", by_line=True),
}
