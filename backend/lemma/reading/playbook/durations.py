"""Periods as contracts write them: "thirty (30) days", "12 Monate", "two years", "six mois".

A month is not a number of days, so a period is a number of one unit, and its days are the fewest and the
most that the calendar allows. What cannot be read exactly is not read: "1.5 years", "a reasonable time".
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import pairwise
from typing import Literal

Unit = Literal["day", "working day", "week", "month", "year"]


@dataclass(frozen=True, slots=True)
class Duration:
    """So many of a unit."""

    number: int
    unit: Unit

    @property
    def words(self) -> str:
        """`60 days`, `1 month`."""
        return f"{self.number} {self.unit}{'' if self.number == 1 else 's'}"

    @property
    def days(self) -> tuple[int, int] | None:
        """The fewest and the most days that it can be; None for working days, which depend on the place."""
        match self.unit:
            case "day":
                return self.number, self.number
            case "week":
                return 7 * self.number, 7 * self.number
            case "month":
                return _month_days(self.number)
            case "year":
                return _month_days(12 * self.number)
            case _:
                return None

    def longer_than(self, other: "Duration") -> bool | None:
        """Whether it is longer; None where that depends on the calendar or the place."""
        if (own := self._counted()) and (its := other._counted()) and own[1] == its[1]:
            return own[0] > its[0]
        mine, yours = self.days, other.days
        if mine is None or yours is None:
            return None
        if mine[0] > yours[1]:
            return True
        return False if mine[1] <= yours[0] else None

    def _counted(self) -> tuple[int, str]:
        """The number in the least unit that it is an exact number of."""
        match self.unit:
            case "year":
                return 12 * self.number, "month"
            case "week":
                return 7 * self.number, "day"
            case unit:
                return self.number, unit


@dataclass(frozen=True, slots=True)
class Named:
    """A period in a text, from `start` to `end`. `duration` is None where words and digits differ."""

    duration: Duration | None
    start: int
    end: int


@cache
def _month_days(months: int) -> tuple[int, int]:
    """The fewest and the most days of so many months on end, in four years with their leap year."""
    firsts = [date(1999 + m // 12, m % 12 + 1, 1) for m in range(49 + min(months, 4800))]
    lengths = [(b - a).days for a, b in pairwise(firsts)]
    spans = [sum(lengths[at : at + months]) for at in range(48)] if months <= 4800 else [months * 30]
    return min(spans), max(spans)


_UNITS: tuple[tuple[str, Unit], ...] = (
    (r"(?:business|working|banking)[ -]days?", "working day"),
    (r"(?:werk|arbeits|bank|geschafts)tag(?:e|en|es)?", "working day"),
    (r"jours? (?:ouvrables?|ouvres?)", "working day"),
    (r"(?:calendar[ -])?days?|(?:kalender)?tage?n?|jours?(?: calendaires?| francs?)?", "day"),
    (r"weeks?|wochen?|semaines?", "week"),
    (r"(?:calendar[ -])?months?|(?:kalender)?monat(?:e|en|s)?|mois", "month"),
    (r"(?:calendar[ -]|contract[ -])?years?|(?:kalender)?jahr(?:e|en|es|s)?|ans|annees?", "year"),
    (r"(?<=un )an|(?<=1 )an", "year"),  # "zwei an der Zahl" are no years
)

# Number words, folded. Those that are not here, such as "soixante-quinze", are not read.
_ONES = {
    "en": "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen",
    "de": "ein zwei drei vier funf sechs sieben acht neun zehn elf zwolf dreizehn vierzehn funfzehn sechzehn "
    "siebzehn achtzehn neunzehn",
    "fr": "un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize",
}
_TENS = {
    "en": "twenty thirty forty fifty sixty seventy eighty ninety",
    "de": "zwanzig dreißig vierzig funfzig sechzig siebzig achtzig neunzig",
    "fr": "vingt trente quarante cinquante soixante",
}


@cache
def _numbers() -> dict[str, int]:
    """Number words up to 399 as the three languages write them: folded, a space for each hyphen."""
    words = {word: n for ones in _ONES.values() for n, word in enumerate(ones.split(), 1)}
    words |= dict.fromkeys(("une", "eine", "einem", "einen", "einer", "eines", "eins"), 1)
    words |= {"dix huit": 18, "soixante dix": 70, "quatre vingt": 80, "quatre vingts": 80}
    words["quatre vingt dix"] = 90
    for language, tens in _TENS.items():
        for at, ten in enumerate(tens.split(), 2):
            words[ten] = 10 * at
            for n, one in enumerate(_ONES[language].split()[:9], 1):
                words[f"{one}und{ten}" if language == "de" else f"{ten} {one}"] = 10 * at + n
    small = dict(words)
    for at, one in enumerate(("one", "two", "three"), 1):
        words[f"{one} hundred"] = 100 * at
        words |= {f"{one} hundred {w}": 100 * at + n for w, n in small.items()}
        words |= {f"{one} hundred and {w}": 100 * at + n for w, n in small.items()}
    words |= {"hundert": 100, "einhundert": 100, "cent": 100, "cent vingt": 120, "cent quatre vingts": 180}
    return words | {
        f"{hundred}{w}": 100 + n for hundred in ("hundert", "einhundert") for w, n in small.items()
    }


@cache
def _pattern() -> re.Pattern[str]:
    ordered = sorted(_numbers(), key=len, reverse=True)
    words = "|".join(re.escape(word).replace(r"\ ", r"(?:-| +)") for word in ordered)
    number = rf"(?:(?P<word>{words})|(?P<digits>[0-9]{{1,4}}))"
    again = rf"(?: *\((?:(?P<digits2>[0-9]{{1,4}})|(?P<word2>{words}))\))?"
    units = "|".join(f"(?P<u{i}>{pattern})" for i, (pattern, _) in enumerate(_UNITS))
    between = r"\)?(?:-| +)(?:full |volle[nrms]? |consecutive )?"
    return re.compile(rf"(?<![\w.,/-]){number}{again}{between}(?:{units})(?!\w)")


def folded(text: str) -> str:
    """Lower case without accents, spaces of one kind, as long as `text` is in code points.

    ß is the one letter that grows; it is written s here, in the table and in the text alike.
    """
    return "".join(_fold(character) for character in text)


@cache
def _fold(character: str) -> str:
    if character.isspace():
        return " "
    if character in "‐‑–":
        return "-"
    if character in "’‘":
        return "'"
    base = unicodedata.normalize("NFKD", character)[:1].lower()
    return base if len(base) == 1 else character


def durations(text: str) -> Iterator[Named]:
    """The periods that a text names, in order."""
    plain = folded(text)
    for match in _pattern().finditer(plain):
        unit = next(unit for i, (_, unit) in enumerate(_UNITS) if match[f"u{i}"])
        numbers = {
            int(found) if found.isdigit() else _value(found)
            for found in (match["word"], match["digits"], match["digits2"], match["word2"])
            if found
        }
        duration = Duration(numbers.pop(), unit) if len(numbers) == 1 else None
        yield Named(duration, match.start(), match.end())


def _value(words: str) -> int:
    return _numbers()[" ".join(words.replace("-", " ").split())]


def duration(text: str) -> Duration | None:
    """The one period that this whole text is, such as "60 days"; None where it is none."""
    found = list(durations(text.strip()))
    whole = len(found) == 1 and (found[0].start, found[0].end) == (0, len(text.strip()))
    return found[0].duration if whole else None
