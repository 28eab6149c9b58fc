"""PDF: text layers as they are where they can be believed, pictures to be recognised where not."""

import contextlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import pypdfium2
from numpy.typing import NDArray
from pypdfium2 import raw

from lemma.ingest.drafts import Draft, Raster, Things
from lemma.ingest.errors import FileEncrypted, broken
from lemma.ingest.formats import pdfium, xml
from lemma.ingest.formats.pdf_quality import is_garbled, is_untidy, on_ink
from lemma.ingest.formats.pdf_text import TextLayer, read_layer
from lemma.ingest.limits import Budget, Limits
from lemma.ingest.lines import PlacedWord, make_lines

_OCR_LONG_SIDE = 2_200
"""Pixels of the long side of a page that is recognised: about 190 dpi for A4."""

_VISIBLE_ANNOTATIONS = {raw.FPDF_ANNOT_WIDGET, raw.FPDF_ANNOT_FREETEXT, raw.FPDF_ANNOT_STAMP}
_THIN = 30
_STAMP = 10
"""Words on a page that is half a picture, or a quarter, below which they are a stamp or a heading."""

_SMALLEST = 1.5
"""Points: lower text than this cannot be read by anyone."""


def read(data: bytes, name: str | None, budget: Budget) -> Things:
    """The pages of a PDF, then its embedded invoice, if it has one."""
    document = open_pdf(data)
    try:
        budget.expect_pages(len(document))
        for index in range(len(document)):
            draft = _page(document, index, budget.limits)
            budget.page(len(draft.lines), sum(len(line.text) for line in draft.lines))
            yield draft
        yield from _embedded(document, budget)
    finally:
        document.close()


def open_pdf(data: bytes) -> pypdfium2.PdfDocument:
    """The open document. Raises FileEncrypted or FileBroken."""
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) == raw.FPDF_ERR_PASSWORD:
            raise FileEncrypted(
                "This PDF is protected by a password. Remove the protection and send it again."
            ) from error
        raise broken("PDF") from error
    if len(document) == 0:
        raise broken("PDF")
    with contextlib.suppress(pypdfium2.PdfiumError):
        if document.get_formtype() != raw.FORMTYPE_NONE:
            document.init_forms()
    return document


def _page(document: Any, index: int, limits: Limits) -> Draft:
    try:
        page = document[index]
    except pypdfium2.PdfiumError:
        return Draft("text", note="Page {page} is damaged and could not be read.")
    try:
        if _has_visible_annotations(page):
            raw.FPDFPage_Flatten(page.raw, raw.FLAT_NORMALDISPLAY)
            page.close()
            page = document[index]
        return _read_page(page, limits)
    except pypdfium2.PdfiumError:
        return Draft("text", note="Page {page} is damaged and could not be read.")
    finally:
        page.close()


def _has_visible_annotations(page: Any) -> bool:
    """Whether form fields or stamps hold text of the page: PDFium finds it only once it is flattened."""
    for i in range(min(raw.FPDFPage_GetAnnotCount(page.raw), 5_000)):
        annotation = raw.FPDFPage_GetAnnot(page.raw, i)
        kind = raw.FPDFAnnot_GetSubtype(annotation) if annotation else 0
        if annotation:
            raw.FPDFPage_CloseAnnot(annotation)
        if kind in _VISIBLE_ANNOTATIONS:
            return True
    return False


