"""Labelled real paper as lessons: invoices, orders, receipts, broadcast contracts.

An adapter takes a folder and a record of its `data.jsonl`. It asks only what the set surely says: a value
that was not found, or stands in several places of which none is labelled, is not asked, nor is a field
that the set does not label, unless such paper never has it.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from lemma.reading.prompt import visible_lines
from starter.extra.find import Labels, Run, Words, best, labels_of, plain, rivals_of
from starter.extra.known import Known, Record, lessons, sources
from starter.extra.rows import table
from starter.lesson import Lesson, Spot
from starter.lessons import invoices

Adapter = Callable[[Path, Record], Iterable[Lesson]]
NONE: Labels = frozenset()

# Receipts and broadcast ------------------------------------------------------------------------------


_TOTALS = """
    total grandtotal nettotal netttotal totalamount totalamt totalsales totaldue amountdue amtdue tl to nett
    nettamt totalpayable amountpayable totalincl totalinclgst totalafterrounding totalrounded roundedtotal
    balancedue
"""
_OTHERS = """
    subtotal totalqty totalquantity qty quantity cash change rounding paid tendered totalitems items itemcount
    gst totalgst tax totaltax discount totaldiscount excl totalexcl excluding excludinggst savings
    totalsavings ca
"""
TILL_TOTAL, TILL_OTHERS = frozenset(_TOTALS.split()), frozenset(_OTHERS.split())
"""What tills call the total, and what else may stand before the same amount: letters alone."""


def receipts(folder: Path, record: Record) -> Iterable[Lesson]:
    """Receipts with the shop, its address, the date and the total."""
    expected = record["expected"]
    for source in sources(folder, record):
        known = Known(Words(visible_lines(source)))
        _name(known, "supplier_name", expected.get("company"))
        _day(known, "issue_date", expected.get("date"))
        _amount(known, "total", expected.get("total"), TILL_TOTAL, TILL_OTHERS)
        _address(known, "supplier_address", expected.get("address"))
        text = " ".join(line.text for line in known.words.lines)
        if re.search(r"\bRM\b", text):
            known.label("currency", "MYR")
        known.absent("due_date", "delivery_date", "period_start", "period_end", "iban", "buyer_vat_id")
        known.absent("buyer_tax_number", "payment_reference", "shipping")
        yield from lessons(known, source, record["id"])


NUMBERED = frozenset(
    {"invoice", "inv", "invoice#", "statement", "contract", "order", "orderrev", "contractrevision"}
)
FLIGHT = frozenset(
    {"flight", "flightdates", "orderflight", "contractdates", "scheduledates", "startenddates"}
)
CLIENT = frozenset({"advertiser", "client", "advertisername"})
GROSS = frozenset({"grosstotal", "totals", "total", "grandtotal", "grossamount", "gross", "totalcost"})


def broadcast(folder: Path, record: Record) -> Iterable[Lesson]:
    """Orders and invoices of US broadcasters. What such paper never has is asked as absent."""
    expected = record["expected"]
    for source in sources(folder, record):
        known = Known(Words(visible_lines(source)))
        head = "\n".join(line.text for line in known.words.lines[:60])
        invoice = bool(re.search(r"(?<![a-z])INVOICE|Invoice #|\bInv ?#", head))
        if not (invoice and "OFFICIAL BILLING" in head.upper()):  # There the set names the contract at will.
            _identifier(known, "number", expected.get("contract_number"), NUMBERED, NONE)
        _name(known, "buyer_name", expected.get("advertiser"), CLIENT)
        _choose(known, "total", known.words.amounts(float(expected.get("gross_amount") or -1)), GROSS, NONE)
        _flight(known, expected.get("flight_from"), expected.get("flight_to"))
        known.label(
            "document_kind",
            "invoice" if invoice else "order" if re.search("(?i)contract|order", head) else None,
        )
        if "$" in head or "$" in known.words.lines[-1].text:
            known.label("currency", "USD")
        known.absent(
            "supplier_vat_id", "buyer_vat_id", "iban", "payment_reference", "shipping", "vat_by_rate"
        )
        known.absent("delivery_date", "supplier_tax_number", "buyer_tax_number", "due_date")
        yield from lessons(known, source, record["id"])


def _flight(known: Known, first: str | None, last: str | None) -> None:
    """Both ends where they stand side by side; such places are the flight, and lines of spots are not."""
    if not first or not last:
        return
    starts = known.words.dates(date.fromisoformat(first))
    ends = known.words.dates(date.fromisoformat(last))
    pairs = [
        (a, b)
        for a in starts
        for b in ends
        if a[0].line == b[0].line and 0 < (b[0].start or 0) - (a[0].start or 0) - len(a[0].text) <= 6
    ]
    if not pairs:
        if len(starts) == 1 and len(ends) == 1:
            known.put("period_start", starts, starts[0])
            known.put("period_end", ends, ends[0])
        return
    chosen = best(known.words, [a for a, _ in pairs], FLIGHT, NONE, sure=False)
    pair = next(pair for pair in pairs if pair[0] is chosen)
    known.put("period_start", [a for a, _ in pairs], pair[0])
    known.put("period_end", [b for _, b in pairs], pair[1])


# Invoices and orders ---------------------------------------------------------------------------------

SCALARS = {
    "number": "number",
    "order_number": "buyer_order_number",
    "customer_number": "customer_number",
    "payment_reference": "payment_reference",
    "iban": "iban",
}
DATED = ("issue_date", "due_date", "delivery_date")
SUMS = {
    "net": "net_total",
    "tax_total": "tax_total",
    "shipping": "shipping",
    "total": "gross_total",
    "amount_due": "amount_due",
}


def invoice(folder: Path, record: Record) -> Iterable[Lesson]:
    """Invoices and orders with most of their fields labelled."""
    expected = record["expected"]
    for source in sources(folder, record):
        words = Words(visible_lines(source))
        known = Known(words)
        for name, key in SCALARS.items():
            keys = ("number", "credit_number", "order_doc_number") if name == "number" else (name,)
            _identifier(known, name, expected.get(key), labels_of(*keys), rivals_of(*keys))
        for name in DATED:
            _day(known, name, expected.get(name))
        for name, key in SUMS.items():
            _amount(known, name, expected.get(key))
        for role, key in (("supplier", "seller"), ("buyer", "buyer")):
            party = expected.get(key) or {}
            _name(known, f"{role}_name", party.get("name"))
            for name in ("vat_id", "tax_number"):
                same = role == "buyer" and party.get(name) == (expected.get("seller") or {}).get(name)
                if not same:  # Else who knows which of the two it stands for.
                    _identifier(known, f"{role}_{name}", party.get(name), labels_of(name), rivals_of(name))
            _party_address(known, role, party)
        known.label("document_kind", expected.get("document_type"))
        _currency(known, expected.get("currency"))
        _absences(known, expected)
        rows = table(words, expected.get("lines") or ())
        if rows is not None and (record.get("meta") or {}).get("lines_labelled", True):
            known.asked.add("lines")
            known.said["lines"] = rows
        yield from lessons(known, source, record["id"])


def _currency(known: Known, code: str | None) -> None:
    """Asked where the document prints the code or a sign that only this currency has."""
    option = invoices().field("currency").option(code or "")
    text = " ".join(line.text for line in known.words.lines)
    if option is not None and (
        any(word in text for word in option.words if word != "$") or (code == "USD" and "$" in text)
    ):
        known.label("currency", code)


def _absences(known: Known, expected: Mapping[str, Any]) -> None:
    """A field without a label in the set is absent if the page prints none of the words that name it."""
    labelled = {name for name, key in {**SCALARS, **SUMS}.items() if expected.get(key) is not None}
    labelled |= {name for name in DATED if expected.get(name)}
    for name in (*SCALARS, *DATED, *SUMS, "period_start"):
        if name in labelled or name in known.said:
            continue
        naming = [
            label
            for key in ((name, "period") if name == "period_start" else (name,))
            for label in labels_of(key)
        ]
        if not any(len(label) > 4 and label in known.words.text for label in naming):
            known.absent(name)
            if name == "period_start":
                known.absent("period_end")


# Values ----------------------------------------------------------------------------------------------


def _choose(known: Known, name: str, runs: Sequence[Run], labels: Labels, rivals: Labels) -> None:
    known.put(name, runs, best(known.words, runs, labels, rivals, sure=False))


def _identifier(known: Known, name: str, value: str | None, labels: Labels, rivals: Labels) -> None:
    """The number of something; a short one only where it stands once or has its label."""
    if value and len(plain(str(value))) > 1:
        runs = known.words.runs(str(value))
        chosen = best(known.words, runs, labels, rivals, sure=len(plain(str(value))) < 5)
        known.put(name, runs, chosen)


def _name(known: Known, name: str, value: str | None, labels: Labels = NONE) -> None:
    """A name's first occurrence, or its labelled one where labels are given."""
    if value and len(plain(value)) > 2:
        _choose(known, name, known.words.runs(value, most_lines=2), labels, NONE)


