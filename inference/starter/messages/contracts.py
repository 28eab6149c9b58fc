"""Invented contracts: parties, dates, and clauses among sections that answer nothing.

A contract is an opening, recitals, numbered sections and a place to sign. Some are shown whole; of long ones
a window is shown, as serving reads them: a few clauses that are there, and many that are not.
"""

from functools import cache
from random import Random
from typing import Any

from lemma.reading.schema import Task
from lemma.tasks.builtin import task
from starter.documents import values as paper
from starter.documents.values import pick
from starter.lesson import Lesson
from starter.messages import values
from starter.messages.page import Found, Part, Path, Value, Values, Written, clause, fill, said, words_of
from starter.messages.words import words

# A grant that says more of itself is a licence too.
LICENCES = frozenset(
    {
        "non_transferable_license",
        "affiliate_license_licensor",
        "affiliate_license_licensee",
        "unlimited_all_you_can_eat_license",
        "irrevocable_or_perpetual_license",
    }
)
# Clauses that often stand in one section, the second after the first.
TOGETHER = {
    "renewal_term": "notice_period",
    "cap_on_liability": "uncapped_liability",
    "non_compete": "competitive_restriction_exception",
    "exclusivity": "competitive_restriction_exception",
    "no_solicit_of_employees": "no_solicit_of_customers",
    "termination_for_convenience": "termination_for_cause",
    "termination_for_cause": "post_termination_services",
    "license_grant": "non_transferable_license",
    "revenue_profit_sharing": "audit_rights",
}
ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "XIII", "XIV", "XV", "XVI")


@cache
def contracts() -> Task:
    return task("contracts")


