"""Sets a receipt on narrow paper, as a page, as the text of one, or as a poor scan."""

from dataclasses import dataclass
from datetime import timedelta
from random import Random
from zlib import crc32

from starter.documents import values
from starter.documents.drawn import Drawn
from starter.documents.paper import Paper, Part, Path, Said, add_noise, develop
from starter.documents.plain import flattened
from starter.documents.till.facts import SLIPS, WORDS, Good, Sale, invent
from starter.documents.values import digits, made_up, pick, spell

WIDTH = 260.0
Parts = list[Part]
INVOICES = ("invoice", "rechnung", "facture", "fattura", "factuur")


@dataclass(frozen=True, slots=True)
class Shape:
    """The choices of one till."""

    goods: str
    head: str
    when: str
    align: str

    @property
    def held_out(self) -> bool:
        return crc32(repr(self).encode()) % 10 == 0


GOODS = ("one", "quantity", "below", "above", "columns", "codes")
HEADS = ("top", "top", "top", "top", "bottom")
WHENS = ("labelled", "day", "bare", "both", "clock", "numbers", "alone")


def shape(rng: Random, *, held_out: bool) -> Shape:
    """A shape of the asked side of the split."""
    while True:
        made = Shape(pick(rng, GOODS), pick(rng, HEADS), pick(rng, WHENS), rng.choice(("centre", "left")))
        if made.held_out == held_out:
            return made


def receipt(rng: Random, *, held_out: bool = False) -> Drawn:
    """One till receipt."""
    slip = _Slip(rng, invent(rng), shape(rng, held_out=held_out))
    slip.draw()
    form = rng.random()
    if form < 0.45:
        if rng.random() < 0.6:
            add_noise(slip.paper, rng, rng.choice((0.001, 0.003, 0.006)))
        found = flattened(slip.paper, rng.choice((2, 2, 2, 1)))
    elif form < 0.8:
        add_noise(slip.paper, rng, rng.choice((0.002, 0.006, 0.012)))
        found = develop(slip.paper, "ocr")
    else:
        found = develop(slip.paper)
    return Drawn(found, slip.kind, slip.sale.style.currency if slip.shown_currency else None)


