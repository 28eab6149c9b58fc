"""Where a labelled value stands in the lines of a real document.

Labels say what a value is (`2020-02-23`, `5625.0`), paper says it in its own spelling. A value is found by
comparing what both mean: letters and digits for names and numbers of things, days for dates, cents for
amounts. Of several places a reader points at the one with a label of that field beside it or above it.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache
from unicodedata import combining, normalize

from lemma.reading.grammar import occurrences
from lemma.reading.pointers import Pointer
from lemma.reading.source import Line
from starter.documents.words import LABELS, MONTHS
from starter.lesson import Spot

_NUMBER = re.compile(r"\d(?:[.,'’ \u00a0\u202f]?\d)*")
_OPENING, _CLOSING = "([", ").]"
_DATE = re.compile(
    r"\d{4}\s?[-/.]\s?\d{1,2}\s?[-/.]\s?\d{1,2}"
    r"|\d{1,2}\s?[-/.]\s?\d{1,2}\s?[-/.]\s?(?:\d{4}|\d{2})"
    r"|\d{1,2}(?:st|nd|rd|th)?\.?[-\s/]{0,3}(?:de |of )?[^\W\d_]{3,10}\.?[-\s/,']{0,3}"
    r"(?:de |del )?(?:\d{4}|\d{2})\b"
    r"|[^\W\d_]{3,10}\.?[-\s]{0,2}\d{1,2}(?:st|nd|rd|th)?[-\s/,]{1,3}(?:\d{4}|\d{2})\b"
    r"|\b\d{8}\b"
)
Run = tuple[Spot, ...]
"""One occurrence of a value: its words, line by line."""


@lru_cache(maxsize=16384)
def plain(text: str) -> str:
    """Letters and digits alone, without accents and case."""
    folded = (c for c in normalize("NFKD", text.replace("ß", "ss")) if not combining(c))
    return "".join(c for c in "".join(folded).casefold() if c.isalnum())


class Words:
    """The letters and digits of a document's lines in one string, and where each of them stands."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.lines = lines
        self.by_id = {line.id: line for line in lines}
        self.starts: list[int] = []
        self.offsets: list[list[int]] = []
        letters: list[str] = []
        size = 0
        for line in lines:
            kept, offsets = [], []
            for at, character in enumerate(line.text):
                for each in plain(character):
                    kept.append(each)
                    offsets.append(at)
            self.starts.append(size)
            self.offsets.append(offsets)
            letters += kept
            size += len(kept)
        self.text = "".join(letters)

    def runs(self, value: str, *, most_lines: int = 1) -> list[Run]:
        """Every occurrence of these letters and digits as whole pieces, over at most so many lines."""
        wanted = plain(value)
        found = []
        at = self.text.find(wanted) if wanted else -1
        while at >= 0:
            run = self._closed(value, self._run(at, at + len(wanted)))
            if 0 < len(run) <= most_lines and all(self.whole(spot) for spot in run):
                found.append(run)
            at = self.text.find(wanted, at + 1)
        return found

    def _run(self, start: int, end: int) -> Run:
        spots = []
        first = bisect_right(self.starts, start) - 1
        for number in range(first, len(self.lines)):
            begin = self.starts[number]
            if begin >= end:
                break
            offsets = self.offsets[number][max(0, start - begin) : end - begin]
            if offsets:
                line = self.lines[number]
                spots.append(Spot(line.id, line.text[offsets[0] : offsets[-1] + 1], offsets[0]))
        return tuple(spots)

    def _closed(self, value: str, run: Run) -> Run:
        """The run with the mark that the value begins or ends with, where the line has it too."""
        if not run:
            return run
        first, last = run[0], run[-1]
        text, end = self.by_id[last.line].text, (last.start or 0) + len(last.text)
        if value[-1] in _CLOSING and text[end : end + 1] == value[-1]:
            run = (*run[:-1], Spot(last.line, last.text + value[-1], last.start))
        first, start = run[0], run[0].start or 0
        if value[0] in _OPENING and start and self.by_id[first.line].text[start - 1] == value[0]:
            run = (Spot(first.line, value[0] + first.text, start - 1), *run[1:])
        return run

    def whole(self, spot: Spot) -> bool:
        """Whether the words can be pointed at: as whole pieces of their line."""
        return spot.start in occurrences(self.by_id[spot.line].text, spot.text)

    def amounts(self, value: float) -> list[Run]:
        """Every number that means this amount, with its sign where it has one."""
        cents = round(value * 100)
        found: list[Run] = []
        for line in self.lines:
            found += [(self._signed(line, start, text, cents),) for start, text in numbers(line, cents)]
        return [run for run in found if self.whole(run[0])]

    @staticmethod
    def _signed(line: Line, start: int, text: str, cents: int) -> Spot:
        if cents < 0 and start and line.text[start - 1] in "-−–":
            return Spot(line.id, line.text[start - 1 : start + len(text)], start - 1)
        return Spot(line.id, text, start)

    def dates(self, day: date) -> list[Run]:
        """Every spelling of this day."""
        found: list[Run] = []
        for line in self.lines:
            for match in _DATE.finditer(line.text):
                spot = Spot(line.id, match.group(), match.start())
                if means(match.group(), day) and self.whole(spot):
                    found.append((spot,))
        return found


def numbers(line: Line, cents: int, *, rate: bool = False) -> Iterator[tuple[int, str]]:
    """Where a number that means so many cents begins in a line, and its text; per cents only as a `rate`."""
    for match in _NUMBER.finditer(line.text):
        start, text = match.start(), match.group()
        parts = [(start, text)]
        if " " in text:  # One number with spaces in it, or several side by side.
            parts += [(start + part.start(), part.group()) for part in re.finditer(r"\S+", text)]
        for at, part in parts:
            if cents_of(part) == abs(cents) and (
                rate or not line.text[at + len(part) :].lstrip().startswith("%")
            ):
                yield at, part


