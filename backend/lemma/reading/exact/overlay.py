"""Exact values laid over what was read from the pages.

The XML's value wins. Where the same value stands on the pages, that is its evidence, so that a person can
look at it; else the XML line is. Where the pages were read to say something else, and the XML's value is
nowhere on them, the cell is conflicting. The signal `xml` is `agrees` (both say it), `differs`, or `only`
(the pages were not read to hold it).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation

from lemma.reading.align import Place, span
from lemma.reading.cell import Cell, Status, Value
from lemma.reading.cells import find_words
from lemma.reading.exact.tree import Node, find, first_text, xml_tree
from lemma.reading.exact.visible import find_value, same_value
from lemma.reading.normalise.values import DocumentStyle, normalise
from lemma.reading.schema.model import Field, Task
from lemma.reading.source import Line, Source

# How far below one row of a table the next is looked for.
LINES_AHEAD = 80


def with_exact(
    task: Task, source: Source, lines: Sequence[Line], style: DocumentStyle, cells: Sequence[Cell]
) -> list[Cell]:
    """The cells with the XML's values. `lines` are those that stand on pages; `style` is theirs."""
    tree = xml_tree(source)
    if tree is None:
        return list(cells)
    overlay = _Overlay(tree, source, lines, style)
    by_field: dict[str, list[Cell]] = {}
    for cell in cells:
        by_field.setdefault(cell.path.partition("[")[0], []).append(cell)
    result: list[Cell] = []
    for field in task.fields:
        own = by_field.get(field.name, [])
        result.extend(overlay.table(field, own) if field.kind == "rows" else overlay.plain(field, own))
    return result


@dataclass(frozen=True, slots=True)
class _Exact:
    """A value of the XML, and the place of its text."""

    value: Value
    place: Place


