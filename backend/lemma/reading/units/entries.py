"""The entries of a statement: lines that hold a transaction.

An entry has an amount, and its date on the same line, or once for all entries of a day, or on the line
that it begins on. A line that holds neither, between two entries or set in under one, goes on the entry
before it. Balances, totals, column titles and page numbers are none.
"""

import re
from collections.abc import Container, Iterator, Sequence

from lemma.reading.source import Line

Cut = tuple[Sequence[Line], Sequence[Line]]
"""The lines that say what a unit is about, and its own."""

MOST_LINES = 6
MOST_CHARACTERS = 1_000
"""Of a line no more is looked at: what is longer is no line of a statement, and may be hostile."""

_MONTH = (
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mär|mrz|mai|okt|dez|janv|févr|fevr|mars|avr|juin|juil"
    r"|août|aout|déc|ene|abr|ago|dic|gen|mag|giu|lug|set|ott|mrt|mei)[^\W\d_]*\.?"
)
_DAY = "(?:0?[1-9]|[12][0-9]|3[01])"  # Or a month: which comes first is settled elsewhere.
_DATE = re.compile(
    rf"(?<![\w.,])(?:{_DAY}[./-]{_DAY}[./-](?:[0-9]{{4}}|[0-9]{{2}})(?![0-9])|[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}"
    rf"|{_DAY}\.{_DAY}\.|{_DAY}[/-]{_DAY}(?![0-9/.,-])|(?<!.)[0-3][0-9]\.[01][0-9](?= )"
    rf"|{_DAY}[ .-]{{1,2}}{_MONTH}(?:[ -][0-9]{{2,4}})?|{_MONTH}[ -]{_DAY}(?:,? [0-9]{{4}})?)(?!\w)",
    re.IGNORECASE,
)
_AMOUNT = re.compile(
    r"(?<![\w.,/-])[-+−(]?(?:[€$£] ?)?[-+−]?(?:[0-9]{1,3}(?:[ '’.,\u00a0\u202f][0-9]{3})+|[0-9]+)"
    r"[.,][0-9]{2}(?![0-9.,/]*[0-9])(?: ?[-+−)])?(?: ?%)?"
)
_TITLE_WORDS = """date datum fecha data booking buchung buchungstag valuta wertstellung posted posting
    value operation opération operación libellé description beschreibung details particulars transaction
    verwendungszweck buchungstext concepto referencia reference payee merchant empfänger auftraggeber tiers
    amount betrag
    montant importe débit debit crédit credit soll haben paid money out in withdrawals deposits balance saldo
    solde currency währung devise type category memo umsatz narrative counterparty card"""
_TITLES = frozenset(_TITLE_WORDS.split())
_NOT_ENTRY = re.compile(
    r"\b(?:(?:opening|closing|starting|ending|previous|new|available|current|statement|average) balance"
    r"|balance (?:brought|carried|forward|at|on)|brought forward|carried forward|total|totals|subtotal|sum of"
    r"|(?:anfangs|end|schluss|zwischen)saldo|alter (?:konto)?(?:saldo|stand)|neuer (?:konto)?(?:saldo|stand)"
    r"|kontostand|saldovortrag|übertrag|summe|summen|gesamt(?:summe)?|(?:ancien|nouveau) solde"
    r"|solde (?:au|précédent|initial|final|créditeur|débiteur)|totaux|report"
    r"|saldo (?:inicial|final|anterior)|page|seite)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+")
_DATE_BEGINS = 14  # How far into its line the date of an entry may begin, after a mark or a number.


def entries(lines: Sequence[Line]) -> list[Cut]:
    """The entries of a statement, with the titles of their columns."""
    return list(_dated(lines)) or list(_bare(lines))


def amount_runs(text: str) -> list[tuple[int, int]]:
    """Where the amounts of a line begin and end; percentages and parts of dates are none."""
    seen = text[:MOST_CHARACTERS]
    dates = [match.span() for match in _DATE.finditer(seen)]
    return [
        (match.start(), match.end())
        for match in _AMOUNT.finditer(seen)
        if not match.group().endswith("%")
        and not any(start < match.end() and match.start() < end for start, end in dates)
    ]


