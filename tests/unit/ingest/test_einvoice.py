"""A PDF that carries its invoice as XML: the exact lines come last, the visible page first."""

import io

import pypdfium2

from lemma.ingest import ingest
from tests.unit.ingest import builders


def with_attachment(name: str, data: bytes) -> bytes:
    document = pypdfium2.PdfDocument(builders.invoice_pdf())
    document.new_attachment(name).set_data(data)
    out = io.BytesIO()
    document.save(out)
    document.close()
    return out.getvalue()


def test_embedded_invoice_is_an_exact_page() -> None:
    source = ingest(with_attachment("factur-x.xml", builders.CII.encode()), "x.pdf").source
    assert [(p.kind, p.name) for p in source.pages] == [("text", None), ("xml", "factur-x.xml")]
    assert source.lines[0].text.startswith("Muster GmbH")
    assert [line.id for line in source.lines] == list(range(1, len(source.lines) + 1))
    assert source.lines[-1].text.endswith("GrandTotalAmount  119.00")


def test_other_attachments_are_none_of_our_business() -> None:
    for data in (b"<html/>", b"not xml at all", b"<!DOCTYPE a [<!ENTITY b 'c'>]><Invoice/>"):
        source = ingest(with_attachment("notes.xml", data), "x.pdf").source
        assert [p.kind for p in source.pages] == ["text"]
