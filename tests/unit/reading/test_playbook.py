"""Playbooks: what is wrong with a file, periods as contracts write them, and departures as they are told."""

import pytest

from lemma.reading.cell import Cell, Evidence, RuleResult, Status
from lemma.reading.material import MaterialError, parse_material
from lemma.reading.playbook import Playbook, deviations, unknown_fields
from lemma.reading.playbook.durations import Duration, duration, durations
from tests.unit.reading.making import task

TASK = task(
    """
    [[field]]
    name = "notice_period"
    kind = "clause"
    label = "Notice period"
    [[field]]
    name = "governing_law"
    kind = "quote"
    [[field]]
    name = "non_compete"
    kind = "clause"
    label = "Non-compete"
    [[field]]
    name = "parties"
    kind = "rows"
    [[field.column]]
    name = "name"
    kind = "quote"
    """
)


def playbook(text: str) -> Playbook:
    found = parse_material('title = "Ours"\n' + text, name="playbook.toml").playbook
    assert found is not None
    return found


def said(positions: str, **values: str | Status) -> list[RuleResult]:
    """What a playbook says of a contract with these clauses, each on lines 3 and 4."""
    cells = [
        Cell(name, None, None, value)
        if isinstance(value, Status)
        else Cell(name, value, value, Status.FOUND, (Evidence(1, 3, 0, 5), Evidence(1, 4, 0, 5)))
        for name, value in values.items()
    ]
    return list(deviations(TASK, playbook(positions), cells))


def one(positions: str, **values: str | Status) -> RuleResult:
    (result,) = said(positions, **values)
    return result


# Periods -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("thirty (30) days' prior written notice", "30 days"),
        ("on 30 (thirty) days notice", "30 days"),
        ("a 90-day period", "90 days"),
        ("for  twenty-four  (24)  months", "24 months"),
        ("twenty-five (25) years", "25 years"),
        ("one hundred and eighty (180) calendar days", "180 days"),
        ("within ten (10) business days", "10 working days"),
        ("a period of two years", "2 years"),
        ("innerhalb von zwölf Monaten", "12 months"),
        ("mit einer Frist von 12 Monaten", "12 months"),
        ("nach dreißig Kalendertagen", "30 days"),
        ("einundzwanzig Tage", "21 days"),
        ("binnen 5 Werktagen", "5 working days"),
        ("un délai de trente jours ouvrés", "30 working days"),
        ("d'une durée d'un an", "1 year"),
        ("quatre-vingt-dix jours", "90 days"),
        ("six mois avant le terme", "6 months"),
        ("deux (2) semaines", "2 weeks"),
    ],
)
def test_a_period_is_read_as_it_is_written(text: str, expected: str) -> None:
    (named,) = durations(text)
    assert named.duration is not None
    assert named.duration.words == expected


@pytest.mark.parametrize(
    "text",
    [
        "1.5 years",
        "1,200 days",
        "a reasonable time",
        "the thirtieth day",
        "zwei an der Zahl",
        "soixante-quinze jours",
        "",
    ],
)
def test_what_cannot_be_read_exactly_is_not_read(text: str) -> None:
    assert list(durations(text)) == []


def test_words_and_digits_that_differ_are_no_period() -> None:
    assert [each.duration for each in durations("thirty (60) days")] == [None]


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("90 days", "60 days", True),
        ("60 days", "60 days", False),
        ("3 months", "90 days", None),  # 89 to 92 days
        ("3 months", "88 days", True),
        ("12 months", "1 year", False),
        ("13 months", "1 year", True),
        ("2 years", "730 days", None),
        ("8 weeks", "56 days", False),
        ("10 working days", "10 working days", False),
        ("10 working days", "14 days", None),
    ],
)
def test_periods_are_compared_as_the_calendar_allows(left: str, right: str, expected: bool | None) -> None:
    one_, other = duration(left), duration(right)
    assert one_ is not None
    assert other is not None
    assert one_.longer_than(other) is expected


def test_a_month_has_28_to_31_days() -> None:
    assert Duration(1, "month").days == (28, 31)
    assert Duration(1, "year").days == (365, 366)


# Departures ----------------------------------------------------------------------------------------

SIXTY = (
    '[[position]]\nfield = "notice_period"\nat_most = "60 days"\nseverity = "high"\nadvice = "Ask for sixty."'
)


def test_a_longer_period_is_told_with_both_numbers() -> None:
    result = one(SIXTY, notice_period="at least ninety (90) days before the end of the term")
    assert (result.passed, result.detail) == (
        False,
        "Notice period is 90 days; the playbook allows at most 60 days.",
    )
    assert (result.code, result.paths) == ("playbook.notice_period.period", ("notice_period",))
    assert (result.severity, result.advice, result.label) == (
        "high",
        "Ask for sixty.",
        "Playbook: Notice period",
    )


