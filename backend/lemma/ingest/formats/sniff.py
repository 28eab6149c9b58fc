"""What a file is, by its content. The name only decides between kinds of plain text."""

import re
import zipfile
from io import BytesIO

from lemma.ingest.errors import FileEncrypted, FileTypeUnsupported, broken
from lemma.ingest.formats import xml
from lemma.ingest.formats.plain import decoded

MEDIA_TYPES = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpeg": "image/jpeg",
    "tiff": "image/tiff",
    "webp": "image/webp",
    "bmp": "image/bmp",
    "gif": "image/gif",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "eml": "message/rfc822",
    "html": "text/html",
    "xml": "application/xml",
    "csv": "text/csv",
    "md": "text/markdown",
    "txt": "text/plain",
}
PICTURES = frozenset({"png", "jpeg", "tiff", "webp", "bmp", "gif"})

_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
    (b"II+\x00", "tiff"),
    (b"MM\x00+", "tiff"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
)
_HTML = re.compile(
    r"\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<(!doctype html|html|head|body|table|div|p|h1|span|meta|title)\b",
    re.IGNORECASE | re.DOTALL,
)
_HEADER = re.compile(
    rb"(?im)^(from|to|subject|date|received|return-path|message-id|mime-version|delivered-to|content-type"
    rb"|x-[a-z-]+|reply-to|cc|dkim-signature|sender):[ \t]"
)
_MARKDOWN = re.compile(
    r"^(#{1,6} \S|```|\|(.+\|)+\s*$|\s*[-*] \[[ x]\] |\[.+\]\(.+\)|\*\*.+\*\*)", re.MULTILINE
)
_OTHERS = (
    (b"{\\rtf", "RTF"),
    (b"\x1f\x8b", "gzip"),
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf", "7-Zip"),
    (b"\x7fELF", "program"),
    (b"MZ", "program"),
    (b"%!PS", "PostScript"),
    (b"8BPS", "Photoshop"),
    (b"SQLite format 3", "database"),
)


def sniff(data: bytes, name: str | None) -> str:
    """A key of MEDIA_TYPES. Raises FileTypeUnsupported, FileEncrypted or FileBroken."""
    if b"%PDF-" in data[:1024]:
        return "pdf"
    if picture := _picture(data):
        return picture
    if data[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        return _office(data)
    if data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        return _refuse_compound(data)
    for magic, what in _OTHERS:
        if data.startswith(magic):
            raise FileTypeUnsupported(f"Files of this type ({what}) cannot be read. Send a PDF instead.")
    return _text(data, name)


def _picture(data: bytes) -> str | None:
    for magic, kind in _MAGIC:
        if data.startswith(magic):
            return kind
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    if data[:2] == b"BM" and len(data) > 54 and data[14:18] in (b"\x28\0\0\0", b"\x7c\0\0\0", b"\x6c\0\0\0"):
        return "bmp"
    return None


def _office(data: bytes) -> str:
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            names = set(archive.namelist()[:20_000])
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise broken("Office file") from error
    if "word/document.xml" in names:
        return "docx"
    if "xl/workbook.xml" in names:
        return "xlsx"
    if any(n.startswith("word/") for n in names):
        return "docx"
    if any(n.startswith("xl/") for n in names):
        return "xlsx"
    raise FileTypeUnsupported(
        "Archives cannot be read. Unpack it and send the files inside; Office files must be DOCX or XLSX."
    )


def _refuse_compound(data: bytes) -> str:
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise FileEncrypted(
            "This Office file is protected by a password. Remove the protection and send it again."
        )
    raise FileTypeUnsupported(
        "Old Office files and Outlook messages cannot be read. Save it as DOCX, XLSX, EML or PDF."
    )


def _text(data: bytes, name: str | None) -> str:
    head = data[:65_536]
    if _is_binary(head):
        raise FileTypeUnsupported(
            "The content is of no type that can be read. Send a PDF, a picture, a text, an e-mail (EML), a "
            "web page, or an Office file (DOCX, XLSX)."
        )
    text = decoded(head)
    if _is_mail(head):
        return "eml"
    return _marked_up(text, head) or _plain(text, name)


def _marked_up(text: str, head: bytes) -> str | None:
    text = text.lstrip("\ufeff \r\n\t")
    if _HTML.match(text):
        return "html"
    if text.startswith("<"):
        if xml.is_invoice(head) or text.startswith("<?xml"):
            return "xml"
        if re.search(r"</(p|div|table|td|span|body|a|li|h[1-6])>", text, re.IGNORECASE):
            return "html"
    return None


def _plain(text: str, name: str | None) -> str:
    """The name counts here: a CSV file of one column and a list in a text file are the same bytes."""
    suffix = (name or "").rpartition(".")[2].lower()
    if suffix in ("csv", "tsv") or (suffix not in ("txt", "md", "markdown") and _is_table(text)):
        return "csv"
    if suffix in ("md", "markdown") or (suffix != "txt" and len(_MARKDOWN.findall(text[:5000])) >= 3):
        return "md"
    return "txt"


def _is_binary(head: bytes) -> bool:
    if head[:2] in (b"\xff\xfe", b"\xfe\xff") or head[:4] == b"\x00\x00\xfe\xff":
        return False
    zeros = head.count(0)
    if zeros:  # UTF-16 without a mark: every other byte is zero in western text.
        return not (
            0.3 * len(head) < zeros < 0.6 * len(head)
            and min(head[::2].count(0), head[1::2].count(0)) < 0.05 * len(head)
        )
    odd = sum(head.count(bytes([b])) for b in (*range(1, 9), *range(14, 27), *range(28, 32), 127))
    if odd > 0.02 * len(head):
        return True
    try:
        head[: max(len(head) - 4, 0)].decode("utf-8")
    except UnicodeDecodeError:
        # Text in an old encoding is mostly ASCII, or mostly letters of one script; noise is neither.
        high = sum(b >= 0x80 for b in head)
        controls = sum(0x80 <= b < 0xA0 for b in head)
        return controls > 0.3 * high and high > 0.2 * len(head)
    return False


def _is_mail(head: bytes) -> bool:
    block = re.split(rb"\r?\n\r?\n", head.lstrip(b"\r\n"), maxsplit=1)[0]
    if block.startswith(b"From "):
        block = block.partition(b"\n")[2]
    found = {m.group(1).lower() for m in _HEADER.finditer(block)}
    starts = re.match(rb"[A-Za-z][A-Za-z0-9-]*:[ \t]?", block)
    return (
        bool(starts)
        and len(found) >= 2
        and bool(found & {b"from", b"received", b"message-id", b"mime-version", b"return-path"})
    )


def _is_table(text: str) -> bool:
    """Whether all rows have the same number of separators; prose has commas too, but never evenly."""
    rows = [row for row in text.splitlines()[:30] if row.strip()]
    if len(rows) < 2:
        return False
    complete = rows[:-1] if len(rows) > 2 else rows  # The last one may be cut off.
    for mark in (";", "\t", ",", "|"):
        counts = [row.count(mark) for row in complete if '"' not in row]
        least = 2 if mark in ",|" else 1
        even = bool(counts) and min(counts) >= least and max(counts) == min(counts)
        prose = mark == "," and text.count(", ") > 0.5 * text.count(",")
        if even and not prose and not all(row.rstrip().endswith(mark) for row in rows):
            return True
    return False