@lru_cache(maxsize=65536)
def cents_of(text: str) -> int | None:
    """What a printed number means, in cents: a last mark before one or two digits is the decimal one."""
    bare = re.sub(r"[ '’  ]", "", text)
    match = re.fullmatch(r"(\d[\d.,]*?)(?:[.,](\d{1,2}))?", bare)
    if match is None:
        return None
    whole, part = match.group(1), match.group(2) or ""
    groups = re.split(r"[.,]", whole)
    if len(groups) > 1 and any(len(group) != 3 for group in groups[1:]):
        return None
    return int("".join(groups)) * 100 + int(part.ljust(2, "0") or 0)


@lru_cache(maxsize=1)
def _months() -> dict[str, int]:
    names: dict[str, int] = {}
    for months in MONTHS.values():
        for number, name in enumerate(months, start=1):
            folded = plain(name)
            names[folded] = number
            for length in (3, 4):
                names.setdefault(folded[:length], number)
    return names


def means(text: str, day: date) -> bool:
    """Whether this spelling can be this day, in whatever order its numbers stand."""
    numbers = [int(n) for n in re.findall(r"\d+", text)]
    words = [_months()[w] for w in map(plain, re.findall(r"[^\W\d_]{3,}", text)) if w in _months()]
    year = {day.year, day.year % 100}
    if words:
        return words[0] == day.month and len(numbers) == 2 and numbers[0] == day.day and numbers[1] in year
    if len(numbers) == 1 and len(text) == 8:
        return text == day.strftime("%Y%m%d") or text == day.strftime("%d%m%Y")
    if len(numbers) != 3:
        return False
    if numbers[0] > 31:
        return numbers == [day.year, day.month, day.day]
    return numbers[2] in year and sorted(numbers[:2]) == sorted((day.day, day.month))


# Labels ----------------------------------------------------------------------------------------------

RIVALS = (
    ("net", "total", "amount_due", "tax_total", "shipping", "paid", "cash", "change", "rounding", "discount",
     "items"),
    ("issue_date", "due_date", "delivery_date", "d_date", "period", "period_start", "period_end"),
    ("number", "credit_number", "receipt_number", "order_doc_number", "order_number", "customer_number",
     "payment_reference", "d_id", "vat_id", "tax_number", "phone"),
)  # fmt: skip
"""Fields of one kind: where the label of another of them fits better, a value is not this one's."""
Labels = frozenset[str]


@lru_cache(maxsize=256)
def labels_of(*keys: str) -> Labels:
    """The labels of some fields in all languages, letters and digits alone."""
    found = {
        plain(label.split("{")[0])
        for labels in LABELS.values()
        for key in keys
        for label in labels.get(key, ())
    }
    return frozenset(label for label in found if len(label) > 1)


@lru_cache(maxsize=256)
def rivals_of(*keys: str) -> Labels:
    """The labels of all other fields of the same kind."""
    others = {key for kind in RIVALS if any(key in kind for key in keys) for key in kind} - set(keys)
    return labels_of(*sorted(others)) - labels_of(*keys)


def labelled(words: Words, run: Run, labels: Labels, rivals: Labels = frozenset()) -> float:
    """How well a place is labelled: 3 by the words since the last number before it, 2 on its line, 1 over it.

    It is 0 without any label, and where a rival's label fits better, as "sub total" does where "total" fits.
    """
    spot = run[0]
    line = words.by_id[spot.line]
    before = _words(line.text[: spot.start or 0])
    above = words.by_id.get(spot.line - 1)
    over = _words(_over(above.text, spot.start or 0, len(spot.text))) if above is not None else ()
    last = max((at for at, word in enumerate(before, start=1) if word[0].isdigit()), default=0)
    for score, part in ((3.0, before[last:]), (2.0, before), (1.0, over)):
        spelled = _inside(part)
        ours = max((len(text) for text in spelled if text in labels), default=0)
        theirs = max((len(text) for text in spelled if text in rivals), default=0)
        if ours or theirs:
            return score if ours > theirs else 0.0
    return 0.0


def _words(text: str) -> tuple[str, ...]:
    return tuple(word for word in map(plain, re.findall(r"[^\W\d_]+|\d+|#", text)) if word)


def _inside(words: Sequence[str]) -> set[str]:
    """What any one to five neighbouring words spell."""
    return {"".join(words[a : a + n]) for n in range(1, 6) for a in range(len(words) - n + 1)}


def _over(text: str, start: int, length: int) -> str:
    """The part of the line above that stands over these columns."""
    for match in re.finditer(r"\S+(?: \S+)*", text):
        if match.start() <= start + length + 4 and match.end() >= start - 4:
            return match.group()
    return ""


def best(words: Words, runs: Sequence[Run], labels: Labels, rivals: Labels, *, sure: bool) -> Run | None:
    """The best labelled occurrence, the first among equals; where `sure`, none if several have no label."""
    if not runs:
        return None
    scored = [(labelled(words, run, labels, rivals), -number, run) for number, run in enumerate(runs)]
    score, _, run = max(scored, key=lambda item: item[:2])
    if sure and score == 0 and len({(r[0].line, r[0].text) for r in runs}) > 1:
        return None
    return run


def pointers(run: Run) -> tuple[Pointer, ...]:
    """The words of an occurrence, as an answer points at them."""
    return tuple(Pointer(spot.line, spot.text) for spot in run)
