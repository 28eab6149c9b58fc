"""Transcripts with numbered lines: decisions, actions and open problems with the lines that show them."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from lemma.evaluation.leaves import Habits, Predicted
from lemma.evaluation.records import LabelledSet, Record
from lemma.evaluation.sets.base import Answer, Case, Citations, Overlap, Plain, document
from lemma.reading.material import Labelled

_NUMBER = re.compile(r"^\[(\d+)\]")
NEAR = 2
"""A cited line is right within so many lines of a labelled one."""

KINDS = {"action_items": "actions", "decisions": "decisions", "open_problems": "open_questions"}


class Meetings(Plain):
    """Labels are sentences that annotators wrote, so values are judged by the lines that they rest on."""

    family = "meetings"
    task = "meetings"

    def fits(self, of: LabelledSet) -> bool:
        return of.shares.get("action_items", 0) > 0.5

    def habits(self, of: LabelledSet) -> Habits:
        del of
        return Habits(frozenset())

    def case(self, of: LabelledSet, record: Record) -> Case:
        del of
        return Case(*document(record), asked=("decisions", "actions", "open_questions"))

    def predicted(self, of: LabelledSet, record: Record, answer: Answer) -> Predicted:
        del of, record, answer
        return {}

    def citations(self, of: LabelledSet, record: Record, answer: Answer) -> Iterator[Citations | Overlap]:
        del of
        for kind, field in KINDS.items():
            items = [set(each.get("evidence_lines") or ()) for each in record.expected.get(kind) or ()]
            found = [self._numbers(answer, row) for row in answer.rows(field)]
            yield from cited(field, found, items)

    def examples(self, of: LabelledSet, records: Sequence[Record]) -> tuple[Labelled, ...]:
        """Each transcript, with the lines that show its decisions, actions and open questions."""
        del of
        found: list[Labelled] = []
        for record in records:
            lines = (record.text or "").splitlines()
            by_number = {int(m[1]): line for line in lines if (m := _NUMBER.match(line)) is not None}
            values: dict[str, list[str]] = {}
            for kind, field in KINDS.items():
                items = record.expected.get(kind) or ()
                numbers = sorted({number for item in items for number in item.get("evidence_lines") or ()})
                values[f"{field}.what"] = [by_number[number] for number in numbers if number in by_number]
            found.append(Labelled("\n".join(lines), values))
        return tuple(found)

    def _numbers(self, answer: Answer, row: dict[str, Any]) -> set[int]:
        """The transcript's own numbers of the lines that a row's clause covers."""
        return {
            int(match[1])
            for line in answer.lines(row.get("what"))
            if (match := _NUMBER.match(line.text)) is not None
        }


def cited(field: str, found: Sequence[set[int]], items: Sequence[set[int]]) -> Iterator[Citations]:
    """Lines cited near labelled ones, then rows that meet an item, each item once."""
    gold = set().union(*items) if items else set()
    lines = [number for row in found for number in row]
    near = sum(any(abs(number - other) <= NEAR for other in gold) for number in lines)
    met = sum(any(abs(number - other) <= NEAR for other in lines) for number in gold)
    yield Citations(f"{field}, lines", near, len(lines), met, len(gold))
    open_items = list(items)
    matched = 0
    for row in found:
        hit = next((item for item in open_items if _near(row, item)), None)
        if hit is not None:
            open_items.remove(hit)
            matched += 1
    yield Citations(f"{field}, items", matched, len(found), matched, len(items))


def _near(left: set[int], right: set[int]) -> bool:
    return any(abs(one - other) <= NEAR for one in left for other in right)
