"""Kinds of file without geometry: told by their content, read with their columns."""

import pytest

from lemma.ingest import Ingested, ingest
from lemma.ingest.errors import FileBroken, FileEncrypted, FileTypeUnsupported, NestedTooDeep, UnusableFile
from tests.unit.ingest import builders

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def texts(ingested: Ingested) -> list[str]:
    return [line.text for line in ingested.source.lines]


@pytest.mark.parametrize(
    ("data", "name", "media_type"),
    [
        (builders.invoice_pdf(), "invoice.txt", "application/pdf"),
        (builders.docx_file(), "table.xlsx", DOCX),
        (builders.xlsx_file(), None, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (builders.eml_file(), "mail.pdf", "message/rfc822"),
        (builders.HTML, "page.csv", "text/html"),
        (builders.CSV, None, "text/csv"),
        (builders.CII.encode(), "x.txt", "application/xml"),
        (b"# Title\n\n- [ ] one\n- [x] two\n", None, "text/markdown"),
        (b"Just a line, and another, with commas.\nSecond, line.\n", None, "text/plain"),
        (b"a,b\n1,2\n", "a.csv", "text/csv"),
        (b"a,b\n1,2\n", "a.txt", "text/plain"),
    ],
)  # fmt: skip
def test_the_content_tells_the_kind(data: bytes, name: str | None, media_type: str) -> None:
    assert ingest(data, name).source.media_type == media_type


def test_plain_text_keeps_columns_and_drops_the_unseen() -> None:
    done = ingest("Pos\tText\r\n1          Nagel\u200b\n\n\nSumme\u00a012,00\n".encode(), "x.txt")
    assert texts(done) == ["Pos    Text", "1        Nagel", "Summe 12,00"]
    assert done.source.pages[0].kind == "plain"
    assert done.source.lines[0].words[1].box is None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "utf-16-le"])
def test_encodings(encoding: str) -> None:
    text = "Rechnung für Müller, Größe 12, Straße 5, fällig in München"
    assert texts(ingest(text.encode(encoding), "x.txt")) == [text]


def test_cyrillic_in_an_old_encoding() -> None:
    text = "Счёт на оплату от первого марта, получатель общество с ограниченной ответственностью Ромашка"
    assert texts(ingest((text + "\n").encode("cp1251") * 3, "x.txt"))[0] == text


def test_html_shows_what_a_person_sees() -> None:
    assert texts(ingest(builders.HTML, None)) == [
        "Bestellung 4711",
        "Artikel  Menge  Preis",
        "Hammer   2      19,90",
        "Lieferung  Rechnung",
        "Weg 1      Platz 2",
    ]


def test_csv_keeps_columns() -> None:
    assert texts(ingest(builders.CSV, "x.csv")) == [
        "Datum       Text        Betrag",
        "01.02.2026  Müller & Söhne  1.200,50",
        "02.02.2026  Büro        -3,00",
    ]


def test_docx_has_paragraphs_tables_and_header() -> None:
    assert texts(ingest(builders.docx_file(), None)) == [
        "Muster GmbH, Berlin",
        "Angebot 2026-11",
        "Pos  Text     Betrag",
        "1    Montage  80,00",
        "Danke    sehr",
    ]


def test_xlsx_shows_values_as_formatted_and_leaves_hidden_sheets_out() -> None:
    done = ingest(builders.xlsx_file(), None)
    assert texts(done) == ["Artikel      Preis       Anteil", "Schraube M8  1,234.50 €  19%"]
    assert done.source.pages[0].name == "Preise"
    assert "hidden sheet" in done.source.notes[0]


