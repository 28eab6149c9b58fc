"""Words with boxes become numbered lines in reading order, with the layout kept in the text.

Pure and quick (a page of 500 words takes about 3 ms), because every page of every document and every
invented training document passes here: a model must see at work what it saw in training.

The rules, in order:
* words whose boxes stand upright on their side (margin notes) come last, by themselves;
* the others form rows by their height on the page; a very tall word joins the row nearest its middle;
* a run of rows with one gutter between two blocks of prose is read column by column; anything that
  looks like a table, a form or two address blocks stays side by side on one line;
* inside a row, words stand in logical order: left to right, or right to left with left-to-right
  runs kept, by the row's own letters;
* dots that lead from one column to the next count as a gap;
* a gap wider than a word space becomes two to eight spaces, in proportion to the gap.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from lemma.ingest.clean import one_spaced
from lemma.reading.source import Box, Line, Word

MAX_GAP = 8
"""The most spaces between two columns: enough to tell them apart, few enough to cost no tokens."""

_COLUMN_ROWS = 6
_LEADERS = frozenset({".", "..", "...", "…", "·", "_", "__", ". ."})
_RTL = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff]")
_LTR = re.compile("[A-Za-z\u00aa-\u058f\u0900-\u1fff\u2c00-\ud7ff\uf900-\ufb1c\uff21-\uffdc]")
_GLUED = re.compile(
    "[\u2e80-\u303f\u3040-\u30ff\u3100-\u312f\u3190-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]"
)
"""Scripts written without spaces between words; Korean is not among them."""
_FIRST_GLUED = "\u2e80"


@dataclass(frozen=True, slots=True)
class PlacedWord:
    """A word and where it stands. `box` is in fractions of the upright page."""

    text: str
    box: Box
    confidence: float | None = None


class _Item:
    """A word in points, with the page's skew taken out of its height for grouping."""

    __slots__ = ("cy", "h", "text", "w", "word", "x0", "x1", "y0", "y1")

    def __init__(self, text: str, word: PlacedWord, size: tuple[float, float], skew: float) -> None:
        box = word.box
        self.text = text
        self.word = word
        self.x0 = box.x0 * size[0]
        self.x1 = box.x1 * size[0]
        lift = skew * (self.x0 + self.x1) / 2
        self.y0 = box.y0 * size[1] - lift
        self.y1 = box.y1 * size[1] - lift
        self.h = self.y1 - self.y0
        self.w = self.x1 - self.x0
        self.cy = (self.y0 + self.y1) / 2


class _Row:
    """Words of one line while it is being gathered; `cy` and `h` are running means."""

    __slots__ = ("cy", "h", "items")

    def __init__(self, item: _Item) -> None:
        self.items = [item]
        self.cy = item.cy
        self.h = item.h

    def add(self, item: _Item) -> None:
        self.items.append(item)
        n = min(len(self.items), 8)
        self.cy += (item.cy - self.cy) / n
        self.h += (item.h - self.h) / n


def make_lines(
    words: Sequence[PlacedWord], *, page: int, first_id: int, width: float, height: float, skew: float = 0.0
) -> list[Line]:
    """The lines of one page, ids from `first_id` on.

    `width` and `height` are of the upright page in any one unit (their ratio matters; 0 means unknown).
    `skew` is how far lines sink per unit to the right, for photographs; boxes are not changed by it.
    """
    size = (width, height) if width > 0 and height > 0 else (612.0, 792.0)
    items: list[_Item] = []
    sideways: list[_Item] = []
    for word in words:
        text = one_spaced(word.text)
        if text:
            item = _Item(text, word, size, skew)
            (sideways if _is_sideways(item) else items).append(item)
    rows = [_without_leaders(row) for row in _in_reading_order(items, depth=0)]
    rows += _sideways_rows(sideways)
    return [_line(row, page, first_id + i) for i, row in enumerate(rows)]


def _is_sideways(item: _Item) -> bool:
    return len(item.text) >= 3 and item.h > 1.8 * item.w


def _sideways_rows(items: Sequence[_Item]) -> list[list[_Item]]:
    """Neighbours in the given order that stand in one vertical strip are one line."""
    rows: list[list[_Item]] = []
    for item in items:
        last = rows[-1][-1] if rows else None
        if last and min(last.x1, item.x1) - max(last.x0, item.x0) > 0.5 * min(last.w, item.w):
            rows[-1].append(item)
        else:
            rows.append([item])
    return rows


# Rows ------------------------------------------------------------------------------------------------


def _rows(items: Sequence[_Item]) -> list[list[_Item]]:
    """Rows from top to bottom, each from left to right."""
    if not items:
        return []
    usual = median(item.h for item in items)
    tall = [item for item in items if item.h > 1.7 * usual]
    rows: list[_Row] = []
    for item in sorted((i for i in items if i.h <= 1.7 * usual), key=_by_height):
        _join(item, rows[-4:], rows)
    for item in sorted(tall, key=_by_height):
        _join(item, rows, rows)
    rows.sort(key=lambda row: row.cy)
    return [sorted(row.items, key=_by_side) for row in rows]


