"""Invented statements of banks and cards, read entry by entry as the product reads them."""

from dataclasses import dataclass, replace
from functools import cache
from random import Random
from typing import Any

from lemma.reading.pointers import Flagged, Label, Pointer, Pointers, Said
from lemma.reading.prompt import messages_of
from lemma.reading.schema import Option, Task
from lemma.reading.source import Source
from lemma.reading.units import unit_source, unit_task, units
from lemma.tasks.builtin import task
from starter.documents import values as paper
from starter.documents.values import made_up, pick
from starter.lesson import Lesson, Spot
from starter.messages import values
from starter.messages.page import Found, Part, Written, fill, said, words_of
from starter.messages.words import words

LANGUAGES, WEIGHTS = ("en", "de", "fr", "es", "it", "nl"), (42, 26, 12, 7, 6, 7)
DATES = {
    "en": ("%d/%m/%Y", "%d %b %Y", "%Y-%m-%d", "%m/%d/%Y", "%d %b", "%d/%m/%y", "%b %d"),
    "de": ("%d.%m.%Y", "%d.%m.", "%d.%m.%y", "%Y-%m-%d"),
}
DATES_ELSEWHERE = ("%d/%m/%Y", "%d/%m/%y", "%d-%m-%Y", "%d/%m", "%d.%m.%Y")
TITLES = {
    "en": (
        "Date  Description  Amount",
        "Date  Details  Paid out  Balance",
        "Posted  Description  Debit  Credit",
    ),
    "de": ("Datum  Buchungstext  Betrag", "Buchung  Valuta  Verwendungszweck  Betrag  Saldo"),
    "fr": ("Date  Libellé  Montant", "Date  Opération  Débit  Crédit"),
    "es": ("Fecha  Concepto  Importe  Saldo",),
    "it": ("Data  Descrizione  Importo",),
    "nl": ("Datum  Omschrijving  Bedrag",),
}


@cache
def transactions() -> Task:
    return task("transactions")


def labelled(category: str) -> Task:
    """What is asked of one entry, under a chart of accounts that holds this category."""
    asked = unit_task(transactions(), transactions().field("transactions"))
    option = (Option(category, category),)
    fields = (replace(f, options=option) if f.kind == "choice" else f for f in asked.fields)
    return replace(asked, fields=tuple(fields))


@dataclass(frozen=True, slots=True)
class Entry:
    """One payment: its merchant in the words around it, and what it is."""

    words: list[Part]
    category: str
    recurring: bool
    income: bool


def entry(rng: Random, language: str, number: int) -> Entry:
    """A payment to a merchant of a random category."""
    book: dict[str, Any] = words("transactions")
    category = pick(rng, list(book["categories"]))
    about = book["categories"][category]
    holes = {
        "city": values.town(rng, language).upper(),
        "n": paper.digits(rng, rng.choice((3, 4, 6, 8, 10))),
        "name": values.person(rng, language).upper(),
        "word": made_up(rng).upper(),
        "company": paper.company_name(rng, language).upper(),
    }
    name = words_of(fill(pick(rng, about["names"]), holes))
    case = rng.choice((str, str, str.title, str.lower, str))
    before, after = (words_of(fill(pick(rng, book[side]), holes)) for side in ("before", "after"))
    standing = any(word in before.lower() for word in ("dauerauftrag", "so ", "prlv", "lastschrift", "dd "))
    recurring = bool(about["again"]) or (standing and rng.random() < 0.7)
    income = category in {"customer_payment", "refund_received"}
    category = book["default"][category] if rng.random() < 0.55 else pick(rng, book["called"][category])
    value = said(case(name), "merchant", number)
    gap = "  " if before and rng.random() < 0.4 else ""
    if rng.random() < 0.15:
        after = "  " + words_of(fill(pick(rng, book["purposes"]), holes))
    return Entry(
        [case(before.strip() + gap if gap else before), value, case(after)], category, recurring, income
    )


