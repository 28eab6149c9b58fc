"""Pages on their way to a source, before pages and lines have their final numbers."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from lemma.reading.source import Line, PageKind


@dataclass(frozen=True, slots=True)
class Raster:
    """A picture of a page as raw bytes, three (RGB) for each pixel, rows from the top, no padding."""

    width: int
    height: int
    pixels: bytes


@dataclass(frozen=True, slots=True)
class Draft:
    """A page as a format reader gives it.

    Line ids count from 1 in the page; the assembler gives the final ones. `raster` is set where the
    page must be recognised: then there are no lines yet. `note` may hold `{page}`.
    """

    kind: PageKind
    lines: tuple[Line, ...] = ()
    width: float = 0.0
    height: float = 0.0
    rotation: int = 0
    name: str | None = None
    note: str | None = None
    raster: Raster | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A file inside the file: an attachment that is a document of its own."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence for the reader about what was left out, and why."""

    text: str


Things = Iterator[Draft | Part | Note]
"""What a reader gives, in the order of the file."""


@dataclass(frozen=True, slots=True)
class PageImage:
    """A page as WebP for the screen, upright; `width` and `height` in pixels."""

    page: int
    size: Literal["large", "small"]
    webp: bytes
    width: int
    height: int
