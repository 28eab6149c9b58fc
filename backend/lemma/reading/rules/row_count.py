"""Rows printed against rows found: the check for silent loss.

A document tells how many rows it has in one of three ways, tried in this order: it prints the count; it
numbers its rows; or its rows carry an amount in one column, down to the first total. Where it tells in
none of them, the rule is not applied: the number of rows found proves nothing about itself.
"""

import re
from collections.abc import Sequence
from decimal import Decimal
from itertools import accumulate, pairwise

from lemma.reading.align import middle
from lemma.reading.cell import Evidence, RuleResult
from lemma.reading.normalise.amounts import NumberStyle, read_number
from lemma.reading.rules.explain import mentions
from lemma.reading.rules.values import Unusable, Values, result, show
from lemma.reading.schema.model import Rule
from lemma.reading.source import Line

_LEADING = re.compile(r"([0-9]{1,5})(?=[ .):|]|$)(?! ?%)")
_AMOUNT = re.compile(r"[^ ]*[0-9][.,][0-9]{2}(?![0-9])[^ ]*")


def check_row_count(rule: Rule, values: Values) -> RuleResult:
    """The rows found are as many as the document prints."""
    table = rule.one("table")
    found = values.row_count(table)
    if not found:
        raise Unusable("No rows were found, and nothing says how many there should be.")
    for anchor in (_printed_count, _positions, _amounts):
        checked = anchor(rule, values, table, found)
        if checked is not None:
            passed, detail = checked
            columns = values.task.field(table).columns
            paths = [f"{table}[{row}].{column.name}" for row in range(found) for column in columns]
            return result(rule, passed, detail, [path for path in paths if values.evidence(path)])
    raise Unusable(f"{found} rows were found; the document prints nothing that says how many there are.")


Verdict = tuple[bool, str]


def _printed_count(rule: Rule, values: Values, _table: str, found: int) -> Verdict | None:
    """The document prints the number of its rows, such as "Items: 12"."""
    name = rule.params.get("count")
    term = values.number(name) if name else None
    if term is None:
        return None
    return term.amount == Decimal(found), f"{found} rows were found; the document counts {term.amount}."


def _positions(rule: Rule, values: Values, table: str, found: int) -> Verdict | None:
    """The rows are numbered: 1, 2, 3 or 10, 20, 30, at the start of their lines or in a column."""
    column = rule.params.get("position")
    numbers = _column_numbers(values, column) if column else []
    if not numbers:
        firsts = [_first_line(values, table, row) for row in range(found)]
        numbers = [n for line in firsts if line and (n := _leading(line.text)) is not None]
    steps = [right - left for left, right in pairwise(numbers)]
    step = min((s for s in steps if s > 0), default=0)
    if len(numbers) < 2 or len(numbers) * 10 < found * 6 or step not in {1, 10, 100}:
        return None
    if any(s <= 0 or s % step for s in steps) or numbers[0] % step:
        return None
    last = max(_last_position(values, numbers[-1], step, table, found), numbers[-1])
    printed = last // step
    seen = set(numbers)
    missing = [str(n) for n in range(step, last + 1, step) if n not in seen]
    if printed == found:
        return True, f"{found} rows were found; the document numbers its rows up to {last}."
    lacking = f"; not found: {', '.join(missing[:10])}" if missing else ""
    return False, f"{found} rows were found; the document numbers its rows up to {last}{lacking}."


def _column_numbers(values: Values, column: str) -> list[int]:
    """The printed positions, where a column of the task holds them."""
    raws = [cell.raw for path in values.paths(column) if (cell := values.cells.get(path)) is not None]
    return [int(match.group()) for raw in raws if raw and (match := re.search(r"[0-9]{1,5}", raw))]


def _last_position(values: Values, last: int, step: int, table: str, found: int) -> int:
    """Where the numbering ends: on from the last row found, line by line, as long as it goes on."""
    line = _first_line(values, table, found - 1)
    after = 0 if line is None else line.id
    for other in values.lines:
        if other.id > after and _leading(other.text) == last + step and _AMOUNT.search(other.text):
            last += step
    return last


