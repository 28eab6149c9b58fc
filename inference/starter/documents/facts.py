"""What an invented document is about: its parties, dates, rows and amounts, all of which agree."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from starter.documents import parties, values, words
from starter.documents.parties import Party
from starter.documents.values import Style, pick

KINDS = ("invoice", "credit_note", "receipt", "order", "proforma", "reminder")
RATES = {
    "en": (20, 5, 10, 6, 0, 25),
    "de": (19, 7),
    "fr": (20, 10, 5.5),
    "es": (21, 10, 4),
    "it": (22, 10, 4),
    "nl": (21, 9),
    "pl": (23, 8, 5),
    "pt": (23, 13, 6),
}


@dataclass(slots=True)
class Item:
    """One row. Amounts in cents; `quantity` in hundredths."""

    description: str
    details: tuple[str, ...]
    code: str
    quantity: int
    unit: str
    price: int
    rate: float
    amount: int
    rebate: int = 0
    """Per cent off this row."""


@dataclass(slots=True)
class Facts:
    """Everything that may be printed. None is what this document does not have."""

    kind: str
    style: Style
    supplier: Party
    buyer: Party
    number: str
    issued: date
    due: date | None
    delivered: date | None
    order: str | None
    customer: str | None
    reference: str | None
    iban: str | None
    items: list[Item]
    discount: int
    shipping: int
    taxes: list[tuple[float, int, int]]
    """Rate, base, tax."""
    paid: int
    period: tuple[date, date] | None = None
    gross: bool = False
    """Whether the rows hold the tax."""
    paid_as: str | None = None
    """What the amount paid is called, where it is none of the usual: a tax that the buyer withholds."""

    @property
    def goods(self) -> int:
        return sum(item.amount for item in self.items)

    @property
    def net(self) -> int:
        return self.goods - self.discount + self.shipping - (self.tax if self.gross else 0)

    @property
    def tax(self) -> int:
        return sum(tax for _, _, tax in self.taxes)

    @property
    def total(self) -> int:
        return self.net + self.tax


WITHHELD = {"es": ("Retención IRPF", 15), "it": ("Ritenuta d'acconto", 20)}
"""What buyers keep back of a freelancer's bill and pay to the tax office."""


