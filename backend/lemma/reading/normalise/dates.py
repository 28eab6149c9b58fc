"""Words to dates. The day/month question is settled by the document, or reported as conflicting.

03/04/2024 is 3 April or 4 March. What settles it, in this order: the separator (a full stop is always
day first), other dates of the document that leave no choice, words that only one kind of place prints.
Never a default.

So it is with a date that has no year, such as 02.01. on a statement: it is the one that lies between the
first and the last whole date of the document, where there is exactly one.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal

from lemma.reading.normalise.months import folded, month_names
from lemma.reading.normalise.outcome import Outcome, conflicting, unreadable
from lemma.reading.normalise.text import plain

DayMonth = Literal["day", "month"]

_YEAR_FIRST = re.compile(r"(?<![0-9])([0-9]{4})\s?([-/.])\s?([0-9]{1,2})\s?\2\s?([0-9]{1,2})(?![0-9])")
_NUMERIC = re.compile(
    r"(?<![0-9])([0-9]{1,2})\s?([-/.])\s?([0-9]{1,2})\s?\2\s?([0-9]{4}|[0-9]{2})(?![0-9]|[-/.][0-9])"
)
_SPACED = re.compile(r"(?<![0-9])([0-9]{1,2}) ([0-9]{1,2}) ([0-9]{4})(?![0-9])")
_CJK = re.compile(r"(令和|平成)?\s?([0-9]{1,4}|元)\s?[年년]\s?([0-9]{1,2})\s?[月월]\s?([0-9]{1,2})\s?[日일]")
_COMPACT = re.compile(r"(?<![0-9])((?:19|20)[0-9]{2})(0[1-9]|1[0-2])([0-3][0-9])(?![0-9])")
_WORD = r"([^\W\d_][^\W\d_'.]*(?:['.][^\W\d_]+)*)"
_DAY_MONTH = re.compile(
    rf"(?<![0-9])([0-9]{{1,2}})(?:st|nd|rd|th|er|º|°|ª)?[.,]?[\s/-]*(?:day of |de |of |do )?{_WORD}[.,]?"
    rf"[\s/-]*(?:de |del |of )?'?([0-9]{{4}}|[0-9]{{2}})(?![0-9])",
    re.IGNORECASE,
)
_MONTH_DAY = re.compile(
    rf"{_WORD}[.,]?[\s/-]*([0-9]{{1,2}})(?:st|nd|rd|th)?[.,]?[\s/-]+'?([0-9]{{4}}|[0-9]{{2}})(?![0-9])",
    re.IGNORECASE,
)
_YEAR_MONTH_DAY = re.compile(
    rf"(?<![0-9])([0-9]{{4}})[.,]?[\s/-]*{_WORD}[.,]?[\s/-]*([0-9]{{1,2}})(?![0-9])", re.IGNORECASE
)

_ERAS = {"令和": 2018, "平成": 1988}

# Words that tell where a document comes from, for numeric dates with a slash or a dash.
_MONTH_FIRST_WORDS = re.compile(
    r"\b(?:USA|U\.S\.A|United States|Sales Tax|ZIP|EIN|Federal Tax ID|P\.O\. Box|Inc\.|LLC"
    r"|(?:A[KLRZ]|C[AOT]|DE|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]"
    r"|UT|V[AT]|W[AIVY]) [0-9]{5}(?:-[0-9]{4})?)(?![\w])"
)
_DAY_FIRST_WORDS = re.compile(
    r"€|£|\b(?:EUR|GBP|AUD|NZD|INR|MYR|IBAN|ABN|GST|GSTIN|VAT|United Kingdom|UK|Australia|India|Ireland"
    r"|MwSt|USt|Sdn\.? Bhd"
    r"|Rechnung|Datum|Facture|TVA|Fattura|IVA|Factura|Fatura|Factuur|BTW|Faktura|moms|Lasku|DPH|PTU"
    r"|Ltd|Pty|GmbH|S\.?A\.?R\.?L|SpA|B\.?V|Kft|Sp\. z o\.o)\b"
)


@dataclass(frozen=True, slots=True)
class DateStyle:
    """Which number of 03/04/2024 comes first in a document, and what says so; None where nothing does.

    `texts` are the document's lines, for dates that need the others.
    """

    first: DayMonth | None = None
    why: str = ""
    texts: tuple[str, ...] = field(default=(), compare=False, repr=False)


def date_style(texts: Iterable[str]) -> DateStyle:
    """The style of the numeric dates of a document."""
    texts = tuple(texts)
    return replace(_day_or_month(texts), texts=texts)


def _day_or_month(texts: Iterable[str]) -> DateStyle:
    days = months = 0
    day_words = month_words = 0
    for raw in texts:
        text = plain(raw)
        for match in _NUMERIC.finditer(text):
            if match.group(2) == ".":
                continue
            first, second = int(match.group(1)), int(match.group(3))
            days += 12 < first <= 31 and second <= 12
            months += 12 < second <= 31 and first <= 12
        day_words += len(_DAY_FIRST_WORDS.findall(raw))
        month_words += len(_MONTH_FIRST_WORDS.findall(raw))
    if days and not months:
        return DateStyle("day", "other dates of the document have the day first")
    if months and not days:
        return DateStyle("month", "other dates of the document have the month first")
    if days and months:
        return DateStyle(None, "the document writes dates both ways")
    if day_words and not month_words:
        return DateStyle("day", "words of the document are those of places that write the day first")
    if month_words and not day_words:
        return DateStyle("month", "words of the document are those of the United States")
    return DateStyle()


def read_date(raw: str, style: DateStyle) -> Outcome:  # noqa: PLR0911  (one return for each form)
    """The one date that these words hold."""
    text = " ".join(plain(raw).split())
    if several := _several(text):
        return conflicting(f"“{raw}” holds {len(several)} dates.", several)
    if match := _YEAR_FIRST.search(text):
        return _outcome(raw, _date(match.group(1), match.group(3), match.group(4)))
    if match := _CJK.search(text):
        year = 1 if match.group(2) == "元" else int(match.group(2))
        year += _ERAS.get(match.group(1) or "", 0)
        return _outcome(raw, _date(str(year), match.group(3), match.group(4)))
    if match := _NUMERIC.search(text) or _SPACED.search(text):
        return _numeric(raw, match, style)
    if found := _named(text):
        return _outcome(raw, found)
    if match := _COMPACT.search(text):
        return _outcome(raw, _date(match.group(1), match.group(2), match.group(3)))
    return _without_year(raw, text, style) or unreadable(f"“{raw}” is not a date.")


def _numeric(raw: str, match: re.Match[str], style: DateStyle) -> Outcome:
    groups = match.groups()
    separator = groups[1] if len(groups) == 4 else "."
    first, second, year = groups[0], groups[-2], groups[-1]
    day_first, month_first = _date(year, second, first), _date(year, first, second)
    if separator == "." or day_first is None or month_first is None or day_first == month_first:
        # With a full stop the day leads everywhere; a number over 12 cannot be a month.
        only = day_first if separator == "." else day_first or month_first
        return _outcome(raw, only)
    if style.first is None:
        shown = [day_first.isoformat(), month_first.isoformat()]
        why = style.why or "nothing in the document settles which"
        return conflicting(f"“{raw}” is {shown[0]} or {shown[1]}; {why}.", shown)
    outcome = day_first if style.first == "day" else month_first
    return Outcome(outcome, signals={"day_month": style.why})


def _named(text: str) -> date | None:
    """A date with the name of its month."""
    for pattern, order in (
        (_DAY_MONTH, (3, 2, 1)),
        (_MONTH_DAY, (3, 1, 2)),
        (_YEAR_MONTH_DAY, (1, 2, 3)),
    ):
        for match in pattern.finditer(text):
            year, name, day = (match.group(group) for group in order)
            month = month_names().get(folded(name))
            if month and (found := _date(year, str(month), day)):
                return found
    return None


def _date(year: str, month: str, day: str) -> date | None:
    """The date, or None where the calendar has none. Two digits of a year mean 1970 to 2069."""
    number = int(year)
    if len(year) == 2:
        number += 1900 if number >= 70 else 2000
    if 2400 <= number <= 2700:
        number -= 543  # the Buddhist calendar, as Thai documents write it
    try:
        return date(number, int(month), int(day))
    except ValueError:
        return None


def _outcome(raw: str, found: date | None) -> Outcome:
    return unreadable(f"“{raw}” is no date of the calendar.") if found is None else Outcome(found)


def _several(text: str) -> list[str]:
    """The numeric dates in these words, where there is more than one, such as a period's two ends."""
    found = {match.group() for pattern in (_YEAR_FIRST, _NUMERIC) for match in pattern.finditer(text)}
    return sorted(found) if len(found) > 1 else []


