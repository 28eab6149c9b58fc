"""Contracts whose clauses lawyers marked: dates, parties and law as values, clauses as present or not."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from lemma.evaluation.leaves import Given, Habits, Predicted
from lemma.evaluation.records import LabelledSet, Record
from lemma.evaluation.sets.base import Answer, Case, Cell, Citations, Overlap, Plain, document
from lemma.reading.material import Labelled
from lemma.reading.normalise.values import document_style, normalise
from lemma.reading.schema.model import Field
from lemma.tasks import task

PRESENT = "clauses_present."
_SCALARS = {
    "document_name": "title",
    "agreement_date": "agreement_date",
    "effective_date": "effective_date",
    "expiration_date": "expiration_date",
    "renewal_term": "renewal_term",
    "notice_period_to_terminate_renewal": "notice_period",
    "governing_law": "governing_law",
}
# The task's name of what the labels call otherwise, for its evidence.
_QUOTED = {"notice_period_to_terminate_renewal": "notice_period", "document_name": "title"}


class Contracts(Plain):
    """Sets whose `expected` says which clauses are there."""

    family = "contracts"
    task = "contracts"

    def fits(self, of: LabelledSet) -> bool:
        return of.shares.get("clauses_present", 0) > 0.5

    def habits(self, of: LabelledSet) -> Habits:
        del of
        clauses = {f"{PRESENT}{name}" for name in clause_names()}
        return Habits(frozenset({*_SCALARS, "parties", *clauses}), absence=True, presence=(PRESENT,))

    def case(self, of: LabelledSet, record: Record) -> Case:
        asked = (*_SCALARS.values(), "parties", *clause_names())
        return Case(*document(record), asked=tuple(f.name for f in task(self.task).fields if f.name in asked))

    def predicted(self, of: LabelledSet, record: Record, answer: Answer) -> Predicted:
        del of
        found: dict[str, Any] = {}
        for path, field in _SCALARS.items():
            cell = answer.cell(field)
            if cell is not None:
                found[path] = Given(_in_terms(path, cell), cell)
        parties = [row["name"] for row in answer.rows("parties") if "name" in row]
        found["parties"] = [Given(cell["value"], cell) for cell in parties]
        for name in record.expected.get("clauses_present", {}):
            cell = answer.cell(name)
            found[f"{PRESENT}{name}"] = Given(cell is not None, cell)
        return found

    def citations(self, of: LabelledSet, record: Record, answer: Answer) -> Iterator[Citations | Overlap]:
        del of
        for name, spans in record.evidence.items():
            field = _QUOTED.get(name, name)
            if field not in {*clause_names(), "renewal_term", "notice_period"}:
                continue
            cell = answer.cell(field)
            if cell is not None:
                yield Overlap(field, best_overlap(str(cell.get("raw") or ""), spans))

    def examples(self, of: LabelledSet, records: Sequence[Record]) -> tuple[Labelled, ...]:
        """One example for each contract: its text, and what was quoted for each clause, or null."""
        del of
        found: list[Labelled] = []
        names = (*clause_names(), "renewal_term", "notice_period")
        for record in records:
            marked = {_QUOTED.get(name, name): list(spans) for name, spans in record.evidence.items()}
            lines = [" ".join(line.split()) for line in (record.text or "").splitlines()]
            text = "\n".join(line for line in lines if line)
            found.append(Labelled(text, {name: marked.get(name) for name in names}))
        return tuple(found)


def clause_names() -> tuple[str, ...]:
    """The clauses of the task that the labels know: all but those that it adds of its own."""
    own = {"renewal_term", "notice_period", "confidentiality", "termination_for_cause"}
    return tuple(f.name for f in task("contracts").fields if f.kind == "clause" and f.name not in own)


def best_overlap(quoted: str, spans: Sequence[str]) -> float:
    """Token F1 of a quote with the labelled text it fits best: one of the spans, or all of them."""
    return max((token_f1(quoted, span) for span in (*spans, " ".join(spans))), default=0.0)


def token_f1(left: str, right: str) -> float:
    """How far two texts share their words, order aside."""
    one, other = (Counter(re.findall(r"\w+", text.casefold())) for text in (left, right))
    shared = sum((one & other).values())
    return 2 * shared / (sum(one.values()) + sum(other.values())) if shared else 0.0


# Values in the set's terms -----------------------------------------------------------------------

_LAW = re.compile(
    r"^(?:.*?\blaws?\s+of\s+)?(?:the\s+)?(?:(?:state|commonwealth|province|republic|kingdom)\s+of\s+)?(?:the\s+)?",
    re.IGNORECASE | re.DOTALL,
)
_UNITS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_NUMBERS = {word: number for number, word in enumerate(_UNITS, 1)} | {
    "fifteen": 15,
    "twenty": 20,
    "thirty": 30,
    "sixty": 60,
    "ninety": 90,
}
_PERIOD = re.compile(
    rf"(?P<word>{'|'.join(_NUMBERS)}|\d+)\s*(?:\(\s*(?P<digits>\d+)\s*\))?[\s-]*(?:calendar |business )?"
    r"(?P<unit>day|week|month|year)s?\b",
    re.IGNORECASE,
)


def _in_terms(path: str, cell: Cell) -> str:
    words = str(cell["value"])
    if path == "expiration_date":
        return _as_date(words)
    if path == "governing_law":
        return _LAW.sub("", words, count=1).strip(" .,;") or words
    if path in {"renewal_term", "notice_period_to_terminate_renewal"}:
        return period(words)
    return words


def period(words: str) -> str:
    """`for successive one (1) year terms` as the labels write it: `successive 1 year`."""
    match = _PERIOD.search(words)
    if match is None:
        return words
    count = int(match["digits"] or _NUMBERS.get(match["word"].casefold()) or match["word"])
    before = "successive " if re.search(r"successive|additional|consecutive", words, re.IGNORECASE) else ""
    return f"{before}{count} {match['unit'].casefold()}{'' if count == 1 else 's'}"


def _as_date(words: str) -> str:
    outcome = normalise(Field("date", "date", "Date"), words, document_style([words]))
    return outcome.value.isoformat() if isinstance(outcome.value, date) else words
