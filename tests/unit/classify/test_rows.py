"""Rows of a table by example: a line is told by the lines beside it."""

import random

from lemma.classify.lines import Shown
from lemma.classify.rows import RowModel, fit_rows

THINGS = ("budget", "poster", "remote", "battery", "casing", "survey", "logo", "prototype")
TALK = ("That was the picture of it.", "People liked the colour.", "It costs more than we hoped.")
SUBJECT = "actions.what"


def _meeting(rng: random.Random) -> Shown:
    """Somebody says twice that he looks at something; only after a question it is an action."""
    lines = [rng.choice(TALK) for _ in range(16)]
    asked, other = rng.sample((3, 7, 11), 2)
    lines[asked - 1] = "Who takes that until next week?"
    lines[asked] = lines[other] = f"I look at the {rng.choice(THINGS)}."
    return Shown(tuple(lines), {SUBJECT: frozenset({asked})})


def _model() -> RowModel:
    rng = random.Random(7)
    model = fit_rows([_meeting(rng) for _ in range(30)])
    assert model is not None
    return model


def test_the_line_before_tells_an_action_from_talk() -> None:
    model, rng = _model(), random.Random(8)
    for _ in range(10):
        meeting = _meeting(rng)
        (wanted,) = meeting.subjects[SUBJECT]
        runs = model.find(SUBJECT, meeting.lines)
        assert [wanted in run for run in runs] == [True]


def test_talk_alone_has_no_rows() -> None:
    assert _model().find(SUBJECT, TALK * 5) == []


def test_too_few_meetings_teach_nothing() -> None:
    rng = random.Random(9)
    assert fit_rows([_meeting(rng) for _ in range(4)]) is None
