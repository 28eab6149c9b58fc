"""What the marker knows of a word: its form, its label to the left and above, its heading, its place."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from zlib import crc32

from lemma.reading.source import Line
from lemma.second.words import CellOf, Piece, Row, overlapping, rows_of

BUCKETS = 1 << 16

_DATE = re.compile(
    r"^(?:\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./](?:\d{4}|\d\d)"
    r"|\d{1,2}[-. ]?[^\W\d_]{3,9}[-. ,]*\d{2,4})\W*$"
)
_MONEY = re.compile(r"^[-+(]?[€$£]?\d{1,3}(?:[.,'’]?\d{3})*[.,]\d{2}\)?[-*€$£]?$")
_NUMBER = re.compile(r"^[-+(]?\d+(?:[.,]\d+)?\)?%?$")
_IBAN = re.compile(r"^[A-Z]{2}\d{2}[A-Z0-9]{4,}$")
_VAT = re.compile(r"^(?:ATU|BE|DE|DK|ES|FR|GB|IT|NL|PL|PT|LU|CHE|SE|FI|IE)[-. ]?[A-Z0-9.]{8,14}$")
_CODE = re.compile(r"^(?=.*\d)(?=.*[^\W\d_])[\w./#-]+$")
_FORMS = (
    ("date", _DATE),
    ("money", _MONEY),
    ("number", _NUMBER),
    ("iban", _IBAN),
    ("vat", _VAT),
    ("code", _CODE),
)
_LEGAL = re.compile(
    r"\b(?:gmbh|ag|kg|ohg|e\.?k|ltd|limited|llc|inc|corp|plc|llp|sdn|bhd|s\.?a\.?r\.?l|sas|s\.?a|s\.?r\.?l|s\.?p\.?a|b\.?v|n\.?v"
    r"|s\.?l|lda|sp\. z|oy|ab|aps|co)\b",
    re.IGNORECASE,
)
_POSTCODE = re.compile(
    r"\b(?:[A-Z]-)?\d{5}\b|\b\d{4} ?[A-Z]{2}\b|\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b|\b\d{2}-\d{3}\b"
)
_DIGITS = re.compile(r"\d")
_HEADING_REACH = 18


def tame(word: str) -> str:
    """A word without case, edges and particular digits, so that 2024 and 2025 are one."""
    return _DIGITS.sub("9", word.lower().strip(".,:;*()[]\"'#|")) or word[:2]


def form(word: str) -> str:
    """What sort of word this is."""
    bare = word.strip(",;:*|")
    for name, pattern in _FORMS:
        if pattern.match(bare):
            return name
    if not any(c.isalnum() for c in bare):
        return "mark"
    if any(c.isdigit() for c in bare):
        return "mixed"
    return "upper" if bare.isupper() and len(bare) > 1 else "name" if bare[:1].isupper() else "word"


def shape(word: str) -> str:
    """The pattern of a word: letters a or A, digits 9, runs of more than four cut short."""
    drawn = re.sub(r"[^\W\d_]", lambda m: "A" if m.group().isupper() else "a", _DIGITS.sub("9", word))
    return re.sub(r"(.)\1{4,}", r"\1\1\1\1+", drawn)[:24]


@dataclass(frozen=True, slots=True)
class Described:
    """A word with the buckets of its features, ascending and without repeats."""

    row: int
    line: int
    cell: int
    piece: Piece
    features: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Page:
    """What is the same for all words of a document."""

    rows: Sequence[Row]
    sums: Counter[str]
    ranks: dict[str, int]


def describe(lines: Sequence[Line], first_row: int = 0) -> list[Described]:
    """Every word of a document with its features, in reading order. Rows count from `first_row`."""
    rows = rows_of(lines)
    sums = Counter(p.text for row in rows for c in row.cells for p in c.pieces if _MONEY.match(p.text))
    largest = sorted({text: _size(text) for text in sums}.items(), key=lambda item: -item[1])
    page = _Page(rows, sums, {text: rank for rank, (text, _) in enumerate(largest)})
    described = []
    for row in rows:
        shared_row = list(_of_row(row, page))
        for at, cell in enumerate(row.cells):
            shared = [*shared_row, *_of_cell(row, at, cell, page)]
            for place, piece in enumerate(cell.pieces):
                names = {crc32(n.encode()) % BUCKETS for n in (*shared, *_of_piece(cell, place, piece, page))}
                described.append(
                    Described(first_row + row.number, row.line.id, at, piece, tuple(sorted(names)))
                )
    return described


def _size(text: str) -> int:
    digits = "".join(c for c in text if c.isdigit())
    return int(digits or 0)


def _of_row(row: Row, page: _Page) -> Iterator[str]:
    count = len(page.rows)
    yield f"at{min(9, row.number * 10 // count)}"
    yield f"top{min(row.number, 12)}"
    yield f"end{min(count - 1 - row.number, 8)}"
    yield f"cells{min(len(row.cells), 8)}"
    money = sum(form(c.pieces[-1].text) == "money" for c in row.cells)
    yield f"monies{min(money, 5)}"
    forms = "".join(form(c.pieces[-1].text)[0] for c in row.cells[:7])
    yield f"forms {forms}"
    if row.cells:
        yield from (f"begins {tame(p.text)}" for p in row.cells[0].pieces[:3])
    for name, number in (("up", row.number - 1), ("down", row.number + 1)):
        if 0 <= number < count and page.rows[number].cells:
            other = page.rows[number]
            yield f"{name} cells {len(other.cells)} {len(row.cells)}"
            yield from (f"{name} begins {tame(p.text)}" for p in other.cells[0].pieces[:2])
            yield f"{name} forms {''.join(form(c.pieces[-1].text)[0] for c in other.cells[:7])}"


def _of_cell(row: Row, at: int, cell: CellOf, page: _Page) -> Iterator[str]:
    yield f"cell{min(at, 6)}"
    yield f"right{min(len(row.cells) - 1 - at, 6)}"
    yield f"x{min(7, cell.start // 12)}"
    yield f"long{min(len(cell.pieces), 8)}"
    yield from _sorts(cell)
    if at:
        left = row.cells[at - 1]
        yield f"left = {tame(left.text)[:40]}"
        yield from (f"left {tame(p.text)}" for p in left.pieces[-3:])
    if at + 1 < len(row.cells):
        yield f"next cell {form(row.cells[at + 1].pieces[0].text)}"
    for distance in (1, 2, 3):
        above = _column(row, -distance, cell, page)
        if above is not None:
            yield f"above{distance} = {tame(above.text)[:40]}"
            yield from (f"above{distance} {tame(p.text)}" for p in above.pieces[:4])
            yield f"above{distance} form {form(above.pieces[-1].text)}"
            yield from (f"above {sort}" for sort in _sorts(above))
    for distance in (1, 2):
        under = _column(row, distance, cell, page)
        if under is not None:
            yield f"below{distance} form {form(under.pieces[0].text)}"
            yield from (f"below{distance} {tame(p.text)}" for p in under.pieces[:2])
            yield from (f"below{distance} {sort}" for sort in _sorts(under))
    heading = _heading(row, cell, page)
    if heading is not None:
        yield f"head = {tame(heading.text)[:40]}"
        yield from (f"head {tame(p.text)}" for p in heading.pieces[:4])


def _column(row: Row, distance: int, cell: CellOf, page: _Page) -> CellOf | None:
    """The cell that stands so many rows below this one, or above it where the number is negative."""
    number = row.number + distance
    return overlapping(page.rows[number], cell) if 0 <= number < len(page.rows) else None


def _sorts(cell: CellOf) -> Iterator[str]:
    """Whether a cell has the form of a company's name or of a place."""
    if _LEGAL.search(cell.text):
        yield "legal"
    if _POSTCODE.search(cell.text):
        yield "post"


