"""Invented values: parties, identifiers, dates and numbers in the styles that documents print them."""

import re
import string
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from starter.documents import words

LANGUAGES = words.LANGUAGES


@dataclass(slots=True)
class Style:
    """How one issuer writes: its language, dates, decimals, money."""

    language: str
    currency: str
    country: str
    date: str
    thousands: str
    decimal: str
    money: str


def pick(rng: Random, options: "tuple[str, ...] | list[str] | str") -> str:
    """Any one of them."""
    return options[int(rng.random() * len(options))]


def digits(rng: Random, count: int) -> str:
    return str(int(rng.random() * 10**count)).zfill(count)


def capitals(rng: Random, count: int) -> str:
    return "".join(pick(rng, string.ascii_uppercase) for _ in range(count))


def made_up(rng: Random) -> str:
    """A pronounceable name that no dictionary holds."""
    parts = [pick(rng, words.SYLLABLES) for _ in range(rng.choice((1, 2, 2, 2, 3)))]
    return ("".join(parts) + pick(rng, words.ENDINGS)).capitalize()


_BLANK = re.compile(r"[#^@]|\{(\w+)\}")


def spell(rng: Random, pattern: str, **facts: object) -> str:
    """A pattern with its blanks filled: `#` a digit, `^` one that is not zero, `@` a capital, `{name}` and
    `{NAME}` a name that no dictionary holds, `{fact}` what is given under that name.
    """

    def filled(match: re.Match[str]) -> str:
        blank = match.group()
        if blank == "#":
            return str(int(rng.random() * 10))
        if blank == "^":
            return str(1 + int(rng.random() * 9))
        if blank == "@":
            return pick(rng, string.ascii_uppercase)
        name = match.group(1)
        if name in facts:
            return str(facts[name])
        return made_up(rng).upper() if name == "NAME" else made_up(rng)

    return _BLANK.sub(filled, pattern)


def style_of(rng: Random) -> Style:
    """An issuer's habits; most fit its country, some do not, as in life."""
    language = rng.choices(LANGUAGES, (36, 22, 12, 11, 7, 7, 7, 3))[0]
    _, code, currency = rng.choice(words.COUNTRY[language])
    if rng.random() < 0.08:
        currency = rng.choice(
            ("EUR", "USD", "GBP", "CHF", "SEK", "NOK", "DKK", "PLN", "CZK", "MYR", "AUD", "JPY")
        )
    if language == "en":
        dates: tuple[str, ...] = (
            ("%m/%d/%Y", "%-m/%-d/%Y", "%b %d, %Y", "%B %d, %Y", "%m/%d/%y")
            if code == "US"
            else (
                "%d/%m/%Y",
                "%d %B %Y",
                "%d %b %Y",
                "%Y-%m-%d",
                "%d-%m-%Y",
                "%d.%m.%Y",
                "%d-%b-%Y",
                "%d/%m/%y",
                "%e %B %Y",
                "%B %d, %Y",
                "%b %e, %Y",
            )
        )
        separators = rng.choice(((",", "."), (",", "."), (",", "."), ("", ".")))
    else:
        dates = {
            "de": ("%d.%m.%Y", "%d.%m.%Y", "%d.%m.%y", "%e. %B %Y", "%Y-%m-%d", "%d. %B %Y"),
            "fr": ("%d/%m/%Y", "%d/%m/%Y", "%e %B %Y", "%d %B %Y", "%Y-%m-%d", "%d.%m.%Y"),
            "es": ("%d/%m/%Y", "%d-%m-%Y", "%e de %B de %Y", "%Y-%m-%d", "%d/%m/%y"),
            "it": ("%d/%m/%Y", "%d/%m/%Y", "%d-%m-%Y", "%e %B %Y", "%Y-%m-%d", "%d.%m.%Y"),
            "nl": ("%d-%m-%Y", "%d-%m-%Y", "%e %B %Y", "%d/%m/%Y", "%Y-%m-%d", "%d-%m-%y"),
            "pl": ("%d.%m.%Y", "%d.%m.%Y", "%Y-%m-%d", "%d-%m-%Y", "%e %B %Y", "%d/%m/%Y"),
            "pt": ("%d/%m/%Y", "%d-%m-%Y", "%Y-%m-%d", "%e de %B de %Y", "%d/%m/%y", "%d.%m.%Y"),
        }[language]
        separators = rng.choice(
            ((".", ","), (".", ","), ("", ","), (" ", ",") if language in ("fr", "pl") else (".", ","))
        )
        if code == "CHE":
            separators = ("'", ".")
    symbol = {
        "EUR": "€",
        "USD": "$",
        "GBP": "£",
        "MYR": "RM",
        "AUD": "$",
        "CAD": "$",
        "INR": "₹",
        "CHF": "Fr.",
        "JPY": "¥",
        "SGD": "S$",
        "PLN": "zł",
        "SEK": "kr",
        "NOK": "kr",
        "DKK": "kr",
        "CZK": "Kč",
        "MXN": "$",
    }[currency]
    money = rng.choices(
        (
            "{v}",
            f"{{v}} {symbol}",
            f"{symbol}{{v}}",
            f"{symbol} {{v}}",
            f"{{v}} {currency}",
            f"{currency} {{v}}",
            f"{{v}}{symbol}",
        ),
        (36, 16, 16 if language == "en" else 3, 12, 8, 7, 2),
    )[0]
    return Style(language, currency, code, rng.choice(dates), *separators, money)


