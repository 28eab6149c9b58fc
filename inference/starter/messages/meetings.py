"""Invented meetings: transcripts full of small talk, and notes under headings.

Whether something was decided hangs on what was said after it was proposed: proposals that nobody takes up,
what was done long ago, and what is withdrawn in the end stand beside decisions and actions.
"""

from functools import cache
from random import Random
from typing import Any

from lemma.reading.schema import Task
from lemma.tasks.builtin import task
from starter.documents import values as paper
from starter.documents.values import made_up, pick
from starter.documents.words import MONTHS
from starter.lesson import Lesson
from starter.messages import values
from starter.messages.page import Found, Part, Values, Written, fill, said, words_of
from starter.messages.words import words

LANGUAGES, WEIGHTS = ("en", "de", "fr"), (60, 22, 18)
ROLES = (
    "Project Manager", "Marketing Expert", "Industrial Designer", "User Interface Designer", "Chair",
    "Engineer", "Sales Lead", "Product Owner", "Accountant", "Designer",
)  # fmt: skip


@cache
def meetings() -> Task:
    return task("meetings")


class _Meeting:
    """A meeting in the making: who is there, and what has come of it so far."""

    def __init__(self, rng: Random, language: str) -> None:
        self.rng, self.language = rng, language
        self.words: dict[str, Any] = words("meetings", language)
        self.doc = Written()
        self.found = {"decisions": 0, "actions": 0, "open_questions": 0}
        count = rng.randint(2, 5)
        if language == "en" and rng.random() < 0.3:
            self.people = rng.sample(ROLES, count)
        else:
            self.people = list(dict.fromkeys(values.first_name(rng, language) for _ in range(count)))
            if rng.random() < 0.25:
                self.people = [values.person(rng, language) for _ in self.people]

    def next(self, field: str) -> int:
        """The number of a new row."""
        self.found[field] += 1
        return self.found[field] - 1

    def holes(self) -> dict[str, "Part | list[Part]"]:
        rng = self.rng
        name = made_up(rng) if rng.random() < 0.5 else paper.company_name(rng, self.language)
        holes: dict[str, Part | list[Part]] = {
            "other": name,
            "number": str(rng.randint(2, 90)),
            "month": pick(rng, MONTHS[self.language]),
            "city": values.town(rng, self.language),
            "day": values.day_words(rng, self.language),
            "topic": pick(rng, self.words["topics"]),
        }
        for hole, options in (("task", "tasks"), ("choice", "choices"), ("question", "questions")):
            holes[hole] = words_of(fill(pick(rng, self.words[options]), holes))
        return holes

    def due(self) -> str:
        return words_of(fill(pick(self.rng, self.words["dues"]), self.holes()))

    def sentence(self, kind: str, form: str, holes: Values | None = None) -> list[Part]:
        return _capital(fill(pick(self.rng, self.words[kind][form]), holes or self.holes()))

    def action(self, kind: str, forms: tuple[str, str], owner: str | None) -> list[Part]:
        """What is to be done, with its owner in the words or (None) elsewhere, and mostly with a date."""
        number, holes = self.found["actions"], self.holes()
        dated = forms[0] == forms[1] or self.rng.random() < 0.65
        if dated:
            holes["due"] = said(self.due(), "actions", number, "due")
        if owner is not None:
            holes["owner"] = said(owner, "actions", number, "owner")
        return self.sentence(kind, forms[0] if dated else forms[1], holes)

    def heading(self) -> None:
        """Title, date and who is there, as far as they are written."""
        rng, doc = self.rng, self.doc
        holes = self.holes()
        if rng.random() < 0.85:
            title = words_of(_capital(fill(pick(rng, self.words["titles"]), holes)))
            doc.row(pick(rng, self.words["title_labels"]), said(title, "title"))
        if rng.random() < 0.75:
            at = values.day(rng)
            style = paper.style_of(rng)
            style.language = self.language
            style.date = rng.choice([form for form in values.DATES[self.language] if "%Y" in form])
            doc.row(pick(rng, self.words["date_labels"]), said(paper.print_date(rng, style, at), "date"))
        if rng.random() < 0.6:
            names = ", ".join(self.people)
            doc.row(words_of(fill(pick(rng, self.words["attendees"]), {"names": names})))


