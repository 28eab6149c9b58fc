"""Whole invented invoices, credit notes, orders and reminders, in many layouts.

A layout is a handful of choices; one in ten combinations is held out for evaluation and never trained on.
"""

from dataclasses import dataclass
from random import Random
from zlib import crc32

from starter.documents import values, words
from starter.documents.drawn import Drawn
from starter.documents.facts import Facts, invent
from starter.documents.paper import Found, Inked, Paper, Part, Said, add_noise, develop
from starter.documents.printing import Printer
from starter.documents.table import draw_table
from starter.documents.totals import draw_totals
from starter.documents.values import Party, pick
from starter.documents.words import LABELS

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


class Designer:
    """Sets one document on paper."""

    def __init__(self, rng: Random, facts: Facts, layout: Layout) -> None:
        self.rng, self.facts, self.layout = rng, facts, layout
        self.paper = Paper(rng, mono=rng.random() < 0.06)
        self.labels = LABELS[facts.style.language]
        self.printer = Printer(rng, facts, self.paper, self.labels)
        self.title = pick(rng, self.labels[f"title_{facts.kind}"])
        self.size = rng.choice((8.0, 9.0, 9.0, 10.0))
        self.step = self.size * rng.choice((1.25, 1.4, 1.6))
        self.left = rng.choice((30.0, 45.0, 60.0))
        self.right = 595 - rng.choice((30.0, 45.0))
        self.detail = rng.random()
        # On a purchase order the buyer writes and the supplier is addressed.
        own = facts.kind == "order" and not any(
            w in self.title.lower() for w in ("onfirm", "bestät", "bevestig", "sales", "auftrag")
        )
        self.issuer, self.addressed = ("buyer", "supplier") if own else ("supplier", "buyer")
        self.tax_shown: set[str] = set()

    def party(self, role: str) -> Party:
        return self.facts.supplier if role == "supplier" else self.facts.buyer

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
        self._footer(y)
        return self.finish()

    def finish(self) -> Drawn:
        """The document as it is read: clean, or recognised with some errors."""
        rng = self.rng
        if rng.random() < 0.25:
            add_noise(self.paper, rng, rng.choice((0.002, 0.004, 0.01)))
            found = develop(self.paper, "ocr")
        else:
            found = develop(self.paper)
        return Drawn(
            found, self.facts.kind, self.facts.style.currency if self.printer.shown_currency else None
        )

    def room(self, y: float, need: float = 0.0) -> float:
        """The y to go on at: the same, or the top of a new page."""
        if y + need < 790:
            return y
        self._page_number()
        self.paper.new_page()
        if self.rng.random() < 0.4:
            self.paper.write(
                self.left,
                30,
                f"{self.party(self.issuer).name}   {self.title} {self.facts.number}"
                if self.rng.random() < 0.5
                else self.party(self.issuer).name,
                8,
            )
        return 55.0

    # Parties -----------------------------------------------------------------------------------------

    def name_part(self, role: str) -> Said:
        return Said(self.party(role).name, ((f"{role}_name",),))

    def address_parts(self, role: str) -> list[Said]:
        """Street, second line, town, country: each as one part of one occurrence of the address."""
        party = self.party(role)
        path = (f"{role}_address",)
        copy = self.paper.new_copy(path)
        texts = [party.street, party.town]
        if party.extra:
            texts.insert(self.rng.choice((0, 1)), party.extra)
        if self.rng.random() < (0.6 if role == self.issuer else 0.5):
            texts.append(party.country)
        return [Said(text.strip(","), (path,), copy) for text in texts]

    def block(self, x: float, y: float, role: str, align: str = "left", *, big: bool = False) -> float:
        """Name and address in lines, as on a letter."""
        rng = self.rng
        self.paper.write(x, y, (self.name_part(role),), self.size * (1.5 if big else 1.0), align)
        y += self.step * (1.5 if big else 1.0)
        if rng.random() < 0.12 and role == self.addressed:
            self.paper.write(
                x,
                y,
                rng.choice(("", "Attn: ", "z. Hd. ", "c/o ", "Mr ", "Mme ")) + self.party(role).person,
                self.size,
                align,
            )
            y += self.step
        parts = self.address_parts(role)
        if rng.random() < 0.2 and len(parts) > 2:  # The last two share a line.
            for part in parts[:-2]:
                self.paper.write(x, y, (part,), self.size, align)
                y += self.step
            last = Said(f"{parts[-2].text}, {parts[-1].text}", parts[-1].paths, parts[-1].copy)
            self.paper.write(x, y, (last,), self.size, align)
            return y + self.step
        for part in parts:
            self.paper.write(x, y, (part,) if rng.random() < 0.93 else (part, ","), self.size, align)
            y += self.step
        return y

    def address_line(self, role: str, separator: str) -> Said:
        parts = self.address_parts(role)
        return Said(separator.join(p.text for p in parts), parts[0].paths, parts[0].copy)

    def contacts(self, x: float, y: float, role: str, align: str = "left", *, chance: float = 0.5) -> float:
        """Phone, fax, mail, web, VAT id and tax number, some of them."""
        party, rng = self.party(role), self.rng
        rows: list[tuple[Part, ...]] = []
        if rng.random() < chance:
            rows.append((f"{pick(rng, self.labels['phone'])}{rng.choice((': ', ' '))}{party.phone}",))
            if rng.random() < 0.4:
                rows.append((f"{pick(rng, self.labels['fax'])}{rng.choice((': ', ' '))}{party.fax}",))
        if rng.random() < chance:
            rows.append((party.mail,) if rng.random() < 0.6 else (f"E-Mail: {party.mail}",))
        if rng.random() < chance:
            rows.append((party.web,))
        rows += self.tax_rows(role, chance * 0.9)
        if rng.random() < 0.3:
            rng.shuffle(rows)
        for row in rows:
            self.paper.write(x, y, row, self.size, align)
            y += self.step
        return y

    def tax_rows(self, role: str, chance: float) -> list[tuple[Part, ...]]:
        party, rng = self.party(role), self.rng
        rows: list[tuple[Part, ...]] = []
        for name, text in (("vat_id", party.vat_id), ("tax_number", party.tax_number)):
            key = f"{role}_{name}"
            if rng.random() < chance and key not in self.tax_shown:
                self.tax_shown.add(key)
                yours = name == "vat_id" and role == self.addressed and role == "buyer" and rng.random() < 0.4
                rows.append(
                    (
                        pick(rng, self.labels["buyer_vat_id" if yours else name])
                        + rng.choice((": ", " ", ": ", " : ")),
                        Said(text, ((key,),)),
                    )
                )
        return rows

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
            end = self._labelled(self.left, y, self.issuer, "from")
            end = max(end, self._labelled(200.0 if beside else 315.0, y, self.addressed, "bill_to"))
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

    def _labelled(self, x: float, y: float, role: str, key: str) -> float:
        label = pick(
            self.rng,
            self.labels[
                key
                if self.facts.kind != "order" or self.issuer == "supplier"
                else ("bill_to" if role == "buyer" else "from")
            ],
        )
        self.paper.write(x, y, label + self.rng.choice(("", ":")) * (not label.endswith(":")), self.size)
        y = self.block(x, y + self.step, role)
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
            other = values.party(rng, self.facts.style.language, self.facts.style.country)
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

    def prose(self, count: int) -> str:
        text = words.PROSE[self.facts.style.language]
        start = self.rng.randrange(max(1, len(text) - count))
        return " ".join(text[start : start + count]).capitalize()

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

    def _payment(self, y: float) -> float:
        """Terms, a due date in a sentence, the bank account, the reference."""
        rng, printer = self.rng, self.printer
        rows: list[tuple[Part, ...]] = []
        if self.facts.due and "due_date" not in printer.shown and rng.random() < 0.8:
            rows.append(printer.due_sentence())
        elif rng.random() < 0.3:
            rows.append((f"{pick(rng, self.labels['d_text'])}: {pick(rng, self.labels['terms'])}",))
        if self.facts.period and "period" not in printer.shown and rng.random() < 0.8:
            rows.append((f"{pick(rng, self.labels['period'])}: ", *printer.span()))
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
        if rng.random() < 0.3:
            rng.shuffle(rows)
        for row in rows:
            y = self.room(y)
            self.paper.write(self.left, y, row, self.size)
            y += self.step
        return y

    def _page_number(self) -> None:
        if self.rng.random() < 0.5:
            page = len(self.paper.pages)
            text = pick(self.rng, self.labels["page"]).format(p=page, n=max(page, self.rng.randint(1, 2)))
            self.paper.write(self.right, 825, text, 7, "right")

    def _footer(self, y: float) -> None:
        rng = self.rng
        columns: list[list[tuple[Part, ...]]] = []
        if self.layout.header == "footer" or rng.random() < 0.3:
            columns.append(
                [(self.name_part(self.issuer),), *((part,) for part in self.address_parts(self.issuer))]
            )
        if rng.random() < 0.3:
            party = self.party(self.issuer)
            columns.append(
                [(f"{pick(rng, self.labels['phone'])} {party.phone}",), (party.mail,), (party.web,)]
            )
        if self.facts.iban and "iban" not in self.printer.shown:
            columns.append(self.printer.bank_rows())
        legal = self.tax_rows(self.issuer, 0.6)
        if legal and rng.random() < 0.4:
            register = rng.choice(("HRB", "RCS", "KvK", "Reg. No.", "CEO:", "Amtsgericht"))
            legal.append((f"{register} {values.digits(rng, 5)}",))
        if legal:
            columns.append(legal)
        columns = columns[:4]
        if not columns:
            self._page_number()
            return
        if rng.random() < 0.3:  # One line, everything beside everything.
            top = 800.0 if y < 790 else self.room(y + 20)
            for number, column in enumerate(columns):
                parts: list[Part] = []
                for row in column:
                    parts += [*row, rng.choice((" · ", " | ", ", "))]
                self.paper.write(self.left, top + 9 * number, parts[:-1], 7)
        else:
            need = 9.0 * max(map(len, columns))
            top = 815 - need if y + need < 810 else self.room(800, 100)
            wide = (self.right - self.left) / len(columns)
            for number, column in enumerate(columns):
                for at, row in enumerate(column):
                    self.paper.write(self.left + number * wide, top + 9 * at, row, 7)
        self._page_number()


__all__ = ["Designer", "Drawn", "Inked", "Layout", "design", "whole"]
