"""Text without geometry: its lines, their words, and how bytes become text."""

import re
from collections.abc import Iterable, Iterator

from charset_normalizer import from_bytes

from lemma.ingest.clean import clean
from lemma.ingest.drafts import Draft, Things
from lemma.ingest.limits import Budget
from lemma.ingest.lines import MAX_GAP
from lemma.reading.source import Line, Word

_TOKEN = re.compile(r"[^ ]+")
_WIDE = re.compile(" {3,}")
_TAB = 4
_BOMS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)


def decoded(data: bytes, declared: str | None = None) -> str:
    """Bytes as text: byte order mark, then UTF-8, then what was declared, then the likeliest encoding."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    if declared:
        try:
            return data.decode(declared)
        except (LookupError, UnicodeDecodeError):
            pass
    if len(data) >= 4 and data[1::2].count(0) > 0.4 * len(data):
        return data.decode("utf-16-le", "replace")
    best = from_bytes(data[:20_000], preemptive_behaviour=False).best()
    encoding = best.encoding if best is not None else "cp1252"
    # Short western texts look like many encodings at once; the usual one is the right guess.
    if best is None or encoding.startswith(("cp125", "latin", "iso8859", "mac", "cp85", "cp4", "cp5", "cp1")):
        western = data.decode("cp1252", "replace")
        if best is None or _western(western):
            return western
    return data.decode(encoding, "replace")


def _western(text: str) -> bool:
    """Whether letters beyond ASCII are few, and those of western European languages."""
    beyond = [c for c in text if c > "\x7f"]
    if len(beyond) > 0.3 * sum(c.isalpha() for c in text):
        return False
    usual = sum(c in "äöüÄÖÜßàâæçéèêëîïôœùûÿñáíóúåøÅØÆÉÈÀÇ€£§°–—‘’“”„«»·®©¿¡ìòãõÑÁÍÓÚ²³µ½" for c in beyond)
    return usual >= 0.8 * len(beyond)


def plain_lines(texts: Iterable[str]) -> Iterator[Line]:
    """Numbered lines of given texts; those that are empty are left out."""
    number = 0
    for text in texts:
        shown = clean(text).strip(" ")
        if shown:
            number += 1
            yield Line(number, 1, shown, tuple(Word(m.start(), m.end()) for m in _TOKEN.finditer(shown)))


def laid_out(text: str) -> str:
    """A line of plain text with its tabs as gaps, and no gap wider than the widest that lines have."""
    if "\t" in text:
        text = text.replace("\t", " " * _TAB)
    return _WIDE.sub(lambda m: " " * min(MAX_GAP, len(m.group())), text.strip(" "))


def read(data: bytes, name: str | None, budget: Budget) -> Things:
    """A text or Markdown file as one page. Form feeds begin new pages."""
    for sheet in decoded(data).split("\f"):
        rows = sheet.splitlines()
        budget.text(len(rows), len(sheet))
        lines = tuple(plain_lines(laid_out(clean_keeping_tabs(row)) for row in rows))
        if lines:
            budget.page(0, 0)
            yield Draft("plain", lines)


def clean_keeping_tabs(text: str) -> str:
    """`clean`, but tabs stay: they are columns."""
    return "\t".join(clean(piece) for piece in text.split("\t"))
