"""How single facts are printed: labelled header fields, money, rates, bank details."""

from collections.abc import Callable
from datetime import date
from random import Random
from typing import TYPE_CHECKING

from starter.documents import values
from starter.documents.facts import Facts
from starter.documents.paper import Paper, Part, Path, Said
from starter.documents.values import pick

if TYPE_CHECKING:
    from starter.documents.invoice import Designer

Entry = tuple[str, tuple[Part, ...]]
UNTIL = {"de": " bis ", "fr": " au ", "es": " al ", "it": " al ", "nl": " t/m ", "pl": " do ", "pt": " a "}


class Printer:
    """Turns facts into parts of lines, and remembers which were printed."""

    def __init__(self, rng: Random, facts: Facts, paper: Paper, labels: dict[str, tuple[str, ...]]) -> None:
        self.rng, self.facts, self.paper, self.labels = rng, facts, paper, labels
        self.shown: set[str] = set()
        self.shown_currency = False
        style = facts.style
        self.symbol_tells = style.money != "{v}" and not (
            ("$" in style.money and style.currency != "USD" and "S$" not in style.money)
            or "kr" in style.money
        )
        self.cell_money = rng.random() < 0.25
        self.rate_form = rng.choice(("{r}%", "{r} %", "{r}%", "{r}.00%", "{r},00%", "{r},0 %", "{r}"))
        self.quantity_places = rng.choice((0, 0, 0, 2, 1))

    def value(self, name: str) -> Said:
        """The printed value of a header field, marked."""
        facts, rng = self.facts, self.rng
        self.shown.add(name)
        day = {"issue_date": facts.issued, "due_date": facts.due, "delivery_date": facts.delivered}.get(name)
        if day is not None:
            return Said(values.print_date(rng, facts.style, day), ((name,),))
        text = {
            "number": facts.number,
            "order_number": facts.order,
            "customer_number": facts.customer,
            "payment_reference": facts.reference,
            "iban": facts.iban,
        }[name]
        return Said(text or "", ((name,),))

    def entries(self, *, in_title: bool) -> list[Entry]:
        """Labelled header fields in the issuer's order, with others between them."""
        rng, facts, labels = self.rng, self.facts, self.labels
        number_key = {"credit_note": "credit_number", "order": "order_doc_number"}.get(facts.kind, "number")
        entries: list[Entry] = []

        def add(key: str, *parts: Part) -> None:
            entries.append((pick(rng, labels[key]), parts))

        if not in_title or rng.random() < 0.1:
            add(number_key, self.value("number"))
        if rng.random() < 0.96:
            add("issue_date", self.value("issue_date"))
        if facts.due and rng.random() < 0.65:
            add("due_date", self.value("due_date"))
        if facts.delivered:
            add("delivery_date", self.value("delivery_date"))
        if facts.order and facts.kind != "order":
            add("order_number", self.value("order_number"))
        if facts.customer:
            add("customer_number", self.value("customer_number"))
        if facts.reference and rng.random() < 0.4:
            add("payment_reference", self.value("payment_reference"))
        if facts.period and rng.random() < 0.75:
            self.period(facts.period, add)
        if facts.kind in ("invoice", "reminder") and rng.random() < 0.07:
            add("amount_due", *self.money(facts.total - facts.paid, ("amount_due",)))
        for _ in range(rng.choice((0, 0, 1, 1, 2, 3))):
            kind = rng.choice(("d_date", "d_id", "d_id", "d_text"))
            add(kind, self.distractor(kind))
        currency = facts.style.currency
        if rng.random() < 0.12 or (not self.symbol_tells and rng.random() < 0.35):
            self.shown_currency = True
            entries.append(
                (
                    rng.choice(("Currency", "Währung", "Devise", "Moneda", "Valuta", "Waluta", "Moeda")),
                    (currency,),
                )
            )
        if rng.random() < 0.4:
            rng.shuffle(entries)
        return entries

    def period(self, period: tuple[date, date], add: Callable[..., None]) -> None:
        """The period under one label, or its ends under two."""
        first, between, last = self.span(period)
        if self.rng.random() < 0.75:
            add("period", first, between, last)
        else:
            add("period_start", first)
            add("period_end", last)

    def span(self, period: tuple[date, date]) -> tuple[Part, Part, Part]:
        """The two ends of the period and what stands between them."""
        self.shown.add("period")
        first, last = (values.print_date(self.rng, self.facts.style, day) for day in period)
        word = UNTIL.get(self.facts.style.language, " to ")
        return (
            Said(first, (("period_start",),)),
            self.rng.choice((" - ", " – ", " - ", "-", word)),
            Said(last, (("period_end",),)),
        )

    def distractor(self, kind: str) -> str:
        rng, style = self.rng, self.facts.style
        if kind == "d_date":
            return values.print_date(rng, style, values.a_date(rng))
        if kind == "d_id":
            return values.identifier(rng)
        return (
            pick(rng, self.labels["terms"])
            if rng.random() < 0.6
            else f"{values.made_up(rng)} {values.made_up(rng)}"
        )

    def meta(  # noqa: PLR0912  (one branch a form)
        self, page: "Designer", entries: list[Entry], y: float, form: str, x: float | None = None
    ) -> float:
        """Writes the header fields in the layout's form; returns the y below them."""
        rng, paper, size, step = self.rng, self.paper, page.size, page.step
        if form == "band":
            for start in range(0, len(entries), 5):
                row = entries[start : start + 5]
                wide = (page.right - page.left) / max(3, len(row))
                for n, (label, value) in enumerate(row):
                    paper.write(page.left + n * wide, y, label, size * 0.9)
                    paper.write(page.left + n * wide, y + step, value, size)
                y += step * 2.5
            return y
        if form == "inline":
            per = rng.choice((2, 2, 3))
            wide = (page.right - page.left) / per
            for start in range(0, len(entries), per):
                for n, (label, value) in enumerate(entries[start : start + per]):
                    paper.write(
                        page.left + n * wide,
                        y,
                        (label + rng.choice((": ", " ")), *value),
                        size * (0.8 if per == 3 else 1.0),
                    )
                y += step
            return y
        if x is None:
            x = page.left if form in ("left_colon", "title") else rng.choice((330.0, 360.0))
        if form == "stacked":
            for n, (label, value) in enumerate(entries):
                column = x + (n % 2) * 110
                paper.write(column, y, label, size * 0.9)
                paper.write(column, y + step, value, size)
                y += step * 2.3 if n % 2 or n == len(entries) - 1 else 0
            return y
        spread = rng.random() < (0.35 if form in ("left_colon", "title") else 0.0) or form == "right_columns"
        colon = rng.choice((":", "", " :", ":")) if spread else rng.choice((":", ":", ":", "", " :", "."))
        flush = form == "right_columns" and rng.random() < 0.4
        for label, value in entries:
            mark = "" if label.endswith((":", ".")) and colon in (":", ".") and rng.random() < 0.5 else colon
            if not spread:
                paper.write(x, y, (f"{label}{mark} ", *value), size)
            else:
                paper.write(x, y, label + mark, size)
                if flush:
                    paper.write(page.right, y, value, size, "right")
                else:
                    paper.write(x + (105 if x < 370 else 85), y, value, size)
            y += step
        return y

    # Money -------------------------------------------------------------------------------------------

    def money(self, cents: int, *paths: Path, symbol: bool = True) -> list[Part]:
        """An amount in the issuer's style; only its number is the value."""
        style = self.facts.style
        text = values.print_number(style, cents)
        if not symbol or style.money == "{v}":
            return [Said(text, paths)]
        before, after = style.money.split("{v}")
        self.shown_currency = self.shown_currency or self.symbol_tells
        if cents < 0 and before and self.rng.random() < 0.3:  # In -$5.00 the sign stands before the currency.
            return [Said(f"-{before}{text[1:]}", paths), after]
        return [before, Said(text, paths), after]

    def name_currency(self, label: str) -> str:
        """A label with the code of the currency, where nothing else tells it yet."""
        style = self.facts.style
        if self.rng.random() < (0.75 if not self.symbol_tells else 0.1):
            self.shown_currency = True
            return self.rng.choice(
                (f"{label} {style.currency}", f"{label} ({style.currency})", f"{label} in {style.currency}")
            )
        return label

    def rate(self, rate: float, *paths: Path) -> list[Part]:
        number = f"{rate:g}".replace(".", self.facts.style.decimal)
        before, after = self.rate_form.split("{r}")
        if after[:1] in (".", ",") and "%" in after:
            whole, unit = after.rstrip(" %"), after[len(after.rstrip(" %")) :]
            if "." in number or "," in number:
                whole = ""
            return [before, Said(number + whole, paths), unit]
        return [before, Said(number, paths), after]

    def quantity(self, hundredths: int, *paths: Path) -> Said:
        style = self.facts.style
        places = self.quantity_places or (2 if hundredths % 100 else 0)
        if places == 1 and hundredths % 10:
            places = 2
        return Said(values.print_number(style, hundredths // 10 ** (2 - places), places), paths)

    # Payment -----------------------------------------------------------------------------------------

    def due_sentence(self) -> tuple[Part, ...]:
        template = pick(self.rng, self.labels["pay_by"])
        total = values.print_number(self.facts.style, self.facts.total)
        before, after = template.format(t=total, d="\x00").split("\x00")
        return (before, self.value("due_date"), after)

    def bank_rows(self) -> list[tuple[Part, ...]]:
        rng = self.rng
        rows: list[tuple[Part, ...]] = []
        if rng.random() < 0.6:
            rows.append(
                (
                    f"{pick(rng, self.labels['bank'])}: {values.made_up(rng)} Bank"
                    if rng.random() < 0.5
                    else f"{values.made_up(rng)}bank {values.made_up(rng)}",
                )
            )
        rows.append(
            (pick(rng, self.labels["iban"]).rstrip(":") + rng.choice((": ", " ", ": ")), self.value("iban"))
        )
        if rng.random() < 0.6:
            bic = (
                "".join(rng.choice("ABCDEFGHKLMNPRSTUVWX") for _ in range(4))
                + f"{self.facts.style.country[:2]}"
                + rng.choice(("FF", "2A", "PP", "33", "MM"))
                + rng.choice(("", "XXX", "101"))
            )
            rows.append((f"{rng.choice(('BIC', 'BIC/SWIFT', 'SWIFT', 'BIC:'))} {bic}",))
        return rows
