"""Invented questionnaires: one question, and passages of a company's own documents that answer it or not.

What stands near a question is as often no answer to it. A passage that says the opposite means no; one that
speaks of something else means that the documents do not say.
"""

from collections.abc import Sequence
from functools import cache
from random import Random
from typing import Any

from lemma.reading.passages import Passage, passage_pages
from lemma.reading.pointers import Clause, Label, Prose, Said, Sentence
from lemma.reading.prompt import messages_of
from lemma.reading.schema import Task
from lemma.reading.source import Line, Source
from lemma.reading.units import unit_source, unit_task
from lemma.tasks.builtin import task
from starter.documents import values as paper
from starter.documents.values import made_up, pick
from starter.lesson import Lesson, Spot
from starter.messages import values
from starter.messages.page import fill, read_text, words_of
from starter.messages.words import words

LANGUAGES, WEIGHTS = ("en", "de"), (75, 25)


@cache
def asked_of_unit() -> Task:
    """What is asked of one question."""
    questionnaires = task("questionnaires")
    return unit_task(questionnaires, questionnaires.field("answers"))


def lesson(source: Source, verdict: str, quote: Sequence[int], copied: int = 1) -> Lesson:
    """What serving asks of one question, answered by these neighbouring lines of a passage, the first
    `copied` of which are the answer."""
    said: dict[str, Said] = {"verdict": Label(verdict)}
    also = {}
    if quote:
        said["quote"] = Clause(quote[0], quote[-1])
        lines = [source.line(number) for number in quote]
        said["answer"] = Prose(tuple(Sentence(line.text, (line.id,), copied=True) for line in lines[:copied]))
        also["quote"] = tuple(Spot(line.id, line.text, 0) for line in lines)
    names = tuple(f.name for f in asked_of_unit().fields)
    messages = tuple(messages_of(asked_of_unit(), source, style="compact"))
    return Lesson(asked_of_unit(), source, names, said, also, source.lines, messages)


class _Company:
    """A company whose documents hold the same values wherever they speak of them."""

    def __init__(self, rng: Random, language: str) -> None:
        self.rng = rng
        self.book: dict[str, Any] = words("questionnaires", language)
        name = values.person(rng, language)
        self.holes: dict[str, Any] = {
            "city": values.town(rng, language),
            "city2": values.town(rng, language),
            "land": pick(rng, self.book["lands"]),
            "n": str(rng.randint(2, 12)),
            "m": str(rng.randint(13, 48)),
            "count": str(rng.choice((14, 25, 60, 90, 120, 250, 800, 1400))),
            "name": name,
            "company": paper.company_name(rng, language),
            "mail": f"security@{made_up(rng).lower()}.com",
            "year": str(rng.randint(1978, 2024)),
            "product": made_up(rng),
            "lang": pick(rng, self.book["spoken"]),
            "code": pick(rng, ("Rust", "Python", "Java", "Shell", "TypeScript", "C++")),
        }

    def say(self, template: str) -> str:
        return words_of(fill(template, self.holes))


def unit(rng: Random) -> Lesson:
    """One question with up to four passages."""
    language = rng.choices(LANGUAGES, WEIGHTS)[0]
    company = _Company(rng, language)
    open_question = rng.random() < 0.3
    matters: list[dict[str, Any]] = company.book["stated" if open_question else "matter"]
    matter = rng.choice(matters)
    verdict = rng.choices(("stated", "not_mentioned"), (65, 35))[0]
    if not open_question:
        verdict = rng.choices(("yes", "no", "not_mentioned"), (42, 22, 36))[0]
    wanted = [company.say(line) for line in _answer(rng, matter, verdict)]
    passages = _passages(company, matter, wanted)
    asked = _question(company, matter, open_question=open_question)
    source = unit_source(asked, passages)
    titles = passage_pages(source)
    lines = [line.id for line in source.lines if line.page in titles and line.text in wanted]
    return lesson(source, verdict, lines, rng.choice((1, 1, len(lines) or 1)) if len(lines) <= 3 else 1)


def _answer(rng: Random, matter: dict[str, Any], verdict: str) -> list[str]:
    """The lines that answer, in the order in which they stand; none where nothing does."""
    if verdict == "not_mentioned":
        return []
    if verdict == "stated":
        says: list[str] = matter["says"]
        return says if len(says) < 3 and rng.random() < 0.25 else [rng.choice(says)]
    return [rng.choice(matter[verdict])]


def _question(company: _Company, matter: dict[str, Any], *, open_question: bool) -> list[Line]:
    """The question or the statement to be checked as lines of the questionnaire, at times under a heading."""
    rng = company.rng
    forms = matter["ask"] if open_question or rng.random() < 0.7 else matter["claim"]
    number = {"n": str(rng.randint(1, 30)), "m": str(rng.randint(1, 12))}
    text = words_of(fill(pick(rng, company.book["before"]), number)) + company.say(rng.choice(forms))
    heading = f"{pick(rng, company.book['headings'])}\n" if rng.random() < 0.25 else ""
    return list(read_text(heading + text).lines)


def _passages(company: _Company, matter: dict[str, Any], wanted: list[str]) -> list[Passage]:
    """Up to four passages as retrieval finds them: near ones, and the one that answers among them."""
    rng, book = company.rng, company.book
    near: list[str] = matter.get("near", [])
    others = [each for each in book["matter"] if each is not matter]
    found: list[Passage] = []
    for number in range(rng.choice((1, 2, 3, 4))):
        lines: list[str] = []
        if number == 0:
            title = matter["title"]
            lines = [company.say(line) for line in rng.sample(near, rng.randint(0, len(near)))]
            at = rng.randint(0, len(lines))
            lines[at:at] = wanted
        else:
            other = rng.choice(others)
            title = other["title"]
            lines = [company.say(rng.choice(other[rng.choice(("yes", "no", "near"))]))]
        spare = rng.choice(others)
        while len(lines) < rng.choice((1, 2, 3)):
            lines.append(company.say(rng.choice(spare["near"])))
        clean = [
            line for line in dict.fromkeys(lines) if line in wanted or line not in _answers(company, matter)
        ]
        if clean:
            found.append(Passage(f"own#{number}", title, tuple(clean)))
    rng.shuffle(found)
    return found


def _answers(company: _Company, matter: dict[str, Any]) -> set[str]:
    """Everything that would answer the question, so that no other passage says it by chance."""
    forms = [line for kind in ("yes", "no", "says") for line in matter.get(kind, ())]
    return {company.say(line) for line in forms}