# Dates without a year ------------------------------------------------------------------------------

_SHORT = re.compile(r"([0-9]{1,2})\s?([-/.])\s?([0-9]{1,2})\s?\2?")
_SHORT_NAMED = re.compile(rf"([0-9]{{1,2}})(?:st|nd|rd|th|er|º)?[.,]?[\s/-]*(?:de )?{_WORD}", re.IGNORECASE)
_SHORT_NAMED_FIRST = re.compile(rf"{_WORD}[.,]?[\s/-]*([0-9]{{1,2}})(?:st|nd|rd|th)?", re.IGNORECASE)
_NEAR = timedelta(days=7)  # A statement books some days before and after the period that it names.


def _without_year(raw: str, text: str, style: DateStyle) -> Outcome | None:
    """A day and a month, in the year in which they lie among the other dates of the document."""
    pairs = _days_and_months(text, style)
    span = _span(style.texts, style.first) if pairs else None
    if span is None:
        return None
    first, last = span
    found = {
        day
        for number, month in pairs
        for year in range(first.year, last.year + 1)
        if (day := _date(str(year), month, number)) is not None and first - _NEAR <= day <= last + _NEAR
    }
    if len(found) != 1:
        return unreadable(f"“{raw}” has no year, and the other dates of the document do not settle it.")
    why = f"it lies between {first.isoformat()} and {last.isoformat()}, the other dates of the document"
    return Outcome(found.pop(), signals={"year": why})


