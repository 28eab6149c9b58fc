"""Excel files: a page for each visible sheet, values as they are shown."""

import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Any
from xml.etree.ElementTree import ParseError

import openpyxl
from defusedxml.common import DefusedXmlException
from openpyxl.utils.exceptions import InvalidFileException

from lemma.ingest.clean import one_spaced
from lemma.ingest.drafts import Draft, Note, Things
from lemma.ingest.errors import broken
from lemma.ingest.formats import archive
from lemma.ingest.formats.plain import plain_lines
from lemma.ingest.formats.table import column_lines
from lemma.ingest.limits import Budget

_COLUMNS = 500
_LITERAL = re.compile(r'"([^"]*)"|\[\$([^\]-]*)[^\]]*\]|\\(.)|([€$£¥])')
_DATE_PART = re.compile(r"yyyy|yy|mmmm|mmm|mm|m|dddd|ddd|dd|d|hh|h|ss|s|am/pm", re.IGNORECASE)


def read(data: bytes, name: str | None, budget: Budget) -> Things:
    """The visible sheets in order. Formulas show the value that was last computed."""
    archive.check(data, budget)
    try:
        book = openpyxl.load_workbook(BytesIO(data), read_only=True, data_only=True, keep_links=False)
        for sheet in book.worksheets:
            if sheet.sheet_state != "visible":
                yield Note("A hidden sheet of the workbook was left out.")
                continue
            sheet.reset_dimensions()
            lines = tuple(plain_lines(column_lines(_rows(sheet, budget))))
            if lines:
                budget.page(0, 0)
                yield Draft("plain", lines, name=one_spaced(sheet.title)[:200])
        book.close()
    except (
        InvalidFileException,
        zipfile.BadZipFile,
        DefusedXmlException,
        ParseError,
        KeyError,
        ValueError,
        AttributeError,
        TypeError,
        IndexError,
        OverflowError,
    ) as error:
        raise broken("Excel file") from error


def _rows(sheet: Any, budget: Budget) -> Iterator[list[str]]:
    for row in sheet.iter_rows(max_col=_COLUMNS):
        filled = [at for at, cell in enumerate(row) if cell.value is not None]
        used = row[: filled[-1] + 1] if filled else ()  # Rows come as wide as the limit.
        cells = [shown(cell.value, cell.number_format) if cell.value is not None else "" for cell in used]
        if any(cells):
            budget.text(1, sum(map(len, cells)))
            yield cells


def shown(value: object, pattern: str | None) -> str:
    """A cell's value as a sheet shows it, for the usual number formats."""
    pattern = (pattern or "General").split(";")[0]
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime | date | time):
        return _shown_date(value, pattern)
    if isinstance(value, timedelta):
        return str(value)
    if isinstance(value, int | float):
        return _shown_number(value, pattern)
    return str(value)


def _shown_number(value: float, pattern: str) -> str:
    bare = _LITERAL.sub("", pattern)
    if "0" not in bare and "#" not in bare:
        return str(value) if isinstance(value, int) else f"{value:.15g}"
    if "e+" in bare.lower():
        return f"{value:.15g}"
    percent = "%" in bare
    if percent:
        value *= 100
    digits = re.search(r"\.([0#?]*)", bare)
    places = len(digits.group(1)) if digits else 0
    comma = re.search(r"[#0],[#0]", bare) is not None
    number = f"{abs(value):{',' if comma else ''}.{places}f}"
    if digits and "#" in digits.group(1):
        least = digits.group(1).count("0")
        whole, _, fraction = number.partition(".")
        fraction = fraction[:least] + fraction[least:].rstrip("0")
        number = f"{whole}.{fraction}" if fraction else whole
    first = re.search(r"[0#?]", pattern)
    at = first.start() if first else 0
    last = max(pattern.rfind("0"), pattern.rfind("#"), at)
    before, after = _literals(pattern[:at]), _literals(pattern[last + 1 :])
    return f"{'-' if value < 0 else ''}{before}{number}{'%' if percent else ''}{after}".strip()


def _literals(part: str) -> str:
    """What a part of a format shows as it stands: quoted and escaped text, currency signs, spaces."""
    part = re.sub(r"[_*].", "", part)  # Room as wide as a character, and filling: not shown.
    plain = _LITERAL.sub(lambda match: "".join(match.groups(default="")), part)
    return re.sub(r"[#0?,.%]|\[[A-Za-z]+\]", "", plain)


def _shown_date(value: datetime | date | time, pattern: str) -> str:
    if isinstance(value, time):
        return value.strftime("%H:%M:%S") if "s" in pattern.lower() else value.strftime("%H:%M")
    pattern = re.sub(r"\[[^\]]*\]", "", pattern)
    if not re.search(r"[ydhm]", pattern, re.IGNORECASE):
        return value.isoformat(" ") if isinstance(value, datetime) else value.isoformat()
    pieces: list[str] = []
    hours = False
    at = 0
    for match in _DATE_PART.finditer(pattern):
        pieces.append(_LITERAL.sub(r"\1\3", pattern[at : match.start()]))
        part = match.group().lower()
        pieces.append(_date_part(value, part, minutes=hours))
        hours = part in ("h", "hh")
        at = match.end()
    pieces.append(_LITERAL.sub(r"\1\3", pattern[at:]))
    return "".join(pieces).replace("\\", "").replace("@", "").strip()


def _date_part(value: datetime | date, part: str, *, minutes: bool) -> str:
    if part in ("m", "mm") and minutes:
        return value.strftime("%M")
    plain = {"d": str(value.day), "m": str(value.month)}
    coded = {
        "yyyy": "%Y", "yy": "%y", "mmmm": "%B", "mmm": "%b", "mm": "%m", "dddd": "%A", "ddd": "%a",
        "dd": "%d", "hh": "%H", "h": "%H", "ss": "%S", "s": "%S", "am/pm": "%p",
    }  # fmt: skip
    return plain.get(part) or value.strftime(coded[part])
