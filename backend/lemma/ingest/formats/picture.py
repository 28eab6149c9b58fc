"""Pictures: each frame a page, to be recognised."""

import io
import struct
import warnings
import zlib
from collections.abc import Iterator

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from lemma.ingest.drafts import Draft, Raster, Things
from lemma.ingest.errors import TooManyPixels, broken
from lemma.ingest.limits import Budget, Limits

FORMATS = ("PNG", "JPEG", "TIFF", "WEBP", "BMP", "GIF")
"""The only decoders that Pillow may use: never those of vector formats or of layered pictures."""

_BROKEN = (
    UnidentifiedImageError,
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    LookupError,
    ArithmeticError,
    TypeError,
    AttributeError,
    struct.error,
    zlib.error,
)
"""What Pillow's decoders raise for damaged files."""

_LONGEST = 3_000
"""Pixels of the long side beyond which recognition gains nothing."""


def read(data: bytes, name: str | None, budget: Budget) -> Things:
    """The frames of a picture, upright by their own mark (EXIF)."""
    for frame, width, height in frames(data, budget):
        if max(frame.size) > _LONGEST:
            frame.thumbnail((_LONGEST, _LONGEST), Image.Resampling.LANCZOS, reducing_gap=2.0)
        budget.page(0, 0)
        raster = Raster(frame.width, frame.height, frame.tobytes())
        yield Draft("ocr", (), width, height, raster=raster)


def frames(data: bytes, budget: Budget) -> Iterator[tuple[Image.Image, float, float]]:
    """RGB frames with their size in points. Raises FileBroken, TooManyPixels."""
    limits = budget.limits
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        Image.MAX_IMAGE_PIXELS = None  # We check ourselves, before anything is decoded.
        try:
            with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
                _check(picture, limits)
                count = getattr(picture, "n_frames", 1) if picture.format in ("TIFF", "MPO") else 1
                count = 1 if picture.format == "MPO" else count  # A second frame of a photo is a preview.
                budget.expect_pages(count)
                for index in range(count):
                    picture.seek(index)
                    _check(picture, limits)
                    frame = _rgb(ImageOps.exif_transpose(picture))
                    yield frame, *_points(picture, frame)
        except _BROKEN as error:
            raise broken("picture") from error
        except Image.DecompressionBombError as error:
            raise _too_many(limits) from error


def _check(picture: Image.Image, limits: Limits) -> None:
    if picture.width * picture.height > limits.pixels:
        raise _too_many(limits)


def _too_many(limits: Limits) -> TooManyPixels:
    return TooManyPixels(
        f"The picture has more than {limits.pixels // 1_000_000} million pixels. Scan it at 300 dpi or less.",
        limit=limits.pixels,
    )


def _rgb(picture: Image.Image) -> Image.Image:
    """On white where it is transparent; 16-bit greys brought to 8."""
    if picture.mode in ("I;16", "I;16B", "I", "F"):
        greys = np.asarray(picture.convert("F"), dtype=np.float32)
        low = float(greys.min())
        span = max(float(greys.max()) - low, 1e-6)
        return Image.fromarray(((greys - low) * (255 / span)).astype(np.uint8)).convert("RGB")
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        ground = Image.new("RGBA", picture.size, "white")
        return Image.alpha_composite(ground, picture.convert("RGBA")).convert("RGB")
    return picture.convert("RGB")


def _points(picture: Image.Image, frame: Image.Image) -> tuple[float, float]:
    """The size in points by the file's own resolution, else as tall as a sheet of A4."""
    dpi = picture.info.get("dpi")
    try:
        value = float(dpi[0]) if dpi else 0.0
    except (TypeError, ValueError, ZeroDivisionError):
        value = 0.0
    scale = 72 / value if 72 <= value <= 1200 else 842 / max(frame.size)
    return frame.width * scale, frame.height * scale
