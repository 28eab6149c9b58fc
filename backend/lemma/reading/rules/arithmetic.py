"""Sums, products and percentages, in exact decimals. A difference is given as it is."""

from collections.abc import Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal
from itertools import chain, combinations

from lemma.reading.cell import RuleResult
from lemma.reading.rules.explain import explain_row, explain_sum, rounding
from lemma.reading.rules.values import Term, Unusable, Values, result, show
from lemma.reading.schema.model import Rule

TOLERANCE = "0.01"
MANY_TERMS = 6


def check_sum(rule: Rule, values: Values) -> RuleResult:
    """The parts, less what is subtracted, are `equals`, or one of `or_equals`; with or without each of
    `maybe`. A sum that does not come out proves nothing where a part is absent, or where the document
    prints what may explain the difference: then the rule does not know."""
    parts = _all(values, rule.many("parts"))
    targets = _all(values, (rule.one("equals"), *rule.many("or_equals")))
    if not parts or not targets:
        wanted = (rule.one("equals"), *rule.many("or_equals"))
        raise Unusable(_missing(values, rule.many("parts") if not parts else wanted))
    minus, maybe = _all(values, rule.many("minus")), _all(values, rule.many("maybe"))
    base = sum((term.amount for term in parts), Decimal(0)) - sum(
        (abs(term.amount) for term in minus), Decimal(0)
    )
    candidates = [
        (base + sum((term.amount for term in extra), Decimal(0)), list(extra), target)
        for target in targets
        for extra in _subsets(maybe)
    ]
    # Where none fits, the sentence speaks of the first target, for which the rule is named.
    fits = [each for each in candidates if _fits(rule, each[0], each[2])]
    total, extra, target = min(
        fits or [each for each in candidates if each[2] is targets[0]],
        key=lambda each: (abs(each[0] - each[2].amount), len(each[1])),
    )
    passed: bool | None = bool(fits)
    detail = f"{_terms([*parts, *extra], minus)} is {show(total)}, {_says(total, target.amount)}"
    if not fits:
        passed, why = _excuse(rule, values, target.amount - total)
        detail += why
    return result(rule, passed, detail, (t.path for t in [*parts, *extra, *minus, target]))


def _fits(rule: Rule, total: Decimal, target: Term) -> bool:
    return abs(total - target.amount) <= rule.decimal("tolerance", TOLERANCE)


def _excuse(rule: Rule, values: Values, difference: Decimal) -> tuple[bool | None, str]:
    """Whether a difference counts against the document, and what is said about it."""
    absent = [
        path for name in rule.many("parts") for path in values.paths(name) if values.number(path) is None
    ]
    if absent:
        return None, f" {values.name(absent[0])} is not given, so this proves nothing."
    why = explain_sum(values, difference, rule.many("explained_by"), rule.decimal("tolerance", TOLERANCE))
    return (False, "") if why is None else (None, f" {why}")


def check_product(rule: Rule, values: Values) -> RuleResult:
    """In each row, the product of the factors, less a percentage, is `equals`."""
    factors, equals = rule.many("factors"), rule.one("equals")
    less = rule.params.get("less_percent")
    return _each_row(rule, values, [*factors, *([less] if less else []), equals], optional=less)


def check_percent(rule: Rule, values: Values) -> RuleResult:
    """In each row, or in the document, the rate of the base is `equals`."""
    return _each_row(rule, values, [rule.one("base"), rule.one("rate"), rule.one("equals")], optional=None)


def _each_row(rule: Rule, values: Values, names: Sequence[str], *, optional: str | None) -> RuleResult:
    """Checks every row that has all it needs; the rule fails with the first rows that do not fit.

    Rows whose difference the document itself may explain count neither for nor against it.
    """
    rows = max(len(values.paths(name)) for name in names)
    wrong: list[str] = []
    doubtful: list[str] = []
    paths: list[str] = []
    checked = 0
    for row in range(rows):
        terms = [_in_row(values, name, row) for name in names]
        if any(term is None for term, name in zip(terms, names, strict=True) if name != optional):
            continue
        checked += 1
        given = {name: term for name, term in zip(names, terms, strict=True) if term is not None}
        difference, why = _row_difference(rule, values, given, row)
        if difference:
            where = f"row {row + 1}: " if "." in names[-1] else ""
            (doubtful if why else wrong).append(f"{where}{difference}{why}")
            paths.extend(term.path for term in given.values())
    if not checked:
        raise Unusable(_missing(values, names))
    if wrong or doubtful:
        return result(rule, False if wrong else None, _first(wrong or doubtful), paths)
    left = f"; {rows - checked} lack a value" if rows > checked else ""
    rows_agree = "It agrees." if "." not in names[-1] else f"{checked} of {rows} rows agree{left}."
    return result(rule, True, rows_agree, (path for name in names for path in values.paths(name)))


