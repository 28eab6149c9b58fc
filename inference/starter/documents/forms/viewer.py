"""E-invoices as viewers show them: every term of EN 16931 with its name, and often with its number."""

import re
from collections.abc import Mapping
from random import Random

from starter.documents import values, words
from starter.documents.drawn import Drawn
from starter.documents.facts import Facts, Item
from starter.documents.forms.base import Form
from starter.documents.paper import Part, Path, Said
from starter.documents.table import draw_table
from starter.documents.values import pick

TERMS: Mapping[str, Mapping[str, list[str]]] = words.vocabulary("forms/viewer")
UNITS = ("H87", "C62", "HUR", "KGM", "PCE", "MTR", "LTR", "MON", "XPP")


def viewer(rng: Random, facts: Facts) -> Drawn:
    """A viewer's page of an e-invoice. Languages without words here are shown in English."""
    return _Viewer(rng, facts).draw()


class _Viewer(Form):
    def __init__(self, rng: Random, facts: Facts) -> None:
        super().__init__(rng, facts)
        self.terms = TERMS.get(facts.style.language, TERMS["en"])
        self.codes = rng.choice(("none", "none", "behind", "before", "column"))
        self.gap = rng.choice((110.0, 130.0, 150.0))
        facts.style.money = rng.choice(
            ("{v}", "{v}", "{v} " + facts.style.currency, "{v} €" if facts.style.currency == "EUR" else "{v}")
        )
        self.coded: dict[str, str] = {}
        self.with_code, self.with_rate = rng.random() < 0.5, rng.random() < 0.7

    def term(self, code: str) -> str:
        """The name of a term, the same throughout the page, with its number in the viewer's manner."""
        if code not in self.coded:
            name = pick(self.rng, self.terms[code])
            if self.codes == "behind":
                name = f"{name} ({code})"
            elif self.codes == "before":
                name = f"{code} {name}"
            self.coded[code] = name
        return self.coded[code]

    def heading(self, x: float, y: float, key: str) -> float:
        self.paper.write(x, y, pick(self.rng, self.terms[key]), self.size * 1.1)
        return y + self.step * 1.2

    def field(self, x: float, y: float, code: str, *parts: Part) -> float:
        """One term on a line of its own, on a new page where the old one is full."""
        y = self.room(y)
        if self.codes == "column":
            self.paper.write(x, y, code, self.size)
            x += 40
        return self.pair(x, y, self.term(code), parts, self.gap if self.codes != "column" else self.gap - 10)

    def said(self, code: str, name: str) -> tuple[str, tuple[Part, ...]]:
        return code, (self.printer.value(name),)

    def draw(self) -> Drawn:
        rng, facts = self.rng, self.facts
        y = 40.0
        titled = rng.random() < 0.5
        if titled:
            title = pick(rng, self.terms["credit" if facts.kind == "credit_note" else "title"])
            day = self.printer.value("issue_date")
            parts: tuple[Part, ...] = (
                f"{title}  {self.terms['number'][0]} ",
                self.printer.value("number"),
                f"  {self.terms['dated'][0]}  ",
                day,
            )
            self.paper.write(self.left, y, parts, self.size * 1.2)
            y += self.step * 2
        if rng.random() < 0.5:
            y = self._data(y, titled)
            y = self._parties(y)
        else:
            y = self._parties(y)
            y = self._data(y, titled)
        sections = [self._lines, self._sums, self._tax, self._pay]
        if rng.random() < 0.4:
            sections = [self._sums, self._tax, self._pay, self._lines]
        for section in sections:
            y = section(self.room(y, 60)) + self.step * 0.5
        return self.finish()

    def _data(self, y: float, titled: bool) -> float:
        rng, facts = self.rng, self.facts
        y = self.heading(self.left, y, "data")
        fields: list[tuple[str, tuple[Part, ...]]] = []
        if not titled:
            fields += [self.said("BT-1", "number"), self.said("BT-2", "issue_date")]
        if rng.random() < 0.3:
            fields.append(
                ("BT-3", (rng.choice(("380", "381", "384")) if facts.kind != "credit_note" else "381",))
            )
        if rng.random() < 0.8:
            self.printer.shown_currency = True
            fields.append(("BT-5", (facts.style.currency,)))
        if facts.due and rng.random() < 0.7:
            fields.append(self.said("BT-9", "due_date"))
        if facts.delivered:
            fields.append(self.said("BT-72", "delivery_date"))
        if facts.period:
            first, _, last = self.printer.span(facts.period)
            fields += [("BT-73", (first,)), ("BT-74", (last,))]
        if facts.order:
            fields.append(self.said("BT-13", "order_number"))
        if rng.random() < 0.3:
            fields.append(
                ("BT-10", (f"{values.digits(rng, 8)}-{values.digits(rng, 5)}-{values.digits(rng, 2)}",))
            )
        if rng.random() < 0.3:
            rng.shuffle(fields)
        for code, parts in fields:
            y = self.field(self.left, y, code, *parts)
        return y + self.step * 0.5

    def _parties(self, y: float) -> float:
        beside = self.rng.random() < 0.45
        roles = [("supplier", "seller"), ("buyer", "buyer")]
        if self.rng.random() < 0.4:
            roles.reverse()
        if beside:
            self.gap, gap = min(self.gap, 110.0), self.gap
            low = max(
                self._party(x, y, role, key) for x, (role, key) in zip((self.left, 310.0), roles, strict=True)
            )
            self.gap = gap
            return low + self.step * 0.5
        for role, key in roles:
            y = self._party(self.left, self.room(y, 80), role, key) + self.step * 0.5
        return y

    def _party(self, x: float, y: float, role: str, key: str) -> float:
        """A party term by term; its address is in several values, in the order of the viewer."""
        rng, party = self.rng, self.party(role)
        y = self.heading(x, y, key)
        path: Path = (f"{role}_address",)
        copy = self.paper.new_copy(path)
        match = re.fullmatch(r"(\S*\d\S*) (.+)", party.town)
        place = [("BT-38", match[1]), ("BT-37", match[2])] if match else [("BT-37", party.town)]
        if rng.random() < 0.3:
            place.reverse()
        y = self.field(x, y, "BT-27", self.name_part(role))
        address = [("BT-35", party.street.strip(",")), *place]
        if rng.random() < 0.7:
            address.append(("BT-40", party.code if rng.random() < 0.6 else party.country))
        for code, text in address:
            y = self.field(x, y, code, Said(text, (path,), copy))
        if role == "buyer" and self.facts.customer:
            y = self.field(x, y, *self._flat(self.said("BT-46", "customer_number")))
        if rng.random() < 0.75:
            y = self.field(x, y, "BT-31", Said(party.vat_id, ((f"{role}_vat_id",),)))
        if rng.random() < (0.45 if role == "supplier" else 0.1):
            y = self.field(x, y, "BT-32", Said(party.tax_number, ((f"{role}_tax_number",),)))
        for code, text in (("BT-41", party.person), ("BT-42", party.phone), ("BT-43", party.mail)):
            if rng.random() < 0.35:
                y = self.field(x, y, code, text)
        return y

    @staticmethod
    def _flat(field: tuple[str, tuple[Part, ...]]) -> tuple[str, Part]:
        return field[0], field[1][0]

    def _lines(self, y: float) -> float:
        y = self.heading(self.left, y, "lines")
        if self.rng.random() < 0.4:
            return draw_table(self, y)
        for number, item in enumerate(self.facts.items):
            y = self._line(number, item, self.room(y, 60))
        return y

    def _line(self, number: int, item: Item, y: float) -> float:
        """One line of the invoice as a block of terms, in the order of the task's columns or the viewer's."""
        rng, printer = self.rng, self.printer
        at = ("lines", number)
        y = self.field(self.left, y, "BT-126", str(number + 1))
        rows: list[tuple[str, list[Part]]] = [
            ("BT-153", [Said(item.description, ((*at, "description"),))]),
            ("BT-129", [printer.quantity(item.quantity, (*at, "quantity"))]),
            ("BT-130", [Said(rng.choice(UNITS), ((*at, "unit"),))]),
            ("BT-146", printer.money(item.price, (*at, "unit_price"))),
            ("BT-131", printer.money(item.amount, (*at, "amount"))),
        ]
        if self.with_code:
            rows.insert(rng.choice((0, 1)), ("BT-155", [Said(item.code, ((*at, "item_number"),))]))
        if self.with_rate:
            rows.insert(-1, ("BT-152", printer.rate(item.rate, (*at, "vat_rate"))))
        for code, parts in rows:
            y = self.field(self.left, y, code, *parts)
        return y + self.step * 0.4

    def _sums(self, y: float) -> float:
        facts, rng = self.facts, self.rng
        y = self.heading(self.left, y, "sums")
        rows: list[tuple[str, int, tuple[str, ...]]] = []
        if rng.random() < 0.8:
            rows.append(
                ("BT-106", facts.goods, ("net",) if not facts.discount and not facts.shipping else ())
            )
        if facts.discount or rng.random() < 0.3:
            rows.append(("BT-107", facts.discount, ()))
        if facts.shipping or rng.random() < 0.3:
            rows.append(("BT-108", facts.shipping, ("shipping",) if facts.shipping else ()))
        rows += [
            ("BT-109", facts.net, ("net",)),
            ("BT-110", facts.tax, ("tax_total",)),
            ("BT-112", facts.total, ("total",)),
        ]
        if facts.paid or rng.random() < 0.3:
            rows.append(("BT-113", facts.paid, ()))
        rows.append(("BT-115", facts.total - facts.paid, ("amount_due",)))
        for code, cents, names in rows:
            weak = code == "BT-106"
            parts = self.printer.money(cents, *((name,) for name in names))
            y = self.field(
                self.left,
                y,
                code,
                *(Said(p.text, p.paths, weak=weak) if isinstance(p, Said) else p for p in parts),
            )
        return y

    def _tax(self, y: float) -> float:
        if not self.facts.taxes:
            return y
        y = self.heading(self.left, y, "tax")
        for number, (rate, base, tax) in enumerate(self.facts.taxes):
            at = ("vat_by_rate", number)
            y = self.field(self.left, y, "BT-116", *self.printer.money(base, (*at, "base")))
            y = self.field(self.left, y, "BT-119", *self.printer.rate(rate, (*at, "rate")))
            y = self.field(self.left, y, "BT-117", *self.printer.money(tax, (*at, "amount")))
        return y

    def _pay(self, y: float) -> float:
        facts = self.facts
        if not (facts.iban or facts.reference or facts.due):
            return y
        y = self.heading(self.left, y, "pay")
        if facts.iban:
            y = self.field(self.left, y, *self._flat(self.said("BT-84", "iban")))
        if facts.reference:
            y = self.field(self.left, y, *self._flat(self.said("BT-83", "payment_reference")))
        if facts.due and "due_date" not in self.printer.shown and self.rng.random() < 0.5:
            self.paper.write(self.left, y, self.printer.due_sentence(), self.size)
            y += self.step
        return y