class _Statement:
    """How one bank prints its entries."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.language = rng.choices(LANGUAGES, WEIGHTS)[0]
        self.style = paper.style_of(rng)
        self.style.language = self.language
        self.style.date = rng.choice(DATES.get(self.language, DATES_ELSEWHERE))
        self.gap = " " * rng.choice((2, 2, 3, 4))
        self.form = rng.choice(("row", "row", "row", "balance", "two_dates", "csv", "below", "card", "bare"))
        self.currency = rng.choice(("", "", "", " EUR", " €", " GBP", " USD"))
        self.sign = rng.choice(("-{v}", "-{v}", "{v}-", "{v}", "{v}", "{v} S"))

    def write(self, doc: Written, number: int) -> Entry:
        rng = self.rng
        made = entry(rng, self.language, number)
        at = values.day(rng)
        day = said(paper.print_date(rng, self.style, at), "date", number)
        cents = rng.choice((rng.randint(100, 9_999), rng.randint(1_000, 250_000)))
        amount = said(paper.print_number(self.style, cents), "amount", number)
        signed = _attached(fill("{v}" if made.income else self.sign, {"v": amount}), number)
        after = paper.print_number(self.style, rng.randint(10_000, 9_000_000))
        gap, text = self.gap, made.words
        match self.form:
            case "balance":
                doc.row(day, gap, *text, gap, *signed, gap, after)
            case "two_dates":
                doc.row(
                    day, gap, paper.print_date(rng, self.style, at), gap, *text, gap, *signed, self.currency
                )
            case "csv":
                mark = rng.choice((";", ";", ","))
                doc.row(day, mark, *text, mark, *signed, mark, (self.currency or " EUR").strip())
            case "below":
                doc.row(day, gap, rng.choice(("Lastschrift", "Card", "Transfer", "Virement")), gap, *signed)
                doc.row(*text)
                if rng.random() < 0.4:
                    doc.row(f"REF {paper.digits(rng, 9)}")
            case "bare":
                doc.row(*text, rng.choice((" ", gap)), amount)
            case "card":
                doc.row(day, gap, *text, gap, (self.currency or " GBP").strip(), " ", *signed)
            case _:
                doc.row(day, gap, *text, gap, *signed, self.currency)
        return made


def _attached(parts: list[Part], number: int) -> list[Part]:
    """The amount with the sign that touches it as one value."""
    text = words_of(parts)
    plain, _, more = text.partition(" ")
    return [said(plain, "amount", number), f" {more}" if more else ""]


def statement(rng: Random, entries: int) -> tuple[Found, list[Entry]]:
    """A short statement, with column titles where it has them."""
    doc, bank = Written(), _Statement(rng)
    if bank.form not in {"csv", "below"} and rng.random() < 0.35:
        doc.row(pick(rng, TITLES[bank.language]).replace("  ", bank.gap))
    made = [bank.write(doc, number) for number in range(entries)]
    return doc.read(), made


def unit(rng: Random) -> Lesson:
    """One entry of a statement, of which everything is asked, or (to be short) a part."""
    found, made = statement(rng, rng.choice((1, 1, 2, 3)))
    cut = units(found.source.lines, "line")
    number = rng.randrange(len(made))
    printed = [name for name in ("merchant", "date", "amount") if (name, number) in found.runs]
    needed = {spot.line for name in printed for spot in found.runs[(name, number)][0]}
    chosen = next((each for each in cut if needed <= set(each.lines)), None)
    if chosen is None:  # The product would not take this for one entry; another one then.
        return unit(rng)
    lines = [found.source.line(each) for each in (*chosen.context, *chosen.lines)]
    source = unit_source(lines)
    places = {line.id: position for position, line in enumerate(lines, start=1)}
    answer: dict[str, Said] = {
        "category": Label(made[number].category),
        "recurring": Flagged(made[number].recurring),
    }
    also: dict[str, tuple[Spot, ...]] = {}
    for name in printed:
        spots = found.runs[(name, number)][0]
        answer[name] = Pointers(tuple(Pointer(places[spot.line], spot.text) for spot in spots))
        also[name] = tuple(Spot(places[spot.line], spot.text, spot.start) for spot in spots)
    return lesson(source, made[number].category, answer, also)


def lesson(
    source: Source,
    category: str,
    answer: dict[str, Said],
    also: dict[str, tuple[Spot, ...]],
    unknown: frozenset[str] = frozenset(),
) -> Lesson:
    """What serving asks of one entry, all but what nobody has labelled."""
    asked = labelled(category)
    fields = [field for field in asked.fields if field.name not in unknown]
    messages = tuple(messages_of(asked, source, style="compact", fields=fields))
    return Lesson(asked, source, tuple(f.name for f in fields), answer, also, source.lines, messages)