def test_a_period_within_bounds_passes() -> None:
    assert one(SIXTY, notice_period="within 30 days").passed is True


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("with reasonable notice", "names no period"),
        ("thirty (60) days", "words and digits differ"),
        ("two months", "cannot be compared exactly"),
        ("terms of 12 months, unless either party objects 30 days before", "12 months and 30 days"),
    ],
)
def test_what_the_words_do_not_settle_is_neither_right_nor_wrong(words: str, why: str) -> None:
    result = one(SIXTY, notice_period=words)
    assert result.passed is None
    assert why in result.detail
    assert "cannot be told" in result.detail


def test_the_period_beside_its_word_counts() -> None:
    beside = SIXTY + '\nbeside = ["before", "notice"]'
    words = (
        "successive terms of twelve (12) months each, unless a party says so at least ninety (90) days before"
    )
    assert one(beside, notice_period=words).detail.startswith("Notice period is 90 days;")
    within = words.replace("ninety (90)", "thirty (30)")
    assert one(beside, notice_period=within).passed is True


def test_periods_that_all_depart_need_no_choice() -> None:
    assert one(SIXTY, notice_period="12 months, and 90 days in summer").passed is False


def test_what_must_not_be_there_is_told_with_its_lines() -> None:
    absent = '[[position]]\nfield = "non_compete"\nmust = "absent"'
    result = one(absent, non_compete="shall not compete")
    assert result.detail == "Non-compete is there on lines 3 to 4; the playbook allows none."
    assert one(absent).passed is True
    unclear = one(absent, non_compete=Status.CONFLICTING)
    assert unclear.passed is None


def test_what_must_be_there_and_is_not() -> None:
    present = '[[position]]\nfield = "governing_law"\nmust = "present"\nallowed = ["Delaware"]'
    result = one(present)
    assert (result.passed, result.detail) == (
        False,
        "Governing law was not found; the playbook requires it.",
    )
    assert [each.passed for each in said(present, governing_law="Delaware")] == [True, True]


@pytest.mark.parametrize(
    ("law", "passed"),
    [
        ("Delaware", True),
        ("the laws of the State of Delaware", True),
        ("England and Wales", True),
        ("deutsches Recht", True),
        ("Ohio", False),
        ("West Virginia", False),
        ("Delaware and Texas", None),
    ],
)
def test_the_law_is_one_of_a_list(law: str, passed: bool | None) -> None:
    allowed = (
        '[[position]]\nfield = "governing_law"\n'
        'allowed = ["Delaware", "England and Wales", "deutsches Recht", "Virginia Beach"]'
    )
    assert one(allowed, governing_law=law).passed is passed


def test_words_are_whole_and_of_any_case() -> None:
    words = '[[position]]\nfield = "non_compete"\nforbidden = ["any breach"]\npreferred = ["Zustimmung"]'
    results = said(words, non_compete="für ANY  BREACH der Vorabzustimmung")
    assert [(each.code.rpartition(".")[2], each.passed) for each in results] == [
        ("preferred", False),
        ("forbidden", False),
    ]
    assert "“any breach”" in results[1].detail


# Files ---------------------------------------------------------------------------------------------


def test_every_mistake_is_named_with_its_line_and_key() -> None:
    text = """title = "Ours"

[[position]]
field = "notice_period"
at_most = "sixty-ish"

[[position]]
field = "non_compete"
severity = "huge"

[[position]]
field = "governing_law"
must = "present"
allowed = "Delaware"
colour = "red"
"""
    with pytest.raises(MaterialError) as refused:
        parse_material(text, name="playbook.toml", file="ours/playbook.toml")
    told = str(refused.value)
    assert (
        'ours/playbook.toml:5: position.notice_period.at_most: must be a period in quotes, such as "60 days"'
        in told
    )
    assert "ours/playbook.toml:7: position.non_compete: wants nothing" in told
    assert "ours/playbook.toml:9: position.non_compete.severity: 'huge' is not known" in told
    assert "ours/playbook.toml:15: position.governing_law.colour: is not known here" in told


def test_positions_on_fields_that_are_not_there_are_named() -> None:
    issues = unknown_fields(
        TASK,
        playbook(
            '[[position]]\nfield = "colour"\nmust = "absent"\n'
            '[[position]]\nfield = "parties"\nforbidden = ["Acme"]\n'
        ),
    )
    assert [(each.line, each.field) for each in issues] == [(2, "position.colour"), (5, "position.parties")]
