"""The labelled facts of a broadcast order or invoice, with the many near misses that stand beside them."""

from random import Random

from starter.documents import values
from starter.documents.broadcast.facts import Deal, person
from starter.documents.paper import Part, Path, Said
from starter.documents.values import digits, made_up, pick

Field = tuple[str, tuple[Part, ...]]

LABELS = {
    "order": "Contract #|Contract #|Order #|Order / Rev|Contract / Revision|Contract No.|Order Number|Contract|Contract Number|Order|"
    "Station Order #|Order No|Buy #|Contract/Rev",
    "invoice": "Invoice #|Invoice #|Inv #|Invoice|Invoice No.|Invoice Number|INVOICE #|Statement #",
    "for_order": "Order #|Contract #|Contract|Order|Station Order|Contract No.|Our Order",
    "advertiser": "Advertiser|Advertiser|Advertiser|Advertiser Name|Client|ADVERTISER|Sponsor|Name of Advertiser",
    "agency": "Agency|Agency|Agency Name|AGENCY|Buying Agency",
    "flight": "Flight Dates|Flight|Contract Dates|Schedule Dates|Order Flight|Start/End Dates|Flight|Order Dates|Air Dates|Dates|"
    "Schedule|Campaign",
    "flight_start": "Flight Start|Start Date|Start|From|First Air Date|Begin Date",
    "flight_end": "Flight End|End Date|End|To|Last Air Date|Through",
    "period": "Invoice Period|Period|Billing Period|Service Period|Inv Period",
    "invoice_date": "Invoice Date|Invoice Date|Inv Date|Date|Billing Date|Inv. Date",
    "order_date": "Date Entered|Original Date|Order Date|Entered|Received Date|Date|Contract Date|Created",
    "print_date": "Print Date|Printed|Gen. Date|Last Modified|Changes as of|Printed on|Revised",
    "gross": "Gross Total|Total $|Grand Total|Gross Amount|Total Cost|Order Total|Total Gross|Gross|Total|Gross Billing|Contract Total|"
    "Actual Gross Billing|Gross Order Amount",
    "fee": "Agency Commission|Commission|Commission Agency|Agency Comm.|Less Commission|15% Agency Commission",
    "net": "Net Total|Net Amount|NET TOTAL|Net|Net Order Amount|Total Net",
    "due": "Net Amount Due|Amount Due|Net Due|Please Remit|Total Due|Balance Due",
    "code": "Advertiser Code|Adv Code|Advertiser #|Client Code|Account #",
    "product": "Product|Product Desc|Product|Brand|Product/Brand|Campaign Name",
    "estimate": "Estimate #|Estimate|Estimate Number|Est #|Estimate No",
    "spots": "Total Spots|# of Spots|Spots|Aired Spots|# Spots|Total Units",
}
OTHERS = (
    "Alt Order #:i|Agency Code:i|Agency Ref:i|Advertiser Ref:i|Deal #:o|CPE:c|C/P/E:c|Headline #:i|External #:i|Agency Order #:i|"
    "Traffic #:i|Buyer Order #:i|Property:s|Sales Office:t|Sales Region:r|Account Executive:p|Salesperson:p|Primary AE:p|Buyer Name:p|"
    "Buyer:p|Buying Contact:o|Billing Contact:o|Billing Calendar:b|Billing Type:y|Billing Cycle:e|Cash/Trade:y|Order Type:n|Demographic:d|"
    "Primary Demo:d|Demo:d|Market:m|Service:o|Priority:1|Unit Code:n|Separation:30|Order Separation:z|Acct Types:a|Account Types:a|"
    "Terms:T|Bill Type:b|Coop:N|CO-OP:N|Special Handling:o|Comments:o|Comment:x|Product Codes:q|Product 1/2:q|Revenue Code 1:q|"
    "Commission %:5|Agency Commission:6|Invoice Month:M|Entered By:p|Package Deal:o|Phone/Fax:f|New Business Thru:o|Total GRP:g|Total CPP:G|"
    "Media:V|Order Share:S|Con Type:n|Office:t|Station:s|IDB#:i|Rep Order #:i"
).split("|")
FIXED = {
    "1": "1",
    "30": "30",
    "z": "00:15:00",
    "5": "15.00",
    "6": "15%",
    "N": "No",
    "V": "TV",
    "o": "",
    "f": "/",
}
CHOICES = {
    "r": "National|Local|NAT|Regional",
    "b": "Broadcast|Calendar|Standard|Weekly",
    "y": "Cash|Cash In Advance|CIA|Trade",
    "e": "EOM/EOC|EOM|Weekly|WEEKLY",
    "n": "NORMAL|GENERAL|General|Normal|POLITICAL/VOTE",
    "d": "Adults 35+|Households|A35+|A18-49|RA55+|Adults 18+",
    "a": "National/Agency Political|Local/Political|National/Agency|Local/Direct",
    "T": "30 Days|Net 30|Cash In Advance|CIA|Due upon receipt",
    "S": "1%|23%|100%",
}


def label(rng: Random, key: str) -> str:
    return pick(rng, LABELS[key].split("|"))


def money(
    rng: Random, deal: Deal, cents: int, *paths: Path, weak: bool = False, sign: str = ""
) -> tuple[Part, ...]:
    """`$1,234.00`; only the number is the value."""
    text = f"{cents // 100:,}.{cents % 100:02d}" if deal.cents or cents % 100 else f"{cents // 100:,}"
    before = "$"
    if sign == "()":
        return (f"({before}", Said(text, paths, weak=weak), ")")
    return (sign + before, Said(text, paths, weak=weak))


