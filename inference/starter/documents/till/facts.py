"""What an invented till receipt is about: the shop, the goods, the tax, what was given and what came back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from starter.documents import parties, values, words
from starter.documents.values import Style, digits, made_up, pick, spell

TRADES = ["shop"] * 4 + ["restaurant"] * 2 + ["fuel", "hotel", "parking", "taxi", "pharmacy"]
WORDS: Mapping[str, Mapping[str, list[str]]] = words.vocabulary("till/words")
"""What tills print, by language; `goods` by trade; `malay` for Malaysian shops; `slips` for all."""
MALAY, GOODS, SLIPS = WORDS["malay"], WORDS["goods"], WORDS["slips"]


@dataclass(slots=True)
class Good:
    """One thing sold. Amounts in cents, `quantity` in hundredths; the prices are as printed."""

    name: str
    code: str
    quantity: int
    price: int
    amount: int
    rate: float


@dataclass(slots=True)
class Shop:
    """Who sells. `tax_id` is a VAT id where it begins with letters."""

    name: str
    address: list[str]
    tax_id: str
    phone: str
    fax: str


@dataclass(slots=True)
class Sale:
    """Everything that a receipt may print. `rates` are rate, base and tax."""

    style: Style
    trade: str
    malay: bool
    shop: Shop
    brand: str
    register: str
    when: datetime
    date: str
    number: str
    goods: list[Good]
    inclusive: bool
    rates: list[tuple[float, int, int]]
    discount: int
    service: int
    rounding: int = 0
    given: int = 0

    @property
    def sum(self) -> int:
        """The goods as they are printed."""
        return sum(good.amount for good in self.goods)

    @property
    def tax(self) -> int:
        return sum(tax for _, _, tax in self.rates)

    @property
    def base(self) -> int:
        return sum(base for _, base, _ in self.rates)

    @property
    def before_rounding(self) -> int:
        return self.sum - self.discount + self.service + (0 if self.inclusive else self.tax)

    @property
    def total(self) -> int:
        return self.before_rounding + self.rounding


def _malay_shop(rng: Random) -> Shop:
    house, road = spell(rng, pick(rng, MALAY["houses"])), pick(rng, MALAY["roads"])
    names = {"form": pick(rng, MALAY["forms"]), "last": pick(rng, words.LAST["en"])}
    lines = [spell(rng, pick(rng, MALAY["streets"]), house=house, road=road)]
    if rng.random() < 0.75:
        lines.append(spell(rng, pick(rng, MALAY["areas"])))
    lines.append(f"{digits(rng, 5)} {pick(rng, MALAY['places'])}")
    if rng.random() < 0.25:
        lines.append(pick(rng, MALAY["regions"]))
    return Shop(
        spell(rng, pick(rng, MALAY["names"]), **names).upper(),
        [line.upper() for line in lines],
        f"00{digits(rng, 10)}",
        spell(rng, pick(rng, MALAY["phones"])),
        spell(rng, pick(rng, MALAY["phones"])),
    )


def _other_shop(rng: Random, style: Style) -> Shop:
    party = parties.party(rng, style.language, style.country)
    lines = [party.street.strip(","), party.town]
    if party.extra:
        lines.insert(1, party.extra)
    if rng.random() < 0.2:
        lines.append(party.country)
    name = party.name if rng.random() < 0.75 else party.name.upper()
    return Shop(name, lines, rng.choice((party.vat_id, party.tax_number)), party.phone, party.fax)


def _name(rng: Random, trade: str, language: str) -> str:
    if trade in GOODS and rng.random() < 0.85:
        return pick(rng, GOODS[trade])
    return values.goods(rng, language)


def _goods(rng: Random, trade: str, style: Style, rates: tuple[float, ...]) -> list[Good]:
    count = 1 if trade in ("fuel", "parking", "taxi") else rng.choice((1, 1, 1, 2, 2, 3, 3, 4, 5, 6, 8, 11))
    goods = []
    for _ in range(count):
        price = int(10 ** rng.uniform(1.7, 4.2)) if rng.random() < 0.6 else rng.randint(1, 60) * 50
        quantity = 100 * rng.choice((1, 1, 1, 1, 2, 2, 3, 4, 6, 10))
        if trade == "fuel":
            quantity, price = rng.randint(500, 7000), rng.randint(120, 310)
        name, code = _name(rng, trade, style.language), spell(rng, pick(rng, SLIPS["codes"]))
        goods.append(Good(name, code, quantity, price, round(price * quantity / 100), rng.choice(rates)))
    return goods


def _rates(rng: Random, sums: dict[float, int], inclusive: bool) -> list[tuple[float, int, int]]:
    found = []
    for rate, amount in sorted(sums.items()):
        tax = round(amount * rate / (100 + rate)) if inclusive else round(amount * rate / 100)
        found.append((rate, amount - tax if inclusive else amount, tax))
    return found


RATES = {
    "en": (8.0, 5.0, 20.0, 7.25),
    "de": (19.0, 7.0),
    "fr": (20.0, 10.0, 5.5),
    "es": (21.0, 10.0, 4.0),
    "it": (22.0, 10.0, 4.0),
    "nl": (21.0, 9.0),
}


def _style(rng: Random) -> tuple[Style, bool]:
    """The habits of a till, and whether it stands in Malaysia."""
    style = values.style_of(rng)
    while style.language not in RATES:
        style = values.style_of(rng)
    malay = rng.random() < 0.42
    if malay:
        style.language, style.country, style.currency = "en", "MY", "MYR"
        style.thousands, style.decimal = ",", "."
        style.date = pick(rng, MALAY["dates"])
        style.money = rng.choice(("{v}", "{v}", "{v}", "RM {v}", "RM{v}", "${v}", "{v}"))
    return style, malay


def _when(rng: Random) -> datetime:
    noon = datetime.combine(values.a_date(rng), datetime.min.time())
    return noon + timedelta(hours=rng.randint(6, 22), minutes=rng.randint(0, 59), seconds=rng.randint(0, 59))


def invent(rng: Random) -> Sale:
    """A sale whose sums agree."""
    style, malay = _style(rng)
    shop = _malay_shop(rng) if malay else _other_shop(rng, style)
    trade = pick(rng, TRADES)
    all_rates = (6.0, 0.0) if malay else RATES[style.language]
    goods = _goods(rng, trade, style, all_rates if rng.random() < 0.25 else all_rates[:1])
    inclusive = rng.random() < (0.6 if malay else 0.9) and style.country != "US"
    total = sum(good.amount for good in goods)
    discount = round(total * rng.choice((0.05, 0.1, 0.2))) if rng.random() < 0.1 else 0
    service = round(total * 0.1) if trade == "restaurant" and rng.random() < 0.25 else 0
    sums: dict[float, int] = {}
    for good in goods:
        sums[good.rate] = sums.get(good.rate, 0) + good.amount
    sums[goods[0].rate] += service - discount
    when = _when(rng)
    sale = Sale(
        style=style,
        trade=trade,
        malay=malay,
        shop=shop,
        brand=made_up(rng).upper(),
        register=spell(rng, pick(rng, SLIPS["registers"])),
        when=when,
        date=values.print_date(rng, style, when.date()),
        number=spell(rng, pick(rng, SLIPS["numbers"])) if rng.random() < 0.8 else values.identifier(rng),
        goods=goods,
        inclusive=inclusive,
        rates=_rates(rng, sums, inclusive),
        discount=discount,
        service=service,
    )
    if malay and rng.random() < 0.6:
        sale.rounding = -((sale.before_rounding + 2) % 5 - 2)
    note = rng.choice((50, 100, 500, 1000, 5000))
    sale.given = sale.total if rng.random() < 0.45 else -(-sale.total // note) * note
    return sale
