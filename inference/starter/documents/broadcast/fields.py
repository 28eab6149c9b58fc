"""The labelled facts of a broadcast order or invoice, with the many near misses that stand beside them."""

from collections.abc import Mapping
from datetime import date
from random import Random

from starter.documents import words
from starter.documents.broadcast.facts import Deal, person
from starter.documents.paper import Part, Path, Said
from starter.documents.values import digits, made_up, pick, spell

Field = tuple[str, tuple[Part, ...]]

_FILE = words.vocabulary("broadcast/words")
LABELS: Mapping[str, list[str]] = _FILE["labels"]
OTHERS: Mapping[str, str] = _FILE["others"]
"""Fields that nobody asks for: the name to the kind of value that stands there."""
OTHER_FIELDS = tuple(OTHERS.items())
FIXED: Mapping[str, str] = _FILE["fixed"]
CHOICES: Mapping[str, list[str]] = _FILE["choices"]


def label(rng: Random, key: str) -> str:
    """What a station calls this fact."""
    return pick(rng, LABELS[key])


def money(
    rng: Random, deal: Deal, cents: int, *paths: Path, weak: bool = False, sign: str = ""
) -> tuple[Part, ...]:
    """`$1,234.00`; only the number is the value."""
    text = f"{cents // 100:,}.{cents % 100:02d}" if deal.cents or cents % 100 else f"{cents // 100:,}"
    before = "$"
    if sign == "()":
        return (f"({before}", Said(text, paths, weak=weak), ")")
    return (sign + before, Said(text, paths, weak=weak))


def span(rng: Random, deal: Deal, days: tuple[date, date], *, mark: bool) -> tuple[Part, ...]:
    """Two dates with what stands between them."""
    first, last = days
    between = rng.choice((" - ", " - ", " - ", "-", " to ", " -", " – ", " thru "))
    if not mark:
        return (deal.day(first) + between + deal.day(last),)
    return (
        Said(deal.day(first), (("period_start",),)),
        between,
        Said(deal.day(last), (("period_end",),)),
    )


def other(rng: Random, deal: Deal) -> Field:
    """A field that nobody asks for, often empty."""
    name, kind = rng.choice(OTHER_FIELDS)
    if kind in FIXED:
        return name, (FIXED[kind],)
    if kind in CHOICES:
        return name, (spell(rng, pick(rng, CHOICES[kind])),)
    first, last = person(rng)
    made = {
        "c": f"{made_up(rng).upper()[:4]}/{deal.product.split()[0][:5]}/{digits(rng, 4)}",
        "s": deal.call,
        "p": rng.choice((f"{first} {last}", f"{last}, {first}", f"{first} {last}", "")),
        "M": deal.last.strftime("%B %Y"),
        "g": f"{rng.randint(1, 900) / 10}",
        "G": f"${rng.randint(1, 90000) / 100:.2f}",
    }
    return name, (made.get(kind, ""),)


def head_fields(rng: Random, deal: Deal) -> list[Field]:
    """The facts of the head, in an issuer's order."""
    fields = [_number(rng, deal)]
    if deal.kind == "invoice":
        if rng.random() < 0.85:
            fields.append((label(rng, "for_order"), (Said(deal.order, (("order_number",),)),)))
        fields.append((label(rng, "invoice_date"), (Said(deal.day(deal.issued), (("issue_date",),)),)))
    elif rng.random() < 0.8:
        fields.append(_entered(rng, deal))
    fields.append((label(rng, "advertiser"), (Said(deal.advertiser, (("buyer_name",),)), deal.suffix)))
    if not deal.direct or rng.random() < 0.3:
        name: Part = Said(deal.agency, (("buyer_name",),), weak=True) if deal.direct else deal.agency
        fields.append((label(rng, "agency"), (name, spell(rng, rng.choice(("", "", "", " (####)"))))))
    fields += _dates(rng, deal)
    fields.append((label(rng, "product"), (deal.product,)))
    if rng.random() < 0.7:
        fields.append((label(rng, "estimate"), (spell(rng, rng.choice(("####", "###", ""))),)))
    if rng.random() < 0.3:
        code = spell(rng, rng.choice(("###", "####", "######")))
        fields.append((label(rng, "code"), (Said(code, (("customer_number",),)),)))
    fields += [other(rng, deal) for _ in range(rng.choice((2, 4, 6, 8, 10, 14)))]
    first, rest = fields[:1], fields[1:]
    if rng.random() < 0.75:
        rng.shuffle(rest)
    if rng.random() < 0.3:
        rest.insert(rng.randint(0, len(rest)), first.pop())
    return first + rest


def _number(rng: Random, deal: Deal) -> Field:
    """The number of the document, on an order with its revision."""
    number = Said(deal.number, (("number",),))
    name = label(rng, "invoice" if deal.kind == "invoice" else "order")
    if deal.kind == "order" and ("Rev" in name or rng.random() < 0.1):
        return name, (number, rng.choice((" / ", " /", "  /  ")) + deal.revision)
    return name, (number,)


def _dates(rng: Random, deal: Deal) -> list[Field]:
    """The flight; on an invoice the period too, which is the answer only where no flight is printed."""
    fields: list[Field] = []
    days = (deal.first, deal.last)
    if deal.kind == "order" or rng.random() < 0.7:
        if rng.random() < 0.88:
            fields.append((label(rng, "flight"), span(rng, deal, days, mark=True)))
        else:
            fields.append((label(rng, "flight_start"), (Said(deal.day(deal.first), (("period_start",),)),)))
            fields.append((label(rng, "flight_end"), (Said(deal.day(deal.last), (("period_end",),)),)))
    if deal.kind == "invoice" and (not fields or rng.random() < 0.75):
        shown = deal.period if fields else days
        fields.append((label(rng, "period"), span(rng, deal, shown, mark=not fields)))
    if rng.random() < 0.5:
        clock = rng.choice(("", "", " 11:30:13", spell(rng, " ^:##:## AM"), spell(rng, " ^:## PM")))
        fields.append((label(rng, "print_date"), (deal.day(deal.printed) + clock,)))
    return fields


def _entered(rng: Random, deal: Deal) -> Field:
    entered = Said(deal.day(deal.issued), (("issue_date",),))
    if rng.random() < 0.4:
        return rng.choice(("Original Date / Revision", "Original Date / Rev")), (
            entered,
            " / ",
            deal.day(deal.printed),
        )
    return label(rng, "order_date"), (entered,)
