"""Bills for telephone, energy and water: an account, a period, meters, and what is left of the last bill."""

from collections.abc import Mapping
from datetime import timedelta
from random import Random

from starter.documents import values, words
from starter.documents.drawn import Drawn
from starter.documents.facts import Facts, Item, a_period
from starter.documents.forms.base import Form
from starter.documents.paper import Part, Said
from starter.documents.values import digits, made_up, pick

WORDS: Mapping[str, Mapping[str, list[str]]] = words.vocabulary("forms/utility")


def utility(rng: Random, facts: Facts) -> Drawn:
    """A monthly or yearly bill of a supplier of energy, water or telephone."""
    return _Utility(rng, facts).draw()


class _Utility(Form):
    def __init__(self, rng: Random, facts: Facts) -> None:
        super().__init__(rng, facts)
        self.words = WORDS.get(facts.style.language, WORDS["en"])
        self.period = facts.period or a_period(rng, facts.issued)
        facts.due = facts.due or facts.issued + timedelta(days=rng.choice((10, 14, 21, 28)))
        facts.customer = facts.customer or digits(rng, rng.choice((8, 9, 10, 12)))
        rate = facts.items[0].rate
        facts.items = [self._item(rate) for _ in range(rng.choice((1, 2, 2, 3, 3, 4, 5)))]
        facts.discount = facts.shipping = 0
        net = facts.goods
        facts.taxes = [(rate, net, round(net * rate / 100))] if rng.random() < 0.85 else []
        self.previous = rng.choice((0, 0, int(10 ** rng.uniform(3, 4.5))))
        self.payment = (
            self.previous if rng.random() < 0.7 else rng.choice((0, self.previous // 2, self.previous + 1000))
        )

    def word(self, key: str) -> str:
        return pick(self.rng, self.words[key])

    def _item(self, rate: float) -> Item:
        rng = self.rng
        amount = int(10 ** rng.uniform(2, 4.4))
        used = rng.randint(20, 4000)
        return Item(self.word("items").format(n=used), (), "", 100, "", amount, rate, amount)

    def draw(self) -> Drawn:
        rng = self.rng
        y = 36.0
        if rng.random() < 0.5:
            y = self.block(self.left, y, self.issuer, big=rng.random() < 0.5)
            y = self.contacts(self.left, y, self.issuer, chance=0.4) + self.step
        else:
            self.paper.write(self.left, y, self.name_part(self.issuer), self.size * 1.6)
            y += self.step * 2.2
        top = y
        y = self.block(self.left, y, self.addressed) + self.step
        low = (
            self._facts(rng.choice((300.0, 340.0)), top) if rng.random() < 0.6 else self._facts(self.left, y)
        )
        y = max(y, low) + self.step
        self.paper.write(self.left, y, self.word("title"), self.size * rng.choice((1.2, 1.8)))
        y += self.step * 2
        if rng.random() < 0.3:
            self.paper.write(self.left, y, self.prose(rng.randint(6, 11)), self.size)
            y += self.step * 1.3
        sections = [self._charges, self._meters] if rng.random() < 0.7 else [self._meters, self._charges]
        for section in sections:
            y = section(self.room(y, 60)) + self.step * 0.6
        y = self._balance(y) + self.step
        if self.facts.iban and rng.random() < 0.4:
            for row in self.printer.bank_rows():
                self.paper.write(self.left, y, row, self.size)
                y += self.step
        if rng.random() < 0.35:
            y = self._slip(self.room(y, 60))
        self.footer(y + self.step)
        return self.finish()

    def _facts(self, x: float, y: float) -> float:
        rng, printer = self.rng, self.printer
        fields: list[tuple[str, tuple[Part, ...]]] = [
            (self.word("account"), (printer.value("customer_number"),)),
            (pick(rng, self.labels["number"]), (printer.value("number"),)),
            (pick(rng, self.labels["issue_date"]), (printer.value("issue_date"),)),
            (pick(rng, self.labels["period"]), printer.span(self.period)),
        ]
        if rng.random() < 0.7:
            fields.append((self.word("by"), (printer.value("due_date"),)))
        fields += [
            (pick(rng, self.labels["d_id"]), (printer.distractor("d_id"),))
            for _ in range(rng.choice((0, 1, 2)))
        ]
        rng.shuffle(fields)
        gap = rng.choice((0.0, 95.0, 110.0))
        for label, parts in fields:
            y = self.pair(x, y, label, parts, gap)
        return y

    def _meters(self, y: float) -> float:
        """Readings and usage: numbers that are no amounts, days that are no dates of the bill."""
        rng, facts = self.rng, self.facts
        if rng.random() < 0.5:
            return y
        names = self.words["meter"]
        old = rng.randint(1000, 90000)
        cells = (
            digits(rng, 8),
            str(old),
            str(old + rng.randint(50, 4000)),
            values.print_date(rng, facts.style, facts.issued - timedelta(days=rng.randint(3, 40))),
        )
        for n, (name, cell) in enumerate(zip(names, cells, strict=False)):
            self.paper.write(self.left + 120 * n, y, name, self.size)
            self.paper.write(self.left + 120 * n, y + self.step, cell, self.size)
        return y + self.step * 2.2

    def _charges(self, y: float) -> float:
        rng, facts = self.rng, self.facts
        for number, item in enumerate(facts.items):
            at = ("lines", number)
            self.paper.write(self.left, y, Said(item.description, ((*at, "description"),)), self.size)
            self.paper.write(
                self.right, y, self.printer.money(item.amount, (*at, "amount")), self.size, "right"
            )
            y += self.step
        y += self.step * 0.3
        if facts.taxes:
            if rng.random() < 0.8:
                y = self.amount(y, pick(rng, self.labels["net"]), facts.net, ("net",), left=self.left)
            rate, _, tax = facts.taxes[0]
            label = pick(rng, self.labels["vat_rate_line"]).split("{b}")[0].replace("{r}", f"{rate:g} %")
            y = self.amount(
                y, label.removesuffix(" on ").removesuffix(" of "), tax, ("tax_total",), left=self.left
            )
        return self.amount(
            y, self.printer.name_currency(self.word("charges")), facts.total, ("total",), left=self.left
        )

    def _balance(self, y: float) -> float:
        """What was owed before, what was paid, and what is due in all."""
        rng, facts = self.rng, self.facts
        facts.paid = self.payment - self.previous
        if self.previous:
            rows = [(self.word("previous"), self.previous), (self.word("payment"), -self.payment)]
            for label, cents in rows:
                y = self.amount(y, label, cents, left=self.left)
        if self.previous or rng.random() < 0.6:
            y = self.amount(y, self.word("due"), facts.total - facts.paid, ("amount_due",), left=self.left)
            self.due_shown = True
        if "due_date" not in self.printer.shown:
            self.paper.write(self.left, y, self.printer.due_sentence(), self.size)
            y += self.step
        return y

    def _slip(self, y: float) -> float:
        """The part to tear off and send with the payment."""
        rng, facts = self.rng, self.facts
        self.paper.write(self.left, y, "- " * 50, self.size)
        y += self.step * 1.5
        y = self.pair(self.left, y, self.word("account"), (self.printer.value("customer_number"),), 120.0)
        amount = self.printer.money(facts.total - facts.paid)
        y = self.pair(self.left, y, self.word("due"), tuple(amount), 120.0)
        return self.pair(self.left, y, rng.choice(("Amount enclosed", made_up(rng))), ("________",), 120.0)
