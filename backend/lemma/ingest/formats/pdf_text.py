"""The text layer of a PDF page as words with boxes.

PDFium gives characters in the order of the page's content, with spaces where it sees gaps. Words are
cut at white space, at gaps that PDFium passed over, and where the height jumps; all in arrays, because
a page has thousands of characters.
"""

import re
import unicodedata
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lemma.ingest.formats import pdfium
from lemma.ingest.lines import PlacedWord
from lemma.reading.source import Box

_GLYPH_FORMS = re.compile("[\ufb00-\ufb06\ufb13-\ufb17\ufb1d-\ufb4f\ufb50-\ufdff\ufe70-\ufefc]")
_HYPHENS = {0x02, 0xFFFE}
"""What PDFium puts for a hyphen that it takes for a break of a word at the end of a line."""

_ODD_GAP = 0.35
"""A gap inside a word, in heights of the letter, at which it is cut."""


@dataclass(frozen=True, slots=True)
class TextLayer:
    """Words of a page in upright fractions, `turn` the further clockwise turn that makes them upright.

    `unmapped` is the share of characters that the file gives no Unicode value for.
    """

    words: tuple[PlacedWord, ...]
    turn: int
    unmapped: float


def read_layer(
    text_page: int, count: int, page_box: tuple[float, float, float, float], rotation: int
) -> TextLayer:
    """The words of a page. `page_box` is left, bottom, right, top in points; `rotation` the file's own."""
    if count <= 0:
        return TextLayer((), 0, 0.0)
    codes = pdfium.characters(text_page, count)
    boxes = pdfium.boxes(text_page, count)
    for code in _HYPHENS:
        codes[codes == code] = ord("-")
    codes, boxes = _joined_surrogates(codes, boxes)
    sample = np.flatnonzero(~_is_space(codes))
    if not len(sample):
        return TextLayer((), 0, 0.0)
    probe = sample[:: max(1, len(sample) // 200)].tolist()
    turn = _turn(pdfium.angles(text_page, [i for i in probe if i < count]), rotation)
    unmapped = pdfium.map_errors(text_page, [i for i in probe if i < count]) / len(probe)
    placed = _upright(boxes, page_box, (rotation + turn) % 360)
    return TextLayer(tuple(_words(codes, placed, page_box, (rotation + turn) % 360)), turn, unmapped)


def _joined_surrogates(
    codes: NDArray[np.uint32], boxes: NDArray[np.float32]
) -> tuple[NDArray[np.uint32], NDArray[np.float32]]:
    """Pairs of UTF-16 halves become one code point; PDFium hands them over as two characters."""
    high = (codes[:-1] >= 0xD800) & (codes[:-1] < 0xDC00) & (codes[1:] >= 0xDC00) & (codes[1:] < 0xE000)
    at = np.flatnonzero(high)
    if not len(at):
        return codes, boxes
    codes = codes.copy()
    codes[at] = 0x10000 + ((codes[at] - 0xD800) << 10) + (codes[at + 1] - 0xDC00)
    keep = np.ones(len(codes), bool)
    keep[at + 1] = False
    return codes[keep], boxes[keep]


def _is_space(codes: NDArray[np.uint32]) -> NDArray[np.bool_]:
    space: NDArray[np.bool_] = (codes <= 0x20) | (codes == 0xA0) | (codes == 0x3000)
    space |= ((codes >= 0x2000) & (codes <= 0x200B)) | ((codes >= 0x80) & (codes < 0xA0))
    return space


def _turn(angles: list[float], rotation: int) -> int:
    """The clockwise turn, beyond the file's own, that sets most characters upright."""
    if not angles:
        return 0
    quarters = [round(a / (np.pi / 2)) % 4 for a in angles]
    best = max(set(quarters), key=quarters.count)
    if quarters.count(best) <= 0.6 * len(quarters):
        return 0
    # PDFium measures clockwise from the unrotated page's horizontal.
    return (-90 * best - rotation) % 360


def _upright(
    boxes: NDArray[np.float32], page_box: tuple[float, float, float, float], rotation: int
) -> NDArray[np.float64]:
    """Rows of x0, y0, x1, y1 in fractions of the upright page, origin at its top left."""
    left, bottom, right, top = page_box
    x = (boxes[:, [0, 2]].astype(np.float64) - left) / max(right - left, 1e-6)
    y = (top - boxes[:, [1, 3]].astype(np.float64)) / max(top - bottom, 1e-6)
    for _ in range(rotation // 90):  # A clockwise quarter: what was left is now the top.
        x, y = 1 - y, x
    return np.column_stack((x.min(1), y.min(1), x.max(1), y.max(1)))


def _words(
    codes: NDArray[np.uint32],
    placed: NDArray[np.float64],
    page_box: tuple[float, float, float, float],
    rotation: int,
) -> list[PlacedWord]:
    width, height = page_box[2] - page_box[0], page_box[3] - page_box[1]
    if rotation % 180:
        width, height = height, width
    inked = np.flatnonzero(~_is_space(codes))
    codes, box = codes[inked], placed[inked]
    starts = _starts(inked, box * (width, height, width, height))
    ends = np.append(starts[1:], len(codes))
    x0, y0 = np.minimum.reduceat(box[:, 0], starts), np.minimum.reduceat(box[:, 1], starts)
    x1, y1 = np.maximum.reduceat(box[:, 2], starts), np.maximum.reduceat(box[:, 3], starts)
    middle_x, middle_y = (x0 + x1) / 2, (y0 + y1) / 2
    inside = (middle_x >= 0) & (middle_x <= 1) & (middle_y >= 0) & (middle_y <= 1)
    text = codes.astype("<u4").tobytes().decode("utf-32-le", "replace")
    if len(text) != len(codes):  # Some code point was no character at all.
        text = "".join(chr(c) if c < 0x110000 and not 0xD800 <= c < 0xE000 else "\ufffd" for c in codes)
    corners = np.clip(np.column_stack((x0, y0, x1, y1)), 0.0, 1.0).tolist()
    spelled = _spelled if _GLYPH_FORMS.search(text) else str
    cuts = zip(starts.tolist(), ends.tolist(), corners, inside.tolist(), strict=True)
    return [PlacedWord(spelled(text[start:end]), Box(*corner)) for start, end, corner, shown in cuts if shown]


def _starts(inked: NDArray[np.int64], points: NDArray[np.float64]) -> NDArray[np.int64]:
    """Where words begin among the inked characters; `points` are their boxes in points."""
    height = np.maximum(points[:, 3] - points[:, 1], 1e-3)
    width = np.maximum(points[:, 2] - points[:, 0], 1e-3)
    # Letters that stand on their side (margin notes) run along the other axis.
    along = np.maximum(points[1:, 0] - points[:-1, 2], points[:-1, 0] - points[1:, 2])
    across = np.abs(points[1:, 1] + points[1:, 3] - points[:-1, 1] - points[:-1, 3]) / 2
    tall = np.maximum(height[1:], height[:-1])
    cut = (along > _ODD_GAP * tall) | (across > 0.6 * tall)
    sideways = (np.abs(points[1:, 0] - points[:-1, 0]) < 0.1 * width[1:]) & (
        np.maximum(points[1:, 1] - points[:-1, 3], points[:-1, 1] - points[1:, 3]) < _ODD_GAP * width[1:]
    )
    cut &= ~sideways
    cut |= np.diff(inked) > 1
    return np.concatenate(([0], np.flatnonzero(cut) + 1))


def _spelled(text: str) -> str:
    """Ligatures and joined letter forms as the letters that they stand for."""
    return _GLYPH_FORMS.sub(lambda m: unicodedata.normalize("NFKC", m.group()), text)