class _Overlay:
    def __init__(self, tree: Node, source: Source, lines: Sequence[Line], style: DocumentStyle) -> None:
        self.tree = tree
        self.source = source
        self.lines = lines
        self.style = style

    def plain(self, field: Field, cells: Sequence[Cell]) -> list[Cell]:
        exact = self.value(field, self.tree)
        return list(cells) if exact is None else [self.lay(field, cell, exact, self.lines) for cell in cells]

    def value(self, field: Field, below: Node) -> _Exact | None:
        """The field's value in the XML; None where it has none that the field's kind can take."""
        node = first_text(below, field.xml)
        if node is None or node.line is None:
            return None
        value = self.typed(field, node.text)
        return None if value is None else _Exact(value, span(node.line, node.start, len(node.line.text)))

    def typed(self, field: Field, text: str) -> Value:
        match field.kind:
            case "amount" | "number":
                return _decimal(text)
            case "date":
                return _date(text)
            case "choice":
                return next((o.name for o in field.options if text in (o.name, *o.codes)), None)
            case "flag":
                return {"true": True, "1": True, "false": False, "0": False}.get(text.lower())
            case "clause" | "rows" | "text":
                return None
            case _:
                value = normalise(field, text, self.style).value
                return value if value is None else str(value)

    def lay(self, field: Field, cell: Cell, exact: _Exact, lines: Sequence[Line]) -> Cell:
        """One cell with its exact value."""
        if same_value(field, cell.value, exact.value) and cell.evidence:
            return replace(cell, signals={**cell.signals, "xml": "agrees"})
        if str(exact.value) in cell.signals.get("readings", ()) and cell.evidence:
            # One of the readings of 03/04/2024 or 1.200: the XML settles which.
            signals = {**cell.signals, "xml": "agrees"}
            return replace(cell, value=exact.value, status=Status.FOUND, signals=signals, reason=None)
        shown = self.shown(field, exact.value, lines)
        read = cell.raw or (None if cell.value is None else str(cell.value))
        signals = dict(cell.signals)
        if shown is not None:
            if read is not None:
                signals["read_as"] = read
            return self.cell(cell.path, exact.value, shown, Status.FOUND, {**signals, "xml": "agrees"})
        if cell.value is None or same_value(field, cell.value, exact.value):
            return self.cell(cell.path, exact.value, exact.place, Status.FOUND, {**signals, "xml": "only"})
        wrong = f"The embedded XML says “{self.words(exact.place)}”, the page says “{read}”."
        signals |= {"xml": "differs", "read_as": read}
        return self.cell(cell.path, exact.value, exact.place, Status.CONFLICTING, signals, wrong)

    def shown(self, field: Field, value: Value, lines: Sequence[Line]) -> Place | None:
        """Where these lines show the value; for a choice, words that stand for no other option."""
        if field.kind == "choice":
            words = find_words(field, str(value), lines)
            return None if words is None or words[1] else words[0]
        return find_value(field, value, lines, self.style)

    def words(self, place: Place) -> str:
        found = place.evidence
        return self.source.line(found.line).text[found.start : found.end]

    def cell(
        self,
        path: str,
        value: Value,
        place: Place,
        status: Status,
        signals: dict[str, object],
        reason: str | None = None,
    ) -> Cell:
        return Cell(path, value, self.words(place), status, (place.evidence,), signals, reason)

    # Tables ------------------------------------------------------------------------------------

    def table(self, field: Field, cells: Sequence[Cell]) -> list[Cell]:
        """The rows of the XML, each joined with the row of the pages that it agrees with most."""
        nodes = next((found for path in field.xml if (found := find(self.tree, path))), [])
        exact = [{c.name: v for c in field.columns if (v := self.value(c, node))} for node in nodes]
        exact = [row for row in exact if row]
        if not exact:
            return list(cells)
        read = _read_rows(cells)
        taken: set[int] = set()
        result: list[Cell] = []
        after = 0
        for index, row in enumerate(exact):
            match = self.match(field, row, read, taken)
            seen = read[match] if match is not None else {}
            numbers = {e.line for cell in seen.values() for e in cell.evidence}
            own = [self.source.line(n) for n in sorted(numbers)] or self.locate(field, row, after)
            after = max((line.id for line in own), default=after)
            result.extend(self.row(field, index, row, seen, own))
        return result

    def locate(self, field: Field, row: dict[str, _Exact], after: int) -> list[Line]:
        """The line of the pages that shows a row that was not read: the first of the next lines below the
        row before that shows most of its values, else the one with at least two. Empty where none does."""
        best: list[Line] = []
        most = 1
        for line in [line for line in self.lines if line.id > after and line.text][:LINES_AHEAD]:
            shown = sum(self.shown(field.column(n), v.value, [line]) is not None for n, v in row.items())
            if shown > most:
                best, most = [line], shown
            if 2 * most > len(row):
                break
        return best

    def match(
        self, field: Field, row: dict[str, _Exact], read: Sequence[dict[str, Cell]], taken: set[int]
    ) -> int | None:
        """The row of the pages with the most equal values, at least half of those that both have."""
        best, best_equal = None, 0
        for number, cells in enumerate(read):
            common = [n for n in row if n in cells and cells[n].value is not None]
            equal = sum(same_value(field.column(n), cells[n].value, row[n].value) for n in common)
            if number not in taken and equal > best_equal and 2 * equal >= len(common):
                best, best_equal = number, equal
        if best is not None:
            taken.add(best)
        return best

    def row(
        self, field: Field, index: int, row: dict[str, _Exact], read: dict[str, Cell], own: Sequence[Line]
    ) -> list[Cell]:
        cells: list[Cell] = []
        for column in field.columns:
            path = f"{field.name}[{index}].{column.name}"
            cell = read.get(column.name, Cell(path, None, None, Status.ABSENT))
            cell = replace(cell, path=path)
            exact = row.get(column.name)
            cells.append(cell if exact is None else self.lay(column, cell, exact, own))
        return cells


def _read_rows(cells: Sequence[Cell]) -> list[dict[str, Cell]]:
    """The cells of a table by row and column. The one cell of an absent table has no row."""
    rows: dict[int, dict[str, Cell]] = {}
    for cell in cells:
        _, bracket, rest = cell.path.partition("[")
        if bracket:
            number, _, column = rest.partition("].")
            rows.setdefault(int(number), {})[column] = cell
    return [rows[number] for number in sorted(rows)]


def _decimal(text: str) -> Decimal | None:
    """XML writes numbers with a point and no grouping (XML Schema, part 2, 3.2.3)."""
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _date(text: str) -> date | None:
    """`20240131` (UN/CEFACT format 102) or `2024-01-31`, also with a time or a zone after it."""
    digits = text.strip()[:10].replace("-", "")[:8]
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8])) if digits.isascii() else None
    except ValueError:
        return None
