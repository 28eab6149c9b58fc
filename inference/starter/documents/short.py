"""Short pages of labelled values: the first lesson, on which copying forms."""

from datetime import timedelta
from random import Random

from starter.documents import parties, values
from starter.documents.paper import Found, Paper, Part, Said, develop
from starter.documents.values import Style, pick
from starter.documents.words import LABELS

PLAIN = (
    "number",
    "issue_date",
    "due_date",
    "delivery_date",
    "period",
    "order_number",
    "customer_number",
    "vat_id",
    "iban",
    "payment_reference",
    "net",
    "tax_total",
    "shipping",
    "total",
    "amount_due",
    "name",
)


def short_page(rng: Random) -> tuple[Found, list[str], str]:
    """A few labels and values; returns the page, the fields to ask, and the currency."""
    style = values.style_of(rng)
    labels = LABELS[style.language]
    paper = Paper(rng)
    shown = rng.sample(PLAIN, rng.randint(3, 6))
    entries: list[tuple[str, str, str | None]] = []
    for name in shown:
        field = {"vat_id": "supplier_vat_id", "name": rng.choice(("supplier_name", "buyer_name"))}.get(
            name, name
        )
        key = "from" if field == "supplier_name" else "bill_to" if field == "buyer_name" else name
        if name == "period":
            form, start, end = rng.random(), *sorted((values.a_date(rng), values.a_date(rng)))
            field = "period_start" if form < 0.5 else "period_end"
            label = pick(rng, labels[field])
            entries.append((label, values.print_date(rng, style, start if form < 0.5 else end), field))
            continue
        label = pick(rng, labels[key])
        while key == "total" and label in labels["amount_due"]:
            label = pick(rng, labels[key])
        entries.append((label, _value(rng, style, name), field))
    for _ in range(rng.randint(0, 3)):
        kind = rng.choice(("d_date", "d_id", "phone", "d_text"))
        entries.append((pick(rng, labels[kind]), _distractor(rng, style, kind), None))
    rng.shuffle(entries)
    form = rng.random()
    y, gap = 40.0, rng.choice((70.0, 110.0, 150.0))
    for label, text, asked_as in entries:
        value: Part = Said(text, ((asked_as,),)) if asked_as else text
        if form < 0.35:
            paper.write(40, y, (label + ("" if label.endswith(":") else ": "), value))
        elif form < 0.6:
            paper.write(40, y, label)
            paper.write(40 + gap, y, (value,))
        elif form < 0.75:
            paper.write(40, y, label + ":")
            paper.write(420, y, (value,), align="right")
        elif form < 0.85:
            paper.write(40, y, label)
            y += 12
            paper.write(40, y, (value,))
        else:
            paper.write(40 if y < 90 else 300, y, (label + " ", value))
        y += 13
    absent = [
        f
        for f in (
            "number",
            "issue_date",
            "due_date",
            "order_number",
            "customer_number",
            "iban",
            "shipping",
            "total",
            "net",
            "amount_due",
            "delivery_date",
            "period_start",
        )
        if f not in shown and f not in {entry[2] for entry in entries}
    ]
    asked = [e[2] for e in entries if e[2]] + rng.sample(absent, rng.randint(0, 3))
    rng.shuffle(asked)
    return develop(paper), asked, style.currency


def _value(rng: Random, style: Style, name: str) -> str:
    if name.endswith("_date"):
        return values.print_date(rng, style, values.a_date(rng))
    if name in ("net", "tax_total", "shipping", "total", "amount_due"):
        return values.print_number(style, int(10 ** rng.uniform(2, 6.5)))
    if name == "vat_id":
        return parties.vat_id(rng, style.country)
    if name == "iban":
        return parties.iban(rng, style.country)
    if name == "name":
        return values.company_name(rng, style.language)
    return values.identifier(rng)


def _distractor(rng: Random, style: Style, kind: str) -> str:
    if kind == "d_date":
        return values.print_date(rng, style, values.a_date(rng) + timedelta(days=3))
    if kind == "d_id":
        return values.identifier(rng)
    if kind == "phone":
        return parties.phone(rng)
    return pick(rng, LABELS[style.language]["terms"])
