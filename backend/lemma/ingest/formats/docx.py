"""Word files: paragraphs, tables and text boxes in order, with the headers and footers."""

import zipfile
from io import BytesIO
from typing import Any

import docx
from docx.opc.exceptions import PackageNotFoundError
from lxml import etree

from lemma.ingest.clean import clean
from lemma.ingest.drafts import Draft, Things
from lemma.ingest.errors import broken
from lemma.ingest.formats import archive
from lemma.ingest.formats.plain import clean_keeping_tabs, laid_out, plain_lines
from lemma.ingest.formats.table import column_lines
from lemma.ingest.limits import Budget

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_CHOICE = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_SKIPPED = frozenset({f"{_W}del", f"{_W}instrText", f"{_W}delText", f"{_W}pPr", f"{_W}moveFrom", _CHOICE})
_DEEPEST = 80
_BREAK = "\f"


def read(data: bytes, name: str | None, budget: Budget) -> Things:
    """Pages as Word last broke them; a file that never was in Word is one page."""
    archive.check(data, budget)
    try:
        document = docx.Document(BytesIO(data))
        lines = [*_running(document, "header"), *_block(document.element.body, 0)]
        lines += _running(document, "footer")
    except (
        PackageNotFoundError,
        etree.XMLSyntaxError,
        zipfile.BadZipFile,
        KeyError,
        ValueError,
        AttributeError,
        TypeError,
        NotImplementedError,
    ) as error:
        raise broken("Word file") from error
    page: list[str] = []
    for line in [*lines, _BREAK]:
        if line != _BREAK:
            page.append(line)
        elif page:
            drafted = tuple(plain_lines(page))
            if drafted:
                budget.page(len(drafted), sum(len(text) for text in page))
                yield Draft("plain", drafted)
            page = []


def _running(document: Any, what: str) -> list[str]:
    """Headers or footers of all sections, each once."""
    lines: list[str] = []
    for section in document.sections:
        for place in (getattr(section, f"first_page_{what}"), getattr(section, what)):
            if not place.is_linked_to_previous:
                found = [line for line in _block(place._element, 0) if line != _BREAK]
                lines += [line for line in found if line not in lines]
    return lines


def _block(parent: Any, depth: int) -> list[str]:
    """Lines of a body, a cell, a header or a text box."""
    lines: list[str] = []
    if depth > _DEEPEST:
        return lines
    for child in parent:
        if child.tag == f"{_W}p":
            lines += _paragraph(child, depth)
        elif child.tag == f"{_W}tbl":
            lines += _table(child, depth + 1)
        elif child.tag not in _SKIPPED and len(child):
            lines += _block(child, depth + 1)
    return lines


def _paragraph(paragraph: Any, depth: int) -> list[str]:
    text: list[str] = []
    boxes: list[str] = []
    _runs(paragraph, text, boxes, depth)
    pieces = "".join(text).split(_BREAK)
    lines: list[str] = []
    for i, piece in enumerate(pieces):
        if i:
            lines.append(_BREAK)
        lines += [laid_out(clean_keeping_tabs(line)) for line in piece.split("\n") if clean(line).strip()]
    return [*lines, *boxes]


def _runs(element: Any, text: list[str], boxes: list[str], depth: int) -> None:
    if depth > _DEEPEST:
        return
    for child in element:
        tag = child.tag
        if tag in _SKIPPED or not isinstance(tag, str):
            continue
        if tag == f"{_W}t":
            text.append((child.text or "").replace("\n", " "))
        elif tag == f"{_W}tab":
            text.append("\t")
        elif tag == f"{_W}br":
            text.append(_BREAK if child.get(f"{_W}type") == "page" else "\n")
        elif tag == f"{_W}lastRenderedPageBreak":
            text.append(_BREAK)
        elif tag in (f"{_W}noBreakHyphen", f"{_W}softHyphen"):
            text.append("-" if tag.endswith("noBreakHyphen") else "")
        elif tag == f"{_W}txbxContent":
            boxes += [line for line in _block(child, depth + 1) if line != _BREAK]
        elif tag == f"{_W}r" and child.find(f"{_W}rPr/{_W}vanish") is not None:
            continue
        elif len(child):
            _runs(child, text, boxes, depth + 1)


def _table(table: Any, depth: int) -> list[str]:
    """A row is as many lines as its longest cell has."""
    grid: list[list[str]] = []
    for row in table.iter(f"{_W}tr"):
        if next(row.iterancestors(f"{_W}tbl")) is not table:
            continue  # A row of a table inside a cell comes with that cell.
        cells = [
            [line for line in _block(cell, depth) if line != _BREAK]
            for cell in row.iter(f"{_W}tc")
            if next(cell.iterancestors(f"{_W}tr")) is row
        ]
        height = max((len(cell) for cell in cells), default=0)
        grid += [[cell[i] if i < len(cell) else "" for cell in cells] for i in range(height)]
    return list(column_lines(grid))
