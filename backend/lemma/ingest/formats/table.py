"""Cells as lines whose gaps keep the columns, and CSV files."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from lemma.ingest.clean import one_spaced
from lemma.ingest.drafts import Draft, Things
from lemma.ingest.errors import broken
from lemma.ingest.formats.plain import decoded, plain_lines
from lemma.ingest.limits import Budget
from lemma.ingest.lines import MAX_GAP

_WIDEST = 40
_PROBE = 200

csv.field_size_limit(1_000_000)


def column_lines(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """One line for each row; columns start at one place as far as the widest gap allows.

    Widths come from the first rows; only these are held, so that rows may be a long stream.
    """
    stream = iter(rows)
    first = [[one_spaced(cell) for cell in row] for row in islice(stream, _PROBE)]
    widths: list[int] = []
    for row in first:
        widths += [0] * (len(row) - len(widths))
        for i, cell in enumerate(row):
            widths[i] = max(widths[i], min(len(cell), _WIDEST))
    for row in first:
        yield _line(row, widths)
    for further in stream:
        yield _line([one_spaced(cell) for cell in further], widths)


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    parts: list[str] = []
    gap = 0
    for i, cell in enumerate(row):
        if cell:
            if parts:
                parts.append(" " * min(MAX_GAP, max(2, gap)))
                gap = 0
            parts.append(cell)
        width = widths[i] if i < len(widths) else 0
        gap += max(2, width - len(cell) + 2)
    return "".join(parts)


def read(data: bytes, name: str | None, budget: Budget) -> Things:
    """A CSV file as one page, a line for each row; encoding and separator by the content."""
    text = decoded(data).replace("\x00", "")
    budget.text(0, len(text))
    separator = _separator(text[:65_536])
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    counted = _counted(rows, budget)
    try:
        lines = tuple(plain_lines(column_lines(counted)))
    except csv.Error as error:
        raise broken("CSV file") from error
    if lines:
        budget.page(0, 0)
        yield Draft("plain", lines)


def _counted(rows: Iterable[list[str]], budget: Budget) -> Iterator[list[str]]:
    for row in rows:
        budget.text(1, 0)
        yield row


def _separator(text: str) -> str:
    """The separator that cuts the first rows into the most even columns."""
    best, best_score = ",", -1.0
    for mark in (";", "\t", ",", "|"):
        try:
            rows = list(islice(csv.reader(io.StringIO(text, newline=""), delimiter=mark), 60))
        except csv.Error:
            continue
        counts = [len(row) for row in (rows[:-1] if len(rows) > 2 else rows) if row]
        if not counts or max(counts) == 1:
            continue
        usual = max(set(counts), key=counts.count)
        score = counts.count(usual) / len(counts) + (0.01 * min(usual, 20) if usual > 1 else -1)
        if score > best_score:
            best, best_score = mark, score
    return best
