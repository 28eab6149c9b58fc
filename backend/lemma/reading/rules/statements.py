"""Rules without arithmetic: dates in order, check digits, same values, repeated rows, presence."""

from collections.abc import Sequence
from datetime import date
from itertools import combinations, pairwise

from lemma.reading.cell import RuleResult, Status
from lemma.reading.exact.visible import folded
from lemma.reading.normalise.identifiers import CHECKERS
from lemma.reading.rules.values import Unusable, Values, result
from lemma.reading.schema.model import Rule


def check_order(rule: Rule, values: Values) -> RuleResult:
    """Each date that is there is not later than the next that is there."""
    dates = [
        (path, cell.value)
        for name in rule.many("fields")
        for path in values.paths(name)
        if (cell := values.cell(path)) is not None and isinstance(cell.value, date)
    ]
    if len(dates) < 2:
        raise Unusable("There are fewer than two dates to compare.")
    wrong = [
        f"{values.name(before)} {one.isoformat()} is later than {values.name(after)} {other.isoformat()}, "
        f"by {(one - other).days} days."
        for (before, one), (after, other) in pairwise(dates)
        if one > other
    ]
    right = " ≤ ".join(f"{values.name(path)} {day.isoformat()}" for path, day in dates)
    return result(rule, not wrong, " ".join(wrong) or f"{right}.", (path for path, _ in dates))


def check_checksum(rule: Rule, values: Values) -> RuleResult:
    """The check digits of each identifier are right; those without a known check say nothing."""
    paths: list[str] = []
    sentences: list[str] = []
    valid: list[bool | None] = []
    for name in rule.many("fields"):
        checker = values.task.field(name).checker
        for path in values.paths(name):
            cell = values.cell(path)
            if cell is None or checker is None:
                continue
            checked = CHECKERS[checker](str(cell.value))
            paths.append(path)
            valid.append(checked.valid)
            sentences.append(f"{values.name(path)}: {checked.why}.")
    if not paths:
        raise Unusable("There is no identifier to check.")
    passed = False if False in valid else True if True in valid else None
    chosen = [s for s, ok in zip(sentences, valid, strict=True) if passed is not False or ok is False]
    return result(rule, passed, " ".join(chosen), paths)


def check_same(rule: Rule, values: Values) -> RuleResult:
    """The fields that are there say the same; case, spaces and punctuation do not count."""
    found = [
        (path, cell.value)
        for name in rule.many("fields")
        for path in values.paths(name)
        if (cell := values.cell(path)) is not None
    ]
    if len(found) < 2:
        raise Unusable("There are fewer than two values to compare.")
    kinds = {folded(str(value)) for _, value in found}
    words = " and ".join(f"{values.name(path)} “{value}”" for path, value in found)
    passed = len(kinds) == 1
    return result(rule, passed, f"{words} {'agree' if passed else 'differ'}.", (path for path, _ in found))


def check_unique_rows(rule: Rule, values: Values) -> RuleResult:
    """No two rows are equal in all the columns. Rows that have none of them are left out.

    Rows that stand on the same words were read twice: that is wrong. Rows that are printed twice may well
    be right, as on a till receipt, so the rule then says what it saw and that it does not know.
    """
    columns = rule.many("columns")
    table = columns[0].partition(".")[0]
    rows: dict[tuple[str, ...], list[int]] = {}
    for row in range(values.row_count(table)):
        key = tuple(_key(values, f"{table}[{row}].{name.partition('.')[2]}") for name in columns)
        if any(key):
            rows.setdefault(key, []).append(row)
    if not rows:
        raise Unusable(f"There are no rows in {values.label(table)}.")
    same = [numbers for numbers in rows.values() if len(numbers) > 1]
    if not same:
        count = sum(len(numbers) for numbers in rows.values())
        paths = [f"{table}[{n}].{name.partition('.')[2]}" for n in range(count) for name in columns]
        return result(rule, True, f"All {count} rows differ.", paths)
    read_twice = [numbers for numbers in same if _share_words(values, table, numbers)]
    words = "; ".join(
        f"rows {', '.join(str(n + 1) for n in each)} are the same" for each in read_twice or same
    )
    paths = [
        f"{table}[{n}].{name.partition('.')[2]}"
        for numbers in read_twice or same
        for n in numbers
        for name in columns
    ]
    if read_twice:
        return result(rule, False, f"{words}, and stand on the same words.", paths)
    return result(rule, None, f"{words}; each is printed by itself, so both may be right.", paths)


def _share_words(values: Values, table: str, rows: Sequence[int]) -> bool:
    """Whether two of these rows rest on the same lines."""
    lines = [{evidence.line for evidence in values.row_evidence(table, row)} for row in rows]
    return any(left and left == right for left, right in combinations(lines, 2))


def _key(values: Values, path: str) -> str:
    cell = values.cells.get(path)
    if cell is None or cell.value is None:
        return ""
    return folded(str(cell.value)) if isinstance(cell.value, str) else str(cell.value)


def check_present(rule: Rule, values: Values) -> RuleResult:
    """Each field has a value, each table a row."""
    missing = [path for path in rule.many("fields") if not _is_there(values, path)]
    words = ", ".join(_lack(values, path) for path in missing)
    detail = f"Missing: {words}." if missing else "All are there."
    return result(rule, not missing, detail, missing or rule.many("fields"))


def _is_there(values: Values, path: str) -> bool:
    if values.task.field(path).kind == "rows":
        return values.row_count(path) > 0
    cells = [values.cells.get(each) for each in values.paths(path)]
    return bool(cells) and all(cell is not None and cell.value is not None for cell in cells)


def _lack(values: Values, path: str) -> str:
    """A field that is missing, and whether it is there without a value."""
    cell = values.cells.get(path)
    if cell is not None and cell.status in {Status.UNREADABLE, Status.CONFLICTING}:
        return f"{values.label(path)} ({cell.status.value})"
    return values.label(path)