def _row_difference(rule: Rule, values: Values, given: dict[str, Term], row: int) -> tuple[str, str]:
    """What is said of a row that does not come out, and of what may explain it; empty where it does."""
    total, words = _compute(rule, given)
    equals = rule.one("equals")
    target = given[equals].amount
    rounded = total.quantize(Decimal(1).scaleb(_exponent(target)), ROUND_HALF_UP)
    factors = [given[name].amount for name in rule.many("factors")]
    if abs(rounded - target) <= rule.decimal("tolerance", TOLERANCE) + rounding(factors):
        return "", ""
    table = equals.partition(".")[0] if "." in equals else ""
    evidence = values.row_evidence(table, row) if table else []
    why = explain_row(values, evidence, factors, total, target) if rule.kind == "product" else None
    return f"{words} is {show(rounded)}, {_says(rounded, target)}", f" Perhaps {why}." if why else ""


def _first(sentences: Sequence[str]) -> str:
    """The first three of many sentences, and how many more there are."""
    more = f" And {len(sentences) - 3} more." if len(sentences) > 3 else ""
    return " ".join(sentences[:3]) + more


def _compute(rule: Rule, given: dict[str, Term]) -> tuple[Decimal, str]:
    """The product or percentage of a row, and how it is written."""
    if rule.kind == "percent":
        base, rate = given[rule.one("base")].amount, given[rule.one("rate")].amount
        return base * rate / 100, f"{show(rate)} % of {show(base)}"
    factors = [given[name].amount for name in rule.many("factors")]
    total = Decimal(1)
    for factor in factors:
        total *= factor
    words = " x ".join(show(factor) for factor in factors)
    less = given.get(rule.params.get("less_percent", ""))
    if less is not None:
        total -= total * abs(less.amount) / 100
        words += f" less {show(abs(less.amount))} %"
    return total, words


def check_group_sum(rule: Rule, values: Values) -> RuleResult:
    """For each row of one table, the rows of another with the same key add up to what it says."""
    amounts, keys = values.paths(rule.one("amount")), values.paths(rule.one("by"))
    sums: dict[Decimal, Decimal] = {}
    paths: list[str] = []
    for amount_path, key_path in zip(amounts, keys, strict=True):
        amount, key = values.number(amount_path), values.number(key_path)
        if amount is None:
            continue
        if key is None:
            raise Unusable(f"{values.name(key_path)} is not printed, so the rows cannot be grouped.")
        sums[key.amount] = sums.get(key.amount, Decimal(0)) + amount.amount
        paths += [amount_path, key_path]
    groups = [
        (key, target)
        for key_path, path in zip(
            values.paths(rule.one("key")), values.paths(rule.one("equals")), strict=True
        )
        if (key := values.number(key_path)) is not None and (target := values.number(path)) is not None
    ]
    if not sums or not groups:
        raise Unusable(_missing(values, [rule.one("amount")] if not sums else [rule.one("equals")]))
    tolerance = rule.decimal("tolerance", TOLERANCE)
    wrong = [
        f"rows at {show(key.amount)} add up to {show(total)}, {_says(total, target.amount)}"
        for key, target in groups
        if abs((total := sums.get(key.amount, Decimal(0))) - target.amount) > tolerance
    ]
    paths += [term.path for group in groups for term in group]
    return result(rule, not wrong, " ".join(wrong) or f"All {len(groups)} groups agree.", paths)


# Helpers -----------------------------------------------------------------------------------------


def _all(values: Values, names: Sequence[str]) -> list[Term]:
    return [term for name in names for term in values.numbers(name)]


def _in_row(values: Values, name: str, row: int) -> Term | None:
    """A column's value in a row; a field of the document is the same in every row."""
    paths = values.paths(name)
    if "." not in name:
        return values.number(paths[0])
    return values.number(paths[row]) if row < len(paths) else None


def _subsets(terms: Sequence[Term]) -> Iterator[tuple[Term, ...]]:
    """Every choice of the terms that may or may not count; of more than eight only none and all."""
    if len(terms) > 8:
        return iter([(), tuple(terms)])
    return chain.from_iterable(combinations(terms, size) for size in range(len(terms) + 1))


def _exponent(amount: Decimal) -> int:
    exponent = amount.as_tuple().exponent
    return min(exponent, 0) if isinstance(exponent, int) else 0


def _terms(plus: Sequence[Term], minus: Sequence[Term]) -> str:
    """`38.00 + 7.98 - 2.00`; many terms are counted instead of listed."""
    if len(plus) > MANY_TERMS:
        words = f"The sum of {len(plus)} amounts"
    else:
        words = " + ".join(show(term.amount) for term in plus)
    return words + "".join(f" - {show(abs(term.amount))}" for term in minus)


def _says(total: Decimal, target: Decimal) -> str:
    """The document's word for it, and the exact difference."""
    if total == target:
        return f"and the document says {show(target)}."
    return f"the document says {show(target)}: off by {show(abs(total - target))}."


def _missing(values: Values, names: Sequence[str]) -> str:
    labels = ", ".join(dict.fromkeys(values.label(name) for name in names))
    return f"The document does not give all that this needs: {labels}."
