"""What an invented till receipt is about: the shop, the goods, the tax, what was given and what came back."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from starter.documents import values, words
from starter.documents.values import Style, digits, made_up, pick

TRADES = (
    "shop",
    "shop",
    "shop",
    "shop",
    "restaurant",
    "restaurant",
    "fuel",
    "hotel",
    "parking",
    "taxi",
    "pharmacy",
)
MALAY_ROADS = ("JALAN", "JLN", "LORONG", "PERSIARAN", "LEBUH")
MALAY_PLACES = (
    "JOHOR BAHRU|KUALA LUMPUR|SHAH ALAM, SELANGOR|PETALING JAYA|KLANG, SELANGOR|CHERAS|PULAU PINANG|IPOH, PERAK|MELAKA|SEREMBAN|"
    "SUBANG JAYA|PUCHONG, SELANGOR|KAJANG|MUAR, JOHOR|BATU PAHAT|SKUDAI|KEPONG|AMPANG|KUANTAN, PAHANG|ALOR SETAR"
).split("|")
MALAY_DATES = ("%d/%m/%Y",) * 8 + (
    "%d-%m-%Y",
    "%d-%m-%y",
    "%d/%m/%y",
    "%d %b %Y",
    "%d %b %y",
    "%d.%m.%Y",
    "%Y-%m-%d",
    "%d%b%Y",
    "%d-%b-%y",
)
MALAY_FORMS = "SDN BHD|SDN. BHD.|SDN BHD|(M) SDN BHD|ENTERPRISE|TRADING|HARDWARE|RESTAURANT|BAKERY & CAFE|ENTERPRISE SDN BHD|MINI MARKET|BOOK STORE"


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
class Sale:
    """Everything that a receipt may print."""

    style: Style
    trade: str
    malay: bool
    name: str
    brand: str
    register: str
    address: list[str]
    tax_id: str
    phone: str
    fax: str
    when: datetime
    date: str
    number: str
    goods: list[Good]
    inclusive: bool
    rates: list[tuple[float, int, int]]
    """Rate, base, tax."""
    discount: int
    service: int
    rounding: int
    given: int

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


def _shop(rng: Random, style: Style, malay: bool) -> tuple[str, list[str], str, str, str]:
    """Name, address lines, tax id, phone, fax."""
    if malay:
        core = rng.choice(
            (f"{made_up(rng)} {made_up(rng)}", made_up(rng), f"{pick(rng, words.LAST['en'])} {made_up(rng)}")
        )
        if rng.random() < 0.2:
            core += f" ({made_up(rng)})"
        name = f"{core} {pick(rng, MALAY_FORMS.split('|'))}".upper()
        house = rng.choice(
            (
                f"NO {rng.randint(1, 99)}",
                f"NO.{rng.randint(1, 200)}",
                f"LOT {rng.randint(1, 3000)}",
                f"{rng.randint(1, 99)}",
                f"NO. {rng.randint(1, 60)}-{rng.choice(('A', 'G', '1'))}",
            )
        )
        road = f"{house}, {pick(rng, MALAY_ROADS)} {made_up(rng)} {rng.choice(('', str(rng.randint(1, 30)), f'{rng.randint(1, 9)}/{rng.randint(1, 12)}', f'U{rng.randint(1, 5)}/{rng.randint(1, 9)}'))}".strip()
        area = rng.choice(
            (
                f"TAMAN {made_up(rng)}",
                f"BANDAR BARU {made_up(rng)}",
                f"KAWASAN PERINDUSTRIAN {made_up(rng)}",
                f"{made_up(rng)} PARK",
                f"PUSAT {made_up(rng)}",
            )
        )
        town = f"{digits(rng, 5)} {pick(rng, MALAY_PLACES)}"
        lines = [road, town] if rng.random() < 0.25 else [road, area, town]
        if rng.random() < 0.25:
            lines.append(
                rng.choice(("JOHOR", "SELANGOR", "MALAYSIA", "W.P. KUALA LUMPUR", "SELANGOR DARUL EHSAN"))
            )
        lines = [line.upper() for line in lines]
        phone = rng.choice(
            (
                f"0{rng.randint(3, 9)}-{digits(rng, 7)}",
                f"0{rng.randint(3, 9)}-{digits(rng, 4)} {digits(rng, 4)}",
                f"01{rng.randint(0, 9)}-{digits(rng, 7)}",
            )
        )
        return name, lines, "00" + digits(rng, 10), phone, phone[:-2] + digits(rng, 2)
    party = values.party(rng, style.language, style.country)
    lines = [party.street.strip(","), party.town]
    if party.extra:
        lines.insert(1, party.extra)
    if rng.random() < 0.2:
        lines.append(party.country)
    return party.name, lines, party.vat_id if rng.random() < 0.5 else party.tax_number, party.phone, party.fax


GOODS = {
    "restaurant": "Latte|Espresso|Caesar salad|Pasta|Lemonade|Soup of the day|Nasi goreng|Teh tarik|Burger|Fries|Mineral water|Tiramisu|Chicken rice|Set lunch|Beer 0.5|Roti|Schnitzel|Apfelschorle|Menu du jour|Cafe|Pizza|Vino rosso",
    "fuel": "Diesel|Super E10|V-Power 97|RON95|Unleaded|SP95|Gasoleo A|Car wash|Benzina",
    "hotel": "Room|Room charge|Uebernachtung|Nuitee|Breakfast|City tax|Minibar|Camera|Overnachting|Parking",
    "parking": "Parking|Parken|Stationnement|Parkeren|Aparcamiento",
    "taxi": "Fare|Fahrt|Course|Ride|Trip|Carrera",
    "pharmacy": "Ibuprofen 400|Vitamin C|Plaster|Cough syrup|Nose spray|Face mask|Hand cream|Test kit",
}


def _name(rng: Random, trade: str, language: str) -> str:
    if trade in GOODS and rng.random() < 0.85:
        return pick(rng, GOODS[trade].split("|"))
    return values.goods(rng, language)


def _goods(rng: Random, trade: str, style: Style, rates: tuple[float, ...]) -> list[Good]:
    count = 1 if trade in ("fuel", "parking", "taxi") else rng.choice((1, 1, 1, 2, 2, 3, 3, 4, 5, 6, 8, 11))
    goods = []
    for _ in range(count):
        price = int(10 ** rng.uniform(1.7, 4.2)) if rng.random() < 0.6 else rng.randint(1, 60) * 50
        quantity = 100 * rng.choice((1, 1, 1, 1, 2, 2, 3, 4, 6, 10))
        if trade == "fuel":
            quantity, price = rng.randint(500, 7000), rng.randint(120, 310)
        name = _name(rng, trade, style.language)
        goods.append(
            Good(
                name,
                rng.choice((digits(rng, 13), digits(rng, 6), digits(rng, 4), values.identifier(rng))),
                quantity,
                price,
                round(price * quantity / 100),
                rng.choice(rates),
            )
        )
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


def invent(rng: Random) -> Sale:
    """A sale whose sums agree."""
    style = values.style_of(rng)
    while style.language not in RATES:
        style = values.style_of(rng)
    malay = rng.random() < 0.42
    if malay:
        style.language, style.country, style.currency = "en", "MY", "MYR"
        style.thousands, style.decimal = ",", "."
        style.date = pick(rng, MALAY_DATES)
        style.money = rng.choice(("{v}", "{v}", "{v}", "RM {v}", "RM{v}", "${v}", "{v}"))
    trade = pick(rng, TRADES)
    name, address, tax_id, phone, fax = _shop(rng, style, malay)
    all_rates = (6.0, 0.0) if malay else RATES[style.language]
    rates = all_rates if rng.random() < 0.25 else all_rates[:1]
    goods = _goods(rng, trade, style, rates)
    inclusive = rng.random() < (0.6 if malay or style.country == "US" else 0.9) and style.country != "US"
    total = sum(good.amount for good in goods)
    discount = round(total * rng.choice((0.05, 0.1, 0.2))) if rng.random() < 0.1 else 0
    service = round(total * 0.1) if trade == "restaurant" and rng.random() < 0.25 else 0
    sums: dict[float, int] = {}
    for good in goods:
        sums[good.rate] = sums.get(good.rate, 0) + good.amount
    sums[goods[0].rate] += service - discount
    when = datetime.combine(values.a_date(rng), datetime.min.time()) + timedelta(
        hours=rng.randint(6, 22), minutes=rng.randint(0, 59), seconds=rng.randint(0, 59)
    )
    sale = Sale(
        style,
        trade,
        malay,
        name if rng.random() < 0.75 or malay else name.upper(),
        made_up(rng).upper(),
        rng.choice(
            (
                f"({digits(rng, 6)}-{pick(rng, 'AHKTVWX')})",
                f"({digits(rng, 7)}-{pick(rng, 'AHKTVWX')})",
                f"JM{digits(rng, 7)}-{pick(rng, 'HVTX')}",
                digits(rng, 9),
            )
        ),
        address,
        tax_id,
        phone,
        fax,
        when,
        values.print_date(rng, style, when.date()),
        rng.choice(
            (
                digits(rng, 5),
                digits(rng, 6),
                f"CS{digits(rng, 8)}",
                f"{pick(rng, 'ABCR')}{digits(rng, 3)}-{digits(rng, 6)}",
                f"OR{digits(rng, 10)}",
                f"{digits(rng, 2)}/{digits(rng, 4)}/{digits(rng, 3)}",
                digits(rng, 12),
                values.identifier(rng),
            )
        ),
        goods,
        inclusive,
        _rates(rng, sums, inclusive),
        discount,
        service,
        0,
        0,
    )
    if malay and rng.random() < 0.6:
        sale.rounding = -((sale.before_rounding + 2) % 5 - 2)
    total = sale.total
    note = rng.choice((50, 100, 500, 1000, 5000))
    sale.given = total if rng.random() < 0.45 else -(-total // note) * note
    return sale