class _Transcript(_Meeting):
    """Who said what, one row each."""

    def __init__(self, rng: Random, language: str) -> None:
        super().__init__(rng, language)
        self.form = rng.choice(
            ("{who}: ", "{who}: ", "[{n}] {time} {who}: ", "{time} {who}: ", "{who} ({time}): ")
        )
        self.seconds = rng.randint(0, 300)
        self.number = rng.choice((0, 0, rng.randint(0, 400)))

    def speak(self, who: str, parts: list[Part], field: str = "", *, owns: bool = False) -> None:
        """One row. `field` is what the row is, if anything; `owns` says that the speaker owns the action."""
        self.number += 1
        self.seconds += self.rng.randint(2, 30)
        time = f"{self.seconds // 60:02d}:{self.seconds % 60:02d}"
        row = self.found["actions"]
        speaker: Part = said(who, "actions", row, "owner") if owns else who
        lead = fill(self.form, {"n": str(self.number), "time": time, "who": speaker})
        at = self.doc.row(*lead, *parts)
        if field:
            self.doc.span((field, self.next(field), "what"), at, at)

    def someone(self) -> str:
        return pick(self.rng, self.people)

    def talk(self, count: int) -> None:
        for _ in range(count):
            if self.rng.random() < 0.5:
                self.speak(self.someone(), [pick(self.rng, self.words["talk"]["small"])])
            else:
                self.speak(self.someone(), self.chatter())

    def chatter(self) -> list[Part]:
        parts: list[Part] = self.sentence("talk", "talk")
        if self.rng.random() < 0.3:
            parts += [" ", *self.sentence("talk", "talk")]
        return parts

    def matter(self) -> None:
        """Something comes up, and something comes of it or not."""
        rng = self.rng
        kind = rng.choice(
            ("decision", "decision", "mine", "asked", "asked", "who", "open", "open", "rejected", "idle")
        )
        if kind in {"decision", "rejected"}:
            if rng.random() < 0.6:
                self.speak(self.someone(), self.sentence("talk", "propose"))
            if kind == "decision":
                self.speak(self.someone(), self.more(self.sentence("talk", "decide")), "decisions")
            else:
                self.speak(self.someone(), self.sentence("talk", "reject"))
        elif kind == "idle":
            self.speak(self.someone(), self.sentence("talk", "propose"))
        elif kind == "open":
            self.speak(self.someone(), self.more(self.sentence("talk", "open")), "open_questions")
        elif kind == "mine":
            words = self.action("talk", ("i_will", "i_will_no_due"), None)
            self.speak(self.someone(), self.more(words), "actions", owns=True)
        elif kind == "asked":
            owner = self.someone()
            self.speak(
                self.someone(), self.more(self.action("talk", ("ask", "ask_no_due"), owner)), "actions"
            )
            if rng.random() < 0.6:
                self.speak(owner, [pick(rng, self.words["talk"]["sure"])])
        else:
            number = self.found["actions"]
            first = len(self.doc.rows)
            self.speak(self.someone(), self.action("talk", ("who", "who"), None))
            self.speak(self.someone(), [pick(rng, self.words["talk"]["me"])], owns=True)
            self.doc.span(("actions", self.next("actions"), "what"), first, len(self.doc.rows) - 1)
            assert number + 1 == self.found["actions"]  # noqa: S101  (the owner's row is this one)

    def more(self, parts: list[Part]) -> list[Part]:
        """The words with some others before or after them, as people speak."""
        rng = self.rng
        if rng.random() < 0.3:
            parts = [pick(rng, self.words["talk"]["small"]), " ", *parts]
        if rng.random() < 0.2:
            parts = [*parts, " ", *self.sentence("talk", "talk")]
        return parts

    def write(self, matters: int) -> Found:
        if self.rng.random() < 0.4:
            self.heading()
        self.talk(self.rng.randint(0, 4))
        for _ in range(matters):
            self.matter()
            self.talk(self.rng.choice((0, 1, 1, 2, 3, 5)))
        return self.doc.read()


class _Notes(_Meeting):
    """Notes under headings, or one after another."""

    def bullet(self, parts: list[Part], field: str = "") -> None:
        at = self.doc.row(pick(self.rng, self.mark), *parts)
        if field:
            self.doc.span((field, self.next(field), "what"), at, at)

    def entry(self, kind: str) -> None:
        if kind == "decisions":
            self.bullet(self.sentence("notes", "decide"), kind)
        elif kind == "actions":
            owner = pick(self.rng, self.people)
            self.bullet(self.action("notes", ("action", "action_no_due"), owner), kind)
        elif kind == "open":
            self.bullet(self.sentence("notes", "question"), "open_questions")
        elif self.rng.random() < 0.2:
            self.bullet(self.sentence("notes", "withdrawn"))
        else:
            self.bullet(self.sentence("talk", "talk"))

    def write(self, matters: int) -> Found:
        rng = self.rng
        self.mark = rng.choice((("",), ("- ",), ("* ",), ("• ",), ("- ", "  - ")))
        self.heading()
        kinds = [
            rng.choice(("decisions", "actions", "actions", "open", "talk", "talk")) for _ in range(matters)
        ]
        if rng.random() < 0.7:
            order = ["talk", "decisions", "actions", "open"]
            if rng.random() < 0.5:
                rng.shuffle(order)
            for kind in order:
                entries = [each for each in kinds if each == kind]
                if entries:
                    self.doc.row(
                        rng.choice(("", "", "## ")),
                        pick(rng, self.words["notes"][kind]),
                        rng.choice(("", ":")),
                    )
                for each in entries:
                    self.entry(each)
        else:
            for each in kinds:
                self.entry(each)
        if rng.random() < 0.4:
            self.doc.row(*_capital(fill(pick(rng, self.words["next_meeting"]), self.holes())))
        return self.doc.read()


def _capital(parts: list[Part]) -> list[Part]:
    first = parts[0]
    return [first[:1].upper() + first[1:], *parts[1:]] if isinstance(first, str) else parts


def meeting(rng: Random, matters: int) -> Found:
    language = rng.choices(LANGUAGES, WEIGHTS)[0]
    form = _Transcript if rng.random() < 0.6 else _Notes
    return form(rng, language).write(matters)


def lesson(found: Found, asked: list[str]) -> Lesson:
    """What serving asks of these lines."""
    return Lesson(
        meetings(), found.source, tuple(asked), found.said(meetings()), found.also(), shown=found.shown
    )


def short(rng: Random) -> Lesson:
    """A few minutes of a meeting, of which some is asked."""
    names = [f.name for f in meetings().fields]
    asked = set(rng.sample(names, rng.randint(1, 3)))
    found = meeting(rng, rng.choice((1, 2, 3)))
    return lesson(found, [name for name in names if name in asked])


def whole(rng: Random) -> Lesson:
    """A short meeting, or a stretch of a longer one, of which everything is asked."""
    found = meeting(rng, rng.choice((1, 2, 4, 6, 9, 14)))
    names = [f.name for f in meetings().fields]
    if rng.random() < 0.3:
        names = ["decisions", "actions", "open_questions"]
    return lesson(found.window(rng, rng.choice((600, 1_200, 2_000))), names)
