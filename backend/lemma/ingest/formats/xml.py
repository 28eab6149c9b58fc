"""E-invoice XML (CII: Factur-X, ZUGFeRD, XRechnung; UBL; Order-X): exact lines, and a readable page.

Parsed with defusedxml: a document type declaration, and with it every entity trick, is refused.
"""

import re
from collections import Counter
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from lemma.ingest.clean import one_spaced
from lemma.ingest.drafts import Draft, Things
from lemma.ingest.errors import FileTypeUnsupported, broken
from lemma.ingest.formats.plain import plain_lines
from lemma.ingest.limits import Budget

INVOICE_ROOTS = frozenset(
    {
        "CrossIndustryInvoice",
        "CrossIndustryDocument",
        "SCRDMCCBDACIOMessageStructure",
        "Invoice",
        "CreditNote",
        "Order",
        "OrderResponse",
        "OrderChange",
    }
)

_MAX_DEPTH = 100
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_FILLER = re.compile(
    r"^(Specified|Applicable|Included|Defined|Associated|Supply Chain|Trade|Header|Cross Industry|ram|Line) "
)
_BARE = frozenset(
    {"ID", "Name", "Value", "Content", "DateTimeString", "Amount", "Percent", "DateString", "Code", "URIID"}
)
_DAY = re.compile(r"(\d{4})(\d\d)(\d\d)")


def read(data: bytes, name: str | None, budget: Budget) -> Things:
    """A bare XML file: a readable page first, then the exact lines. Other XML than invoices is refused."""
    root = _parse(data)
    if root is None:
        raise broken("XML file")
    if _local(root.tag) not in INVOICE_ROOTS:
        raise FileTypeUnsupported(
            "This XML file is not an invoice or order in UBL or CII form. Send it as a PDF or as text."
        )
    for draft in (Draft("plain", tuple(plain_lines(_readable(root)))), _exact(root, name or "invoice.xml")):
        budget.page(len(draft.lines), sum(len(line.text) for line in draft.lines))
        yield draft


def embedded(data: bytes, name: str) -> Draft | None:
    """The exact page of an invoice that is attached to another file; None where it is none."""
    root = _parse(data)
    return _exact(root, name) if root is not None and _local(root.tag) in INVOICE_ROOTS else None


def is_invoice(data: bytes) -> bool:
    """Whether the bytes are e-invoice XML; quick for those that are not."""
    return any(root.encode() in data[:4_000] for root in INVOICE_ROOTS)


def _parse(data: bytes) -> Element | None:
    try:
        root = fromstring(data, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        return None
    return root if isinstance(root, Element) else None


def _local(tag: object) -> str:
    return str(tag).rpartition("}")[2]


def _exact(root: Element, name: str) -> Draft:
    texts = [f"{path}  {value}" for path, value in _leaves(root, _local(root.tag), 0)]
    return Draft("xml", tuple(plain_lines(texts)), name=one_spaced(name)[:200])


def _leaves(element: Element, path: str, depth: int) -> Iterator[tuple[str, str]]:
    """Each attribute and each element with text of its own, by its path of local names."""
    if depth > _MAX_DEPTH:
        return
    for key, value in element.attrib.items():
        if value.strip() and _local(key) != "schemaLocation":
            yield f"{path}/@{_local(key)}", one_spaced(value)
    text = one_spaced(element.text or "")
    if text:
        yield path, text
    children = [child for child in element if isinstance(child.tag, str)]
    count = Counter(_local(child.tag) for child in children)
    seen: Counter[str] = Counter()
    for child in children:
        name = _local(child.tag)
        seen[name] += 1
        index = f"[{seen[name]}]" if count[name] > 1 else ""
        yield from _leaves(child, f"{path}/{name}{index}", depth + 1)


def _readable(root: Element) -> Iterator[str]:
    """Lines "Label  value" under a heading for each group, in the order of the file."""
    yield _words(_local(root.tag))
    yield from _group(root, 0)


def _group(element: Element, depth: int) -> Iterator[str]:
    if depth > _MAX_DEPTH:
        return
    for child in element:
        if not isinstance(child.tag, str):
            continue
        name, text = _local(child.tag), one_spaced(child.text or "")
        if len(child):
            if depth < 3 and any(len(grandchild) for grandchild in child):
                yield _words(name)
            yield from _group(child, depth + 1)
        elif text:
            label = _words(name)
            if name in _BARE:
                label = f"{_words(_local(element.tag))} {label}" if name != "DateTimeString" else ""
                label = label or _words(_local(element.tag))
            unit = child.get("currencyID") or child.get("unitCode") or child.get("schemeID") or ""
            day = _DAY.fullmatch(text) if child.get("format") == "102" else None
            yield f"{label}  {'-'.join(day.groups()) if day else text} {unit}".strip()


def _words(name: str) -> str:
    """A camel-case name as words, without the standards' filler."""
    words = _CAMEL.sub(" ", name)
    while (shorter := _FILLER.sub("", words)) != words:
        words = shorter
    return words[:1].upper() + words[1:].lower() if not words.isupper() else words
