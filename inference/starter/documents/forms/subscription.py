"""Bills for software, cloud and hosting: an amount that is due in large type, periods under the rows."""

from collections.abc import Mapping
from datetime import date
from random import Random
from typing import Any

from starter.documents import words
from starter.documents.drawn import Drawn
from starter.documents.facts import Facts, a_period
from starter.documents.forms.base import Form
from starter.documents.paper import Part, Said
from starter.documents.values import made_up, pick

WORDS: Mapping[str, Any] = words.vocabulary("forms/subscription")
PLANS: list[str] = WORDS["plans"]


def subscription(rng: Random, facts: Facts) -> Drawn:
    """An invoice, or the receipt of a payment, for a subscription."""
    return _Subscription(rng, facts).draw()


class _Subscription(Form):
    def __init__(self, rng: Random, facts: Facts) -> None:
        super().__init__(rng, facts)
        self.words: Mapping[str, list[str]] = WORDS.get(facts.style.language, WORDS["en"])
        self.period = facts.period = facts.period or a_period(rng, facts.issued)
        facts.discount = facts.shipping = 0
        for item in facts.items:
            item.description = pick(rng, PLANS).format(n=made_up(rng), d=f"{made_up(rng).lower()}.com")
            item.details = ()
        bases: dict[float, int] = {}
        for item in facts.items:
            bases[item.rate] = bases.get(item.rate, 0) + item.amount
        facts.taxes = (
            [(rate, base, round(base * rate / 100)) for rate, base in bases.items()] if facts.taxes else []
        )
        facts.paid = rng.choice((0, 0, 0, 0, facts.total))
        self.under_rows = rng.random() < 0.45

    def word(self, key: str) -> str:
        return pick(self.rng, self.words[key])

    def draw(self) -> Drawn:
        rng, facts = self.rng, self.facts
        y = 40.0
        if rng.random() < 0.8:
            self.paper.write(self.left, y, self.title, self.size * 2)
            if rng.random() < 0.5:
                self.paper.write(self.right, y, made_up(rng).lower(), self.size * 1.8, "right")
            y += self.step * 2.6
        y = self._head(y) + self.step
        y = self._parties(y) + self.step
        if facts.due and rng.random() < 0.4:
            y = self._headline(y) + self.step
        if rng.random() < 0.35 or (not self.under_rows and rng.random() < 0.6):
            before, after = self.word("bill").split("{p}")
            self.paper.write(self.left, y, (before, *self.printer.span(self.period), after), self.size)
            y += self.step * 1.5
        y = self._rows(y) + self.step * 0.5
        y = self._sums(y) + self.step
        if not facts.taxes and rng.random() < 0.3:
            self.paper.write(self.left, y, self.word("reverse"), self.size)
            y += self.step
        if rng.random() < 0.5:
            self.paper.write(self.left, y, self.word("greeting"), self.size)
            y += self.step
        self.footer(y + self.step)
        return self.finish()

    def _head(self, y: float) -> float:
        rng = self.rng
        entries = self.printer.entries(in_title=False)
        gap = rng.choice((0.0, 100.0, 120.0))
        x = self.left if rng.random() < 0.65 else 330.0
        for label, parts in entries:
            y = self.pair(x, y, label, parts, gap)
        return y

    def _parties(self, y: float) -> float:
        rng = self.rng
        if rng.random() < 0.75:
            low = self.block(self.left, y, self.issuer)
            low = self.contacts(self.left, low, self.issuer, chance=0.35)
            label = pick(rng, self.labels["bill_to"])
            x = rng.choice((250.0, 310.0, 360.0))
            self.paper.write(x, y, label, self.size)
            return max(
                low,
                self.contacts(x, self.block(x, y + self.step, self.addressed), self.addressed, chance=0.2),
            )
        self.paper.write(self.left, y, pick(rng, self.labels["bill_to"]), self.size)
        low = self.block(self.left, y + self.step, self.addressed)
        return self.contacts(
            self.left, self.block(self.left, low + self.step, self.issuer), self.issuer, chance=0.3
        )

    def _headline(self, y: float) -> float:
        """The amount due in large type, with its day; the sums below print it again."""
        facts = self.facts
        template = self.word("due_on")
        amount = [
            Said(p.text, p.paths, weak=True) if isinstance(p, Said) else p
            for p in self.printer.money(facts.total, ("total",))
        ]
        parts: list[Part] = []
        for piece in template.replace("{d}", "\x00d\x00").replace("{t}", "\x00t\x00").split("\x00"):
            parts += [self.printer.value("due_date")] if piece == "d" else amount if piece == "t" else [piece]
        if "{t}" not in template:
            parts += ["   ", *amount]
        self.paper.write(self.left, y, parts, self.size * 1.5)
        return y + self.step * 1.6

    def _rows(self, y: float) -> float:
        """Description, quantity, price, amount; the period under each description by chance."""
        rng, printer, facts = self.rng, self.printer, self.facts
        plain = rng.random() < 0.3
        if rng.random() < 0.85:
            self.paper.write(self.left, y, pick(rng, self.labels["col_description"]), self.size)
            if not plain:
                self.paper.write(360, y, pick(rng, self.labels["col_quantity"]), self.size, "right")
                self.paper.write(450, y, pick(rng, self.labels["col_unit_price"]), self.size, "right")
            self.paper.write(self.right, y, pick(rng, self.labels["col_amount"]), self.size, "right")
            y += self.step * 1.2
        for number, item in enumerate(facts.items):
            y = self.room(y, 30)
            at = ("lines", number)
            self.paper.write(self.left, y, Said(item.description, ((*at, "description"),)), self.size)
            if not plain:
                self.paper.write(
                    360, y, printer.quantity(item.quantity, (*at, "quantity")), self.size, "right"
                )
                self.paper.write(450, y, printer.money(item.price, (*at, "unit_price")), self.size, "right")
            self.paper.write(self.right, y, printer.money(item.amount, (*at, "amount")), self.size, "right")
            y += self.step
            if self.under_rows:
                y = self._under(number, self.period, y)
        return y

    def _under(self, number: int, period: tuple[date, date], y: float) -> float:
        """The period of a row: the document's where there is but one row, and else nobody's."""
        one = len(self.facts.items) == 1 and "period" not in self.printer.shown
        if one and self.rng.random() < 0.6:
            self.paper.write(self.left, y, self.printer.span(period), self.size * 0.9)
        else:
            first, last = (f"{day.strftime('%b')} {day.day}" for day in period)
            text = last if number % 2 else f"{first} – {last}, {period[1].year}"
            self.paper.write(self.left, y, text, self.size * 0.9)
        return y + self.step

    def _sums(self, y: float) -> float:
        rng, facts = self.rng, self.facts
        taxed = bool(facts.taxes)
        left = rng.choice((300.0, 350.0, self.left))
        if taxed or rng.random() < 0.6:
            y = self.amount(y, pick(rng, self.labels["net"]), facts.net, ("net",), left=left)
        if rng.random() < 0.15:
            y = self.amount(y, self.word("credits"), 0, left=left)
        if taxed:
            rate = facts.taxes[0][0]
            label = pick(rng, self.labels["vat_rate_line"]).split("{b}")[0].replace("{r}", f"{rate:g}%")
            y = self.amount(
                y, label.removesuffix(" on ").removesuffix(" of "), facts.tax, ("tax_total",), left=left
            )
        y = self.amount(y, self.printer.name_currency(self.word("this")), facts.total, ("total",), left=left)
        if facts.paid:
            y = self.amount(y, self.word("paid"), facts.paid, left=left)
        if facts.paid or rng.random() < 0.5:
            y = self.amount(
                y, pick(rng, self.labels["amount_due"]), facts.total - facts.paid, ("amount_due",), left=left
            )
        return y