def invent(rng: Random, kind: str, most_items: int) -> Facts:
    """A document's facts. `most_items` bounds its rows."""
    style = values.style_of(rng)
    language = style.language
    supplier = parties.party(rng, language, style.country)
    if rng.random() < 0.85:
        buyer = parties.party(rng, language, style.country, person=rng.random() < 0.2)
    else:
        other = rng.choice(values.LANGUAGES)
        buyer = parties.party(rng, other, rng.choice(words.COUNTRY[other])[1])
    issued = values.a_date(rng)
    rates = list(RATES[language])
    main_rate = rates[0] if rng.random() < 0.8 else rng.choice(rates)
    mixed = rng.random() < 0.15
    sign = -1 if kind == "credit_note" and rng.random() < 0.35 else 1
    items = [
        _item(rng, language, rng.choice(rates) if mixed else main_rate, sign)
        for _ in range(_rows(rng, most_items))
    ]
    discount = (
        round(sum(i.amount for i in items) * rng.choice((0.05, 0.1, 0.02))) if rng.random() < 0.1 else 0
    )
    shipping = int(10 ** rng.uniform(2.3, 3.8)) if rng.random() < 0.25 else 0
    taxes = _taxes(rng, items, shipping - discount, main_rate)

    def some(chance: float, value: str) -> str | None:
        return value if rng.random() < chance else None

    facts = Facts(
        kind,
        style,
        supplier,
        buyer,
        values.identifier(rng),
        issued,
        issued + timedelta(days=rng.choice((7, 10, 14, 14, 20, 30, 30, 30, 45, 60)))
        if rng.random() < 0.55
        else None,
        issued - timedelta(days=rng.randint(0, 25)) if rng.random() < 0.3 else None,
        some(0.4, values.identifier(rng)),
        some(0.45, values.identifier(rng)),
        some(
            0.2,
            rng.choice(
                (
                    values.identifier(rng),
                    f"RF{values.digits(rng, 2)} {values.digits(rng, 4)} {values.digits(rng, 4)}",
                    values.digits(rng, 16),
                )
            ),
        ),
        some(0.55, parties.iban(rng, style.country)),
        items,
        discount,
        shipping,
        taxes,
        0,
    )
    if rng.random() < 0.22:
        facts.period = a_period(rng, issued)
    if facts.taxes and not discount and not shipping and rng.random() < 0.15:
        facts.gross = True
        facts.taxes = [
            (rate, base - (tax := round(base * rate / (100 + rate))), tax) for rate, base, _ in facts.taxes
        ]
    if style.language in WITHHELD and facts.taxes and rng.random() < 0.15:
        name, share = WITHHELD[style.language]
        facts.paid_as, facts.paid = f"{name} {share}%", round(facts.net * share / 100)
    elif rng.random() < 0.12:
        facts.paid = rng.choice((facts.total // 2, facts.total, int(10 ** rng.uniform(2, 4))))
    return facts


def rebate_rows(rng: Random, facts: Facts) -> None:
    """Takes a discount off some rows, for tables that print one in a column."""
    if facts.gross or facts.paid_as:
        return
    for item in facts.items:
        if rng.random() < 0.35:
            item.rebate = rng.choice((5, 10, 10, 15, 20, 50))
            item.amount = round(item.amount * (100 - item.rebate) / 100)
    if facts.taxes:
        facts.taxes = _taxes(
            rng, facts.items, facts.shipping - facts.discount, facts.taxes[0][0], always=True
        )


def a_period(rng: Random, issued: date) -> tuple[date, date]:
    """A month, a quarter, a year or some weeks, near the date of issue."""
    if rng.random() < 0.6:
        month = issued.replace(day=1)
        for _ in range(rng.choice((0, 1, 1, 1, 2))):
            month = (month - timedelta(days=1)).replace(day=1)
        after = month
        for _ in range(rng.choice((1, 1, 1, 1, 2, 3, 12))):
            after = (after + timedelta(days=31)).replace(day=1)
        return month, after - timedelta(days=rng.choice((1, 1, 1, 0)))
    start = issued - timedelta(days=rng.randint(0, 60))
    return start, start + timedelta(days=rng.choice((1, 2, 3, 4, 6, 13, 27, 29, 30, 89, 364, 365)))


def _rows(rng: Random, most: int) -> int:
    return min(most, rng.choice((1, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 4, 4, 5, 6, 8, 14)))


def _item(rng: Random, language: str, rate: float, sign: int) -> Item:
    quantity = (
        rng.choice((100, 100, 100, 200, 300, 500, 1000, 1200, 250, 150, 75, 10000, 2400))
        if rng.random() < 0.8
        else rng.randint(1, 90) * 100
    )
    price = int(10 ** rng.uniform(2, 4.9)) if rng.random() < 0.7 else int(10 ** rng.uniform(1.7, 3.5)) * 100
    details: list[str] = []
    if rng.random() < 0.15:
        text = words.PROSE[language]
        start = rng.randrange(len(text) - 8)
        details.append(" ".join(text[start : start + rng.randint(3, 7)]).capitalize())
    if rng.random() < 0.08:
        details.append(f"{rng.choice(('S/N', 'Ref.', 'SN:', 'Lot', 'Art.', 'EAN'))} {values.identifier(rng)}")
    return Item(
        values.goods(rng, language),
        tuple(details),
        values.identifier(rng),
        quantity,
        pick(rng, words.UNITS[language]),
        price,
        rate,
        sign * round(price * quantity / 100),
    )


def _taxes(
    rng: Random, items: list[Item], beside: int, main: float, *, always: bool = False
) -> list[tuple[float, int, int]]:
    if not always and rng.random() < 0.15:
        return []
    bases: dict[float, int] = {main: beside}
    for item in items:
        bases[item.rate] = bases.get(item.rate, 0) + item.amount
    return [(rate, base, round(base * rate / 100)) for rate, base in bases.items() if base]