def is_titles(line: Line) -> bool:
    """Whether a line is the titles of columns: usual words, and no date or amount."""
    seen = line.text[:MOST_CHARACTERS]
    words = _WORD.findall(seen.casefold())
    if not words or _AMOUNT.search(seen) or re.search(r"[0-9]{3}", seen):
        return False
    usual = sum(word in _TITLES for word in words)
    return usual >= 2 and usual * 2 >= len(words)


def _date(line: Line) -> re.Match[str] | None:
    match = _DATE.search(line.text[: 4 * _DATE_BEGINS])
    return match if match is not None and match.start() <= _DATE_BEGINS else None


def _amounts(line: Line) -> list[int]:
    """Where the amounts of a line end, as places that compare between lines."""
    return [_place(line, end) for _, end in amount_runs(line.text)]


def _place(line: Line, end: int) -> int:
    """The end of a run as a place: in hundredths of the page, or where it has no geometry in characters by
    threes, counted from a thousand. Places that differ by one are the same column."""
    for word in line.words:
        if word.box is not None and word.start < end <= word.end:
            return round(word.box.x1 * 100)
    return 1_000 + end // 3


def _left(line: Line) -> float | None:
    """Where the line begins on its page; None without geometry."""
    first = line.words[0].box if line.words else None
    return None if first is None else first.x0


def _dated(lines: Sequence[Line]) -> Iterator[Cut]:
    """Entries by their dates and amounts."""
    ends = {
        place + near for line in lines if _is_start(line) for place in _amounts(line) for near in (-1, 0, 1)
    }
    titles: list[Line] = []
    own: list[Line] = []
    loose: list[Line] = []  # Lines that go on the entry, if another entry follows.
    for line in lines if ends else ():
        if is_titles(line) or _is_summary(line) or (own and line.page != own[-1].page):
            yield from _whole(titles, own)
            own, loose = [], []
            titles = [line] if is_titles(line) else titles
        if is_titles(line) or _is_summary(line):
            continue
        if _begins(line, own, ends):
            yield from _whole(titles, own + loose if _left(line) is None else own)
            own, loose = [line], []
        elif own and len(own) + len(loose) < MOST_LINES:
            if _set_in(line, own[0]) or _waits(own):
                own.append(line)
            else:
                loose.append(line)
    yield from _whole(titles, own)


def _whole(titles: Sequence[Line], own: Sequence[Line]) -> Iterator[Cut]:
    """The entry, if it has come to an amount: a date alone is the head of a letter."""
    if own and not _waits(own):
        yield titles, own


def _is_start(line: Line) -> bool:
    return _date(line) is not None and bool(_amounts(line)) and not _is_summary(line)


def _is_summary(line: Line) -> bool:
    return _NOT_ENTRY.search(line.text) is not None and not _says_more(line)


def _says_more(line: Line) -> bool:
    """Whether a line with a word such as "total" is an entry all the same: TOTAL ENERGIES, REPORT LTD.

    A balance says nothing but that word, a date and amounts.
    """
    seen = line.text[:MOST_CHARACTERS]
    text = _NOT_ENTRY.sub(" ", _AMOUNT.sub(" ", _DATE.sub(" ", seen)))
    words = [word for word in _WORD.findall(text) if len(word) > 2 and word.casefold() not in _TITLES]
    return _date(line) is not None and len(words) >= 2


def _begins(line: Line, own: Sequence[Line], ends: Container[int]) -> bool:
    """Whether a line begins an entry: by its date, or by an amount that stands where amounts stand."""
    if _date(line) is not None:
        goes_on = bool(own) and (_waits(own) or _set_in(line, own[0]))
        return bool(_amounts(line)) or not goes_on
    return bool(own) and not _waits(own) and any(place in ends for place in _amounts(line))


def _waits(own: Sequence[Line]) -> bool:
    """Whether an entry that has begun has no amount yet."""
    return not any(_amounts(line) for line in own)


def _set_in(line: Line, first: Line) -> bool:
    """Whether a line begins further right than the entry that it goes on."""
    left, start = _left(line), _left(first)
    return left is not None and start is not None and line.page == first.page and left > start + 0.01


def _bare(lines: Sequence[Line]) -> Iterator[Cut]:
    """Every line that is neither titles nor a sum: a list without dates."""
    titles: list[Line] = []
    for line in lines:
        if is_titles(line):
            titles = [line]
        elif not _is_summary(line):
            yield titles, [line]
