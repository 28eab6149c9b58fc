"""What an invented order, contract or invoice of a US broadcaster is about."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from starter.documents import values, words
from starter.documents.values import digits, made_up, pick

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
OFFICES = "Governor|Congress|Senate|US Senate|State Senate|Mayor|Sheriff|Judge|County Council|Attorney General|President"
CAUSES = (
    "Clean Rivers|Better Schools|Fair Taxes|Safe Roads|Working Families|Open Courts|Rural Health|New Energy"
)
TRADE = "Furniture Gallery|Chevrolet|Motors|Law Group|Health System|Roofing|Home Center|Casino|Dental|Credit Union|Foods"
AGENCY = "Media|Media Group|Media Partners|Strategies|Media LLC|Advertising|Communications|Buying Group|& Associates"
SHOWS = (
    "Morning Live|News at {h}|News @ {h}p|M-F {h}a-{k}a|M-F {h}p-{k}p|Sa {h}a-{k}a|Su {h}a-{k}a|Early News|Late News|"
    "{n} Tonight|The {n} Show|Weekend Edition|Good Day {n}|Late Night Movie|Prime Rotator|Judge {n}|Family Game|"
    "{c} News {h}p|{c} Today|Sports Saturday|Sunday Report|{n} & Friends|College Football|Access {n}|Noon News"
)
PRODUCTS = "Political {y}|Issue|Candidate|{n}|TV {a}.{b}-{a}.{e}|Spring Sale|President|{o}|{n} {y}|Branding|POLITICAL CANDIDATE"


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
        return day.strftime(self.style)

    @property
    def gross(self) -> int:
        return sum(spot.amount for spot in self.spots)

    @property
    def fee(self) -> int:
        return round(self.gross * self.commission)


def _any(rng: Random, options: str) -> str:
    return pick(rng, options.split("|"))


def person(rng: Random) -> tuple[str, str]:
    first = pick(rng, words.FIRST["en"])
    return first, pick(rng, words.LAST["en"]) if rng.random() < 0.5 else made_up(rng)


def advertiser(rng: Random) -> str:  # noqa: PLR0911  (one return a habit)
    """A candidate, a committee, a cause or a business."""
    first, last = person(rng)
    office, state = _any(rng, OFFICES), pick(rng, words.STATES)
    form = rng.random()
    if form < 0.14:
        return f"{rng.choice((last, f'{first} {last}'))} for {office}" + rng.choice(
            ("", "", "-R", "-D", " 2020", " Inc")
        )
    if form < 0.24:
        return (
            rng.choice(("Committee to Elect", "Friends of", "Citizens for", "Elect", "Re-Elect"))
            + f" {first} {last}"
        )
    if form < 0.32:
        return f"POL/{first} {last}/{office}/{state}/{rng.choice(('Rep', 'Dem', 'R', 'D'))}"
    if form < 0.37:
        return f"{last} /{rng.choice(('Republican', 'Democrat'))}/ {office}"
    if form < 0.45:
        return f"{made_up(rng)} {rng.choice(('PAC', 'Action', 'Action Fund', 'Victory Fund', 'Majority PAC', 'USA PAC'))}"
    if form < 0.52:
        return (
            f"{rng.choice(('Americans', 'Citizens', 'Alliance', f'{state} Voters'))} for {_any(rng, CAUSES)}"
        )
    if form < 0.6:
        return f"{first} {last} {rng.choice((2020, 2022, 2024))}" + rng.choice(("", ", Inc", " Inc"))
    if form < 0.66:
        return f"{rng.choice(('ISS', 'PRTY', 'D', 'R'))}/{_any(rng, CAUSES)}".upper()
    if form < 0.9:
        return f"{rng.choice((last, made_up(rng)))} {_any(rng, TRADE)}"
    return values.company_name(rng, "en")


def address(rng: Random) -> tuple[str, str]:
    street = (
        f"{rng.randint(1, 9999)} {rng.choice(('', '', 'N ', 'S ', 'West '))}{made_up(rng)} "
        + rng.choice(
            ("Street", "St", "Ave", "Avenue", "Blvd", "Road", "Rd", "Lane", "Drive", "St NW", "Pkwy", "Plaza")
        )
    )
    if rng.random() < 0.2:
        street = f"{rng.choice(('PO BOX', 'P.O. Box', 'PO Box'))} {digits(rng, rng.choice((3, 4, 6)))}"
    elif rng.random() < 0.2:
        street += rng.choice(
            (f", Suite {rng.randint(1, 900)}", f" Ste {rng.randint(1, 900)}", f" FL {rng.randint(2, 30)}")
        )
    place = pick(rng, words.PLACE["en"]) if rng.random() < 0.4 else made_up(rng)
    town = f"{place}{rng.choice((', ', ', ', ' '))}{pick(rng, words.STATES)}{rng.choice((' ', '  ', ' '))}{digits(rng, 5)}"
    if rng.random() < 0.2:
        town += f"-{digits(rng, 4)}"
    if rng.random() < 0.2:
        street, town = street.upper(), town.upper()
    return street, " ".join(town.split())


def _show(rng: Random, call: str) -> tuple[str, str]:
    hour = rng.randint(4, 11)
    name = _any(rng, SHOWS).format(h=hour, k=hour + 1, n=made_up(rng), c=call.split("-")[0])
    half = rng.choice(("AM", "PM"))
    hours = rng.choice(
        (
            f"{hour}:00 {half}-{hour + 1}:00 {half}",
            f"{hour}:30 {half}-{hour + 1}:00 {half}",
            f"{hour}{half[0].lower()}-{hour + 1}{half[0].lower()}",
            f"{hour}:00{half[0]}- {hour + 1}:00{half[0]}",
            f"{hour}00{half[0].lower()}-{hour}30{half[0].lower()}",
        )
    )
    return name, hours


def _days(rng: Random) -> str:
    return rng.choice(
        (
            "MTWTF--",
            "MTWTF--",
            "-----S-",
            "------S",
            "M------",
            "--WTF--",
            "MTWTFSS",
            "M-F",
            "--1----",
            "-1-1---",
            "Mo,Tu,We",
            "-T-T---",
        )
    )


def invent(rng: Random) -> Deal:
    """A deal whose spots lie in its flight and add up to its gross amount."""
    kind = "invoice" if rng.random() < 0.42 else "order"
    suffix = rng.choice(("", "", "", "-TV", "-TV", "-DT", "-FM", "+", "-AM"))
    call = (
        rng.choice("KW")
        + "".join(pick(rng, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") for _ in range(rng.choice((2, 3, 3))))
        + suffix
    )
    station = rng.choice(
        (
            call,
            call,
            f"{call} Television Inc",
            f"{call}, LLC",
            f"{made_up(rng)} Broadcasting",
            f"{made_up(rng)} Media Group, Inc.",
        )
    )
    first = date(2012, 1, 2) + timedelta(days=rng.randrange(5200))
    last = first + timedelta(days=rng.choice((3, 6, 6, 6, 6, 7, 8, 13, 13, 20, 27, 34, 62, 90)))
    issued = (
        first - timedelta(days=rng.randint(0, 40))
        if kind == "order"
        else last + timedelta(days=rng.randint(0, 9))
    )
    span = max(0, (last - first).days)
    length = rng.choice((":30", ":30", ":30", ":15", ":60", "1:00", "00:30"))
    whole = rng.random() < 0.9
    spots = []
    for _ in range(rng.choice((1, 1, 2, 2, 3, 3, 3, 4, 4, 5, 6, 8, 14))):
        start = first if rng.random() < 0.6 else first + timedelta(days=rng.randint(0, span))
        end = last if rng.random() < 0.6 else min(last, start + timedelta(days=6))
        name, hours = _show(rng, call)
        rate = rng.choice((5, 5, 10, 25, 50, 100)) * rng.randint(1, 60) * 100
        spots.append(
            Spot(
                start,
                max(start, end),
                name,
                hours,
                _days(rng),
                length,
                rng.choice((1, 1, 2, 3, 4, 5, 7, 10)),
                rate if whole else rate + rng.randrange(100),
            )
        )
    spots[0].start, spots[-1].end = first, last
    style = rng.choices([form for form, _ in DATES], [weight for _, weight in DATES])[0]
    base = digits(rng, rng.choice((5, 6, 6, 7, 7, 7, 8))).lstrip("0") or "41205"
    order = rng.choice((base, base, base, base, f"WOC{base}", f"{call[:2]}{base}", f"{base[:3]}-{base[3:]}"))
    number = order
    if kind == "invoice":
        number = rng.choice(
            (
                f"{order}-{rng.randint(1, 9)}",
                f"{order}-{rng.randint(1, 9)}",
                digits(rng, 7).lstrip("0") or "3",
                f"{digits(rng, 6)}-{rng.randint(1, 4)}",
            )
        )
    direct = rng.random() < 0.25
    client = advertiser(rng)
    agency = client if direct else f"{rng.choice((made_up(rng), person(rng)[1]))} {_any(rng, AGENCY)}"
    street, town = address(rng)
    street2, town2 = address(rng)
    product = _any(rng, PRODUCTS).format(
        y=first.year,
        n=made_up(rng).upper() if rng.random() < 0.4 else made_up(rng),
        a=first.month,
        b=first.day,
        e=last.day,
        o=_any(rng, OFFICES),
    )
    return Deal(
        kind,
        style,
        rng.random() < 0.94,
        call,
        station,
        street,
        town,
        values.phone(rng, "US"),
        agency,
        street2,
        town2,
        direct,
        client.upper() if rng.random() < 0.15 else client,
        rng.choice(("",) * 5 + (f" ({digits(rng, 5)})", f" ({digits(rng, 6)})")),
        product,
        number,
        rng.choice(("", "", str(rng.randint(1, 4)))),
        order,
        first,
        last,
        issued,
        issued + timedelta(days=rng.randint(0, 12)),
        (
            first - timedelta(days=first.weekday()),
            last if rng.random() < 0.5 else last + timedelta(days=6 - last.weekday()),
        ),
        0.15 if rng.random() < 0.9 and not direct else rng.choice((0.0, 0.15)),
        spots,
    )
