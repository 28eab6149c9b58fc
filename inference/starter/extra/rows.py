"""The rows of a labelled table, found line by line."""

from collections.abc import Mapping, Sequence
from typing import Any

from lemma.reading.pointers import OneSaid, Pointer, Pointers, Rows
from lemma.reading.source import Line
from starter.extra.find import Words, numbers, plain
from starter.lesson import Spot

NUMBERS = {"quantity": "quantity", "unit_price": "unit_price", "vat_rate": "vat_rate", "amount": "line_total"}
COLUMNS = ("description", "item_number", "quantity", "unit", "unit_price", "vat_rate", "amount")


def table(words: Words, rows: Sequence[Mapping[str, Any]]) -> Rows | None:
    """All rows of a table, each after the one before it; None unless every value of every row is found."""
    found = []
    after = 0
    for row in rows:
        placed = _row(words, row, after)
        if placed is None:
            return None
        after, said = placed
        found.append(said)
    return Rows(tuple(found)) if found else None


def _row(words: Words, row: Mapping[str, Any], after: int) -> tuple[int, dict[str, OneSaid]] | None:
    """The row on the first line below `after` that holds all its numbers, with its description near by."""
    given = {name: row[key] for name, key in NUMBERS.items() if row.get(key) is not None}
    if "amount" not in given or not row.get("description"):
        return None
    for line in words.lines:
        if line.id <= after:
            continue
        said = _numbers(words, line, given)
        if said is None:
            continue
        description = _description(words, line.id, str(row["description"]), after)
        if description is None:
            continue
        said["description"] = description
        if row.get("item_number"):
            near = [r for r in words.runs(str(row["item_number"])) if 0 <= r[0].line - line.id + 1 <= 3]
            if not near:
                return None
            said["item_number"] = Pointers((Pointer(near[0][0].line, near[0][0].text),))
        return line.id, {name: said[name] for name in COLUMNS if name in said}
    return None


def _numbers(words: Words, line: Line, given: Mapping[str, float]) -> dict[str, OneSaid] | None:
    """Each number on this line, the amount as the last that fits."""
    said: dict[str, OneSaid] = {}
    for name, value in given.items():
        cents = round(float(value) * 100)
        fitting = [Spot(line.id, text, at) for at, text in numbers(line, cents, rate=name == "vat_rate")]
        fitting = [spot for spot in fitting if words.whole(spot)]
        if not fitting:
            return None
        spot = fitting[-1] if name == "amount" else fitting[0]
        before = line.text[(spot.start or 0) - 1] if spot.start else ""
        text = before + spot.text if cents < 0 and before in ("-", "−") else spot.text
        said[name] = Pointers((Pointer(line.id, text),))
    return said


def _description(words: Words, at: int, text: str, after: int) -> Pointers | None:
    """The description: in one piece on the row's line or near it, or piece by piece from there downwards."""
    for run in words.runs(text, most_lines=4):
        if after < run[0].line <= at + 1 and run[0].line >= at - 3:
            return Pointers(tuple(Pointer(spot.line, spot.text) for spot in run))
    rest = text.split()
    found: list[Pointer] = []
    for number in range(at, at + 4):
        piece = _beginning(words, number, rest)
        if piece is None:
            break
        count, spot = piece
        found.append(Pointer(number, spot.text))
        rest = rest[count:]
        if not rest:
            return Pointers(tuple(found))
    return None


def _beginning(words: Words, line: int, rest: Sequence[str]) -> tuple[int, Spot] | None:
    """The most words of `rest`, from its first on, that stand side by side on a line."""
    for count in range(len(rest), 0, -1):
        part = " ".join(rest[:count])
        for run in words.runs(part) if plain(part) else ():
            if run[0].line == line:
                return count, run[0]
    return None
