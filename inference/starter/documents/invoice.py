"""Whole invented invoices, credit notes, orders and reminders, in many layouts.

A layout is a handful of choices; one in ten combinations is held out for evaluation and never trained on.
"""

from dataclasses import dataclass
from datetime import timedelta
from random import Random
from zlib import crc32

from starter.documents import parties, values
from starter.documents.drawn import Drawn
from starter.documents.facts import Facts, invent, rebate_rows
from starter.documents.paper import Part
from starter.documents.sheet import Sheet
from starter.documents.table import ORDERS, draw_table
from starter.documents.totals import draw_totals
from starter.documents.values import pick

HEADERS = ("left", "right", "centre", "footer", "pair", "sender", "left_line")
METAS = ("right_colon", "right_columns", "band", "stacked", "left_colon", "inline", "title")
BUYERS = ("left_label", "left", "right_label", "line", "with_ship_to", "label_beside")
TOTALS = ("right", "right_tight", "left", "band", "table")


@dataclass(frozen=True, slots=True)
class Layout:
    """The choices of one design."""

    header: str
    meta: str
    buyer: str
    totals: str
    table: int

    @property
    def held_out(self) -> bool:
        return crc32(repr(self).encode()) % 10 == 0


def design(rng: Random, *, held_out: bool) -> Layout:
    """A layout of the asked side of the split."""
    while True:
        layout = Layout(
            pick(rng, HEADERS), pick(rng, METAS), pick(rng, BUYERS), pick(rng, TOTALS), rng.randrange(12)
        )
        if layout.held_out == held_out:
            return layout


def whole(rng: Random, *, held_out: bool = False, most_items: int = 24) -> Drawn:
    """One document, on one or more pages."""
    kind = rng.choices(("invoice", "credit_note", "order", "proforma", "reminder"), (74, 9, 9, 4, 4))[0]
    facts = invent(rng, kind, most_items)
    return Designer(rng, facts, design(rng, held_out=held_out)).draw()