class _Draft:
    """A contract in the making."""

    def __init__(self, rng: Random, language: str) -> None:
        self.rng, self.language = rng, language
        self.doc = Written()
        self.section = 0
        self.names: list[str] = []
        self.words: dict[str, Any] = words("contracts", language)
        self.width = rng.choice((0, 0, 0, 64, 76, 88, 100, 120))
        self.numbering = rng.choice(
            ("{n}.", "{n}.", "{n})", "{n}", "Section {n}.", "ARTICLE {r}", "{c}.{n}", "§ {n}", "")
        )
        self.chapter = rng.randint(1, 14)
        opening = self.words["opening"]
        a, b = rng.choice(opening["roles"])
        article = rng.choice(("", "", opening["article"]))
        self.roles = (a, b)
        self.a, self.b = article + a, article + b
        self.case = str.upper if rng.random() < 0.3 else str

    def holes(self) -> dict[str, Part | list[Part]]:
        """New small values for one sentence."""
        rng, opening = self.rng, self.words["opening"]
        a, b = (self.a, self.b) if rng.random() < 0.6 else (self.b, self.a)
        count = rng.randint(2, 12)

        def period(unit: str) -> str:
            return values.period(rng, unit, self.language, legal=True)

        return {
            "a": a,
            "b": b,
            "goods": pick(rng, opening["goods"]),
            "land": pick(rng, opening["land"]),
            "state": pick(rng, opening["law"]).replace("|", ""),
            "city": values.town(rng, self.language),
            "days": period("day"),
            "months": period("month"),
            "years": period("year"),
            "amount": values.money(rng, self.language),
            "percent": f"{rng.choice((2, 3, 5, 10, 15, 25, 50))}{rng.choice(('%', '%', ' percent'))}",
            "n": str(count),
            "count": f"{rng.choice((5, 10, 25, 50, 100, 500))},000"
            if rng.random() < 0.5
            else str(rng.randint(20, 900)),
            "year": str(rng.randint(1992, 2023)),
            "law": self.law(),
        }

    def law(self) -> list[Part]:
        """A state or country, of which its name alone is the value."""
        before, bar, name = pick(self.rng, self.words["opening"]["law"]).rpartition("|")
        value = said(name, "governing_law")
        return [before, value] if bar else [value]

    def sentence(self, kind: str) -> list[Part]:
        """One clause of this kind; its rows are the value."""
        parts = fill(pick(self.rng, self.words["clause"][kind]), self.holes())
        if self.rng.random() < 0.12:
            parts = [words_of(parts).rstrip("."), ", ", pick(self.rng, self.words["tail"]["says"])]
        if kind == "governing_law":
            return _capital(parts)
        text = words_of(_capital(parts))
        paths: list[Path] = [(kind,)]
        if kind in LICENCES and any(word in text for word in self.words["opening"]["grant"]):
            paths.append(("license_grant",))
        return [clause(text, *paths)]

    # The parts of a contract -----------------------------------------------------------------------

    def opening(self) -> None:
        rng, doc, opening = self.rng, self.doc, self.words["opening"]
        for _ in range(rng.choice((0, 0, 1, 2))):
            doc.row(words_of(fill(pick(rng, opening["before"]), self.holes())))
        kind = pick(rng, opening["kind"])
        names = {"Kind": kind.upper(), "kind": kind, "KIND": kind.upper()}
        title = words_of(fill(pick(rng, opening["title"]), names))
        doc.row(" " * rng.choice((0, 0, 10, 20)), said(title, "title"))
        title2 = title.title() if title.isupper() else title
        template = pick(rng, opening["between"])
        paths: list[Path] = [("agreement_date",)]
        if opening["effective_mark"] in template:
            paths.append(("effective_date",))
        parties = [self.party(number) for number in (0, 1)]
        holes: Values = {
            "title2": title2,
            "date": Value(self.date(), tuple(paths)),
            "party1": parties[0],
            "party2": parties[1],
        }
        doc.paragraph(fill(template, holes), self.width)
        for recital in rng.sample(opening["recital"], rng.randint(0, 3)):
            doc.paragraph(fill(recital, self.holes()), self.width)

    def party(self, number: int) -> list[Part]:
        rng = self.rng
        who = paper.party(rng, self.language, rng.choice(("US", "GB")) if self.language == "en" else "DE")
        self.names.append(who.name)
        return fill(
            pick(rng, self.words["opening"]["party"]),
            {
                "name": said(who.name, "parties", number, "name"),
                "role": said(self.roles[number], "parties", number, "role"),
                "state": pick(rng, self.words["opening"]["law"]).replace("|", ""),
                "street": who.street,
                "town": who.town,
            },
        )

    def date(self) -> str:
        rng, at = self.rng, values.day(self.rng)
        if self.language != "en" or rng.random() < 0.6:
            style = paper.style_of(rng)
            style.language = self.language
            style.date = rng.choice(self.words["opening"]["dates"])
            return paper.print_date(rng, style, at)
        suffix = {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd", 31: "st"}.get(at.day, "th")
        return f"{at.day}{suffix} day of {at.strftime('%B')}, {at.year}"

    def head(self, title: str) -> list[Part]:
        """The number and title of the next section, as its first words or as a row of its own."""
        self.section += 1
        number = self.numbering.format(n=self.section, r=ROMAN[min(self.section, 16) - 1], c=self.chapter)
        form = self.rng.random()
        if form < 0.35:
            self.doc.row(" ".join(filter(None, (number, self.case(title)))))
            return []
        return [" ".join(filter(None, (number, "" if form > 0.85 else f"{self.case(title)}."))).strip() + " "]

    def clauses(self, kinds: list[str]) -> None:
        """A section that holds these clauses, each in a paragraph of its own or one after another."""
        rng = self.rng
        parts = self.head(pick(rng, self.words["heading"][kinds[0]]))
        if rng.random() < 0.25:
            others: list[list[str]] = list(self.words["other"].values())
            parts += [self.filled(rng.choice(rng.choice(others))), " "]
        for number, kind in enumerate(kinds):
            if number and rng.random() < 0.4:
                self.doc.paragraph(parts, self.width)
                parts = [f"({chr(96 + number)}) "] if rng.random() < 0.6 else []
            parts += [*self.sentence(kind), " "]
        self.doc.paragraph(_trimmed(parts), self.width)

    def distraction(self, title: str) -> None:
        """A section that answers nothing that is asked."""
        parts = self.head(title)
        options = self.words["other"][title]
        for sentence in self.rng.sample(options, min(len(options), self.rng.choice((1, 1, 2, 3)))):
            parts += [self.filled(sentence), " "]
        self.doc.paragraph(_trimmed(parts), self.width)

    def filled(self, template: str) -> str:
        return words_of(_capital(fill(template, self.holes())))

    def term(self) -> None:
        rng, expiration = self.rng, self.words["expiration"]
        parts = self.head(pick(rng, expiration["heading"]))
        if rng.random() < 0.4:
            effective = said(self.date(), "effective_date")
            parts += [*fill(pick(rng, self.words["opening"]["effective"]), {"effective": effective}), " "]
        text = (
            self.date()
            if rng.random() < 0.3
            else words_of(fill(pick(rng, expiration["lengths"]), self.holes()))
        )
        parts += [*fill(pick(rng, expiration["says"]), {"expires": said(text, "expiration_date")}), " "]
        for kind in ("renewal_term", "notice_period", "termination_for_convenience"):
            if rng.random() < 0.3:
                parts += [*self.sentence(kind), " "]
        self.doc.paragraph(_trimmed(parts), self.width)

    def signatures(self) -> None:
        rng, opening = self.rng, self.words["opening"]
        self.doc.paragraph([pick(rng, opening["signing"])], self.width)
        for number, name in enumerate(self.names):
            lead = f"{self.roles[number].upper()}: " if rng.random() < 0.4 else ""
            self.doc.row(lead, said(name, "parties", number, "name"))
            for row in opening["signature"]:
                if rng.random() < 0.7:
                    holes: Values = {
                        "person": values.person(rng, self.language),
                        "office": pick(rng, opening["office"]),
                    }
                    self.doc.row(words_of(fill(row, holes)))


def _capital(parts: list[Part]) -> list[Part]:
    """The parts with the first letter of the first words as a sentence begins."""
    first = parts[0]
    return [first[:1].upper() + first[1:], *parts[1:]] if isinstance(first, str) else parts


def _trimmed(parts: list[Part]) -> list[Part]:
    return parts[:-1] if parts and parts[-1] == " " else parts


def contract(rng: Random, *, sections: int, language: str = "en") -> Found:
    """A contract of about so many sections."""
    draft = _Draft(rng, language)
    draft.opening()
    named = [kind for kind in draft.words["clause"] if kind in draft.words["heading"]]
    if rng.random() < 0.7:
        draft.term()
    plan: list[list[str]] = []
    for kind in rng.sample(named, min(len(named), max(1, round(sections * rng.uniform(0.3, 0.75))))):
        follower = TOGETHER.get(kind)
        plan.append([kind, follower] if follower in named and rng.random() < 0.4 else [kind])
    others = list(draft.words["other"])
    fillers = [pick(rng, others) for _ in range(max(0, sections - len(plan)))]
    rng.shuffle(plan)
    for _ in range(len(plan) + len(fillers)):
        if plan and rng.random() < len(plan) / (len(plan) + len(fillers)):
            draft.clauses(plan.pop())
        else:
            draft.distraction(fillers.pop())
    if rng.random() < 0.6:
        draft.signatures()
    return draft.doc.read()


def lesson(found: Found, asked: list[str]) -> Lesson:
    """What serving asks of these lines."""
    answer = found.said(contracts())
    return Lesson(contracts(), found.source, tuple(asked), answer, found.also(), shown=found.shown)


def short(rng: Random) -> Lesson:
    """A few sections, of which what is there and some that is not is asked."""
    found = contract(rng, sections=rng.choice((1, 2, 3)), language=_language(rng))
    return lesson(found, some_fields(rng, set(found.said(contracts()))))


def whole(rng: Random) -> Lesson:
    """A short contract or a window of a longer one, of which everything is asked."""
    found = contract(rng, sections=rng.choice((2, 3, 4, 6, 9, 14)), language=_language(rng))
    return lesson(found.window(rng, rng.choice((900, 1_500, 2_400))), [f.name for f in contracts().fields])


def some_fields(rng: Random, there: set[str], known: frozenset[str] = frozenset()) -> list[str]:
    """Names to ask, in the task's order: most that are there, and about as many that are not."""
    names = [f.name for f in contracts().fields if f.name not in known]
    absent = [name for name in names if name not in there]
    few = set(rng.sample(absent, min(len(absent), rng.randint(2, 8))))
    chosen = [name for name in names if name in few or (name in there and rng.random() < 0.9)]
    return chosen or names[:3]


def _language(rng: Random) -> str:
    return rng.choices(LANGUAGES, WEIGHTS)[0]


LANGUAGES, WEIGHTS = ("en",), (1,)
