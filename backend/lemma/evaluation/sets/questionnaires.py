"""Questions answered from documents: the questions are the document, the documents are the passages."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from lemma.evaluation.leaves import Given, Habits, Predicted
from lemma.evaluation.records import LabelledSet, Record
from lemma.evaluation.sets.base import Answer, Case, Cell, Citations, Overlap, Plain, document
from lemma.evaluation.sets.statements import STATEMENTS
from lemma.reading.material import Labelled, Material
from lemma.reading.passages import Passage, passages_of

ROWS = "answers"
_YES = {"stated": "yes"}


def as_case(record: Record, questions: Sequence[str], passages: Sequence[Passage]) -> Case:
    """A questionnaire of these questions, one a line, and the passages to answer it from."""
    name, data = document(record, "".join(f"{question}\n" for question in questions))
    return Case(name, data, Material(passages=tuple(passages)), (ROWS,))


def answered(answer: Answer, questions: Mapping[str, str]) -> dict[str, dict[str, Cell]]:
    """The rows by the key of their question; a row is known by its question's words."""
    keys = {_folded(words): key for key, words in questions.items()}
    found: dict[str, dict[str, Cell]] = {}
    for row in answer.rows(ROWS):
        words = row.get("question")
        key = keys.get(_folded(str(words["value"]))) if words else None
        if key is not None:
            found[key] = row
    return found


def says_something(row: Mapping[str, Cell]) -> bool:
    """Whether a row gives an answer rather than an honest blank."""
    verdict = row.get("verdict")
    if verdict is not None and verdict["value"] == "not_mentioned":
        return False
    return verdict is not None or "quote" in row


class Statements(Plain):
    """Fixed statements on agreements: yes, no or not mentioned, with the sentences that say so."""

    family = "statements on agreements"
    task = "questionnaires"

    def fits(self, of: LabelledSet) -> bool:
        answers = of.records[0].expected.get("answers")
        return isinstance(answers, Mapping) and all(isinstance(each, str) for each in answers.values())

    def habits(self, of: LabelledSet) -> Habits:
        return Habits(frozenset(f"answers.{key}" for key in _statements(of)))

    def case(self, of: LabelledSet, record: Record) -> Case:
        return as_case(record, tuple(self._asked(of, record).values()), agreement(record))

    def predicted(self, of: LabelledSet, record: Record, answer: Answer) -> Predicted:
        found: dict[str, Given] = {}
        for key, row in answered(answer, self._asked(of, record)).items():
            verdict = row.get("verdict")
            if verdict is not None:
                value = str(verdict["value"])
                found[f"answers.{key}"] = Given(_YES.get(value, value), verdict)
        return found

    def citations(self, of: LabelledSet, record: Record, answer: Answer) -> Iterator[Citations | Overlap]:
        for key, row in answered(answer, self._asked(of, record)).items():
            gold = [_folded(sentence) for sentence in record.evidence.get(key, ())]
            if not gold or not says_something(row):
                continue
            lines = [_folded(line.text) for line in answer.lines(row.get("quote"))]
            right = sum(any(_meet(line, sentence) for sentence in gold) for line in lines)
            met = sum(any(_meet(line, sentence) for line in lines) for sentence in gold)
            yield Citations("evidence sentences", right, len(lines), met, len(gold))

    def choices(self, of: LabelledSet) -> tuple[str, ...]:
        del of
        return ("answers",)

    def examples(self, of: LabelledSet, records: Sequence[Record]) -> tuple[Labelled, ...]:
        """One example for each statement of each agreement: the statement, then the agreement's sentences."""
        found: list[Labelled] = []
        for record in records:
            for key, question in self._asked(of, record).items():
                text = "\n".join((question, *(line for p in agreement(record) for line in p.lines)))
                verdict = str(record.expected["answers"][key])
                values: dict[str, Any] = {f"{ROWS}.verdict": verdict}
                if record.evidence.get(key):
                    values[f"{ROWS}.quote"] = [str(sentence) for sentence in record.evidence[key]]
                found.append(Labelled(text, values))
        return tuple(found)

    def _asked(self, of: LabelledSet, record: Record) -> dict[str, str]:
        known = _statements(of)
        return {key: known[key] for key in record.expected["answers"] if key in known}


@lru_cache(maxsize=4)
def _statements(of: LabelledSet) -> Mapping[str, str]:
    """The statements: of the set's `questions.json` where it comes with them, else in our words."""
    path = of.sibling("questions.json")
    if not path.is_file():
        return STATEMENTS
    data = json.loads(path.read_text(encoding="utf-8"))
    pairs = data.items() if isinstance(data, dict) else ((each.get("id"), each) for each in data)
    found: dict[str, str] = {}
    for key, said in pairs:
        words = said if isinstance(said, str) else next((v for v in _texts(said) if len(v) > 20), "")
        if key and words:
            found[str(key)] = " ".join(words.split())
    return found or STATEMENTS


def _texts(said: Any) -> list[str]:
    return [str(value) for value in said.values()] if isinstance(said, Mapping) else []


def agreement(record: Record) -> tuple[Passage, ...]:
    """The passages of the agreement that a record asks about; each of its rows is a paragraph."""
    return passages_of("agreement.txt", "\n\n".join((record.text or "").splitlines()))