def _days_and_months(text: str, style: DateStyle) -> set[tuple[str, str]]:
    """What the day and the month may be."""
    if match := _SHORT.fullmatch(text):
        one, other = match.group(1), match.group(3)
        ways = {"day": (one, other), "month": (other, one)}
        if match.group(2) == ".":
            return {ways["day"]}
        return {ways[style.first]} if style.first else set(ways.values())
    for pattern, (day, name) in ((_SHORT_NAMED, (1, 2)), (_SHORT_NAMED_FIRST, (2, 1))):
        match = pattern.fullmatch(text)
        if match and (month := month_names().get(folded(match.group(name)))):
            return {(match.group(day), str(month))}
    return set()


@lru_cache(maxsize=8)
def _span(texts: tuple[str, ...], first: DayMonth | None) -> tuple[date, date] | None:
    """The first and the last whole date of a document."""
    found = [day for text in texts for day in _whole(plain(text), first)]
    return (min(found), max(found)) if found else None


def _whole(text: str, first: DayMonth | None) -> Iterator[date]:
    """The whole dates of a line; those that could be two are left out."""
    for match in _YEAR_FIRST.finditer(text):
        if found := _date(match.group(1), match.group(3), match.group(4)):
            yield found
    for match in _NUMERIC.finditer(text):
        if len(match.group(4)) == 2 and " " in match.group():
            continue  # A day, a month and a time of day: 03.01. 17:22.
        outcome = _numeric(match.group(), match, DateStyle(first))
        if isinstance(outcome.value, date):
            yield outcome.value
    for pattern, (day, name, year) in ((_DAY_MONTH, (1, 2, 3)), (_MONTH_DAY, (2, 1, 3))):
        for match in pattern.finditer(text):
            month = month_names().get(folded(match.group(name)))
            if month and (found := _date(match.group(year), str(month), match.group(day))):
                yield found
