"""Rules on what an answer rests on: words of the customer's documents, lines that a sentence cites, and the
balances that a statement prints beside its amounts."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

from lemma.reading.cell import RuleResult
from lemma.reading.normalise.amounts import number_style, read_number
from lemma.reading.rules.values import Unusable, Values, result, show
from lemma.reading.schema.model import Rule
from lemma.reading.units.entries import amount_runs


def check_backed(rule: Rule, values: Values) -> RuleResult:
    """Each value, save those of `unless`, has words beside it in a field of `by`: an answer and its quote."""
    value, unless = rule.one("value"), rule.many("unless")
    given = [
        path
        for path in values.paths(value)
        if (cell := values.cell(path)) is not None and str(cell.value) not in unless
    ]
    if not given:
        raise Unusable(f"There is no {values.label(value)} that needs words to rest on.")
    bare = [
        path
        for path in given
        if not any(values.evidence(_beside(path, value, name)) for name in rule.many("by"))
    ]
    if bare:
        words = ", ".join(values.name(path) for path in bare)
        return result(rule, False, f"Nothing is quoted for {words}.", bare)
    return result(rule, True, f"All {len(given)} rest on words that are quoted.", given)


def _beside(path: str, value: str, name: str) -> str:
    """The cell of the column `name` in the row of `path`, or the field `name`."""
    table, dot, column = name.partition(".")
    if not dot or not value.startswith(f"{table}."):
        return name
    return f"{path.rpartition('.')[0]}.{column}"


def check_supported(rule: Rule, values: Values) -> RuleResult:
    """Each sentence of the texts cites a line."""
    alone: list[str] = []
    seen: list[str] = []
    for name in rule.many("fields"):
        for path in values.paths(name):
            cell = values.cells.get(path)
            for sentence in cell.signals.get("sentences", ()) if cell is not None else ():
                seen.append(path)
                if not sentence["supported"]:
                    alone.append(f"{values.name(path)}: “{sentence['text']}”")
    if not seen:
        raise Unusable("There is no text to check.")
    if alone:
        return result(rule, False, f"No line is cited for {'; '.join(alone)}.", seen)
    count = (
        "Its one sentence cites a line" if len(seen) == 1 else f"Each of {len(seen)} sentences cites a line"
    )
    return result(rule, True, f"{count}.", seen)


MOST_SHOWN = 5


def check_running_balance(rule: Rule, values: Values) -> RuleResult:
    """Where a statement prints the balance after each entry, it changes by the entry's amount.

    This finds amounts that were misread and entries that were left out. Statements run either way in time.
    """
    amount = rule.one("amount")
    table = amount.partition(".")[0]
    rows = [row for row in range(values.row_count(table)) if _printed(values, table, row)]
    balances = {row: balance for row in rows if (balance := _balance(values, table, row, amount)) is not None}
    if len(balances) < 2 or len(balances) * 10 < len(rows) * 8:
        raise Unusable("The statement prints no balance after each entry.")
    steps = [(a, b) for a, b in pairwise(rows) if a in balances and b in balances and b == a + 1]
    downwards = [(b, a) for a, b in steps]
    wrong = min((_wrong(values, amount, balances, way) for way in (steps, downwards)), key=len)
    paths = [_cell_path(amount, row) for row in sorted({row for row, _ in wrong} or set(balances))]
    if wrong:
        words = " ".join(sentence for _, sentence in wrong[:MOST_SHOWN])
        more = f" And {len(wrong) - MOST_SHOWN} more." if len(wrong) > MOST_SHOWN else ""
        return result(rule, False, f"{words}{more}", paths)
    return result(rule, True, f"Each of {len(steps)} balances changes by the amount of its entry.", paths)


def _cell_path(column: str, row: int) -> str:
    table, _, name = column.partition(".")
    return f"{table}[{row}].{name}"


def _printed(values: Values, table: str, row: int) -> bool:
    return bool(values.row_evidence(table, row))


def _balance(values: Values, table: str, row: int, amount: str) -> Decimal | None:
    """The last amount on the lines of an entry, where it is not the entry's own."""
    own = {(e.line, e.start) for e in values.evidence(_cell_path(amount, row))}
    lines = sorted({e.line for e in values.row_evidence(table, row)})
    runs = [(number, *run) for number in lines for run in amount_runs(values.source.line(number).text)]
    if len(runs) < 2 or not own:
        return None
    number, start, end = runs[-1]
    if any(line == number and start <= at < end for line, at in own):
        return None
    text = values.source.line(number).text[start:end]
    value = read_number(text, number_style(line.text for line in values.lines), money=True).value
    return value if isinstance(value, Decimal) else None


def _wrong(
    values: Values, amount: str, balances: dict[int, Decimal], steps: Sequence[tuple[int, int]]
) -> list[tuple[int, str]]:
    """The steps from one balance to the next that are not the amount of the entry, as sentences."""
    wrong: list[tuple[int, str]] = []
    for before, after in steps:
        term = values.number(_cell_path(amount, after))
        change = balances[after] - balances[before]
        if term is None or abs(change) != abs(term.amount):
            stands = "no amount was read" if term is None else f"the amount is {show(term.amount)}"
            wrong.append((after, f"Row {after + 1}: the balance changes by {show(change)}, and {stands}."))
    return wrong
