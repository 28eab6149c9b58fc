"""Pictures, scans and bad text layers: few and small, since recognition takes seconds."""

import io

import pytest
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from lemma.ingest import ingest, page_images
from lemma.ingest.errors import FileBroken, TooManyPages, TooManyPixels
from lemma.ingest.limits import Limits
from tests.unit.ingest import builders

LINES = ("Invoice 80636", "Total 1,270.00")


def test_a_picture_is_read_with_boxes_and_confidence() -> None:
    source = ingest(builders.picture(LINES), "scan").source
    assert source.media_type == "image/png"
    assert source.pages[0].kind == "ocr"
    assert [line.text for line in source.lines] == list(LINES)
    word = source.lines[1].words[-1]
    assert word.box is not None
    assert word.box.y0 < 140 / 420 < word.box.y1 + 0.05
    assert word.confidence is not None
    assert word.confidence > 0.8


def test_frames_turned_by_hand_and_by_their_mark_come_out_upright() -> None:
    image = builders.drawn((*LINES, "Thank you for your order"))
    frames = [image.transpose(Image.Transpose.ROTATE_90), image]
    out = io.BytesIO()
    frames[0].save(out, "TIFF", save_all=True, append_images=frames[1:], compression="tiff_lzw")
    data = out.getvalue()
    source = ingest(data, None).source
    assert [(p.kind, p.rotation) for p in source.pages] == [("ocr", 90), ("ocr", 0)]
    assert source.lines[0].text == LINES[0]
    assert source.pages[0].width > source.pages[0].height
    shown = {(image.page, image.size): image for image in page_images(data, source)}
    assert {size for _, size in shown} == {"large", "small"}
    assert all(image.width > image.height for image in shown.values())


def test_a_scanned_page_among_text_pages_is_recognised_alone() -> None:
    def scan(canvas: Canvas) -> None:
        canvas.drawImage(ImageReader(builders.drawn(LINES)), 0, 300, 595, 277)
        canvas.setFont("Helvetica", 4)
        canvas.drawString(5, 5, "Scanned by Scanner")

    source = ingest(builders.pdf(builders.text_at((50, 100, "Anschreiben")), scan), "x.pdf").source
    assert [p.kind for p in source.pages] == ["text", "ocr"]
    assert LINES[1] in [line.text for line in source.lines]
    assert source.notes == ("Page 2 is a picture with hardly any text of its own and was recognised.",)


def test_the_mark_of_a_camera_is_followed() -> None:
    image = builders.drawn(LINES)
    turned = image.transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = 6
    out = io.BytesIO()
    turned.save(out, "JPEG", exif=exif, quality=90)
    data = out.getvalue()
    source = ingest(data, "photo.jpg").source
    assert source.lines[0].text == LINES[0]
    assert source.pages[0].rotation == 0


def test_limits_of_pictures() -> None:
    with pytest.raises(TooManyPixels):
        ingest(builders.picture(LINES), None, Limits(pixels=1000))
    bomb = io.BytesIO()
    Image.new("1", (12_000, 12_000)).save(bomb, "PNG")
    with pytest.raises(TooManyPixels):
        ingest(bomb.getvalue(), None)
    frames = [Image.new("1", (10, 10)) for _ in range(5)]
    many = io.BytesIO()
    frames[0].save(many, "TIFF", save_all=True, append_images=frames[1:])
    with pytest.raises(TooManyPages):
        ingest(many.getvalue(), None, Limits(pages=4))


def test_a_cut_picture_is_broken() -> None:
    with pytest.raises(FileBroken):
        ingest(builders.picture(LINES)[:400], None)


def test_page_pictures_of_a_pdf() -> None:
    data = builders.pdf(builders.text_at((50, 50, "eins")), builders.text_at((50, 50, "zwei")))
    source = ingest(data, "x.pdf").source
    images = list(page_images(data, source))
    assert [(i.page, i.size, max(i.width, i.height)) for i in images] == [
        (1, "large", 1600),
        (1, "small", 400),
        (2, "large", 1600),
        (2, "small", 400),
    ]
    assert all(i.webp[:4] == b"RIFF" and i.webp[8:12] == b"WEBP" for i in images)
    assert [i.page for i in page_images(data, source, pages=[2])] == [2, 2]


def test_page_pictures_of_a_mail_are_those_of_its_attachments() -> None:
    data = builders.eml_file(("a.pdf", "application/pdf", builders.invoice_pdf()))
    source = ingest(data, "m.eml").source
    assert {i.page for i in page_images(data, source)} == {2}
