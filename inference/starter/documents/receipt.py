"""Invented till receipts: narrow, centred, with cash and change beside the total."""

from random import Random

from starter.documents import values, words
from starter.documents.drawn import Drawn
from starter.documents.facts import Facts, invent
from starter.documents.paper import Paper, Part, Said, add_noise, develop
from starter.documents.printing import Printer
from starter.documents.values import pick
from starter.documents.words import LABELS

WIDTH = 260.0


def receipt(rng: Random) -> Drawn:
    """One till receipt, often as a poor scan."""
    facts = invent(rng, "receipt", 9)
    return _Till(rng, facts).draw()


class _Till:
    def __init__(self, rng: Random, facts: Facts) -> None:
        self.rng, self.facts = rng, facts
        self.paper = Paper(rng, WIDTH, 700, mono=rng.random() < 0.5)
        self.labels = LABELS[facts.style.language]
        self.printer = Printer(rng, facts, self.paper, self.labels)
        self.size = 7.0
        self.y = 20.0
        self.x = 12.0
        self.upper = rng.random() < 0.45
        self.kind = "receipt"

    def line(self, parts: "list[Part] | Part", align: str = "left") -> None:
        x = {"left": self.x, "centre": WIDTH / 2, "right": WIDTH - 12}[align]
        self.paper.write(x, self.y, parts, self.size, align)
        self.y += 10

    def pair(self, left: "list[Part] | Part", right: "list[Part] | Part") -> None:
        self.paper.write(self.x, self.y, left, self.size)
        self.paper.write(WIDTH - 12, self.y, right, self.size, "right")
        self.y += 10

    def case(self, text: str) -> str:
        return text.upper() if self.upper else text

    def draw(self) -> Drawn:
        self._shop()
        self._slip()
        self._items()
        self._sums()
        for _ in range(self.rng.randint(0, 3)):
            self.line(self.case(pick(self.rng, self.labels["thanks"])), "centre")
        noisy = self.rng.random() < 0.65
        if noisy:
            add_noise(self.paper, self.rng, self.rng.choice((0.002, 0.006, 0.012)))
        found = develop(self.paper, "ocr" if noisy else "text")
        return Drawn(found, self.kind, self.facts.style.currency if self.printer.shown_currency else None)

    def _shop(self) -> None:
        rng, shop = self.rng, self.facts.supplier
        if rng.random() < 0.15:
            self.line(f"{values.made_up(rng)} {values.made_up(rng)}", "left")
        align = "centre" if rng.random() < 0.75 else "left"
        self.line(Said(self.case(shop.name), (("supplier_name",),)), align)
        if rng.random() < 0.25:
            self.line(
                rng.choice(
                    (
                        f"({values.digits(rng, 6)}-{rng.choice('AHKTVWX')})",
                        f"CO. REG. {values.digits(rng, 9)}",
                        f"REG NO: {values.digits(rng, 6)}-{rng.choice('AKTX')}",
                    )
                ),
                align,
            )
        path = ("supplier_address",)
        copy = self.paper.new_copy(path)
        texts = [shop.street, shop.town]
        if shop.extra:
            texts.insert(1, shop.extra)
        if rng.random() < 0.25:
            texts.append(shop.country)
        if rng.random() < 0.2:
            texts = [", ".join(t.strip(",") for t in texts)]
        for number, text in enumerate(texts):
            comma: list[Part] = [","] if number < len(texts) - 1 and rng.random() < 0.5 else []
            self.line([Said(self.case(text).strip(","), (path,), copy), *comma], align)
        rows: list[list[Part]] = []
        if rng.random() < 0.6:
            rows.append(
                [
                    f"{pick(rng, self.labels['phone'])}: {shop.phone}"
                    + (f"  {pick(rng, self.labels['fax'])}: {shop.fax}" if rng.random() < 0.3 else "")
                ]
            )
        if rng.random() < 0.25:
            rows.append([shop.web])
        for name, text in (("vat_id", shop.vat_id), ("tax_number", shop.tax_number)):
            if rng.random() < 0.4:
                rows.append(
                    [
                        pick(rng, self.labels[name]) + rng.choice((": ", " ", " : ")),
                        Said(text, ((f"supplier_{name}",),)),
                    ]
                )
        rng.shuffle(rows)
        for row in rows:
            self.line(row, align)

    def _slip(self) -> None:
        rng = self.rng
        if rng.random() < 0.55:
            title = pick(rng, self.labels["title_receipt"])
            lowered = title.lower()
            if any(w in lowered for w in ("tax invoice", "rechnung", "facture", "fattura", "factuur")):
                self.kind = "invoice"
            self.y += 4
            self.line(self.case(title), "centre")
        entries: list[list[Part]] = []
        if rng.random() < 0.8:
            entries.append(
                [
                    pick(rng, self.labels["receipt_number"]) + rng.choice((": ", " ", ":", " : ")),
                    self.printer.value("number"),
                ]
            )
        time = f"{rng.randint(7, 22):02d}:{rng.randint(0, 59):02d}" + rng.choice(
            ("", "", f":{rng.randint(0, 59):02d}", " PM")
        )
        day: list[Part] = [self.printer.value("issue_date")]
        if rng.random() < 0.6:
            day = [f"{pick(rng, self.labels['issue_date'])}: ", *day]
        if rng.random() < 0.7:
            day += [rng.choice((" ", "  ", " Time: ", " - ")), time]
        entries.append(day)
        for _ in range(rng.choice((0, 1, 1, 2, 3))):
            entries.append(  # noqa: PERF401  (one draw after another reads better than nested brackets)
                [
                    rng.choice(
                        (
                            f"Cashier: {pick(rng, words.FIRST[self.facts.style.language])}",
                            f"Table {rng.randint(1, 40)}",
                            f"Term: {values.digits(rng, 3)}",
                            f"POS {values.digits(rng, 2)} {values.digits(rng, 4)}",
                            f"{pick(rng, self.labels['d_id'])}: {values.identifier(rng)}",
                            f"MEMBER: {values.digits(rng, 7)}",
                        )
                    )
                ]
            )
        rng.shuffle(entries)
        at = 0
        while at < len(entries):
            if rng.random() < 0.3 and at + 1 < len(entries):
                self.pair(entries[at], entries[at + 1])
                at += 2
            else:
                self.line(entries[at])
                at += 1
        if rng.random() < 0.5:
            self.line(rng.choice("-=*") * 34)

    def _items(self) -> None:
        rng, labels, printer = self.rng, self.labels, self.printer
        form = rng.choice(
            ("name_amount", "name_amount", "qty_name_amount", "two_lines", "two_lines", "columns")
        )
        symbol = rng.random() < 0.15
        if rng.random() < 0.4:
            self.pair(
                self.case(pick(rng, labels["col_description"])), self.case(pick(rng, labels["col_amount"]))
            )
        for number, item in enumerate(self.facts.items):

            def at(name: str, number: int = number) -> tuple[str, int, str]:
                return ("lines", number, name)

            text = Said(self.case(item.description), (at("description"),))
            amount = printer.money(item.amount, at("amount"), symbol=symbol)
            if rng.random() < 0.15:
                amount = [*amount, " ", rng.choice("ABTSZ*")]
            quantity, price = (
                printer.quantity(item.quantity, at("quantity")),
                printer.money(item.price, at("unit_price"), symbol=symbol),
            )
            if form == "name_amount":
                self.pair(text, amount)
            elif form == "qty_name_amount":
                self.pair([quantity, rng.choice((" ", " x ", "x ")), text], amount)
            elif form == "columns":
                self.paper.write(self.x, self.y, text, self.size)
                self.paper.write(150, self.y + 10, quantity, self.size, "right")
                self.paper.write(195, self.y + 10, price, self.size, "right")
                self.paper.write(WIDTH - 12, self.y + 10, amount, self.size, "right")
                self.y += 20
            else:
                first: list[Part] = [text]
                self.line(first)
                code: list[Part] = [Said(item.code, (at("item_number"),)), "  "] if rng.random() < 0.3 else []
                self.pair([*code, quantity, rng.choice((" x ", " X ", " @ ", " ")), *price], amount)

    def _sums(self) -> None:
        rng, facts, labels, printer = self.rng, self.facts, self.labels, self.printer
        if rng.random() < 0.5:
            self.line(rng.choice("-=") * 34)
        if rng.random() < 0.3:
            self.pair(
                self.case(pick(rng, labels["items"])),
                str(sum(max(1, i.quantity // 100) for i in facts.items)),
            )
        apart = bool(facts.discount or facts.shipping)
        if apart:
            self.pair(self.case(pick(rng, labels["net"])), printer.money(facts.goods))
            if facts.discount:
                self.pair(
                    self.case(pick(rng, labels["discount"]).split(" {")[0]), printer.money(-facts.discount)
                )
            if facts.shipping:
                self.pair(
                    self.case(pick(rng, labels["shipping"])), printer.money(facts.shipping, ("shipping",))
                )
        taxed = bool(facts.taxes)
        if taxed and rng.random() < 0.7:
            if rng.random() < 0.8:
                self.pair(self.case(pick(rng, labels["net"])), printer.money(facts.net, ("net",)))
            self.pair(self.case(pick(rng, labels["tax_total"])), printer.money(facts.tax, ("tax_total",)))
        total = facts.total
        if rng.random() < 0.25:
            change = rng.choice((-2, -1, 1, 2))
            self.pair(self.case(pick(rng, labels["rounding"])), printer.money(change))
            total += change
        label = pick(rng, labels["total"])
        self.pair(self.case(printer.name_currency(label)), printer.money(total, ("total",)))
        given = total if rng.random() < 0.5 else -(-total // 500) * 500
        if rng.random() < 0.75:
            self.pair(self.case(pick(rng, labels["cash"])), printer.money(given))
            if given != total or rng.random() < 0.4:
                self.pair(self.case(pick(rng, labels["change"])), printer.money(given - total))
        if taxed and rng.random() < 0.3:
            self.pair(self.case(pick(rng, labels["rate"])), self.case(pick(rng, labels["tax_total"])))
            for number, (rate, base, tax) in enumerate(facts.taxes):
                self.pair(
                    [
                        *printer.rate(rate, ("vat_by_rate", number, "rate")),
                        "  ",
                        Said(values.print_number(facts.style, base), (("vat_by_rate", number, "base"),)),
                    ],
                    [Said(values.print_number(facts.style, tax), (("vat_by_rate", number, "amount"),))],
                )