class _Slip:
    def __init__(self, rng: Random, sale: Sale, shape: Shape) -> None:
        self.rng, self.sale, self.shape = rng, sale, shape
        self.words = WORDS[sale.style.language]
        self.paper = Paper(rng, WIDTH, 760, mono=rng.random() < 0.6)
        self.size, self.x, self.y = 7.0, 12.0, 16.0
        self.upper = rng.random() < (0.85 if sale.malay else 0.4)
        self.kind = "receipt"
        self.shown_currency = False
        self.signs = rng.choice(("none", "total", "all")) if sale.style.money != "{v}" else "none"
        self.colon = rng.choice(("", "", ":", " :", ":"))
        self.align = shape.align

    # Writing -----------------------------------------------------------------------------------------

    def line(self, parts: Parts | Part, align: str = "left") -> None:
        x = {"left": self.x, "centre": WIDTH / 2, "right": WIDTH - 12}[align]
        self.paper.write(x, self.y, parts, self.size, align)
        self.y += 10
        if self.y > 740:
            self.paper.new_page()
            self.y = 16.0

    def pair(self, left: Parts | Part, right: Parts | Part) -> None:
        self.paper.write(self.x, self.y, left, self.size)
        self.line(right, "right")

    def case(self, text: str) -> str:
        return text.upper() if self.upper else text

    def label(self, key: str, rate: float = 6.0) -> str:
        text = pick(self.rng, self.words[key])
        count = sum(max(1, good.quantity // 100) for good in self.sale.goods)
        return self.case(
            text.replace("{r}", f"{rate:g}").replace("{q}", str(count)).replace("{x}", made_up(self.rng))
        )

    def money(self, cents: int, *paths: Path, sign: bool = False, weak: bool = False) -> Parts:
        style = self.sale.style
        text = values.print_number(style, cents)
        if self.signs == "none" or (self.signs == "total" and not sign):
            return [Said(text, paths, weak=weak)]
        before, after = style.money.split("{v}")
        mark = (before + after).strip()
        self.shown_currency = self.shown_currency or mark not in ("$", "kr") or style.currency == "USD"
        return [before, Said(text, paths, weak=weak), after]

    def sum(
        self, key: str, cents: int, *paths: Path, sign: bool = False, rate: float = 6.0, weak: bool = False
    ) -> None:
        """A labelled amount; by chance the currency stands in the label."""
        label = self.label(key, rate)
        currency = self.sale.style.currency
        if sign and self.signs == "none" and self.rng.random() < 0.3:
            self.shown_currency = True
            name = {"MYR": "RM"}.get(currency, currency)
            label += self.rng.choice((f" ({name})", f" {name}"))
        if self.rng.random() < 0.9:
            self.pair(label + self.colon, self.money(cents, *paths, sign=sign, weak=weak))
        else:
            self.line(
                [label + self.rng.choice((": ", " ")), *self.money(cents, *paths, sign=sign, weak=weak)]
            )

    def rule(self) -> None:
        if self.rng.random() < 0.35:
            self.line(self.rng.choice("-=*_") * self.rng.randint(20, 36))

    # The paper ---------------------------------------------------------------------------------------

    def draw(self) -> None:
        self._shop()
        if self.shape.head == "top":
            self._head()
        self._goods()
        self.rule()
        self._sums()
        if self.shape.head == "bottom":
            self._head()
        if self.rng.random() < 0.4:
            self._summary()
        for _ in range(self.rng.choice((0, 1, 1, 2, 3))):
            self.line(self.label("thanks"), self.align)
        if self.rng.random() < 0.1:
            self.line(Said(self.sale.shop.name, (("supplier_name",),), weak=True), self.align)

    def _shop(self) -> None:
        """The shop: sometimes a brand above its legal name, a register number, an address, tax id, phone."""
        rng, sale = self.rng, self.sale
        if rng.random() < 0.14:
            self.line(
                rng.choice(
                    (sale.brand, made_up(rng).upper() + "'S", f"{made_up(rng)} {made_up(rng)}".lower())
                ),
                self.align,
            )
        name = self.case(sale.shop.name)
        words = name.split(" ")
        register = [f" {sale.register}"] if rng.random() < 0.12 else []
        if len(words) > 2 and rng.random() < 0.12:
            copy, cut = self.paper.new_copy(("supplier_name",)), len(words) - rng.choice((1, 2))
            self.line(Said(" ".join(words[:cut]), (("supplier_name",),), copy), self.align)
            self.line([Said(" ".join(words[cut:]), (("supplier_name",),), copy), *register], self.align)
        else:
            self.line([Said(name, (("supplier_name",),)), *register], self.align)
        if not register and rng.random() < (0.55 if sale.malay else 0.1):
            before = pick(rng, SLIPS["before_registers"])
            self.line(before + sale.register, self.align)
        self._address()
        rows: list[Parts] = []
        if rng.random() < 0.65:
            fax = f" {rng.choice(('FAX', 'Fax'))}{self.colon}{sale.shop.fax}" if rng.random() < 0.3 else ""
            rows.append([f"{self.label('phone')}{rng.choice((': ', ':', ' ', ' : '))}{sale.shop.phone}{fax}"])
        if rng.random() < 0.6:
            field = "supplier_vat_id" if sale.shop.tax_id[:2].isalpha() else "supplier_tax_number"
            rows.append(
                [
                    self.label("tax_id") + rng.choice((": ", " ", ":", " : ")),
                    Said(sale.shop.tax_id, ((field,),)),
                ]
            )
        rng.shuffle(rows)
        for row in rows:
            self.line(row, self.align)

    def _address(self) -> None:
        rng, path = self.rng, ("supplier_address",)
        if rng.random() < 0.06:
            return
        copy = self.paper.new_copy(path)
        texts = [self.case(text) for text in self.sale.shop.address]
        if rng.random() < 0.2:
            texts = [", ".join(texts)] if rng.random() < 0.5 else [", ".join(texts[:2]), *texts[2:]]
        comma = rng.random() < 0.6
        for number, text in enumerate(texts):
            end = "," if comma and number < len(texts) - 1 else rng.choice(("", "", "."))
            self.line([Said(text, (path,), copy), end], self.align)

    def _head(self) -> None:
        rng = self.rng
        if rng.random() < 0.65:
            title = self.label("title")
            if any(word in title.lower() for word in INVOICES):
                self.kind = "invoice"
            self.line(title, "centre")
        entries: list[Parts] = [self._when()]
        if rng.random() < 0.8:
            number = Said(self.sale.number, (("number",),))
            entries.insert(
                rng.randint(0, 1), [self.label("number") + rng.choice((": ", " ", ":", " : ", "#")), number]
            )
        for _ in range(rng.choice((0, 1, 1, 2, 3, 4))):
            entries.insert(rng.randint(0, len(entries)), [self._aside()])
        if self.sale.trade == "hotel" and rng.random() < 0.7:
            entries += self._stay()
        at = 0
        while at < len(entries):
            if rng.random() < 0.3 and at + 1 < len(entries):
                self.pair(entries[at], entries[at + 1])
                at += 2
            else:
                self.line(entries[at])
                at += 1

    def _when(self) -> Parts:
        """The day, with or without the time, in one of the many ways in which tills glue them."""
        rng, sale = self.rng, self.sale
        day = Said(sale.date, (("issue_date",),))
        clock = sale.when.strftime(rng.choice(("%H:%M", "%H:%M:%S", "%I:%M %p", "%I:%M:%S%p", "%H:%M")))
        label = self.label("date") + rng.choice((": ", " ", " : ", ":"))
        forms: dict[str, Parts] = {
            "labelled": [label, day, rng.choice((" ", "  ")), clock],
            "day": [label, day],
            "bare": [day, rng.choice((" ", "  ", " ")), clock],
            "both": [label, day, rng.choice((" ", "")) + self.label("time") + ": ", clock],
            "clock": [clock, " ", day],
            "numbers": [f"{digits(rng, 4)} {digits(rng, 3)} ", day, " ", clock],
            "alone": [day],
        }
        return forms[self.shape.when]

    def _stay(self) -> list[Parts]:
        """Arrival and departure: the period of a hotel bill."""
        rng, sale = self.rng, self.sale
        first = values.print_date(rng, sale.style, sale.when.date() - timedelta(days=rng.randint(1, 7)))
        a, b = pick(rng, SLIPS["stays"]).split("|")
        return [
            [f"{a}: ", Said(first, (("period_start",),))],
            [f"{b}: ", Said(sale.date, (("period_end",),))],
        ]

    def _aside(self) -> str:
        """A cashier, a table, a terminal: nothing that anybody asks for."""
        return self.case(spell(self.rng, pick(self.rng, SLIPS["asides"])))

    # Goods -------------------------------------------------------------------------------------------

    def _goods(self) -> None:
        rng, sale = self.rng, self.sale
        if rng.random() < 0.45:
            heads = pick(rng, SLIPS["heads"]).split("|")
            self.pair(*heads)
        code = rng.choice(
            (("", ""), ("", ""), ("SR", "ZRL"), ("S", "Z"), ("A", "B"), ("SR", "ZR"), ("*", ""))
        )
        for number, good in enumerate(sale.goods):
            amount = self.money(good.amount, ("lines", number, "amount"))
            mark = code[0] if good.rate else code[1]
            if mark:
                amount += [" ", mark]
            getattr(self, f"_good_{self.shape.goods}")(number, good, amount)

    def _good_parts(self, number: int, good: Good) -> tuple[Said, Said, Parts, Said]:
        at = ("lines", number)
        places = 2 if good.quantity % 100 else 0
        quantity = values.print_number(
            self.sale.style, good.quantity if places else good.quantity // 100, places
        )
        return (
            Said(self.case(good.name), ((*at, "description"),)), Said(quantity, ((*at, "quantity"),)),
            self.money(good.price, (*at, "unit_price")), Said(good.code, ((*at, "item_number"),)),
        )  # fmt: skip

    def _good_one(self, number: int, good: Good, amount: Parts) -> None:
        name, quantity, price, _ = self._good_parts(number, good)
        if good.quantity != 100:
            self.pair(name, amount)
            self.line(["  ", quantity, self.rng.choice((" x ", " @ ", " X ")), *price])
        else:
            self.pair(name, amount)

    def _good_quantity(self, number: int, good: Good, amount: Parts) -> None:
        name, quantity, _, _ = self._good_parts(number, good)
        self.pair([quantity, self.rng.choice((" ", " x ", "x ", "  ")), name], amount)

    def _good_below(self, number: int, good: Good, amount: Parts) -> None:
        name, quantity, price, code = self._good_parts(number, good)
        self.line(name)
        before: Parts = [code, "  "] if number % 2 == 0 else []
        self.pair(
            [
                *before,
                quantity,
                self.rng.choice((" x ", " X ", " @ ", "  ")),
                *price,
            ],
            amount,
        )

    def _good_above(self, number: int, good: Good, amount: Parts) -> None:
        name, quantity, price, code = self._good_parts(number, good)
        self.pair([code, "   ", quantity, "   ", *price], amount)
        self.line([self.rng.choice(("", "SR:", "SR: ")), name])

    def _good_columns(self, number: int, good: Good, amount: Parts) -> None:
        name, quantity, price, _ = self._good_parts(number, good)
        self.line(name)
        self.paper.write(110, self.y, quantity, self.size, "right")
        self.paper.write(175, self.y, price, self.size, "right")
        self.line(amount, "right")

    def _good_codes(self, number: int, good: Good, amount: Parts) -> None:
        name, quantity, price, code = self._good_parts(number, good)
        self.line([code, " ", name])
        self.pair([quantity, "  UNIT  ", *price], amount)

    # Sums --------------------------------------------------------------------------------------------

    def _sums(self) -> None:
        rng, sale = self.rng, self.sale
        if rng.random() < 0.35:
            self.pair(
                self.label("items") + self.colon,
                str(sum(max(1, good.quantity // 100) for good in sale.goods)),
            )
        rate = sale.rates[0][0]
        apart = bool(sale.discount or sale.service)
        if rng.random() < (0.9 if apart or not sale.inclusive else 0.4):
            tax_base = not sale.inclusive and not apart
            self.sum(
                "excl" if tax_base and rng.random() < 0.5 else "sub",
                sale.sum,
                *([("net",)] if tax_base else []),
            )
        if sale.discount or rng.random() < 0.08:
            self.sum("discount", -sale.discount if rng.random() < 0.5 else sale.discount)
        if sale.service or rng.random() < 0.06:
            self.sum("service", sale.service)
        if not sale.inclusive:
            self.sum("tax", sale.tax, ("tax_total",), rate=rate)
        elif rng.random() < 0.3:
            self.sum("incl", sale.before_rounding, *([("total",)] if not sale.rounding else []), rate=rate)
        if sale.rounding or (sale.malay and rng.random() < 0.3):
            if rng.random() < 0.25:
                self.sum("incl", sale.before_rounding)
            self.sum("rounding", sale.rounding)
        self.sum("total", sale.total, ("total",), sign=True)
        if sale.inclusive and rng.random() < 0.35:
            self.sum("tax", sale.tax, ("tax_total",), rate=rate)
        self._paid()

    def _paid(self) -> None:
        rng, sale = self.rng, self.sale
        if rng.random() < 0.2:
            return
        if sale.given == sale.total and rng.random() < 0.6:
            self.sum("card", sale.total)
            if rng.random() < 0.4:
                self.line(f"XXXX XXXX XXXX {digits(rng, 4)}")
            return
        self.sum("cash", sale.given)
        if sale.given != sale.total or rng.random() < 0.5:
            self.sum("change", sale.given - sale.total)

    def _summary(self) -> None:
        """A table of tax by rate."""
        rng, sale = self.rng, self.sale
        if rng.random() < 0.7:
            self.line(self.label("summary"))
        columns = self.words["columns"]
        wide = rng.random() < 0.5
        if rng.random() < 0.7:
            for n, text in enumerate(columns[: 4 if wide else 3]):
                self.paper.write(self.x + 62 * n, self.y, text, self.size)
            self.y += 10
        for number, (rate, base, tax) in enumerate(sale.rates):
            at = ("vat_by_rate", number)
            text = f"{rate:g}".replace(".", sale.style.decimal)
            mark = rng.choice(("", "SR @ ", "SR=", "GST @", "")) if sale.malay else rng.choice(("", "", "A "))
            cells: list[Parts] = [
                [mark, Said(text, ((*at, "rate"),)), "%"],
                [Said(values.print_number(sale.style, base), ((*at, "base"),))],
                [Said(values.print_number(sale.style, tax), ((*at, "amount"),))],
            ]
            if wide:
                cells.append([values.print_number(sale.style, base + tax)])
            for n, cell in enumerate(cells):
                self.paper.write(self.x + 62 * n, self.y, cell, self.size)
            self.y += 10