def _leading(text: str) -> int | None:
    match = _LEADING.match(text)
    return int(match.group(1)) if match else None


def _first_line(values: Values, table: str, row: int) -> Line | None:
    lines = [evidence.line for evidence in values.row_evidence(table, row)]
    return values.source.line(min(lines)) if lines else None


def _amounts(rule: Rule, values: Values, table: str, found: int) -> Verdict | None:
    """Lines between the first row and the first total that carry an amount in the amount column."""
    column = rule.params.get("amount")
    evidence = [e for path in values.paths(column) for e in values.evidence(path)] if column else []
    end = _first_total(values, evidence)
    if len(evidence) < 2 or end is None:
        return None
    edges = [_right_edge(values.source.line(e.line), e) for e in evidence]
    low, high = min(edges) - 0.01, max(edges) + 0.01
    owned = {e.line for row in range(found) for e in values.row_evidence(table, row)}
    first = min(e.line for e in evidence)
    carried = _Carried(values, values.paths(column) if column else [])
    loose = [
        line.id
        for line in values.lines
        if first <= line.id < end
        and line.id not in owned
        and not mentions(line, rule.many("not_rows"))
        and (amount := _amount_at(line, low, high)) is not None
        and amount not in carried.before(line.id)
    ]
    if loose and (total := carried.complete()) is not None:
        return True, f"{found} rows were found, and add up to {total}."
    if loose:
        ids = ", ".join(map(str, loose[:10]))
        return False, (
            f"{found} rows were found; {len(loose)} more lines before the totals carry an amount in the "
            f"same column: {ids}."
        )
    return True, f"{found} rows were found, and every line with an amount before the totals is in one."


def _first_total(values: Values, rows: Sequence[Evidence]) -> int | None:
    """The first line after the rows on which an amount of the document itself stands."""
    last = max((e.line for e in rows), default=0)
    totals = [
        e.line
        for field in values.task.fields
        if field.kind == "amount"
        for e in values.evidence(field.name)
        if e.line > last
    ]
    return min(totals, default=None)


class _Carried:
    """The sums that a document may print between its rows: carried over a page, or of a section."""

    def __init__(self, values: Values, paths: Sequence[str]) -> None:
        self.values = values
        self.rows = [
            (max(e.line for e in values.evidence(path)), term.amount)
            for path in paths
            if values.evidence(path) and (term := values.number(path)) is not None
        ]

    def before(self, line: int) -> set[Decimal]:
        """The sums of the rows above this line: of the last two, the last three, and so on to all. One
        alone is no sum: it is what a row that was missed may well repeat."""
        above = [amount for at, amount in self.rows if at < line]
        return set(list(accumulate(reversed(above)))[1:])

    def complete(self) -> str | None:
        """The name of an amount of the document that all rows add up to: then none can be missing."""
        total = sum((amount for _, amount in self.rows), Decimal(0))
        for field in self.values.task.fields:
            term = self.values.number(field.name) if field.kind == "amount" else None
            if term is not None and len(self.rows) > 1 and term.amount == total:
                return f"{field.label} {show(total)}"
        return None


def _amount_at(line: Line, low: float, high: float) -> Decimal | None:
    """The amount that ends between two edges of the page; None where none does."""
    for match in _AMOUNT.finditer(line.text):
        evidence = Evidence(line.page, line.id, match.start(), match.end())
        if low <= _right_edge(line, evidence) <= high:
            value = read_number(match.group(), NumberStyle(), money=True).value
            return value if isinstance(value, Decimal) else None
    return None


def _right_edge(line: Line, evidence: Evidence) -> float:
    """Where an amount ends across the page. Amounts are set flush right, so their ends make the column."""
    return middle(line, evidence.end - 1, evidence.end)