def _read_page(page: Any, limits: Limits) -> Draft:
    rotation = page.get_rotation()
    text_page = page.get_textpage()
    try:
        layer = read_layer(pdfium.address(text_page.raw), text_page.count_chars(), page.get_bbox(), rotation)
    finally:
        text_page.close()
    width, height = page.get_size()
    if layer.turn % 180:
        width, height = height, width
    contents = pdfium.Contents(pdfium.address(page.raw), raw.FPDFPage_CountObjects(page.raw))
    words, note, recognise = _believed(page, layer, contents, width, height)
    if recognise:
        # The recogniser itself finds which way is up: the page goes to it as the file shows it.
        size = page.get_size()
        picture = render(page, _OCR_LONG_SIDE / max(*size, 1.0), limits)
        raster = Raster(picture.shape[1], picture.shape[0], picture.tobytes())
        return Draft("ocr", (), size[0], size[1], rotation, note=note, raster=raster)
    lines = make_lines(words, page=1, first_id=1, width=width, height=height)
    return Draft("text", tuple(lines), width, height, (rotation + layer.turn) % 360, note=note)


def _believed(
    page: Any, layer: TextLayer, contents: pdfium.Contents, width: float, height: float
) -> tuple[list[PlacedWord], str | None, bool]:
    """The words to keep, a note for the reader, and whether the page must be recognised instead."""
    words = list(layer.words)
    share = contents.pictures / max(width * height, 1.0)
    if not words:
        return [], None, share > 0.02 or contents.paths >= 20
    if layer.unmapped > 0.2 or is_garbled(words):
        return [], "Page {page} had an unusable text layer and was recognised from its picture.", True
    if (share > 0.5 and len(words) < _THIN) or (share > 0.25 and len(words) < _STAMP):
        return [], "Page {page} is a picture with hardly any text of its own and was recognised.", True
    legible = [word for word in words if (word.box.y1 - word.box.y0) * height >= _SMALLEST or _aside(word)]
    if contents.suspicious and legible:
        grey = render_grey(page, 100 / 72)
        seen = on_ink(legible, np.rot90(grey, -(layer.turn // 90)))
        if seen.count(False) > 0.5 * len(seen) and len(seen) >= 10 and share > 0.3:
            return [], "Page {page} had a text layer that does not fit its picture and was recognised.", True
        if share > 0.7 and is_untidy(words):
            return [], "Page {page} is a scan with a poor text layer and was recognised anew.", True
        legible = [word for word, is_seen in zip(legible, seen, strict=True) if is_seen]
    note = None
    if len(legible) < len(words):
        note = "Page {page} holds text that cannot be seen on the page; it was left out."
    return legible, note, False


def _aside(word: PlacedWord) -> bool:
    return word.box.x1 - word.box.x0 < word.box.y1 - word.box.y0


def _scale(page: Any, scale: float, limits: Limits) -> float:
    width, height = page.get_size()
    most = (limits.pixels / max(width * height, 1.0)) ** 0.5
    return float(min(scale, most, 16_000 / max(width, height, 1.0)))


def render(page: Any, scale: float, limits: Limits) -> NDArray[np.uint8]:
    """The page as the file shows it, RGB."""
    bitmap = page.render(scale=_scale(page, scale, limits), rev_byteorder=True)
    array: NDArray[np.uint8] = bitmap.to_numpy()
    return np.ascontiguousarray(array[:, :, :3])


def render_grey(page: Any, scale: float) -> NDArray[np.uint8]:
    """The page as the file shows it, in grey."""
    array = page.render(scale=_scale(page, scale, Limits()), grayscale=True).to_numpy()
    return np.ascontiguousarray(array.reshape(array.shape[0], array.shape[1]))


def _embedded(document: Any, budget: Budget) -> Iterator[Draft]:
    """Pages of e-invoice XML attached to the file (Factur-X, ZUGFeRD, XRechnung, Order-X)."""
    for i in range(min(document.count_attachments(), 50)):
        try:
            attachment = document.get_attachment(i)
            name = attachment.get_name() or "attachment"
            if not name.lower().endswith(".xml"):
                continue
            content = bytes(attachment.get_data())
        except pypdfium2.PdfiumError:
            continue
        budget.unpack(len(content))
        draft = xml.embedded(content, name)
        if draft is not None:
            budget.page(len(draft.lines), sum(len(line.text) for line in draft.lines))
            yield draft