def _day(known: Known, name: str, value: str | None) -> None:
    if value:
        _choose(known, name, known.words.dates(date.fromisoformat(value)), labels_of(name), rivals_of(name))


def _amount(
    known: Known, name: str, value: float | None, labels: Labels = NONE, rivals: Labels = NONE
) -> None:
    """A sum with its label, or that stands once. What is called due is the total only if nothing else is."""
    if value is None:
        return
    runs = known.words.amounts(float(value))
    labels, rivals = labels or labels_of(name), rivals or rivals_of(name)
    shared = labels & labels_of("amount_due") if name == "total" else NONE
    chosen = best(known.words, runs, labels - shared, rivals | shared, sure=True)
    if chosen is None and shared:
        chosen = best(known.words, runs, labels, rivals, sure=True)
    if chosen is not None:
        known.put(name, [chosen], chosen)


def _address(known: Known, name: str, value: str | None) -> None:
    """An address given in one string: as it stands over neighbouring lines."""
    if value and len(plain(value)) > 8:
        runs = known.words.runs(value, most_lines=6)
        known.put(name, runs, next(iter(runs), None))


def _party_address(known: Known, role: str, party: Mapping[str, str]) -> None:
    """Street, then postcode and town on the next lines in the same column, then the country if printed."""
    street, town, code = party.get("street"), party.get("city"), party.get("postcode")
    if not street or not (town or code):
        return
    streets = known.words.runs(street)
    for run in streets:
        spot = run[0]
        rest = _town(known, spot, town or "", code or "")
        if rest is not None:
            known.put(f"{role}_address", [(spot, *rest)], (spot, *rest))
            return


