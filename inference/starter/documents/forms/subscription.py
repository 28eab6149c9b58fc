"""Bills for software, cloud and hosting: an amount that is due in large type, periods under the rows."""

from datetime import date
from random import Random

from starter.documents.drawn import Drawn
from starter.documents.facts import Facts, a_period
from starter.documents.forms.base import Form
from starter.documents.paper import Part, Said
from starter.documents.values import made_up, pick

PLANS = (
    "Team plan|Pro plan (per seat)|Standard seats|Cloud storage 1 TB|API usage|Compute instance {n}|Managed database|Virtual server {n}|"
    "Domain registration {d}|SSL certificate {d}|Backup space|Data transfer out|Support plan Business|Object storage|Load balancer|"
    "Dedicated server {n}|Web hosting L|E-mail package|Monthly subscription|Additional users|Overage minutes|Premium licence|"
    "Build minutes|Monitoring|Traffic {n}|Snapshot {n}|Floating IP|User licences"
).split("|")
WORDS = {
    "en": {
        "paid": "Amount paid|Payment received|Paid with card", "greeting": "Thank you for your business.|Greetings, this is the electronic invoice for your use of our services.",
        "bill": "This invoice is for the billing period {p}|Charges for the period {p}|Service period {p}", "charges": "Charges|Service charges|Usage charges",
        "credits": "Credits|Discounts|Promotional credits", "this": "Total for this invoice|Invoice total|Total", "due_on": "TOTAL AMOUNT DUE ON {d}|Due on {d}|{t} due {d}", "reverse": "Tax to be paid on reverse charge basis",
    },
    "de": {
        "paid": "Bereits bezahlt|Gezahlter Betrag", "greeting": "Vielen Dank für Ihr Vertrauen.|Sehr geehrte Damen und Herren, wir berechnen Ihnen:", "bill": "Abrechnungszeitraum {p}|Leistungszeitraum: {p}|Zeitraum {p}",
        "charges": "Nutzungsgebühren|Entgelte", "credits": "Gutschriften|Guthaben", "this": "Rechnungsbetrag|Gesamtbetrag|Summe", "due_on": "Fällig am {d}: {t}|Zu zahlen bis {d}", "reverse": "Steuerschuldnerschaft des Leistungsempfängers",
    },
    "fr": {
        "paid": "Montant payé|Déjà réglé", "greeting": "Merci de votre confiance.", "bill": "Période de facturation {p}|Période : {p}|Du {p}", "charges": "Frais de service|Consommation",
        "credits": "Crédits|Avoirs", "this": "Montant total TTC|Total TTC", "due_on": "À régler avant le {d}|{t} à payer le {d}", "reverse": "Autoliquidation de la TVA",
    },
    "nl": {
        "paid": "Betaald bedrag|Reeds voldaan", "greeting": "Bedankt voor uw bestelling.", "bill": "Factuurperiode {p}|Periode {p}", "charges": "Kosten|Verbruik", "credits": "Tegoed|Korting",
        "this": "Totaal|Totaalbedrag", "due_on": "Te betalen voor {d}|{t} te betalen op {d}", "reverse": "Btw verlegd",
    },
}  # fmt: skip


def subscription(rng: Random, facts: Facts) -> Drawn:
    """An invoice, or the receipt of a payment, for a subscription."""
    return _Subscription(rng, facts).draw()


class _Subscription(Form):
    def __init__(self, rng: Random, facts: Facts) -> None:
        super().__init__(rng, facts)
        self.words = WORDS.get(facts.style.language, WORDS["en"])
        facts.period = facts.period or a_period(rng, facts.issued)
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
        return pick(self.rng, self.words[key].split("|"))

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
            self.paper.write(self.left, y, (before, *self.printer.span(), after), self.size)
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
            if self.under_rows and facts.period:
                y = self._under(number, y)
        return y

    def _under(self, number: int, y: float) -> float:
        """The period of a row; it is the document's where the document has one row, and else says nothing of it."""
        facts, rng = self.facts, self.rng
        assert facts.period is not None
        if len(facts.items) == 1 and "period" not in self.printer.shown and rng.random() < 0.6:
            self.paper.write(self.left, y, self.printer.span(), self.size * 0.9)
        else:
            first, last = facts.period
            self.paper.write(
                self.left,
                y,
                f"{_short(rng, first)} – {_short(rng, last)}, {last.year}"
                if number % 2 == 0
                else _short(rng, last),
                self.size * 0.9,
            )
        return y + self.step

    def _sums(self, y: float) -> float:
        rng, facts = self.rng, self.facts
        taxed = bool(facts.taxes)
        left = rng.choice((300.0, 350.0, self.left))
        if taxed or rng.random() < 0.6:
            y = self.amount(
                y, pick(rng, self.labels["net"]), facts.net, *([("net",)] if taxed else [("net",)]), left=left
            )
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


def _short(rng: Random, day: date) -> str:
    return f"{day.strftime('%b')} {day.day}"
