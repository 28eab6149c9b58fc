"""Invented values: parties, identifiers, dates and numbers in the styles that documents print them."""

import re
import string
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from starter.documents import words

LANGUAGES = words.LANGUAGES


@dataclass(slots=True)
class Party:
    """A company or person with everything that paper prints about it."""

    name: str
    street: str
    extra: str | None
    town: str
    country: str
    code: str
    vat_id: str
    tax_number: str
    phone: str
    fax: str
    mail: str
    web: str
    person: str


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


def iban(rng: Random, code: str) -> str:
    """A plausible IBAN; its check digits are right, so that the checker of the task agrees."""
    code = {
        "CHE": "CH",
        "US": "GB",
        "AU": "GB",
        "MY": "DE",
        "IN": "GB",
        "CA": "GB",
        "SG": "DE",
        "MX": "ES",
    }.get(code, code)
    body = {
        "NL": pick(rng, ("INGB", "ABNA", "RABO")) + digits(rng, 10),
        "GB": "NWBK" + digits(rng, 14),
        "IE": "AIBK" + digits(rng, 14),
        "IT": pick(rng, string.ascii_uppercase) + digits(rng, 22),
        "FR": digits(rng, 23),
        "ES": digits(rng, 20),
        "AT": digits(rng, 16),
        "CH": digits(rng, 17),
        "BE": digits(rng, 12),
        "DK": digits(rng, 14),
        "PL": digits(rng, 24),
        "SE": digits(rng, 20),
        "PT": digits(rng, 21),
    }.get(code, digits(rng, 18))
    number = "".join(str(int(c, 36)) for c in f"{body}{code}00")
    whole = f"{code}{98 - int(number) % 97:02d}{body}"
    if rng.random() < 0.7:
        return " ".join(whole[i : i + 4] for i in range(0, len(whole), 4))
    return whole


def vat_id(rng: Random, code: str) -> str:  # noqa: PLR0911  (one return a country)
    body = {
        "DE": 9,
        "AT": 8,
        "FR": 11,
        "ES": 8,
        "IT": 11,
        "GB": 9,
        "BE": 10,
        "IE": 7,
        "PL": 10,
        "DK": 8,
        "SE": 12,
        "PT": 9,
    }.get(code)
    if code == "CHE":
        return f"CHE-{digits(rng, 3)}.{digits(rng, 3)}.{digits(rng, 3)}"
    if code == "NL":
        return f"NL{digits(rng, 9)}B{digits(rng, 2)}"
    if code == "ES":
        return f"ES{pick(rng, 'ABX')}{digits(rng, 8)}"
    if code == "AT":
        return f"ATU{digits(rng, 8)}"
    if body is None:
        return digits(rng, rng.choice((9, 11, 12)))
    text = digits(rng, body)
    if rng.random() < 0.25:
        text = f"{text[:3]} {text[3:6]} {text[6:]}".strip()
        return f"{code} {text}" if rng.random() < 0.6 else f"{code}{text}"
    if rng.random() < 0.12:
        return text
    return code + text


def tax_number(rng: Random, code: str) -> str:  # noqa: PLR0911  (one return a country)
    if code == "DE":
        return f"{digits(rng, rng.choice((2, 3)))}/{digits(rng, 3)}/{digits(rng, 5)}"
    if code == "FR":
        return rng.choice(
            (
                f"{digits(rng, 3)} {digits(rng, 3)} {digits(rng, 3)} {digits(rng, 5)}",
                digits(rng, 14),
                digits(rng, 9),
            )
        )
    if code == "ES":
        return f"{pick(rng, 'ABX')}{rng.choice(('', '-'))}{digits(rng, 8)}"
    if code == "IT":
        return rng.choice(
            (
                digits(rng, 11),
                "".join(pick(rng, string.ascii_uppercase) for _ in range(6))
                + digits(rng, 2)
                + "A"
                + digits(rng, 2)
                + "F"
                + digits(rng, 3)
                + "K",
            )
        )
    if code == "PL":
        return rng.choice(
            (f"{digits(rng, 3)}-{digits(rng, 3)}-{digits(rng, 2)}-{digits(rng, 2)}", digits(rng, 9))
        )
    if code == "US":
        return f"{digits(rng, 2)}-{digits(rng, 7)}"
    if code == "AU":
        return f"{digits(rng, 2)} {digits(rng, 3)} {digits(rng, 3)} {digits(rng, 3)}"
    if code == "MY":
        return rng.choice((f"{digits(rng, 6)}-{pick(rng, 'ADHKMPTUVWX')}", digits(rng, 12)))
    return rng.choice((digits(rng, 8), digits(rng, 9), digits(rng, 10)))