class Sections(Plain):
    """Questions whose answers stand in labelled lines of one long document."""

    family = "questions on a document"
    task = "questionnaires"

    def fits(self, of: LabelledSet) -> bool:
        answers = of.records[0].expected.get("answers")
        nested = isinstance(answers, Mapping) and any(isinstance(each, Mapping) for each in answers.values())
        return nested or of.shares.get("qa", 0) > 0.5

    def habits(self, of: LabelledSet) -> Habits:
        del of
        return Habits(frozenset())

    def case(self, of: LabelledSet, record: Record) -> Case:
        name = "transcript.txt" if "qa" in record.expected else "document.md"
        questions = [asked.question for asked in _asked_of(of, record)]
        return as_case(record, questions, passages_of(name, record.text or ""))

    def predicted(self, of: LabelledSet, record: Record, answer: Answer) -> Predicted:
        del of, record, answer
        return {}

    def citations(self, of: LabelledSet, record: Record, answer: Answer) -> Iterator[Citations | Overlap]:
        asked = _asked_of(of, record)
        rows = answered(answer, {each.question: each.question for each in asked})
        blank = right = 0
        for each in asked:
            row = rows.get(each.question, {})
            said = says_something(row)
            if each.where is None:
                blank += said
                continue
            right += said
            lines = [_folded(line.text) for line in answer.lines(row.get("quote"))]
            inside = sum(_folded_in(line, each.where) for line in lines)
            yield Citations("cited lines", inside, len(lines), int(inside > 0), 1)
        answerable = sum(each.where is not None for each in asked)
        yield Citations("questions answered", right, right + blank, right, answerable)


@dataclass(frozen=True, slots=True)
class _Question:
    """A question, and the folded words of the lines that answer it; None where none do."""

    question: str
    where: str | None


def _asked_of(of: LabelledSet, record: Record) -> list[_Question]:
    lines = (record.text or "").splitlines()
    found: list[_Question] = []
    for each in record.expected.get("qa") or ():
        spans = each.get("lines") or ()
        numbered = _by_number(lines)
        words = " ".join(numbered.get(n, "") for first, last in spans for n in range(first, last + 1))
        if words:
            found.append(_Question(" ".join(str(each["question"]).split()), _folded(words)))
    answers = record.expected.get("answers")
    if isinstance(answers, Mapping):
        for said in answers.values():
            span = said.get("evidence_lines") or (1, 0)
            words = " ".join(lines[int(span[0]) - 1 : int(span[-1])])
            found.append(_Question(str(said["question"]), _folded(_unmarked(words))))
        known = _questions_by_key(of)
        missing = record.expected.get("no_section_in_document") or ()
        found.extend(_Question(known[key], None) for key in missing if key in known)
    return found


@lru_cache(maxsize=4)
def _questions_by_key(of: LabelledSet) -> Mapping[str, str]:
    return {
        key: str(said["question"])
        for record in of.records
        for key, said in (record.expected.get("answers") or {}).items()
    }


def _by_number(lines: Sequence[str]) -> dict[int, str]:
    return {int(m[1]): line for line in lines if (m := re.match(r"\[(\d+)\]", line)) is not None}


class Reports(Plain):
    """One question on several reports, with the numbers that a right answer holds."""

    family = "questions on reports"
    task = "questionnaires"

    def fits(self, of: LabelledSet) -> bool:
        first = of.records[0].raw
        return "question" in first and "documents" in first

    def habits(self, of: LabelledSet) -> Habits:
        del of
        return Habits(frozenset())

    def case(self, of: LabelledSet, record: Record) -> Case:
        pages = _pages(of)
        passages = [each for name in record.raw["documents"] for each in pages.get(name, ())]
        return as_case(record, (" ".join(str(record.raw["question"]).split()),), passages)

    def predicted(self, of: LabelledSet, record: Record, answer: Answer) -> Predicted:
        del of, record, answer
        return {}

    def citations(self, of: LabelledSet, record: Record, answer: Answer) -> Iterator[Citations | Overlap]:
        del of
        rows = answer.rows(ROWS)
        lines = [line for row in rows for line in answer.lines(row.get("quote"))]
        text = " ".join(line.text for line in lines)
        numbers = [number.rstrip(".,") for number in record.expected.get("numbers_in_answer") or ()]
        numbers = [number for number in numbers if not re.fullmatch(r"(19|20)\d\d", number)]
        if numbers:
            met = sum(number.lstrip("$") in text for number in numbers)
            yield Citations("numbers of the answer", met, len(numbers), met, len(numbers))
        sources = {each for each in record.expected.get("sources") or () if each in record.raw["documents"]}
        named = {(line.page or "").split(" › ")[0] for line in lines}
        if sources:
            yield Citations("sources", len(named & sources), len(named), len(named & sources), len(sources))


@lru_cache(maxsize=2)
def _pages(of: LabelledSet) -> Mapping[str, tuple[Passage, ...]]:
    """The pages of `docs.jsonl` as passages, by document; a passage's title begins with its document."""
    path = of.sibling("docs.jsonl")
    found: dict[str, tuple[Passage, ...]] = {}
    for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else ():
        data = json.loads(line)
        name = str(data["doc"])
        found[name] = tuple(
            Passage(f"{name}#{number}.{part.id}", f"{name} › page {number}", part.lines)
            for number, page in enumerate(data["pages"], 1)
            for part in passages_of(name, str(page))
        )
    return found


def _meet(left: str, right: str) -> bool:
    """Whether two folded texts share most of the shorter one."""
    shorter, longer = sorted((left, right), key=len)
    return len(shorter) > 15 and shorter in longer


def _folded_in(line: str, where: str) -> bool:
    return len(line) > 8 and line in where


def _folded(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()


def _unmarked(text: str) -> str:
    """Markdown's links without their targets, as passages have them."""
    return re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text)
