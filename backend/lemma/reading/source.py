"""The canonical form of a document: pages, numbered lines, words with boxes.

Everything downstream (prompt, grammar, evidence, review screen) speaks of a `Source`. Ingest makes it
from bytes; the starter's generator makes it from invented documents, through the same line-making code.
"""

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle as fractions of its page: origin top left, `0 <= x0 <= x1 <= 1`, likewise y.

    Coordinates are of the page as it is shown, that is after its rotation.
    """

    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a line: `line.text[start:end]`, in code points.

    `box` is None where the source has no geometry (plain text, spreadsheets, XML).
    `confidence` is the OCR engine's, 0 to 1; None where the words were not recognised but read.
    """

    start: int
    end: int
    box: Box | None = None
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line in reading order.

    `id` counts from 1 through the whole source. `page` counts from 1. `text` holds no control
    characters, no newline and no tab; it neither begins nor ends with a space. A gap between columns is
    two or more spaces, in proportion to the gap on the page, so that columns stay columns.
    """

    id: int
    page: int
    text: str
    words: tuple[Word, ...] = ()


PageKind = Literal["text", "ocr", "plain", "xml", "passage"]


@dataclass(frozen=True, slots=True)
class Page:
    """A page. `kind` says where its words come from: a PDF text layer, recognition, a file without
    geometry, an XML invoice embedded in the file, or a passage of the customer's own material that was
    shown beside the document. `width` and `height` are in points (1/72 inch), 0
    where the page has no geometry. `rotation` is what was undone to show it upright: 0, 90, 180, 270.
    `name` is set where a page is not a numbered sheet: a worksheet, an attachment,
    "factur-x.xml", the title of a passage.
    """

    number: int
    kind: PageKind
    width: float = 0.0
    height: float = 0.0
    rotation: int = 0
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """A document in canonical form.

    Lines of `kind == "xml"` pages are an exact second source: they are not shown to the model, and
    evidence may rest on them.
    `media_type` is what the content showed, not what the file name said.
    `notes` are sentences for the reader, such as "Page 2 had an unusable text layer and was recognised."
    """

    media_type: str
    pages: tuple[Page, ...]
    lines: tuple[Line, ...]
    notes: tuple[str, ...] = field(default=())

    def line(self, line_id: int) -> Line:
        """The line with this id. Raises KeyError where there is none."""
        if 1 <= line_id <= len(self.lines):
            return self.lines[line_id - 1]
        raise KeyError(line_id)