def phone(rng: Random, code: str) -> str:
    a, b = digits(rng, rng.choice((2, 3, 3, 4))), digits(rng, rng.choice((5, 6, 7)))
    return rng.choice(
        (
            f"+{digits(rng, 2)} {a} {b}",
            f"0{a} {b}",
            f"0{a}/{b}",
            f"({a}) {b[:3]}-{b[3:]}",
            f"0{a}-{b}",
            f"+{digits(rng, 2)} (0){a} {b}",
            f"{a}.{b[:2]}.{b[2:4]}.{b[4:]}",
            f"{a}-{b[:3]}-{b[3:]}",
        )
    )


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


def party(rng: Random, language: str, code: str, *, person: bool = False) -> Party:
    """A company, or a private person as a buyer."""
    surname = pick(rng, words.LAST[language]) if rng.random() < 0.5 else made_up(rng)
    who = f"{pick(rng, words.FIRST[language])} {surname}"
    name = who if person else company_name(rng, language)
    place = pick(rng, words.PLACE[language]) if rng.random() < 0.55 else made_up(rng)
    stem = made_up(rng) if rng.random() < 0.6 else pick(rng, words.LAST[language])
    house = rng.choice((digits(rng, 1), digits(rng, 2), digits(rng, 3))).lstrip("0") or "7"
    house += rng.choice(("", "", "", "", "a", "B"))
    street = pick(rng, words.STREET[language]).format(n=stem, h=house, u=rng.randint(1, 40), b=digits(rng, 4))
    names = [c for c in words.COUNTRY[language] if c[1] == code]
    country = rng.choice(names)[0] if names else rng.choice(words.COUNTRY[language])[0]
    town = {
        "de": f"{digits(rng, 5 if code == 'DE' else 4)} {place}",
        "fr": f"{digits(rng, 5)} {place}",
        "es": f"{digits(rng, 5)} {place}",
        "it": f"{digits(rng, 5)} {place}" + rng.choice(("", f" ({capitals(rng, 2)})")),
        "nl": f"{digits(rng, 4)} {capitals(rng, 2)} {place}",
        "pl": f"{digits(rng, 2)}-{digits(rng, 3)} {place}",
        "pt": f"{digits(rng, 4)}-{digits(rng, 3)} {place}",
    }.get(language)
    if town is None:
        state = pick(rng, ("CA", "TX", "NY", "WA", "FL", "OH", "IL"))
        postcode = f"{capitals(rng, 1)}{digits(rng, 2)} {digits(rng, 1)}{capitals(rng, 2)}"
        town = rng.choice(
            (
                f"{place}, {state} {digits(rng, 5)}",
                f"{place} {postcode}",
                f"{place}, {postcode}",
                f"{digits(rng, 5)} {place}",
                f"{place} {state} {digits(rng, 5)}",
            )
        )
        if code == "US":
            town = rng.choice(
                (
                    f"{place}, {state} {digits(rng, 5)}",
                    f"{place} {state} {digits(rng, 5)}",
                    f"{place}, {state}, {digits(rng, 5)}",
                    f"{place}, {state} {digits(rng, 5)}-{digits(rng, 4)}",
                )
            )
    if rng.random() < 0.12 and language != "en":
        place_up = town.split(" ", 1)
        town = f"{place_up[0]} {place_up[-1].upper()}"
    extra = None
    if rng.random() < 0.18:
        extra = rng.choice(
            (
                f"{made_up(rng)} {pick(rng, ('Park', 'Center', 'Haus', 'Tower', 'Bau'))}",
                f"{rng.randint(1, 9)}. OG",
                f"Building {rng.randint(1, 30)}",
                f"c/o {made_up(rng)}",
                f"{rng.randint(2, 9)}th Floor",
                f"Apt {rng.randint(1, 99)}",
            )
        )
    domain = (
        f"{stem.lower()}{rng.choice(('.com', '.de', '.co.uk', '.fr', '.eu', '.net', '.nl', '.it', '.es'))}"
    )
    return Party(
        name,
        street,
        extra,
        town,
        country,
        code,
        vat_id(rng, code),
        tax_number(rng, code),
        phone(rng, code),
        phone(rng, code),
        f"{rng.choice(('info', 'office', 'sales', 'kontakt', 'rechnung', 'hello', 'admin'))}@{domain}",
        f"{rng.choice(('www.', 'https://www.', ''))}{domain}",
        f"{pick(rng, words.FIRST[language])} {pick(rng, words.LAST[language])}",
    )


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
