"""What a sample says: every value beside the words that are printed for it.

The drawing code asks a `Truth` for the words to print, so that the page and `expected.json` cannot
disagree: a value that is not drawn is not expected.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")


@dataclass(frozen=True)
class Locale:
    """How a country writes numbers and dates. `day` is a strftime pattern without month names."""

    decimal: str
    group: str
    day: str
    currency: str = ""
    leading: bool = False

    def number(self, value: Decimal, places: int = 2) -> str:
        """`1234.5` as `1.234,50`."""
        text = f"{value:,.{places}f}"
        return "".join({",": self.group, ".": self.decimal}.get(each, each) for each in text)

    def money(self, value: Decimal) -> str:
        """With the currency's sign, on the side where the country puts it."""
        if not self.leading:
            return f"{self.number(value)}{self.currency}"
        sign = "-" if value < 0 else ""
        return f"{sign}{self.currency}{self.number(abs(value))}"


GERMAN = Locale(",", ".", "%d.%m.%Y", " €")
BRITISH = Locale(".", ",", "%d/%m/%Y", "£", leading=True)
AMERICAN = Locale(".", ",", "%m/%d/%Y", "$", leading=True)
IRISH = Locale(".", ",", "%d/%m/%Y", "€", leading=True)
FRENCH = Locale(",", "\u00a0", "%d/%m/%Y", "\u00a0€")
SPANISH = Locale(",", ".", "%d/%m/%Y", " €")


@dataclass(frozen=True)
class Item:
    """One row. `more` are further lines of the description that belong to it."""

    description: str
    quantity: Decimal
    price: Decimal
    rate: Decimal | None = None
    number: str = ""
    unit: str = ""
    more: tuple[str, ...] = ()

    @property
    def amount(self) -> Decimal:
        return (self.quantity * self.price).quantize(CENT, ROUND_HALF_UP)


def item(
    description: str,
    quantity: str,
    price: str,
    rate: str | None = None,
    number: str = "",
    unit: str = "",
    more: Sequence[str] = (),
) -> Item:
    """An `Item` from the numbers as text."""
    return Item(
        description,
        Decimal(quantity),
        Decimal(price),
        None if rate is None else Decimal(rate),
        number,
        unit,
        tuple(more),
    )


@dataclass(frozen=True)
class Tax:
    """The tax at one rate."""

    rate: Decimal
    base: Decimal
    amount: Decimal


def taxes(items: Iterable[Item], extra: Sequence[tuple[Decimal, Decimal]] = ()) -> list[Tax]:
    """The tax by rate, highest first. `extra` are (rate, amount) pairs beside the lines, such as freight."""
    bases: dict[Decimal, Decimal] = {}
    for rate, amount in [*((i.rate, i.amount) for i in items), *extra]:
        if rate is not None:
            bases[rate] = bases.get(rate, Decimal(0)) + amount
    return [
        Tax(rate, base, (base * rate / 100).quantize(CENT, ROUND_HALF_UP))
        for rate, base in sorted(bases.items(), reverse=True)
    ]


@dataclass(frozen=True)
class Row:
    """The words of an item, ready to be drawn."""

    description: str
    more: tuple[str, ...]
    number: str
    quantity: str
    unit: str
    price: str
    rate: str
    amount: str


@dataclass
class Truth:
    """Collects what is said while it hands out the words to print."""

    locale: Locale
    cells: dict[str, str] = field(default_factory=dict)
    printed: dict[str, list[str]] = field(default_factory=dict)

    def say(self, path: str, value: str, *printed: str) -> str:
        """Expect `value` at `path`, shown as `printed`; hands back the first of the printed runs."""
        self.cells[path] = value
        self.printed[path] = list(printed) or [value]
        return self.printed[path][0]

    def choice(self, path: str, label: str, printed: str) -> str:
        return self.say(path, label, printed)

    def words(self, path: str, *lines: str) -> tuple[str, ...]:
        """A quote of one or several runs."""
        self.say(path, " ".join(lines), *lines)
        return lines

    def identifier(self, path: str, printed: str, *, compact: bool = False) -> str:
        """`compact` where a checker takes the spaces and dots out of the value."""
        value = "".join(c for c in printed if c.isalnum()) if compact else printed
        return self.say(path, value, printed)

    def date(self, path: str, day: date, printed: str | None = None) -> str:
        return self.say(path, day.isoformat(), printed or day.strftime(self.locale.day))

    def amount(self, path: str, value: Decimal, printed: str | None = None) -> str:
        return self.say(path, f"{value:.2f}", printed or self.locale.number(value))

    def money(self, path: str, value: Decimal) -> str:
        """An amount drawn with its currency; the evidence is the number alone or with the sign."""
        self.say(
            path, f"{value:.2f}", self.locale.number(abs(value)) if value >= 0 else self.locale.money(value)
        )
        return self.locale.money(value)

    def percent(self, path: str, rate: Decimal, sign: str = " %") -> str:
        text = f"{rate.normalize():f}".replace(".", self.locale.decimal)
        self.say(path, f"{rate.normalize():f}", text)
        return text + sign

    def number(self, path: str, value: Decimal, places: int | None = None) -> str:
        digits = max(0, -int(value.normalize().as_tuple().exponent)) if places is None else places
        return self.say(path, f"{value.normalize():f}", self.locale.number(value, digits))

    def row(self, index: int, item: Item, *, percent: str = " %", price: str | None = None) -> Row:
        """The words of one line, all of them expected, as far as the item has them."""
        at = f"lines[{index}]"
        more = item.more
        self.words(f"{at}.description", item.description, *more)
        return Row(
            description=item.description,
            more=more,
            number=self.identifier(f"{at}.item_number", item.number) if item.number else "",
            quantity=self.number(f"{at}.quantity", item.quantity),
            unit=self.words(f"{at}.unit", item.unit)[0] if item.unit else "",
            price=self.amount(f"{at}.unit_price", item.price, price),
            rate=self.percent(f"{at}.vat_rate", item.rate, percent) if item.rate is not None else "",
            amount=self.amount(f"{at}.amount", item.amount),
        )
