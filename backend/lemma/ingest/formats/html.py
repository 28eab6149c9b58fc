"""Web pages and HTML mail: what a person would see, tables as columns."""

import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Any

from lxml import etree, html

from lemma.ingest.clean import one_spaced
from lemma.ingest.drafts import Draft, Things
from lemma.ingest.errors import broken
from lemma.ingest.formats.plain import decoded, plain_lines
from lemma.ingest.formats.table import column_lines
from lemma.ingest.limits import Budget

_UNSEEN = frozenset(
    re.findall(
        r"\w+",
        """script style head template noscript title meta link object embed iframe svg math select datalist
        audio video canvas""",
    )
)
_BLOCKS = frozenset(
    re.findall(
        r"\w+",
        """address article aside blockquote body center dd details dialog div dl dt fieldset figcaption figure
        footer form h1 h2 h3 h4 h5 h6 header hr html legend li main nav ol p pre section summary table tbody
        thead tfoot tr td th caption ul""",
    )
)
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(px|pt|em|%|\s*;|\s*$)|opacity\s*:\s*0(\s*;|\s*$)"
    r"|mso-hide\s*:\s*all",
    re.IGNORECASE,
)
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?([A-Za-z0-9_-]+)", re.IGNORECASE)
_DEEPEST = 60
_SIDE_BY_SIDE = 12
"""Lines of a cell up to which its row is set side by side; longer cells are page layout."""


def read(data: bytes, name: str | None, budget: Budget) -> Things:
    """The page's visible text as one page."""
    declared = _CHARSET.search(data[:4_000])
    text = decoded(data, declared.group(1).decode("ascii") if declared else None)
    budget.text(0, len(text))
    lines = tuple(plain_lines(visible_lines(text)))
    if lines:
        budget.page(len(lines), 0)
        yield Draft("plain", lines)


def visible_lines(text: str) -> list[str]:
    """Lines of a page's markup. Raises FileBroken where it cannot be parsed at all."""
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", text).replace("\x00", "")
    try:
        root = html.document_fromstring(text, parser=html.HTMLParser(no_network=True, recover=True))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        if not re.sub(r"<[^>]*>", "", text).strip():
            return []
        raise broken("web page") from error
    return _lines(root, 0)


class _Gathered:
    """Lines so far, and the line that inline text is being added to."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._open: list[str] = []

    def add(self, text: str | None) -> None:
        if text:
            self._open.append(text)

    def end_line(self) -> None:
        line = one_spaced("".join(self._open))
        self._open.clear()
        if line:
            self.lines.append(line)


def _lines(element: Any, depth: int) -> list[str]:
    gathered = _Gathered()
    _gather(element, gathered, depth)
    gathered.end_line()
    return gathered.lines


def _gather(element: Any, out: _Gathered, depth: int) -> None:
    out.add(_flat(element, element.text))
    for child in element:
        if isinstance(child.tag, str) and not _unseen(child):
            tag = child.tag
            if depth >= _DEEPEST:
                out.add(" ".join(child.itertext()))
            elif tag == "br":
                out.end_line()
            elif tag == "table":
                out.end_line()
                out.lines.extend(_table(child, depth + 1))
            elif tag in _BLOCKS:
                out.end_line()
                _gather(child, out, depth + 1)
                out.end_line()
            elif tag not in ("img", "input", "button", "textarea"):
                _gather(child, out, depth + 1)
        if isinstance(child.tag, str) and child.tag == "pre":
            out.end_line()
        out.add(_flat(element, child.tail))


def _flat(element: Any, text: str | None) -> str | None:
    """Line ends in running text are spaces; a `pre` keeps none of its layout but the words' order."""
    return text.replace("\n", " ").replace("\r", " ") if text else text


def _unseen(element: Any) -> bool:
    if element.tag in _UNSEEN or element.get("hidden") is not None or element.get("aria-hidden") == "true":
        return True
    style = element.get("style")
    return bool(style and _HIDDEN.search(style))


def _table(table: Any, depth: int) -> list[str]:
    """Rows of one-line cells as columns; address blocks side by side; layout cells one after another."""
    lines: list[str] = []
    grid: list[Sequence[str]] = []
    for row in _rows(table):
        cells = [_lines(cell, depth) for cell in row]
        filled = [cell for cell in cells if cell]
        if len(filled) > 1 and max(len(cell) for cell in filled) <= _SIDE_BY_SIDE:
            grid += [list(side) for side in zip_longest(*cells, fillvalue="")]
        else:
            lines += column_lines(grid)
            grid = []
            lines += [line for cell in cells for line in cell]
    lines += column_lines(grid)
    return lines


def _rows(table: Any) -> Iterator[list[Any]]:
    for part in table:
        if not isinstance(part.tag, str) or _unseen(part):
            continue
        if part.tag == "tr":
            yield [c for c in part if isinstance(c.tag, str) and c.tag in ("td", "th") and not _unseen(c)]
        elif part.tag in ("thead", "tbody", "tfoot"):
            yield from _rows(part)
        elif part.tag == "caption":
            yield [part]
