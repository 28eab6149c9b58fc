"""Purchase orders of US offices: vendor beside ship-to, a band of terms, comments beside the sums."""

from random import Random

from starter.documents import parties
from starter.documents.drawn import Drawn
from starter.documents.facts import Facts
from starter.documents.forms.base import Form
from starter.documents.paper import Part
from starter.documents.table import draw_table
from starter.documents.values import pick, spell

BANDS = {
    "REQUISITIONER": "{name} {name}",
    "SHIP VIA": "UPS|Parcel Post|FedEx Ground|Truck|Best way|DHL",
    "F.O.B.": "Destination|Origin|Freight Prepaid|",
    "SHIPPING TERMS": "Net 10|2/10 Net 30|NET 20|Prepaid|Collect",
    "PAYMENT TERMS": "Net 30|COD|30 days net",
    "DEPT": "Facilities|IT|Lab|Marketing",
    "BUYER": "{name} {name}",
    "DELIVERY BY": "",
    "CONTACT": "{name} {name}",
    "INCOTERM": "DAP|EXW|CIF|FCA",
}
COMMENTS = (
    "Please ship as soon as possible",
    "Fragile",
    "Double wrap",
    "Deliver to dock 4",
    "Confirm receipt of this order",
    "Two copies of the invoice",
)


def purchase(rng: Random, facts: Facts) -> Drawn:
    """An order that a buyer sends."""
    return _Purchase(rng, facts).draw()


class _Purchase(Form):
    def __init__(self, rng: Random, facts: Facts) -> None:
        facts.kind = "order"
        super().__init__(rng, facts)
        self.issuer, self.addressed = "buyer", "supplier"
        self.title = pick(rng, self.labels["title_order"])
        facts.paid = 0

    def draw(self) -> Drawn:
        rng, facts = self.rng, self.facts
        y = 36.0
        low = self.block(self.left, y, "buyer", big=rng.random() < 0.4)
        low = self.contacts(self.left, low, "buyer", chance=0.5)
        x = rng.choice((330.0, 380.0))
        self.paper.write(x, y, self.title, self.size * rng.choice((1.0, 1.6, 2.0)))
        at = y + self.step * rng.choice((1.0, 1.6, 2.0))
        fields: list[tuple[str, tuple[Part, ...]]] = [
            (pick(rng, self.labels["issue_date"]), (self.printer.value("issue_date"),)),
            (pick(rng, self.labels["order_doc_number"]), (self.printer.value("number"),)),
        ]
        if facts.customer and rng.random() < 0.4:
            fields.append(
                (pick(rng, self.labels["customer_number"]), (self.printer.value("customer_number"),))
            )
        if rng.random() < 0.4:
            fields.append((pick(rng, self.labels["d_id"]), (self.printer.distractor("d_id"),)))
        if rng.random() < 0.5:
            rng.shuffle(fields)
        gap = rng.choice((0.0, 60.0, 80.0))
        for label, parts in fields:
            at = self.pair(x, at, label, parts, gap)
        y = max(low, at) + self.step
        y = self._vendor(y) + self.step
        if rng.random() < 0.7:
            y = self._band(y) + self.step * 0.6
        y = draw_table(self, y)
        y = self._sums(self.room(y + self.step, 80))
        if rng.random() < 0.6:
            whom = f"{facts.buyer.person}, {facts.buyer.phone}"
            self.paper.write(self.left, y, f"Questions about this order? Please contact {whom}", self.size)
        return self.finish()

    def _vendor(self, y: float) -> float:
        """The supplier, and beside it where the goods go: nobody's address but the dock's."""
        rng, facts = self.rng, self.facts
        label = (
            rng.choice(("VENDOR", "Vendor", "TO:", "Supplier", "SELLER", "Vendor:"))
            if facts.style.language == "en"
            else pick(rng, self.labels["from"])
        )
        self.paper.write(self.left, y, label, self.size)
        low = self.block(self.left, y + self.step, "supplier")
        if rng.random() < 0.4:
            low = self.contacts(self.left, low, "supplier", chance=0.5)
        if rng.random() < 0.75:
            x = rng.choice((300.0, 330.0))
            self.paper.write(x, y, pick(rng, self.labels["ship_to"]), self.size)
            dock = parties.party(rng, facts.style.language, facts.style.country)
            rows = [facts.buyer.person, facts.buyer.name, dock.street, dock.town]
            for n, text in enumerate(rows[rng.choice((0, 1)) :], start=1):
                self.paper.write(x, y + self.step * n, text, self.size)
            low = max(low, y + self.step * 5)
        return low

    def _band(self, y: float) -> float:
        rng = self.rng
        names = rng.sample(list(BANDS), rng.choice((3, 4)))
        wide = (self.right - self.left) / len(names)
        for n, name in enumerate(names):
            x = self.left + wide * n
            self.paper.write(x, y, name, self.size)
            if name == "DELIVERY BY" and self.facts.delivered:
                self.paper.write(x, y + self.step, self.printer.value("delivery_date"), self.size)
            else:
                text = spell(rng, pick(rng, BANDS[name].split("|")))
                self.paper.write(x, y + self.step, text, self.size)
        return y + self.step * 2

    def _sums(self, y: float) -> float:
        """Sums on the right, comments on the left of the same lines."""
        rng, facts = self.rng, self.facts
        rows: list[tuple[str, int, tuple[str, ...]]] = []
        goods_are_net = not facts.discount and not facts.shipping
        rows.append((pick(rng, self.labels["net"]), facts.goods, ("net",) if goods_are_net else ()))
        if facts.discount:
            rows.append((pick(rng, self.labels["discount"]).split(" {")[0], -facts.discount, ()))
        if facts.shipping:
            rows.append(
                (
                    rng.choice((pick(rng, self.labels["shipping"]), "SHIP/INS", "S & H")),
                    facts.shipping,
                    ("shipping",),
                )
            )
        if facts.taxes:
            rows.append((pick(rng, self.labels["tax_total"]), facts.tax, ("tax_total",)))
        if rng.random() < 0.3:
            rows.append((rng.choice(("OTHER", "HANDLING", "Misc.")), 0, ()))
        comments = (
            ["Comments or Special Instructions", *rng.sample(COMMENTS, 2)] if rng.random() < 0.5 else []
        )
        for n, (label, cents, names) in enumerate(rows):
            if n < len(comments):
                self.paper.write(self.left, y, comments[n], self.size)
            y = self.amount(y, label, cents, *((name,) for name in names), left=370)
        total = self.printer.name_currency(
            rng.choice(("TOTAL", "Total", "ORDER TOTAL", pick(rng, self.labels["total"])))
        )
        y = self.amount(y, total, facts.total, ("total",), left=370)
        if rng.random() < 0.3:
            self.paper.write(self.left, y, f"Authorized by {facts.buyer.person}", self.size)
            y += self.step
        return y + self.step