def test_mail_has_head_body_and_attachments_as_pages() -> None:
    mail = builders.eml_file(
        ("rechnung.pdf", "application/pdf", builders.invoice_pdf()),
        ("inner subject", "message/rfc822", b"Innerer Text"),
        ("tool.exe", "application/octet-stream", b"MZ\x00\x00" * 50),
    )
    done = ingest(mail, "mail.eml")
    assert texts(done)[:4] == [
        "From: Anna Beispiel <anna@example.org>",
        "To: rechnung@example.com",
        "Date: Sat, 14 Mar 2026 10:00:00 +0100",
        "Subject: Rechnung für März",
    ]
    assert "anbei die Rechnung über 119,00 EUR." in texts(done)
    assert "Innerer Text" in texts(done)
    assert [p.name for p in done.source.pages] == [None, "rechnung.pdf", "inner subject.eml"]
    assert [p.kind for p in done.source.pages] == ["plain", "text", "plain"]
    assert [p.name for p in done.parts] == ["rechnung.pdf", "inner subject.eml", "tool.exe"]
    assert done.parts[0].data == builders.invoice_pdf()
    assert any("left out" in note for note in done.source.notes)


def test_html_only_mail() -> None:
    raw = (
        b"From: a@example.org\r\nTo: b@example.org\r\nMIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n"
        + builders.HTML
    )
    assert "Bestellung 4711" in texts(ingest(raw, None))


def test_messages_in_messages_end_somewhere() -> None:
    data = builders.eml_file()
    for depth in range(6):
        outer = (
            b"From: a@example.org\r\nSubject: %d\r\nMIME-Version: 1.0\r\nContent-Type: message/rfc822\r\n\r\n"
        )
        data = outer % depth + data
    with pytest.raises(NestedTooDeep):
        ingest(data, "deep.eml")


def test_bare_xml_is_readable_and_exact() -> None:
    done = ingest(builders.CII.encode(), "invoice.xml")
    assert [p.kind for p in done.source.pages] == ["plain", "xml"]
    shown = [line.text for line in done.source.lines if line.page == 1]
    assert "Exchanged document ID  R-77" in shown
    assert "Issue date time  2026-03-14" in shown
    assert "Grand total amount  119.00 EUR" in shown
    trade = "CrossIndustryInvoice/SupplyChainTradeTransaction"
    exact = [line.text for line in done.source.lines if line.page == 2]
    assert "CrossIndustryInvoice/ExchangedDocument/ID  R-77" in exact
    assert f"{trade}/IncludedSupplyChainTradeLineItem[2]/SpecifiedTradeProduct/Name  Muttern" in exact
    total = f"{trade}/ApplicableHeaderTradeSettlement/SpecifiedTradeSettlementHeaderMonetarySummation"
    total += "/GrandTotalAmount"
    assert f"{total}/@currencyID  EUR" in exact
    assert f"{total}  119.00" in exact


def test_other_xml_is_refused() -> None:
    with pytest.raises(FileTypeUnsupported):
        ingest(b"<?xml version='1.0'?><note><to>x</to></note>", "n.xml")


def test_entities_are_refused() -> None:
    entities = b'<!DOCTYPE l [<!ENTITY a "xxxx"><!ENTITY b "&a;&a;&a;">]>'
    bomb = b'<?xml version="1.0"?>' + entities + b"<Invoice><ID>&b;</ID></Invoice>"
    with pytest.raises(FileBroken):
        ingest(bomb, "b.xml")


@pytest.mark.parametrize(
    "head", [b"MZ\x90\x00", b"\x7fELF", b"Rar!\x1a\x07", b"\x1f\x8b\x08", b"{\\rtf1 x}", bytes(range(256))]
)
def test_other_types_are_refused(head: bytes) -> None:
    with pytest.raises(FileTypeUnsupported):
        ingest(head + bytes(range(256)) * 4, "file.pdf")


def test_protected_office_files_are_named() -> None:
    data = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + b"\0" * 600
        + "EncryptedPackage".encode("utf-16-le")
        + b"\0" * 100
    )
    with pytest.raises(FileEncrypted):
        ingest(data, "a.docx")


def test_each_error_is_a_sentence() -> None:
    with pytest.raises(UnusableFile) as raised:
        ingest(b"", None)
    assert raised.value.problem()["code"] == "file_empty"
    assert raised.value.detail.endswith(".")
