"""Invented messages, contracts, meetings, questionnaires and statements: answers can be written and read."""

from random import Random

import pytest

from lemma.reading.decode import decode
from lemma.reading.passages import passage_pages
from lemma.reading.pointers import Clause, Flagged, Label, Labels, Rows
from lemma.reading.prompt import render_answer
from starter.lesson import Lesson
from starter.messages.lessons import LESSONS
from starter.messages.page import Value, Written, clause, fill, said, words_of, wrapped
from starter.texts import as_text, asked_part


@pytest.mark.parametrize("name", sorted(LESSONS))
def test_the_same_seed_gives_the_same_text(name: str) -> None:
    texts = [as_text(LESSONS[name](Random(f"{name} {seed}"))) for seed in range(5)]
    again = [as_text(LESSONS[name](Random(f"{name} {seed}"))) for seed in range(5)]
    assert texts == again
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize("name", sorted(LESSONS))
def test_answers_say_what_was_meant_and_point_at_lines_that_are_shown(name: str) -> None:
    for seed in range(40):
        lesson = LESSONS[name](Random(f"{name} {seed}"))
        lines = lesson.source.lines if lesson.shown is None else lesson.shown
        part = asked_part(lesson)
        wanted = {field: lesson.said[field] for field in lesson.asked if field in lesson.said}
        text = render_answer(part, lesson.source, wanted)
        pages = passage_pages(lesson.source)
        read = decode(text, part.fields, lines, finished=True, passages=pages)
        assert read.said == wanted, f"seed {seed}"


@pytest.mark.parametrize("name", sorted(LESSONS))
def test_known_places_hold_their_words(name: str) -> None:
    for seed in range(40):
        lesson = LESSONS[name](Random(f"{name} {seed}"))
        for spots in lesson.also.values():
            for spot in spots:
                line = lesson.source.line(spot.line).text
                assert spot.start is not None
                assert line[spot.start : spot.start + len(spot.text)] == spot.text


def test_every_language_of_messages_is_written_and_every_topic_known() -> None:
    from starter.messages.tickets import LANGUAGES, tickets  # noqa: PLC0415
    from starter.messages.words import words  # noqa: PLC0415

    topics = {option.name for option in tickets().field("topics").options}
    for language in LANGUAGES:
        book = words("tickets", language)
        assert {scenario["topic"] for scenario in book["scenario"]} == topics
        assert {passage["topic"] for passage in book["passage"]} <= topics
    assert set(words("topics")["called"]) == topics


def test_every_clause_has_words_and_a_heading() -> None:
    from starter.messages.contracts import contracts  # noqa: PLC0415
    from starter.messages.words import words  # noqa: PLC0415

    book = words("contracts", "en")
    for field in contracts().fields:
        if field.kind == "clause":
            assert len(book["clause"][field.name]) >= 3, field.name
            assert book["heading"][field.name], field.name


def test_a_message_asks_for_action_only_where_it_does() -> None:
    lessons = [LESSONS["tickets.whole"](Random(seed)) for seed in range(60)]
    flags = [lesson.said["asks_for_action"] for lesson in lessons]
    assert {flag.value for flag in flags if isinstance(flag, Flagged)} == {True, False}
    assert all(isinstance(lesson.said["topics"], Labels) for lesson in lessons)


def test_questions_are_answered_by_lines_of_passages_alone() -> None:
    verdicts = set()
    for seed in range(80):
        lesson = LESSONS["questionnaires.unit"](Random(seed))
        verdict, quote = lesson.said["verdict"], lesson.said.get("quote")
        assert isinstance(verdict, Label)
        verdicts.add(verdict.name)
        assert (quote is None) == (verdict.name == "not_mentioned")
        if isinstance(quote, Clause):
            pages = passage_pages(lesson.source)
            assert {lesson.source.line(n).page for n in range(quote.first, quote.last + 1)} <= pages.keys()
    assert verdicts == {"yes", "no", "stated", "not_mentioned"}


def test_many_windows_of_meetings_hold_nothing() -> None:
    lessons = [LESSONS["meetings.whole"](Random(seed)) for seed in range(80)]
    assert 5 < sum(_rows(lesson) == 0 for lesson in lessons) < 60


def _rows(lesson: Lesson) -> int:
    tables = (lesson.said.get(name) for name in ("decisions", "actions", "open_questions"))
    return sum(len(table.rows) for table in tables if isinstance(table, Rows))


def test_wrapped_words_keep_their_places() -> None:
    parts = fill("Between {name} of the town, and others.", {"name": said("Long Company Name Ltd", "name")})
    rows = wrapped(parts, 16)
    assert [words_of(row) for row in rows] == [
        "Between Long",
        "Company Name Ltd",
        "of the town, and",
        "others.",
    ]
    pieces = [part for row in rows for part in row if isinstance(part, Value)]
    assert [(part.text, part.piece) for part in pieces] == [("Long", 0), ("Company Name Ltd", 1)]


def test_marked_sentences_become_lines() -> None:
    doc = Written()
    doc.row("Title")
    doc.row("")
    doc.paragraph(
        ["1. ", clause("Nobody may assign this contract to anybody.", ("anti_assignment",)), " More."], 20
    )
    found = doc.read()
    assert found.spans[("anti_assignment",)] == Clause(2, 4)
    assert found.part(3, 3).spans[("anti_assignment",)] == Clause(3, 3)
