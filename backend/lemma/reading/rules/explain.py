"""Why a sum may be right although it does not come out: discounts, surcharges, prices for a hundred.

A wrong alarm costs more than none, because people stop reading alarms. So where the document itself prints
what would explain a difference, a rule says that it does not know, and why, instead of calling the document
wrong. Nothing is explained by what is not printed, save a usual discount and a price that is exactly for
10, 100 or 1000.
"""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import product
from math import prod

from lemma.reading.cell import Evidence
from lemma.reading.normalise.amounts import number_style, read_number
from lemma.reading.rules.values import Values, show
from lemma.reading.source import Line

# An amount with decimals, and a number that may be a percentage.
_AMOUNT = re.compile(
    r"(?<![\w.,])[-+(]?(?:[0-9]{1,3}(?:[ '.,][0-9]{3})+|[0-9]+)[.,][0-9]{2}(?! ?%|\w|[.,][0-9])"
)
_PERCENT = re.compile(r"(?<![\w.,])([0-9]{1,2}(?:[.,][0-9]{1,4})?) ?%")
_BARE = re.compile(r"(?<![\w.,])([0-9]{1,2}(?:[.,][0-9]{1,4})?)(?!\w|[.,][0-9])")
_WHOLE = re.compile(r"(?<![\w.,])[0-9]{1,6}(?!\w| ?%|[.,][0-9])")
# Discounts that are given and often not printed on the row itself.
USUAL_DISCOUNTS = tuple(Decimal(each) for each in (2, 3, 5, 10, 15, 20))
MOST_AMOUNTS = 6
LINES_BELOW = 2
CENT = Decimal("0.01")


def explain_row(
    values: Values, row: Sequence[Evidence], factors: Sequence[Decimal], computed: Decimal, target: Decimal
) -> str | None:
    """What could make `target` of the product of a row that stands at `row`; None where nothing does.

    The row's own factors explain nothing: with one piece too many, the difference is always the price.
    """
    if not computed or not target:
        return None
    for many in (10, 100, 1000):
        if abs(computed / many - target) <= CENT:
            return f"the price may be for {many}"
    own = _around(values, row)
    for percent in sorted({*_numbers(values.lines, _PERCENT), *_numbers(own, _BARE)} - set(factors)):
        for sign, word in ((-1, "less"), (1, "more")):
            if percent and abs(computed * (1 + sign * percent / 100) - target) <= CENT:
                return f"it is {show(percent)} % {word}, which is printed"
    difference = abs(target - computed)
    if difference < abs(computed) and difference in _amounts(values, own) - {
        abs(each) for each in (target, *factors)
    }:
        return f"the difference of {show(difference)} is printed beside it"
    for percent in USUAL_DISCOUNTS:
        if abs(computed * (100 - percent) / 100 - target) <= CENT:
            return f"it is a discount of {show(percent)} %, though none is printed"
    return None


def explain_sum(values: Values, difference: Decimal, words: Sequence[str], tolerance: Decimal) -> str | None:
    """Lines with one of `words` whose amounts, added or taken away, make the difference; as a sentence."""
    if not words:
        return None
    lines = [line for line in values.lines if mentions(line, words)]
    amounts = [
        (line, amount)
        for line in lines
        for amount in sorted(
            _amounts(values, [line]) or {Decimal(m.group()) for m in _WHOLE.finditer(line.text)}
        )
    ][:MOST_AMOUNTS]
    for signs in sorted(product((0, 1, -1), repeat=len(amounts)), key=lambda each: sum(map(abs, each))):
        total = sum((sign * each for sign, (_, each) in zip(signs, amounts, strict=True)), Decimal(0))
        if any(signs) and abs(total - difference) <= tolerance:
            used = [f"{show(a)} on line {line.id}" for s, (line, a) in zip(signs, amounts, strict=True) if s]
            return f"What is printed may explain it: {' and '.join(used)}."
    return None


def mentions(line: Line, words: Sequence[str]) -> bool:
    """Whether a line holds one of these words, or a word made with one: Rabatt, Mengenrabatt."""
    text = line.text.casefold()
    return any(word.casefold() in text for word in words)


def rounding(factors: Sequence[Decimal]) -> Decimal:
    """How far a product may lie from what the unrounded factors give.

    A factor with decimals may have been rounded to them; a whole number is taken to be exact.
    """
    total = Decimal(0)
    for index, factor in enumerate(factors):
        exponent = factor.as_tuple().exponent
        if isinstance(exponent, int) and exponent < 0:
            others = prod((abs(other) for i, other in enumerate(factors) if i != index), start=Decimal(1))
            total += Decimal(5).scaleb(exponent - 1) * others
    return total


def _around(values: Values, row: Sequence[Evidence]) -> list[Line]:
    """The lines of a row and the next ones below, where its discount is printed."""
    ids = {evidence.line for evidence in row}
    last = max(ids, default=0)
    return [line for line in values.lines if line.id in ids or last < line.id <= last + LINES_BELOW]


def _numbers(lines: Sequence[Line], pattern: re.Pattern[str]) -> Iterator[Decimal]:
    for line in lines:
        for match in pattern.finditer(line.text):
            yield Decimal(match.group(1).replace(",", "."))


def _amounts(values: Values, lines: Sequence[Line]) -> set[Decimal]:
    """The amounts on these lines, without their signs."""
    style = number_style(line.text for line in values.lines)
    read = (
        read_number(match.group(), style, money=True).value
        for line in lines
        for match in _AMOUNT.finditer(line.text)
    )
    return {abs(value) for value in read if isinstance(value, Decimal)}