def print_date(rng: Random, style: Style, day: date) -> str:
    names = words.MONTHS[style.language]
    month = names[day.month - 1]
    text = style.date.replace("%B", month).replace("%b", month[:3]).replace("%e", str(day.day))
    return day.strftime(text)


def print_number(style: Style, cents: int, places: int = 2) -> str:
    """A number of `10**-places` units, with the issuer's separators."""
    sign = "-" if cents < 0 else ""
    whole, part = divmod(abs(cents), 10**places)
    text = f"{whole:,}".replace(",", style.thousands)
    return f"{sign}{text}{style.decimal}{part:0{places}d}" if places else sign + text


def a_date(rng: Random) -> date:
    return date(2012, 1, 1) + timedelta(days=int(rng.random() * 5500))


def identifier(rng: Random) -> str:  # noqa: PLR0911  (one return a habit)
    """A document, order or customer number in one of many habits."""
    n = digits(rng, rng.choice((3, 4, 4, 5, 5, 6, 6, 7, 8)))
    year = rng.choice(("2019", "2021", "2022", "2023", "2024", "2025", "23", "24", "18"))
    letters = "".join(pick(rng, string.ascii_uppercase) for _ in range(rng.choice((1, 2, 2, 3, 3))))
    form = rng.random()
    if form < 0.30:
        return n.lstrip("0") or "17"
    if form < 0.42:
        return f"{rng.choice(('RE', 'INV', 'R', 'F', 'FA', 'SI', 'IN', 'FAC', letters))}-{year}-{n}"
    if form < 0.54:
        return f"{rng.choice(('INV', 'RE', 'FV', letters, letters))}{rng.choice(('', '', '-', '/'))}{n}"
    if form < 0.64:
        return f"{year}{rng.choice('-/')}{n}"
    if form < 0.70:
        return f"{n}/{year}"
    if form < 0.76:
        return f"{letters} {n}"
    if form < 0.82:
        return f"{n}-{digits(rng, rng.choice((1, 2, 3)))}"
    if form < 0.88:
        return f"{letters}-{n}-{digits(rng, 3)}"
    if form < 0.93:
        return f"{letters}{digits(rng, 2)}.{n}"
    return f"{n} {digits(rng, 3)} {digits(rng, 3)}"


def company_name(rng: Random, language: str) -> str:
    core = made_up(rng) if rng.random() < 0.55 else pick(rng, words.LAST[language])
    if rng.random() < 0.4:
        trade = pick(rng, words.TRADES[language])
        core = f"{trade} {core}" if rng.random() < 0.5 else f"{core} {trade}"
    if rng.random() < 0.12:
        core = f"{core} & {made_up(rng)}"
    if rng.random() < 0.85:
        core = f"{core} {pick(rng, words.COMPANY[language])}"
    if rng.random() < 0.15:
        core = core.upper()
    return core


def goods(rng: Random, language: str) -> str:
    """What one row sells, one to seven words."""
    parts = [pick(rng, words.GOODS[language])]
    if rng.random() < 0.5:
        parts.append(pick(rng, words.QUALITIES))
    if rng.random() < 0.45:
        parts.append(made_up(rng) if rng.random() < 0.7 else identifier(rng))
    if rng.random() < 0.2:
        parts.append(pick(rng, words.GOODS[language]).lower())
    if rng.random() < 0.35:
        rng.shuffle(parts)
    text = " ".join(parts)
    return text.upper() if rng.random() < 0.06 else text