def _heading(row: Row, cell: CellOf, page: _Page) -> CellOf | None:
    """The nearest cell above, in a row of several, that holds no digits: the heading of a column."""
    for number in range(row.number - 1, max(-1, row.number - _HEADING_REACH), -1):
        other = page.rows[number]
        if len(other.cells) < 2 or any(_DIGITS.search(c.text) for c in other.cells):
            continue
        over = overlapping(other, cell)
        if over is None:
            over = min(other.cells, key=lambda c: abs(c.end - cell.end))
        return over
    return None


def _of_piece(cell: CellOf, place: int, piece: Piece, page: _Page) -> Iterator[str]:
    kind = form(piece.text)
    plain = tame(piece.text)
    yield "always"
    yield f"form {kind}"
    yield f"shape {shape(piece.text)}"
    yield f"is {plain}"
    yield f"starts {plain[:3]}"
    yield f"ends {plain[-3:]}"
    yield f"place{min(place, 5)}"
    yield f"rest{min(len(cell.pieces) - 1 - place, 5)}"
    before = [tame(p.text) for p in cell.pieces[max(0, place - 3) : place]]
    for distance, word in enumerate(reversed(before), 1):
        yield f"before{distance} {word}"
        yield f"before {word} {kind}"
    if len(before) > 1:
        yield f"before2 {before[-2]} {before[-1]}"
    after = [tame(p.text) for p in cell.pieces[place + 1 : place + 3]]
    for distance, word in enumerate(after, 1):
        yield f"after{distance} {word}"
    if place:
        yield f"before form {form(cell.pieces[place - 1].text)} {kind}"
        if cell.pieces[place - 1].text.endswith(":"):
            yield "after colon"
    if place + 1 < len(cell.pieces):
        yield f"after form {form(cell.pieces[place + 1].text)} {kind}"
    if piece.text in page.sums:
        yield f"rank{min(page.ranks[piece.text], 6)}"
        yield f"times{min(page.sums[piece.text], 4)}"
        yield f"rank{min(page.ranks[piece.text], 3)} times{min(page.sums[piece.text], 3)}"