def _by_height(item: _Item) -> tuple[float, float]:
    return (item.cy, item.x0)


def _by_side(item: _Item) -> tuple[float, float]:
    return (item.x0, item.x1)


def _join(item: _Item, candidates: Sequence[_Row], rows: list[_Row]) -> None:
    """Puts a word into the row whose middle is nearest to its own, or into a new one."""
    best, best_distance = None, float("inf")
    height, middle = item.h, item.cy
    for row in candidates:
        distance, its = abs(middle - row.cy), row.h
        if distance >= best_distance or (distance > 0.6 * height and distance > 0.6 * its):
            continue
        low = height if height < its else its
        if (height + its) / 2 - distance < 0.5 * low:
            continue
        if distance < 0.2 * low or not _stacked(item, row):
            best, best_distance = row, distance
    if best is None:
        rows.append(_Row(item))
    else:
        best.add(item)


def _stacked(item: _Item, row: _Row) -> bool:
    """Whether the word stands over or under one that is already in the row."""
    for other in row.items:
        if item.x0 < other.x1 and other.x0 < item.x1:
            shared = min(item.x1, other.x1) - max(item.x0, other.x0)
            offset = abs(item.cy - other.cy)
            if shared > 0.4 * min(item.w, other.w) and offset > 0.25 * min(item.h, other.h):
                return True
    return False


def _without_leaders(row: list[_Item]) -> list[_Item]:
    """Dots that lead the eye from one column to the next are a gap, not words."""
    if len(row) < 5 or _LEADERS.isdisjoint(item.text for item in row):
        return row
    kept: list[_Item] = []
    at = 0
    while at < len(row):
        end = at
        while end < len(row) and row[end].text in _LEADERS:
            end += 1
        if 0 < end - at < 4:
            kept += row[at:end]
        if end < len(row):
            kept.append(row[end])
        at = end + 1
    return kept or row


# Columns ---------------------------------------------------------------------------------------------


def _in_reading_order(items: Sequence[_Item], depth: int) -> list[list[_Item]]:
    """Rows in reading order: columns of prose one after the other, all else from top to bottom."""
    rows = _rows(items)
    if depth == 4 or len(rows) < _COLUMN_ROWS:
        return rows
    ordered: list[list[_Item]] = []
    start = 0
    while start < len(rows):
        run = _column_run(rows, start)
        if run is None:
            ordered.append(rows[start])
            start += 1
            continue
        end, gutter = run
        block = [item for row in rows[start:end] for item in row]
        ordered += _in_reading_order([i for i in block if i.x1 <= gutter], depth + 1)
        ordered += _in_reading_order([i for i in block if i.x1 > gutter], depth + 1)
        start = end
    return ordered


def _column_run(rows: Sequence[list[_Item]], start: int) -> tuple[int, float] | None:
    """Where a block of two columns of prose that begins at this row ends, and its gutter's x."""
    first = rows[start]
    gaps = _gaps(first)
    if len(first) < 3 * (len(gaps) + 1):
        return None  # So few words between gaps are cells.
    for at, (g0, g1) in gaps:
        if at < 3 or len(first) - at < 3:
            continue
        end, low, high = start + 1, g0, g1
        least = first[0].h * 0.8
        while end < len(rows):
            narrowed = _narrow(rows[end], low, high, least)
            if narrowed is None:
                break
            low, high = narrowed
            end += 1
        end = _trimmed(rows, start, end, (low + high) / 2)
        if end - start >= _COLUMN_ROWS and _is_prose(rows[start:end], (low + high) / 2):
            return end, (low + high) / 2
    return None


def _gaps(row: Sequence[_Item]) -> list[tuple[int, tuple[float, float]]]:
    """Gaps of a row that may be a gutter: index of the word after it, and its sides."""
    found = []
    reach = row[0].x1
    for at in range(1, len(row)):
        item = row[at]
        if item.x0 - reach > 0.8 * item.h:
            found.append((at, (reach, item.x0)))
        reach = max(reach, item.x1)
    return found


def _narrow(row: Sequence[_Item], low: float, high: float, least: float) -> tuple[float, float] | None:
    """The widest part of the gutter that this row leaves free; None where it leaves too little.

    The row is from left to right. This runs for every row under every gap, so it does nothing twice.
    """
    best = None
    widest = 0.0
    left = low
    for item in row:
        if item.x1 <= left:
            continue
        right = item.x0
        if right >= high:
            break
        if right - left >= least and right - left > widest:
            best, widest = (left, right), right - left
        left = item.x1
    return (left, high) if high - left >= least and high - left > widest else best