def _town(known: Known, street: Spot, town: str, code: str) -> Run | None:
    for number in range(street.line, street.line + 4):
        line = known.words.by_id.get(number)
        if line is None:
            continue
        for match in re.finditer(r"\S+(?: \S+)*", line.text):
            same = number == street.line
            if same and match.end() <= (street.start or 0) + len(street.text):
                continue
            beside = abs(match.start() - (street.start or 0)) <= 12 or same
            text = plain(match.group())
            if beside and plain(town) in text and plain(code) in text:
                return _trimmed(
                    known, number, match.start(), match.group(), (town, code), street if same else None
                )
    return None


def _trimmed(
    known: Known, number: int, start: int, text: str, parts: Iterable[str], street: Spot | None
) -> Run | None:
    """Town and postcode within their cell, without what stands before and after them."""
    line = known.words.by_id[number]
    places = []
    for part in parts:
        if part:
            found = [run[0] for run in known.words.runs(part) if run[0].line == number]
            found = [s for s in found if start <= (s.start or 0) < start + len(text)]
            if not found:
                return None
            places.append(found[-1])
    first = min(s.start or 0 for s in places)
    last = max((s.start or 0) + len(s.text) for s in places)
    spot = Spot(number, line.text[first:last], first)
    return (spot,) if known.words.whole(spot) else None


SETS: Mapping[str, Adapter] = {
    "receipts_sroie": receipts,
    "tv_ad_contracts": broadcast,
    "invoices_real": invoice,
    "einvoice_pdf": invoice,
    "einvoice_rendered": invoice,
    "purchase_order_pdf": invoice,
}
