"""The block of sums: net, discounts, shipping, tax by rate, total, payments, what is left to pay."""

from typing import TYPE_CHECKING

from starter.documents import values
from starter.documents.paper import Part, Path, Said
from starter.documents.values import pick

if TYPE_CHECKING:
    from starter.documents.invoice import Designer

Row = tuple[list[Part], list[Part]]


def draw_totals(page: "Designer", y: float) -> float:
    """Writes the sums; returns the y below them."""
    rows = _rows(page)
    if page.layout.totals == "table" and page.facts.taxes and page.rng.random() < 0.8:
        y = _tax_table(page, page.room(y, 80))
    y = page.room(y, page.step * len(rows))
    if page.layout.totals == "band" and len(rows) <= 5:
        wide = (page.right - page.left) / max(3, len(rows))
        for number, (label, amount) in enumerate(rows):
            page.paper.write(page.left + wide * number, y, label, page.size)
            page.paper.write(page.left + wide * number, y + page.step, amount, page.size)
        return y + page.step * 2.4
    return _column(page, rows, y)


def _column(page: "Designer", rows: list[Row], y: float) -> float:
    rng, paper, form = page.rng, page.paper, page.layout.totals
    tight = form in ("right_tight",)
    flush_labels = rng.random() < 0.35
    colon = rng.choice(("", ":", ""))
    for label, amount in rows:
        shown = (
            [*label, colon]
            if colon and not (isinstance(label[-1], str) and label[-1].endswith(":"))
            else label
        )
        if tight:
            paper.write(page.right, y, [*shown, " ", *amount], page.size, "right")
        elif form == "left":
            paper.write(page.left, y, shown, page.size)
            paper.write(page.left + 190, y, amount, page.size, "right")
        else:
            if flush_labels:
                paper.write(page.right - 80, y, shown, page.size, "right")
            else:
                paper.write(350, y, shown, page.size)
            paper.write(page.right, y, amount, page.size, "right")
        y += page.step
    return y


def _rows(page: "Designer") -> list[Row]:
    """The sums in the issuer's order. What stands here decides what the document says of each."""
    rng, facts, printer, labels = page.rng, page.facts, page.printer, page.labels
    rows: list[Row] = []

    def add(key: str, cents: int, *paths: Path, label: list[Part] | None = None) -> None:
        text: list[Part] = label or [pick(rng, labels[key]).replace(" {r}", "")]
        rows.append((text, printer.money(cents, *paths)))

    taxed = bool(facts.taxes)
    apart = bool(facts.discount or facts.shipping)
    if apart:
        add("net", facts.goods)  # A first subtotal, which is not the net.
        if facts.discount:
            add("discount", -facts.discount if rng.random() < 0.6 else facts.discount)
        if facts.shipping:
            add("shipping", facts.shipping, ("shipping",))
    if taxed:
        if rng.random() < (0.75 if apart else 0.88):
            add("net", facts.net, ("net",))
        _tax_rows(page, rows)
    elif rng.random() < 0.3 and not apart:
        add("net", facts.net, ("net",))
    due = bool(facts.paid)
    options = [x for x in labels["total"] if not (due and x in labels["amount_due"])]
    add("total", facts.total, ("total",), label=[printer.name_currency(rng.choice(options))])
    if due:
        named: list[Part] | None = [facts.paid_as] if facts.paid_as else None
        add("paid", facts.paid if rng.random() < 0.5 else -facts.paid, label=named)
        left = [x for x in labels["amount_due"] if x not in options] or list(labels["amount_due"])
        add("amount_due", facts.total - facts.paid, ("amount_due",), label=[rng.choice(left)])
    elif rng.random() < 0.2:  # Printed again as what is to be paid.
        again = [x for x in labels["amount_due"] if x not in options] or list(labels["amount_due"])
        if rows[-1][0][0] not in labels["amount_due"]:
            add("amount_due", facts.total, ("amount_due",), label=[rng.choice(again)])
    return rows


def _tax_rows(page: "Designer", rows: list[Row]) -> None:
    rng, facts, printer, labels = page.rng, page.facts, page.printer, page.labels
    if page.layout.totals == "table":
        rows.append(([pick(rng, labels["tax_total"])], printer.money(facts.tax, ("tax_total",))))
        return
    single = len(facts.taxes) == 1
    if single and rng.random() < 0.2:
        rows.append(([pick(rng, labels["tax_total"])], printer.money(facts.tax, ("tax_total",))))
        return
    for number, (rate, base, tax) in enumerate(facts.taxes):
        template = pick(rng, labels["vat_rate_line"])
        path = ("vat_by_rate", number)
        rows.append(
            (
                _filled(page, template, rate, base, path),
                printer.money(tax, (*path, "amount"), *([("tax_total",)] if single else [])),
            )
        )
    if rng.random() < (0.1 if single else 0.4):
        rows.append(
            (
                [pick(rng, labels["tax_total"]) + rng.choice(("", "", " Σ"))],
                printer.money(facts.tax, ("tax_total",)),
            )
        )


def _filled(page: "Designer", template: str, rate: float, base: int, path: Path) -> list[Part]:
    """A label such as `VAT {r} on {b}` with its marked numbers."""
    parts: list[Part] = []
    rest = template
    while "{" in rest:
        before, _, rest = rest.partition("{")
        name, _, rest = rest.partition("}")
        parts.append(before)
        if name == "r":
            parts += page.printer.rate(rate, (*path, "rate"))
        else:
            parts.append(Said(values.print_number(page.facts.style, base), ((*path, "base"),)))
    parts.append(rest)
    return parts


def _tax_table(page: "Designer", y: float) -> float:
    """A small table of rate, base and tax."""
    rng, paper, printer, labels = page.rng, page.paper, page.printer, page.labels
    order = rng.choice(
        (
            ("rate", "base", "amount"),
            ("rate", "base", "amount"),
            ("base", "rate", "amount"),
            ("rate", "amount"),
        )
    )
    x0 = page.left if rng.random() < 0.6 else 320.0
    key = {"rate": "rate", "base": "base", "amount": "tax_total"}
    for number, column in enumerate(order):
        paper.write(x0 + 75 * number, y, pick(rng, labels[key[column]]), page.size)
    y += page.step
    for number, (rate, base, tax) in enumerate(page.facts.taxes):
        path = ("vat_by_rate", number)
        cells: dict[str, list[Part]] = {
            "rate": printer.rate(rate, (*path, "rate")),
            "base": printer.money(base, (*path, "base"), symbol=False),
            "amount": printer.money(tax, (*path, "amount"), symbol=False),
        }
        for at, column in enumerate(order):
            paper.write(x0 + 75 * at, y, cells[column], page.size)
        y += page.step
    return y + page.step
