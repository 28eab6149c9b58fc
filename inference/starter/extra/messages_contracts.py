"""Contracts that lawyers have marked: windows of them as lessons.

Their labels are the marked words (`evidence`); here they become the lines and words of the document as the
product reads it. What cannot be found again word for word is not asked.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from textwrap import wrap
from typing import Any

from lemma.evaluation.sets.contracts import clause_names
from lemma.reading.pointers import Clause, Pointer, Pointers, Rows, Said
from lemma.reading.source import Source
from starter.lesson import Lesson, Spot
from starter.messages.contracts import contracts
from starter.messages.page import read_text

CHARACTERS = 1_900
"""Of one window: about what a small model is shown at work."""
OVERLAP = 2
NAMES = {"notice_period_to_terminate_renewal": "notice_period"}
MONTH = r"(?:January|February|March|April|May|June|July|August|September|October|November|December)"
DATE = re.compile(
    rf"{MONTH}\.? +\d{{1,2}},? +\d{{4}}|\d{{1,2}}(?:st|nd|rd|th)? +(?:day +)?(?:of +)?{MONTH},? +\d{{4}}"
    r"|\d{1,2}/\d{1,2}/\d{2,4}",
    re.IGNORECASE,
)
LENGTH = re.compile(
    r"(?:\w+ )?\(\d+\)[ -](?:calendar )?(?:year|month|day)s?"
    r"|(?:one|two|three|four|five|six|seven|ten|twelve|\d+)"
    r"[ -](?:year|month)s?",
    re.IGNORECASE,
)
PARTY = re.compile(r'^\s*(?P<name>[^("“]{3,90}?)[\s,]*(?:\(\s*(?:the\s+)?)?["“](?P<role>[^"”]{2,40})["”]')


class Marked:
    """A contract as the product reads it, with its letters joined up, so that marked words are found across
    line breaks and spaces."""

    def __init__(self, source: Source) -> None:
        self.source = source
        letters: list[str] = []
        self.line_at: list[int] = []
        for line in source.lines:
            kept = [c for c in line.text.casefold() if c.isalnum()]
            letters += kept
            self.line_at += [line.id] * len(kept)
        self.letters = "".join(letters)

    def spans(self, words: str) -> list[Clause]:
        """The lines in which these words stand, each part of them between omissions."""
        found = []
        for part in re.split(r"<omitted>", words):
            wanted = "".join(c for c in part.casefold() if c.isalnum())
            at = self.letters.find(wanted) if len(wanted) >= 12 else -1
            if at >= 0:
                found.append(Clause(self.line_at[at], self.line_at[at + len(wanted) - 1]))
        return found

    def run(self, words: str, first: int, last: int) -> Pointer | None:
        """The words in one of these lines, if one holds them whole."""
        wanted = words.strip()
        for number in range(first, last + 1):
            if wanted and wanted in self.source.line(number).text:
                return Pointer(number, wanted)
        return None


def windows(source: Source, characters: int = CHARACTERS) -> Iterator[tuple[int, int]]:
    """First and last lines of parts that overlap a little, as serving cuts long documents."""
    lines = source.lines
    first = 0
    while first < len(lines):
        last, size = first, len(lines[first].text)
        while last + 1 < len(lines) and size + len(lines[last + 1].text) <= characters:
            last += 1
            size += len(lines[last].text)
        yield lines[first].id, lines[last].id
        if last + 1 == len(lines):
            return
        first = max(first + 1, last + 1 - OVERLAP)


def cuad(folder: Path, record: Mapping[str, Any]) -> Iterator[Lesson]:
    """The windows of a contract in which something is marked, and some of the others."""
    del folder
    rng = Random(str(record["id"]))
    text = str(record["text"])
    if rng.random() < 0.5 or max(map(len, text.splitlines())) > CHARACTERS:  # As a PDF file breaks its lines.
        width = rng.choice((76, 88, 100))
        text = "\n".join(part for row in text.splitlines() for part in wrap(row, width) or [""])
    marked = Marked(read_text(text))
    evidence = {NAMES.get(name, name): words for name, words in record["evidence"].items()}
    spans = {
        name: [span for each in evidence.get(name, ()) for span in marked.spans(each)]
        for name in (*clause_names(), "renewal_term", "notice_period")
    }
    for first, last in windows(marked.source):
        said, unsure = _clauses(spans, first, last)
        values, doubtful = _values(marked, record, evidence, first, last)
        said |= values
        if not said and rng.random() < 0.75:
            continue
        asked = _asked(rng, set(said), unsure | doubtful)
        also = {
            name: tuple(
                Spot(number, marked.source.line(number).text, 0)
                for span in spans[name]
                for number in range(max(span.first, first), min(span.last, last) + 1)
            )
            for name in said
            if name in spans
        }
        yield Lesson(
            contracts(), marked.source, asked, said, also, shown=marked.source.lines[first - 1 : last]
        )


def _clauses(
    spans: Mapping[str, Sequence[Clause]], first: int, last: int
) -> tuple[dict[str, Said], set[str]]:
    """The first whole clause of each name in these lines; and the names of which only a part is in them."""
    said: dict[str, Said] = {}
    cut: set[str] = set()
    for name, places in spans.items():
        whole = [span for span in places if first <= span.first and span.last <= last]
        if whole:
            said[name] = whole[0]
        elif any(span.first <= last and first <= span.last for span in places):
            cut.add(name)
    return said, cut


def _asked(rng: Random, there: set[str], unsure: set[str]) -> tuple[str, ...]:
    """All that the labels know; in most windows fewer of what is not there, to be short."""
    own = {"confidentiality", "termination_for_cause"}
    names = [f.name for f in contracts().fields if f.name not in own and f.name not in unsure]
    if rng.random() < 0.3:
        return tuple(names)
    return tuple(name for name in names if name in there or rng.random() < 0.3) or tuple(names)


def _values(
    marked: Marked, record: Mapping[str, Any], evidence: Mapping[str, Sequence[str]], first: int, last: int
) -> tuple[dict[str, Said], set[str]]:
    """Title, parties, dates and law as words of these lines; and the names whose words could not be found."""
    expected = record["expected"]
    said: dict[str, Said] = {}
    doubtful: set[str] = set()

    def value(name: str, words: Sequence[str | None]) -> None:
        runs = [run for each in words if each and (run := marked.run(each, first, last))]
        if runs:
            said[name] = Pointers((runs[0],))

    if first == 1:
        value("title", evidence.get("document_name", ()))
    value("agreement_date", [_match(DATE, words) for words in evidence.get("agreement_date", ())])
    value("effective_date", [_match(DATE, words) for words in evidence.get("effective_date", ())])
    ends = evidence.get("expiration_date", ())
    value("expiration_date", [_match(DATE, words) or _match(LENGTH, words) for words in ends])
    law = str(expected.get("governing_law") or "")
    here = [span for each in evidence.get("governing_law", ()) for span in marked.spans(each)]
    for span in here:
        if law and first <= span.first and span.last <= last and "governing_law" not in said:
            run = marked.run(law, span.first, span.last)
            if run is not None:
                said["governing_law"] = Pointers((run,))
    rows = _parties(marked, expected.get("parties") or (), first, last)
    if rows:
        said["parties"] = Rows(tuple(rows))
    for name in ("agreement_date", "effective_date", "expiration_date", "governing_law"):
        places = [span for each in evidence.get(name, ()) for span in marked.spans(each)]
        if name not in said and any(span.first <= last and first <= span.last for span in places):
            doubtful.add(name)
    if first > 1:
        said.pop("parties", None)
        doubtful.add("parties")
    elif len(rows) < 2:
        doubtful.add("parties")
    return said, doubtful


def _match(pattern: re.Pattern[str], words: str) -> str | None:
    found = pattern.search(words)
    return found.group() if found else None


def _parties(marked: Marked, labels: Sequence[str], first: int, last: int) -> list[dict[str, Pointers]]:
    """A row for each party whose name stands in these lines, with its short name where it stands near."""
    rows: list[dict[str, Pointers]] = []
    for label in labels:
        match = PARTY.match(label)
        name = marked.run(match["name"] if match else label, first, last)
        if name is None:
            continue
        row = {"name": Pointers((name,))}
        role = marked.run(match["role"], name.line, min(last, name.line + 3)) if match else None
        if role is not None:
            row["role"] = Pointers((role,))
        if row not in rows:
            rows.append(row)
    return sorted(rows, key=lambda row: row["name"].runs[0].line)
