"""Files that are made to do harm, or are merely damaged: a clear error or a source, never anything else."""

import io
import os
import random
import struct
import zipfile
import zlib
from collections.abc import Callable

import pytest

from lemma.core.errors import LemmaError
from lemma.ingest import ingest
from lemma.ingest.assemble import Ingested
from lemma.ingest.errors import (
    ArchiveBomb,
    FileBroken,
    FileEncrypted,
    FileTooLarge,
    FileTypeUnsupported,
    NothingToRead,
    TooManyPages,
    TooMuchText,
    UnusableFile,
)
from lemma.ingest.limits import Limits
from tests.unit.ingest import builders

QUICK = Limits(seconds=60, seconds_per_step=60)
KINDS: dict[str, Callable[[], bytes]] = {
    "pdf": builders.invoice_pdf,
    "docx": builders.docx_file,
    "xlsx": builders.xlsx_file,
    "eml": lambda: builders.eml_file(("a.csv", "text/csv", builders.CSV), html="<p>Hallo <b>Welt</b></p>"),
    "html": lambda: builders.HTML,
    "csv": lambda: builders.CSV,
    "xml": builders.CII.encode,
}


def outcome(data: bytes, name: str | None = None, limits: Limits = QUICK) -> Ingested | LemmaError:
    """A source or one of our errors; anything else fails the test by itself."""
    try:
        done = ingest(data, name, limits)
    except LemmaError as caught:
        error = caught
    else:
        _check(done)
        return done
    assert error.detail.endswith(".")
    assert error.status in (413, 415, 422)
    return error


def _check(done: Ingested) -> None:
    assert done.source.lines
    for line in done.source.lines:
        assert line.text == line.text.strip(" ")
        assert not any(ord(c) < 32 for c in line.text)


def mutated(data: bytes, chance: random.Random) -> bytes:
    """One damaged copy: bytes changed, cut, doubled or swapped, as broken transfers and fuzzers do."""
    damaged = bytearray(data)
    for _ in range(chance.choice((1, 3, 20))):
        at = chance.randrange(len(damaged))
        what = chance.randrange(5)
        if what == 0:
            damaged[at] = chance.randrange(256)
        elif what == 1:
            del damaged[at : at + chance.randrange(1, 200)]
        elif what == 2:
            damaged[at:at] = chance.randbytes(chance.randrange(1, 50))
        elif what == 3:
            damaged[at : at + 4] = chance.choice((b"\xff\xff\xff\xff", b"\0\0\0\0", b"9999", b"<![C"))
        else:
            del damaged[at:]
        if not damaged:
            damaged += b"x"
    return bytes(damaged)


@pytest.mark.parametrize("kind", KINDS)
def test_damaged_files_of_each_kind(kind: str) -> None:
    chance = random.Random(f"damage {kind}")
    whole = KINDS[kind]()
    for _ in range(25):
        outcome(mutated(whole, chance))


