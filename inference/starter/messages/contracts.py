"""Invented contracts: parties, dates, and clauses among sections that answer nothing.

A contract is an opening, recitals, numbered sections and a place to sign. Some are shown whole; of long ones
a window is shown, as serving reads them: a few clauses that are there, and many that are not.
"""

from functools import cache
from random import Random

from lemma.reading.schema import Task
from lemma.tasks.builtin import task
from starter.documents.values import pick
from starter.lesson import Lesson
from starter.messages.drafting import Draft
from starter.messages.page import Found

LANGUAGES, WEIGHTS = ("en", "de", "fr"), (76, 14, 10)
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


@cache
def contracts() -> Task:
    return task("contracts")


def contract(rng: Random, *, sections: int, language: str = "en", opened: bool = True) -> Found:
    """A contract of about so many sections, or some sections of one without its opening and end."""
    draft = Draft(rng, language)
    if opened:
        draft.opening()
    named = [kind for kind in draft.words["clause"] if kind in draft.words["heading"]]
    if rng.random() < 0.7:
        draft.term()
    plan: list[list[str]] = []
    for kind in rng.sample(named, min(len(named), max(1, round(sections * rng.uniform(0.3, 0.75))))):
        follower = TOGETHER.get(kind, "")
        plan.append([kind, follower] if follower in named and rng.random() < 0.4 else [kind])
    others: list[str] = list(draft.words["other"])
    fillers = [pick(rng, others) for _ in range(max(0, sections - len(plan)))]
    rng.shuffle(plan)
    for _ in range(len(plan) + len(fillers)):
        if plan and rng.random() < len(plan) / (len(plan) + len(fillers)):
            draft.clauses(plan.pop())
        else:
            draft.distraction(fillers.pop())
    if opened and rng.random() < 0.6:
        draft.signatures()
    return draft.doc.read()


def lesson(found: Found, asked: list[str]) -> Lesson:
    """What serving asks of these lines."""
    answer = found.said(contracts())
    return Lesson(contracts(), found.source, tuple(asked), answer, found.also(), shown=found.shown)


def short(rng: Random) -> Lesson:
    """A few sections, of which what is there and some that is not is asked."""
    opened = rng.random() < 0.45
    found = contract(rng, sections=rng.choice((1, 2, 3)), language=_language(rng), opened=opened)
    return lesson(found, some_fields(rng, set(found.said(contracts()))))


def whole(rng: Random) -> Lesson:
    """A short contract or a window of a longer one, of which everything is asked."""
    found = contract(rng, sections=rng.choice((2, 3, 4, 6, 9, 14)), language=_language(rng))
    return lesson(found.window(rng, rng.choice((900, 1_500, 2_400))), [f.name for f in contracts().fields])


def some_fields(rng: Random, there: set[str]) -> list[str]:
    """Names to ask, in the task's order: most that are there, and about as many that are not."""
    names = [f.name for f in contracts().fields]
    absent = [name for name in names if name not in there]
    few = set(rng.sample(absent, min(len(absent), rng.randint(2, 8))))
    chosen = [name for name in names if name in few or (name in there and rng.random() < 0.9)]
    return chosen or names[:3]


def _language(rng: Random) -> str:
    return rng.choices(LANGUAGES, WEIGHTS)[0]
