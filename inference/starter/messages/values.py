"""Small values that messages and contracts name: days, periods, sums, people, places."""

from datetime import date, timedelta
from random import Random

from starter.documents import values, words
from starter.documents.values import made_up, pick

NUMBERS = {
    2: "two", 3: "three", 4: "four", 5: "five", 6: "six", 7: "seven", 8: "eight", 9: "nine", 10: "ten",
    12: "twelve", 14: "fourteen", 15: "fifteen", 18: "eighteen", 20: "twenty", 24: "twenty-four",
    30: "thirty", 45: "forty-five", 60: "sixty", 90: "ninety",
}  # fmt: skip
UNITS = {
    "en": {"day": ("day", "days"), "month": ("month", "months"), "year": ("year", "years")},
    "de": {"day": ("Tag", "Tagen"), "month": ("Monat", "Monaten"), "year": ("Jahr", "Jahren")},
    "fr": {"day": ("jour", "jours"), "month": ("mois", "mois"), "year": ("an", "ans")},
    "es": {"day": ("día", "días"), "month": ("mes", "meses"), "year": ("año", "años")},
    "it": {"day": ("giorno", "giorni"), "month": ("mese", "mesi"), "year": ("anno", "anni")},
    "nl": {"day": ("dag", "dagen"), "month": ("maand", "maanden"), "year": ("jaar", "jaar")},
}
COUNTS = {"day": (5, 7, 10, 14, 15, 30, 45, 60, 90), "month": (2, 3, 6, 9, 12, 18, 24), "year": (2, 3, 5, 10)}


def period(rng: Random, unit: str, language: str = "en", *, legal: bool = False) -> str:
    """`thirty (30) days`, `30 days`, `two years`."""
    count = rng.choice(COUNTS[unit])
    words_of = UNITS[language][unit]
    if language == "en" and legal and rng.random() < 0.6:
        number = f"{NUMBERS[count]} ({count})" if rng.random() < 0.7 else NUMBERS[count]
        which = rng.choice(("calendar ", "business ", "", "", "")) if unit == "day" else ""
        return f"{number} {which}{words_of[1]}"
    return f"{count} {words_of[1]}"


def person(rng: Random, language: str) -> str:
    """First and last name."""
    last = pick(rng, words.LAST[language]) if rng.random() < 0.6 else made_up(rng)
    return f"{first_name(rng, language)} {last}"


def first_name(rng: Random, language: str) -> str:
    return pick(rng, words.FIRST[language]) if rng.random() < 0.8 else made_up(rng)


def town(rng: Random, language: str) -> str:
    return pick(rng, words.PLACE[language]) if rng.random() < 0.6 else made_up(rng)


def money(rng: Random, language: str, currency: str = "") -> str:
    """A sum as messages write it."""
    style = values.style_of(rng)
    style.decimal, style.thousands = (".", ",") if language == "en" else (",", ".")
    cents = rng.choice(
        (rng.randint(3, 99) * 100 + rng.choice((0, 50, 90, 95, 99)), rng.randint(100, 999_999))
    )
    text = values.print_number(style, cents)
    if rng.random() < 0.25:
        text = text[:-3]
    symbol = currency or rng.choice(
        ("€", "EUR", "Euro") if language != "en" else ("$", "£", "€", "USD", "EUR")
    )
    if symbol in "$£" or (language == "en" and symbol == "€"):
        return f"{symbol}{text}"
    return f"{symbol} {text}" if rng.random() < 0.3 else f"{text} {symbol}"


def day(rng: Random) -> date:
    return date(2019, 1, 1) + timedelta(days=int(rng.random() * 2900))


def day_words(rng: Random, language: str, at: date | None = None) -> str:
    """A day as people write it in running text."""
    style = values.style_of(rng)
    style.language = language
    style.date = rng.choice(DATES[language])
    return values.print_date(rng, style, at or day(rng))


DATES = {
    "en": ("%d/%m/%Y", "%B %e", "%e %B", "%B %e, %Y", "%Y-%m-%d", "%m/%d/%Y", "%e %B %Y", "%b %e"),
    "de": ("%d.%m.%Y", "%d.%m.", "%e. %B", "%e. %B %Y", "%d.%m.%y"),
    "fr": ("%d/%m/%Y", "%e %B", "%e %B %Y", "%d/%m"),
    "es": ("%d/%m/%Y", "%e de %B", "%e de %B de %Y"),
    "it": ("%d/%m/%Y", "%e %B", "%e %B %Y"),
    "nl": ("%d-%m-%Y", "%e %B", "%e %B %Y"),
}