@pytest.mark.parametrize("kind", KINDS)
def test_files_cut_anywhere(kind: str) -> None:
    whole = KINDS[kind]()
    for part in range(1, 8):
        outcome(whole[: len(whole) * part // 8])


def test_damaged_pictures_are_refused_or_decoded() -> None:
    """Only those that fail to decode go on: recognition is not what is tested here."""
    chance = random.Random("pictures")
    for kind in ("PNG", "TIFF"):
        whole = builders.picture(["x"], size=(64, 40), kind=kind)
        for _ in range(4):
            damaged = mutated(whole[: len(whole) // 2], chance)
            assert isinstance(outcome(damaged), UnusableFile | Ingested)


def test_random_bytes_with_every_head() -> None:
    chance = random.Random("noise")
    heads = (
        b"%PDF-1.7\n",
        b"PK\x03\x04",
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff\xe0",
        b"II*\0",
        b"GIF89a",
        b"BM",
        b"<html>",
        b"",
    )
    for head in heads:
        for size in (1, 50, 5_000):
            outcome(head + chance.randbytes(size))


def zipped(entries: dict[str, bytes], level: int = 9) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return out.getvalue()


def test_archive_bombs() -> None:
    zeros = {"word/document.xml": b"\0" * 30_000_000}
    assert isinstance(outcome(zipped(zeros)), ArchiveBomb)
    many = {f"word/{i}.xml": b"x" for i in range(300)}
    assert isinstance(outcome(zipped(many), limits=Limits(archive_entries=200)), ArchiveBomb)
    wide = {f"xl/{i}.xml": os.urandom(200_000) for i in range(12)}
    assert isinstance(outcome(zipped(wide), limits=Limits(archive_bytes=2_000_000)), ArchiveBomb)


def test_an_archive_that_lies_about_sizes() -> None:
    data = bytearray(zipped({"word/document.xml": b"a" * 20_000_000}))
    at = data.rindex(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<I", 10)
    assert isinstance(outcome(bytes(data)), ArchiveBomb | FileBroken)


def test_entries_that_share_their_bytes() -> None:
    data = zipped({"word/a.xml": b"a" * 100, "word/b.xml": b"b" * 100})
    first, second = (i for i in range(len(data)) if data[i : i + 4] == b"PK\x01\x02")
    shared = data[: second + 42] + data[first + 42 : first + 46] + data[second + 46 :]
    assert isinstance(outcome(shared), ArchiveBomb | FileBroken)


def test_an_encrypted_archive_is_named() -> None:
    data = bytearray(zipped({"word/document.xml": b"<a/>"}))
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    assert isinstance(outcome(bytes(data)), FileEncrypted)


def test_xml_bombs_in_every_coat() -> None:
    entities = b'<!DOCTYPE a [<!ENTITY x "ha">' + b"".join(
        b'<!ENTITY x%d "&x%s;&x%s;">'
        % (i, str(i - 1).encode() if i else b"", str(i - 1).encode() if i else b"")
        for i in range(30)
    )
    bomb = b'<?xml version="1.0"?>' + entities + b"]><Invoice><ID>&x29;</ID></Invoice>"
    assert isinstance(outcome(bomb), FileBroken)
    outside = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY f SYSTEM "file:///etc/passwd">]><Invoice><ID>&f;</ID></Invoice>'
    assert isinstance(outcome(outside), FileBroken)
    for member in ("word/document.xml", "xl/workbook.xml"):
        parts = {"[Content_Types].xml": bomb, "_rels/.rels": bomb, member: bomb}
        assert isinstance(outcome(zipped(parts)), UnusableFile)


def test_deep_nesting_of_everything() -> None:
    outcome(b"<?xml version='1.0'?><Invoice>" + b"<a>" * 50_000 + b"x" + b"</a>" * 50_000 + b"</Invoice>")
    outcome(b"<html><body>" + b"<div>" * 50_000 + b"x")
    outcome(b"<html><body>" + b"<table><tr><td>" * 3_000 + b"x")
    outcome(b"%PDF-1.4\n1 0 obj\n" + b"[" * 100_000)
    parts = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (i, i) for i in range(1_500)
    )
    outcome(b"From: a@example.org\r\nMIME-Version: 1.0\r\n" + parts)


def test_a_stream_that_unpacks_without_end() -> None:
    blob = b"0 0 m " * 20_000_000
    packed = zlib.compress(zlib.compress(blob, 9), 9)
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R>>",
        b"<</Length %d/Filter[/FlateDecode/FlateDecode]>>stream\n%s\nendstream" % (len(packed), packed),
    ]
    body = b"%PDF-1.4\n" + b"".join(b"%d 0 obj\n%s\nendobj\n" % (i, o) for i, o in enumerate(objects, 1))
    outcome(body + b"trailer<</Root 1 0 R>>\n%%EOF")


def test_sizes() -> None:
    assert isinstance(outcome(b"x" * 2_000, limits=Limits(bytes=1_000)), FileTooLarge)
    rows = b"a;b\n" * 60_000
    assert isinstance(outcome(rows, "x.csv", Limits(lines=50_000)), TooMuchText)
    assert isinstance(outcome(b"word " * 50_000, "x.txt", Limits(characters=100_000)), TooMuchText)
    wide = b";".join([b"x"] * 200_000) + b"\n"
    outcome(wide, "x.csv")
    many = builders.eml_file(*((f"{i}.txt", "text/plain", b"text") for i in range(5)))
    assert isinstance(outcome(many, limits=Limits(pages=3)), TooManyPages)


def test_nothing_to_read() -> None:
    for data in (b" \n\n ", builders.pdf(lambda canvas: None), b"<html><body></body></html>"):
        assert isinstance(outcome(data, "x.txt"), NothingToRead)


def test_polyglots_are_what_their_content_is() -> None:
    assert isinstance(outcome(b"GIF89a" + builders.HTML), FileBroken)
    assert isinstance(outcome(b"MZ" + builders.invoice_pdf()), Ingested)
    assert isinstance(outcome(b"\0" * 500, "x.pdf"), FileTypeUnsupported)