def _trimmed(rows: Sequence[list[_Item]], start: int, end: int, gutter: float) -> int:
    """Leaves out rows at the end that stand apart: footers, the next full-width paragraph's last line."""
    if end - start < 2:
        return end
    pitch = median(b[0].cy - a[0].cy for a, b in pairwise(rows[start:end]))
    for at in range(start + 1, end):
        if rows[at][0].cy - rows[at - 1][0].cy > 2.5 * pitch:
            rest = rows[at:end]
            if sum(r[0].x1 <= gutter < r[-1].x1 for r in rest) < 0.5 * len(rest):
                return at
    return end


def _is_prose(rows: Sequence[list[_Item]], gutter: float) -> bool:
    """Whether both sides of the gutter are running text rather than cells or short blocks."""
    for left in (True, False):
        segments: list[list[_Item]] = []
        for row in rows:
            side = [i for i in row if (i.x1 <= gutter) == left]
            cuts = [0, *(at for at, _ in _gaps(side)), len(side)] if side else [0, 0]
            segments += [side[a:b] for a, b in pairwise(cuts) if b > a]
        if len(segments) < _COLUMN_ROWS - 1:
            return False
        wordy = sum(len(s) >= 3 for s in segments)
        if wordy < 0.7 * len(segments) or median(len(s) for s in segments) < 4:
            return False
        widths = sorted(s[-1].x1 - s[0].x0 for s in segments)
        if median(widths) < 0.7 * widths[int(0.9 * (len(widths) - 1))]:
            return False
        texts = [i.text for s in segments for i in s]
        if sum(any(c.isdigit() for c in t) for t in texts) > 0.3 * len(texts):
            return False
    return True


# Text ------------------------------------------------------------------------------------------------


def _line(row: Sequence[_Item], page: int, line_id: int) -> Line:
    """Sets the words of a row with gaps in proportion."""
    ordered = _logical(row)
    letter = _letter_width(row)
    gaps = [max(0.0, b.x0 - a.x1, a.x0 - b.x1) for a, b in pairwise(ordered)]
    column = 1.25 * letter
    if len(gaps) >= 5:  # Justified text has wide word gaps throughout: they are no columns.
        column = min(2.2 * letter, max(column, 1.7 * sorted(gaps)[len(gaps) // 4]))
    parts: list[str] = []
    words: list[Word] = []
    at = 0
    for i, item in enumerate(ordered):
        if i:
            space = _space(ordered[i - 1], item, gaps[i - 1], letter, column)
            parts.append(space)
            at += len(space)
        parts.append(item.text)
        words.append(Word(at, at + len(item.text), item.word.box, item.word.confidence))
        at += len(item.text)
    return Line(line_id, page, "".join(parts), tuple(words))


def _space(before: _Item, after: _Item, gap: float, letter: float, column: float) -> str:
    if gap >= column:
        return " " * min(MAX_GAP, max(2, round(gap / letter)))
    last, first = before.text[-1], after.text[0]
    if last < _FIRST_GLUED and first < _FIRST_GLUED:
        return " "
    glued = bool(_GLUED.match(last)) + bool(_GLUED.match(first))
    narrow = min(before.w / len(before.text), after.w / len(after.text))
    return "" if glued and gap < (0.4 if glued == 2 else 0.25) * narrow else " "


def _letter_width(row: Sequence[_Item]) -> float:
    """The usual width of a letter in this row, at least a fifth of its height."""
    widths = [i.w / len(i.text) for i in row if i.w > 0]
    heights = [i.h for i in row if i.h > 0]
    return max(median(widths) if widths else 0.0, 0.2 * median(heights) if heights else 0.0, 1e-6)


def _logical(row: Sequence[_Item]) -> list[_Item]:
    """Words in the order in which they are read, by a simple form of the bidirectional algorithm."""
    if not any(map(_RTL.search, [i.text for i in row])):
        return list(row)
    directions = [_direction(i.text) for i in row]
    rtl = directions.count(-1)
    base = -1 if rtl >= directions.count(1) else 1
    # A word without letters (a number, a dash) goes with its neighbours where both agree.
    for at, direction in enumerate(directions):
        if direction == 0:
            if at and directions[at - 1] == 1 and row[at].text[0].isdigit():
                directions[at] = 1  # "ABC 42" is one name inside a right-to-left line.
                continue
            before = next((d for d in reversed(directions[:at]) if d), base)
            after = next((d for d in directions[at + 1 :] if d), base)
            directions[at] = before if before == after else base
    ordered: list[_Item] = []
    at = 0
    while at < len(row):
        end = at
        while end < len(row) and directions[end] == directions[at]:
            end += 1
        run = list(row[at:end])
        ordered += run if directions[at] == base or len(run) == 1 else run[::-1]
        at = end
    return ordered[::-1] if base == -1 else ordered


def _direction(text: str) -> int:
    if _RTL.search(text):
        return -1
    return 1 if _LTR.search(text) else 0
