"""A sheet of paper and what any bill writes on it: parties, contacts, tax ids, page numbers, a foot."""

from random import Random

from starter.documents import values, words
from starter.documents.drawn import Drawn
from starter.documents.facts import Facts
from starter.documents.paper import Paper, Part, Said, add_noise, advance, develop
from starter.documents.parties import Party
from starter.documents.printing import Printer
from starter.documents.values import pick
from starter.documents.words import LABELS


class Sheet:
    """One document while it is being set."""

    def __init__(self, rng: Random, facts: Facts) -> None:
        self.rng, self.facts = rng, facts
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
        """Who plays this role."""
        return self.facts.supplier if role == "supplier" else self.facts.buyer

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
        self.page_number()
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
        """The name, marked."""
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

    def block(
        self, x: float, y: float, role: str, align: str = "left", *, big: bool = False, wide: float = 400.0
    ) -> float:
        """Name and address in lines, as on a letter; a name wider than `wide` goes over two lines."""
        rng = self.rng
        scale = 1.5 if big else 1.0
        name, path = self.party(role).name, (f"{role}_name",)
        lines = self.wrapped(name, wide, self.size * scale)
        copy = self.paper.new_copy(path)
        for text in lines:
            self.paper.write(x, y, Said(text, (path,), copy), self.size * scale, align)
            y += self.step * scale
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
            for text in self.wrapped(part.text, wide, self.size):
                said = Said(text, part.paths, part.copy)
                self.paper.write(x, y, (said,) if rng.random() < 0.93 else (said, ","), self.size, align)
                y += self.step
        return y

    def wrapped(self, text: str, wide: float, size: float) -> list[str]:
        """The text in lines of at most this width."""
        lines = [""]
        for word in text.split():
            longer = f"{lines[-1]} {word}".strip()
            if lines[-1] and advance(longer, size, mono=self.paper.mono) > wide:
                lines.append(word)
            else:
                lines[-1] = longer
        return lines

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

    def prose(self, count: int) -> str:
        """So many words that say nothing of the facts."""
        text = words.PROSE[self.facts.style.language]
        start = self.rng.randrange(max(1, len(text) - count))
        return " ".join(text[start : start + count]).capitalize()

    def page_number(self) -> None:
        """The number of the page that ends, by chance."""
        if self.rng.random() < 0.5:
            page = len(self.paper.pages)
            text = pick(self.rng, self.labels["page"]).format(p=page, n=max(page, self.rng.randint(1, 2)))
            self.paper.write(self.right, 825, text, 7, "right")

    def footer(self, y: float, *, named: bool = False) -> None:
        """The foot of the last page: the issuer, how to reach it, its bank and registers, in columns."""
        rng = self.rng
        columns: list[list[tuple[Part, ...]]] = []
        if named or rng.random() < 0.3:
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
            self.page_number()
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
        self.page_number()
