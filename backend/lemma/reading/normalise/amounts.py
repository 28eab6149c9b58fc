"""Words to exact decimals: 1.200,50 and 1,200.50 and 1'200.50 and (12.00) and 12.00- and 12.00 CR.

Whether the point or the comma marks the decimals is seen from the number itself where it can be; else
from the other numbers of the document (`NumberStyle`).
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from lemma.reading.normalise.outcome import Outcome, conflicting, unreadable
from lemma.reading.normalise.text import plain

Mark = Literal[".", ","]

# Groups of three after spaces are one number: "1 200,50". Other spaces separate numbers.
_NUMBER = re.compile(
    r"(?<![0-9])[0-9]{1,3}(?: [0-9]{3})+(?![0-9])(?:[.,][0-9]+)?"
    r"|[0-9]+(?:[.,'][0-9]+)*"
    r"|(?<![0-9])[.,][0-9]+"
)
_SURE = re.compile(r"(?<![0-9.,])[0-9]{1,3}(?:[ .,'][0-9]{3})*([.,])[0-9]{2}(?![0-9]|[.,][0-9])")
_ROUND = re.compile(r"[.,]\s?--?(?![0-9])")
_CREDIT = re.compile(r"(?<![a-z])cr\.?(?![a-z])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class NumberStyle:
    """Which character marks decimals in a document; None where it shows none, or both alike."""

    decimal: Mark | None = None


def number_style(texts: Iterable[str]) -> NumberStyle:
    """The style of the numbers in these texts, by those with two decimals: amounts mostly have them.

    A mark wins with at least twice as many numbers as the other: a time such as 10.30 looks like one too.
    """
    seen = Counter(match.group(1) for text in texts for match in _SURE.finditer(plain(text)))
    point, comma = seen["."], seen[","]
    if point and point >= 2 * comma:
        return NumberStyle(".")
    return NumberStyle(",") if comma and comma >= 2 * point else NumberStyle()


def read_number(raw: str, style: NumberStyle, *, money: bool) -> Outcome:
    """The one number that these words hold, with its sign.

    Amounts of money take three digits after a single mark for thousands unless the document writes
    otherwise; other numbers are conflicting then, because 1.200 kg can be either.
    """
    text = _ROUND.sub(" ", plain(raw))
    numbers = list(_NUMBER.finditer(text))
    if len(numbers) != 1:
        many = "no number" if not numbers else f"{len(numbers)} numbers"
        return unreadable(f"“{raw}” holds {many}, so it is no single value.")
    match = numbers[0]
    readings = _readings(match.group(), style, money=money)
    if _negative(text[: match.start()], text[match.end() :]):
        # `copy_negate` keeps every digit, where arithmetic would round to the context's precision.
        readings = [reading.copy_negate() for reading in readings]
    if len(readings) > 1:
        shown = sorted(str(reading) for reading in readings)
        return conflicting(f"“{raw}” is {' or '.join(shown)}; nothing in the document settles which.", shown)
    if not readings:
        return unreadable(f"“{raw}” has separators that no way of writing numbers explains.")
    return Outcome(readings[0])


def _negative(before: str, after: str) -> bool:
    """Parentheses, a minus before, a minus directly after, or the bookkeeper's CR."""
    if before.rstrip().endswith("(") or (before.lstrip().startswith("(") and after.rstrip().endswith(")")):
        return ")" in after
    led = re.search(r"(?:^|[^0-9A-Za-z])-\s*(?:[A-Za-z]{0,3}|[^\w\s-])\s*$", f" {before}")
    return bool(led) or after.startswith("-") or bool(_CREDIT.search(before) or _CREDIT.search(after))


def _readings(digits: str, style: NumberStyle, *, money: bool) -> list[Decimal]:
    """Every value that the digits and separators can have; empty where they fit no way of writing."""
    body = digits.replace(" ", "").replace("'", "")
    marks = [character for character in body if character in ".,"]
    if not marks:
        grouped = "'" not in digits or re.fullmatch(r"[0-9]{1,3}('[0-9]{3})+", digits)
        return [Decimal(body)] if grouped else []
    last = marks[-1]
    whole, _, tail = body.rpartition(last)
    if len(set(marks)) == 2:
        other = marks[0]
        fits = last not in whole and _grouped(whole, other)
        return [Decimal(f"{whole.replace(other, '')}.{tail}")] if fits else []
    if len(marks) > 1:
        return [Decimal(body.replace(last, ""))] if _grouped(body, last) else []
    as_decimal = Decimal(f"{whole or '0'}.{tail}")
    if len(tail) != 3 or len(whole) > 3 or whole in {"", "0"} or whole.startswith("0") or " " in digits:
        return [as_decimal]
    as_thousands = Decimal(whole + tail)
    if style.decimal is not None:
        return [as_decimal if style.decimal == last else as_thousands]
    return [as_thousands] if money else [as_thousands, as_decimal]


def _grouped(text: str, mark: str) -> bool:
    """Whether `mark` groups thousands: by threes, or by twos before the last three as in India."""
    first, *rest = text.split(mark)
    if not rest:
        return True
    threes = all(len(group) == 3 for group in rest)
    twos = len(rest[-1]) == 3 and all(len(group) == 2 for group in rest[:-1])
    return 1 <= len(first) <= 3 and (threes or (twos and len(first) <= 2))
