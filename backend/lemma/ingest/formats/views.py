"""Pages as pictures for the screen, in the numbering that reading gives them."""

import io
from collections.abc import Callable, Iterator, Sequence

from PIL import Image

from lemma.core.errors import LemmaError
from lemma.ingest.drafts import Draft
from lemma.ingest.formats import eml, pdf, picture
from lemma.ingest.formats.any import read_as
from lemma.ingest.formats.sniff import PICTURES, sniff
from lemma.ingest.limits import Budget, Limits

SIZES = {"large": 1_600, "small": 400}
"""Pixels of the long side."""

_QUALITY = 80

View = Callable[[int], Image.Image]
"""Makes the picture of a page, turned to this rotation."""


def webps(
    data: bytes, name: str | None, limits: Limits, rotations: Sequence[int], wanted: frozenset[int]
) -> Iterator[tuple[int, str, bytes, int, int]]:
    """Page number, size name, WebP bytes, width and height of each wanted page that has a picture.

    `rotations` are the source's, for pages 1 on; an empty `wanted` means all.
    """
    for number, view in enumerate(_views(data, name, Budget(limits), 0), 1):
        if number > len(rotations):
            return
        if view is None or (wanted and number not in wanted):
            continue
        shown = view(rotations[number - 1])
        for size, longest in SIZES.items():
            sized = shown.copy()
            sized.thumbnail((longest, longest), Image.Resampling.LANCZOS)
            out = io.BytesIO()
            sized.save(out, "WEBP", quality=_QUALITY, method=2)
            yield number, size, out.getvalue(), sized.width, sized.height


def _views(data: bytes, name: str | None, budget: Budget, depth: int) -> Iterator[View | None]:
    kind = sniff(data, name)
    if kind == "pdf":
        yield from _of_pdf(data, budget)
    elif kind in PICTURES:
        for frame, _, _ in picture.frames(data, budget):
            yield _turning(frame)
    elif kind == "eml":
        yield None
        if depth < budget.limits.depth:
            for part in eml.parse(data)[1]:
                yield from _of_attachment(part.data, part.name, budget, depth + 1)
    else:
        for thing in read_as(kind, data, name, budget, depth):
            if isinstance(thing, Draft) and thing.kind != "xml":
                yield None


def _of_attachment(data: bytes, name: str, budget: Budget, depth: int) -> Iterator[View | None]:
    try:
        yield from _views(data, name, budget, depth)
    except LemmaError:
        return  # Reading left it out too.


def _of_pdf(data: bytes, budget: Budget) -> Iterator[View | None]:
    document = pdf.open_pdf(data)
    try:
        for index in range(len(document)):

            def view(rotation: int, index: int = index) -> Image.Image:
                page = document[index]
                try:
                    size = page.get_size()
                    pixels = pdf.render(page, SIZES["large"] / max(*size, 1.0), budget.limits)
                    turn = (rotation - page.get_rotation()) % 360
                    return _turned(Image.fromarray(pixels), turn)
                finally:
                    page.close()

            yield view
    finally:
        document.close()


def _turning(frame: Image.Image) -> View:
    return lambda rotation: _turned(frame, rotation)


def _turned(image: Image.Image, clockwise: int) -> Image.Image:
    return image.rotate(-clockwise, expand=True) if clockwise % 360 else image