class Designer(Sheet):
    """Sets one document on paper: a head, parties, labelled facts, a table, sums, a foot."""

    def __init__(self, rng: Random, facts: Facts, layout: Layout) -> None:
        super().__init__(rng, facts)
        self.layout = layout
        if "discount" in ORDERS[layout.table] and rng.random() < 0.5:
            rebate_rows(rng, facts)

    def draw(self) -> Drawn:
        rng = self.rng
        y = self._header(35.0)
        if rng.random() < 0.9 or self.layout.meta == "title":
            y = self._title(y)
        y = self._parties_and_meta(y)
        if rng.random() < 0.35:
            y = self._intro(y)
        y = draw_table(self, y + rng.choice((6, 14)))
        y = draw_totals(self, y + rng.choice((4, 10)))
        y = self._payment(y + 10)
        if rng.random() < 0.05:
            y = self._small_print(y + self.step)
        self.footer(y, named=self.layout.header == "footer")
        return self.finish()

    def _header(self, y: float) -> float:
        rng, form, role = self.rng, self.layout.header, self.issuer
        if form in ("left", "right"):
            x, align = (
                (self.left, "left")
                if form == "left"
                else ((self.right, "right") if rng.random() < 0.5 else (370.0, "left"))
            )
            y = self.block(x, y, role, align, big=rng.random() < 0.6)
            return self.contacts(x, y, role, align) + self.step
        if form == "centre":
            self.paper.write(297, y, (self.name_part(role),), self.size * 1.5, "centre")
            y += self.step * 1.6
            self.paper.write(
                297,
                y,
                (self.address_line(role, rng.choice((", ", " - ", " · ", " | "))),),
                self.size,
                "centre",
            )
            y += self.step
            return self.contacts(297, y, role, "centre") + self.step
        if form == "left_line":
            self.paper.write(
                self.left,
                y,
                (
                    self.name_part(role),
                    rng.choice((" · ", ", ", " | ", " - ")),
                    self.address_line(role, rng.choice((" · ", ", ", " | "))),
                ),
                self.size,
            )
            return self.contacts(self.left, y + self.step, role) + self.step
        if form == "footer" and rng.random() < 0.6:
            self.paper.write(self.left, y, (self.name_part(role),), self.size * 1.6)
            return y + self.step * 2
        return y

    def _title(self, y: float) -> float:
        rng = self.rng
        text: list[Part] = [self.title if rng.random() < 0.8 else self.title.upper()]
        if self.layout.meta == "title" or rng.random() < 0.12:
            text += [rng.choice((" ", " Nr. ", " # ", " no. ", " N° ", ": ")), self.printer.value("number")]
        x, align = rng.choice(
            ((self.left, "left"), (self.left, "left"), (self.right, "right"), (297.0, "centre"))
        )
        self.paper.write(x, y, text, self.size * rng.choice((1.3, 1.8, 2.2)), align)
        return y + self.step * 2.4

    # Header fields -----------------------------------------------------------------------------------

    def _parties_and_meta(self, y: float) -> float:
        rng, form = self.rng, self.layout.buyer
        entries = self.printer.entries(in_title=self.layout.meta == "title")
        below = self.layout.meta in ("band", "inline", "left_colon", "title")
        top = y
        if self.layout.header == "sender":
            self.paper.write(
                self.left,
                y,
                (
                    self.name_part(self.issuer),
                    rng.choice((" · ", ", ", " - ")),
                    self.address_line(self.issuer, rng.choice((" · ", ", ", " - "))),
                ),
                7,
            )
            y += 14
        x = 330.0 if form == "right_label" and below else self.left
        if self.layout.header == "pair":
            beside = not below and self.layout.meta != "stacked" and rng.random() < 0.4
            wide = 135.0 if beside else 240.0
            end = self._labelled(self.left, y, self.issuer, "from", wide)
            end = max(end, self._labelled(200.0 if beside else 315.0, y, self.addressed, "bill_to", wide))
            if beside:
                end = max(end, self.printer.meta(self, entries, y + self.offset(), self.layout.meta, 375.0))
            elif not below:
                end = self.printer.meta(self, entries, end + self.step, self.layout.meta)
            y = end
        else:
            y_party = self._addressee(x, y, form)
            y_meta = y if below else self.printer.meta(self, entries, top + self.offset(), self.layout.meta)
            y = max(y_party, y_meta)
        if self.layout.header == "pair":
            pass  # What stands under two blocks side by side belongs to neither.
        elif rng.random() < 0.25:
            y = self.contacts(self.left, y, self.addressed, chance=0.35)
        elif rng.random() < 0.4:
            for row in self.tax_rows(self.addressed, 0.5):
                self.paper.write(self.left, y, row, self.size)
                y += self.step
        y += self.step
        if below:
            y = self.printer.meta(self, entries, y, self.layout.meta) + self.step
        return y

    def offset(self) -> float:
        """How far a block stands above or below its neighbour, so that their lines interleave."""
        return self.rng.choice((0.0, 0.0, 0.0, 0.3, 0.5, 0.5, 0.8, -0.5, 2.5, -1.4, 4.0)) * self.step

    def _labelled(self, x: float, y: float, role: str, key: str, wide: float) -> float:
        label = pick(
            self.rng,
            self.labels[
                key
                if self.facts.kind != "order" or self.issuer == "supplier"
                else ("bill_to" if role == "buyer" else "from")
            ],
        )
        self.paper.write(x, y, label + self.rng.choice(("", ":")) * (not label.endswith(":")), self.size)
        y = self.block(x, y + self.step, role, wide=wide)
        return self.contacts(x, y, role, chance=0.25)

    def _addressee(self, x: float, y: float, form: str) -> float:
        rng, role = self.rng, self.addressed
        label = pick(rng, self.labels["from" if role == "supplier" else "bill_to"])
        if form == "left":
            return self.block(x, y, role)
        if form == "line":
            self.paper.write(
                x,
                y,
                (
                    f"{label.rstrip(':')}: ",
                    self.name_part(role),
                    rng.choice((", ", " - ")),
                    self.address_line(role, ", "),
                ),
                self.size,
            )
            return y + self.step
        if form == "label_beside":
            self.paper.write(x, y, label.rstrip(":") + ":", self.size)
            return self.block(x + 75, y, role)
        self.paper.write(x, y, label, self.size)
        y += self.step
        if form == "with_ship_to" and self.layout.meta in ("band", "inline", "left_colon", "title"):
            other = parties.party(rng, self.facts.style.language, self.facts.style.country)
            x2 = x + 200
            self.paper.write(x2, y - self.step, pick(rng, self.labels["ship_to"]), self.size)
            same = rng.random() < 0.5
            texts = (
                [self.facts.buyer.name, self.facts.buyer.street, self.facts.buyer.town]
                if same
                else [other.name, other.street, other.town]
            )
            for n, text in enumerate(texts):
                self.paper.write(x2, y + n * self.step, text, self.size)
            return max(self.block(x, y, role), y + 3 * self.step)
        return self.block(x, y, role)

    # Prose -------------------------------------------------------------------------------------------

    def _intro(self, y: float) -> float:
        for _ in range(self.rng.randint(1, 2)):
            y = self.room(y)
            text = (
                pick(self.rng, self.labels["thanks"])
                if self.rng.random() < 0.6
                else self.prose(self.rng.randint(5, 11))
            )
            self.paper.write(self.left, y, text, self.size)
            y += self.step
        return y + self.step / 2

    def _small_print(self, y: float) -> float:
        """Terms and conditions: lines of prose that hold nothing."""
        for _ in range(self.rng.choice((5, 8, 12, 20, 30))):
            y = self.room(y)
            self.paper.write(self.left, y, self.prose(self.rng.randint(9, 14)), self.size * 0.8)
            y += self.step * 0.8
        return y

    def _payment(self, y: float) -> float:
        """Terms, a due date in a sentence, the bank account, the reference."""
        rng, printer = self.rng, self.printer
        rows: list[tuple[Part, ...]] = []
        if self.facts.due and "due_date" not in printer.shown and rng.random() < 0.8:
            rows.append(printer.due_sentence())
        elif rng.random() < 0.3:
            rows.append((f"{pick(rng, self.labels['d_text'])}: {pick(rng, self.labels['terms'])}",))
        if self.facts.period and "period" not in printer.shown and rng.random() < 0.8:
            rows.append((f"{pick(rng, self.labels['period'])}: ", *printer.span(self.facts.period)))
        if self.facts.reference and "payment_reference" not in printer.shown:
            rows.append(
                (pick(rng, self.labels["payment_reference"]) + ": ", printer.value("payment_reference"))
            )
        if self.facts.iban and rng.random() < 0.5:
            rows += printer.bank_rows()
        for _ in range(rng.choice((0, 0, 1, 1, 2, 3))):
            rows.append(
                (pick(rng, self.labels["thanks"]) if rng.random() < 0.6 else self.prose(rng.randint(5, 12)),)
            )
        if rng.random() < 0.06:  # How it was paid: an amount and a day that are neither the total nor due.
            day = values.print_date(
                rng, self.facts.style, self.facts.issued + timedelta(days=rng.randint(0, 9))
            )
            rows.append(
                (
                    f"{pick(rng, self.labels['cash'])} {day}: ",
                    *printer.money(self.facts.paid or self.facts.total),
                )
            )
        if rng.random() < 0.3:
            rng.shuffle(rows)
        for row in rows:
            y = self.room(y)
            self.paper.write(self.left, y, row, self.size)
            y += self.step
        return y