def span(rng: Random, deal: Deal, days: tuple[object, object], mark: bool) -> tuple[Part, ...]:
    """Two dates with what stands between them."""
    first, last = days
    between = rng.choice((" - ", " - ", " - ", "-", " to ", " -", " – ", " thru "))
    if not mark:
        return (deal.day(first) + between + deal.day(last),)  # type: ignore[arg-type]
    return (
        Said(deal.day(first), (("period_start",),)),  # type: ignore[arg-type]
        between,
        Said(deal.day(last), (("period_end",),)),  # type: ignore[arg-type]
    )


def other(rng: Random, deal: Deal) -> Field:
    """A field that nobody asks for, often empty."""
    name, _, kind = rng.choice(OTHERS).rpartition(":")
    if kind in FIXED:
        text = FIXED[kind]
    elif kind in CHOICES:
        text = pick(rng, CHOICES[kind].split("|"))
    elif kind == "i":
        text = rng.choice(
            (
                "",
                digits(rng, rng.choice((3, 4, 6, 8))),
                f"WOC{digits(rng, 8)}",
                f"ECR{digits(rng, 8)}",
                digits(rng, 7),
            )
        )
    elif kind == "c":
        text = f"{made_up(rng).upper()[:4]}/{deal.product.split()[0][:5]}/{digits(rng, 4)}"
    elif kind == "s":
        text = deal.call
    elif kind == "t":
        text = f"{rng.choice(('HRP', 'FSS', 'Katz/', 'Tele', ''))} {made_up(rng)}".strip()
    elif kind == "p":
        first, last = person(rng)
        text = rng.choice((f"{first} {last}", f"{last}, {first}", f"{first} {last}", ""))
    elif kind == "m":
        text = f"{made_up(rng)}-{made_up(rng)}"
    elif kind == "M":
        text = deal.last.strftime("%B %Y")
    elif kind == "g":
        text = f"{rng.randint(1, 900) / 10}"
    elif kind == "G":
        text = f"${rng.randint(1, 90000) / 100:.2f}"
    elif kind == "x":
        text = f"{made_up(rng).upper()} ORDER PLEASE CONFIRM"
    else:
        text = rng.choice(("", "Candidate", f"{digits(rng, 3)}", "PL2", "Political Issue"))
    return name, (text,)


def head_fields(rng: Random, deal: Deal) -> list[Field]:
    """The facts of the head, in an issuer's order."""
    invoice = deal.kind == "invoice"
    fields: list[Field] = []
    number: tuple[Part, ...] = (Said(deal.number, (("number",),)),)
    name = label(rng, "invoice" if invoice else "order")
    if not invoice and ("Rev" in name or rng.random() < 0.1):
        number = (*number, rng.choice((" / ", " /", "  /  ")) + deal.revision)
    fields.append((name, number))
    if invoice and rng.random() < 0.85:
        fields.append((label(rng, "for_order"), (Said(deal.order, (("order_number",),)),)))
    fields.append((label(rng, "advertiser"), (Said(deal.advertiser, (("buyer_name",),)), deal.suffix)))
    if not deal.direct or rng.random() < 0.3:
        name: Part = Said(deal.agency, (("buyer_name",),), weak=True) if deal.direct else deal.agency
        fields.append((label(rng, "agency"), (name, rng.choice(("", "", "", f" ({digits(rng, 4)})")))))
    flight, days = [], (deal.first, deal.last)
    shown = not invoice or rng.random() < 0.7
    if shown and rng.random() < 0.88:
        flight.append((label(rng, "flight"), span(rng, deal, days, True)))
    elif shown:
        flight.append((label(rng, "flight_start"), (Said(deal.day(deal.first), (("period_start",),)),)))
        flight.append((label(rng, "flight_end"), (Said(deal.day(deal.last), (("period_end",),)),)))
    fields += flight
    if invoice and (not flight or rng.random() < 0.75):
        fields.append((label(rng, "period"), span(rng, deal, deal.period if flight else days, not flight)))
    if invoice:
        fields.append((label(rng, "invoice_date"), (Said(deal.day(deal.issued), (("issue_date",),)),)))
    elif rng.random() < 0.8:
        fields.append(_entered(rng, deal))
    if rng.random() < 0.5:
        clock = rng.choice(("", "", " 11:30:13", f" {rng.randint(1, 12)}:0{rng.randint(0, 9)} PM"))
        fields.append((label(rng, "print_date"), (deal.day(deal.printed) + clock,)))
    fields.append((label(rng, "product"), (deal.product,)))
    if rng.random() < 0.7:
        fields.append((label(rng, "estimate"), (rng.choice((digits(rng, 4), digits(rng, 3), "")),)))
    if rng.random() < 0.3:
        fields.append(
            (label(rng, "code"), (Said(values.digits(rng, rng.choice((3, 4, 6))), (("customer_number",),)),))
        )
    fields += [other(rng, deal) for _ in range(rng.choice((2, 4, 6, 8, 10, 14)))]
    first, rest = fields[:1], fields[1:]
    if rng.random() < 0.75:
        rng.shuffle(rest)
    if rng.random() < 0.3:
        rest.insert(rng.randint(0, len(rest)), first.pop())
    return first + rest


def _entered(rng: Random, deal: Deal) -> Field:
    entered = Said(deal.day(deal.issued), (("issue_date",),))
    if rng.random() < 0.4:
        return rng.choice(("Original Date / Revision", "Original Date / Rev")), (
            entered,
            " / ",
            deal.day(deal.printed),
        )
    return label(rng, "order_date"), (entered,)
