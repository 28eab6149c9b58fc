"""What an invented order, contract or invoice of a US broadcaster is about."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from starter.documents import parties, words
from starter.documents.values import digits, made_up, pick, spell

DATES = (
    ("%m/%d/%y", 46),
    ("%-m/%-d/%y", 14),
    ("%m/%d/%Y", 14),
    ("%-m/%-d/%Y", 10),
    ("%b %d, %Y", 4),
    ("%b%d/%y", 4),
    ("%b %-d/%y", 2),
    ("%d-%b-%y", 3),
    ("%Y-%m-%d", 3),
)
WORDS: Mapping[str, list[str]] = words.vocabulary("broadcast/words")["words"]


@dataclass(slots=True)
class Spot:
    """One line of an order: so many spots in a program. Amounts in cents."""

    start: date
    end: date
    show: str
    hours: str
    days: str
    length: str
    count: int
    rate: int

    @property
    def amount(self) -> int:
        return self.count * self.rate


@dataclass(slots=True)
class Deal:
    """Everything that such a document may print."""

    kind: str
    style: str
    cents: bool
    call: str
    station: str
    street: str
    town: str
    phone: str
    agency: str
    agency_street: str
    agency_town: str
    direct: bool
    advertiser: str
    suffix: str
    product: str
    number: str
    revision: str
    order: str
    first: date
    last: date
    issued: date
    printed: date
    period: tuple[date, date]
    commission: float
    spots: list[Spot]

    def day(self, day: date) -> str:
        """The day as this station prints it."""
        return day.strftime(self.style)

    @property
    def gross(self) -> int:
        return sum(spot.amount for spot in self.spots)

    @property
    def fee(self) -> int:
        return round(self.gross * self.commission)


def person(rng: Random) -> tuple[str, str]:
    """A first and a last name."""
    first = pick(rng, words.FIRST["en"])
    return first, pick(rng, words.LAST["en"]) if rng.random() < 0.5 else made_up(rng)


def client(rng: Random) -> str:
    """Who advertises: a candidate, a committee, a cause or a business."""
    first, last = person(rng)
    facts = {key: pick(rng, WORDS[f"{key}s"]) for key in ("office", "cause", "trade")}
    name = spell(
        rng, pick(rng, WORDS["clients"]), first=first, last=last, state=pick(rng, words.STATES), **facts
    )
    return name.upper() if rng.random() < 0.15 else name


def address(rng: Random) -> tuple[str, str]:
    """Street and town."""
    place = pick(rng, words.PLACE["en"]) if rng.random() < 0.4 else made_up(rng)
    street = spell(rng, pick(rng, WORDS["streets"]))
    town = spell(rng, pick(rng, WORDS["towns"]), place=place, state=pick(rng, words.STATES))
    return (street.upper(), town.upper()) if rng.random() < 0.2 else (street, town)


def _show(rng: Random, call: str) -> tuple[str, str]:
    """A program and its hours."""
    hour, half = rng.randint(4, 11), rng.choice(("AM", "PM"))
    name = spell(rng, pick(rng, WORDS["shows"]), h=hour, k=hour + 1, c=call.split("-", maxsplit=1)[0])
    hours = spell(rng, pick(rng, WORDS["hours"]), h=hour, k=hour + 1, half=half, low=half[0].lower())
    return name, hours


def _spots(rng: Random, call: str, first: date, last: date) -> list[Spot]:
    """Spots within the flight; the first begins it and the last ends it."""
    length = rng.choice((":30", ":30", ":30", ":15", ":60", "1:00", "00:30"))
    whole = rng.random() < 0.9
    spots = []
    for _ in range(rng.choice((1, 1, 2, 2, 3, 3, 3, 4, 4, 5, 6, 8, 14))):
        start = first if rng.random() < 0.6 else first + timedelta(days=rng.randint(0, (last - first).days))
        end = last if rng.random() < 0.6 else min(last, start + timedelta(days=6))
        show, hours = _show(rng, call)
        rate = rng.choice((5, 5, 10, 25, 50, 100)) * rng.randint(1, 60) * 100
        count = rng.choice((1, 1, 2, 3, 4, 5, 7, 10))
        days = pick(rng, WORDS["days"])
        spots.append(
            Spot(start, end, show, hours, days, length, count, rate + (0 if whole else rng.randrange(100)))
        )
    spots[0].start, spots[-1].end = first, last
    return spots


def invent(rng: Random) -> Deal:
    """A deal whose spots lie in its flight and add up to its gross amount."""
    kind = "invoice" if rng.random() < 0.42 else "order"
    call = spell(rng, rng.choice(("@@@", "@@@", "@@")))
    call = rng.choice("KW") + call + pick(rng, WORDS["suffixes"])
    first = date(2012, 1, 2) + timedelta(days=rng.randrange(5200))
    last = first + timedelta(days=rng.choice((3, 6, 6, 6, 6, 7, 8, 13, 13, 20, 27, 34, 62, 90)))
    order = spell(
        rng, pick(rng, WORDS["orders"]), n=f"{rng.randint(1, 9)}{digits(rng, rng.choice((4, 5, 5, 6, 6, 7)))}"
    )
    direct, advertiser = rng.random() < 0.25, client(rng)
    month = {
        "y": first.year,
        "a": first.month,
        "b": first.day,
        "e": last.day,
        "o": pick(rng, WORDS["offices"]),
    }
    issued = first - timedelta(days=rng.randint(0, 40))
    if kind == "invoice":
        issued = last + timedelta(days=rng.randint(0, 9))
    street, town = address(rng)
    agency_street, agency_town = address(rng)
    return Deal(
        kind=kind,
        style=rng.choices([form for form, _ in DATES], [weight for _, weight in DATES])[0],
        cents=rng.random() < 0.94,
        call=call,
        station=spell(rng, pick(rng, WORDS["stations"]), call=call),
        street=street,
        town=town,
        phone=parties.phone(rng),
        agency=advertiser
        if direct
        else f"{rng.choice((made_up(rng), person(rng)[1]))} {pick(rng, WORDS['agencies'])}",
        agency_street=agency_street,
        agency_town=agency_town,
        direct=direct,
        advertiser=advertiser,
        suffix=spell(rng, rng.choice(("", "", "", "", "", " (#####)", " (######)"))),
        product=spell(rng, pick(rng, WORDS["products"]), **month),
        number=spell(rng, pick(rng, WORDS["invoices"]), order=order) if kind == "invoice" else order,
        revision=rng.choice(("", "", str(rng.randint(1, 4)))),
        order=order,
        first=first,
        last=last,
        issued=issued,
        printed=issued + timedelta(days=rng.randint(0, 12)),
        period=(
            first - timedelta(days=first.weekday()),
            last + timedelta(days=rng.choice((0, 6 - last.weekday()))),
        ),
        commission=0.15 if rng.random() < 0.9 and not direct else rng.choice((0.0, 0.15)),
        spots=_spots(rng, call, first, last),
    )
