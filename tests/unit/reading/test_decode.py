"""Decoding is strict about what is there, and exact about what was cut."""

import pytest

from lemma.reading.decode import AnswerOutsideGrammar, Decoded, decode
from lemma.reading.pointers import Rows, point
from lemma.reading.prompt import visible_lines
from tests.unit.reading.making import source, task
from tests.unit.reading.strategies import every_kind
from tests.unit.reading.test_prompt import ANSWER, SAID, SOURCE

TASK = every_kind()
LINES = visible_lines(SOURCE)
SMALL = task(
    """
    [[field]]
    name = "a"
    kind = "quote"
    [[field]]
    name = "lines"
    kind = "rows"
    [[field.column]]
    name = "b"
    kind = "quote"
    [[field.column]]
    name = "c"
    kind = "quote"
    [[field]]
    name = "d"
    kind = "quote"
    """
)
TEXT = source("one two", "- b: 12 x", "three")


def small(text: str, *, finished: bool = False) -> Decoded:
    return decode(text, SMALL.fields, TEXT.lines, finished=finished)


def test_it_is_the_inverse_of_rendering() -> None:
    decoded = decode(ANSWER, TASK.fields, LINES)
    assert decoded.said == SAID
    assert decoded.cut is None
    assert decoded.answered == {field.name for field in TASK.fields}


def test_spans_say_where_each_value_stands_in_the_answer() -> None:
    decoded = decode(ANSWER, TASK.fields, LINES)
    words = {path: ANSWER[start:end] for path, (start, end) in decoded.spans.items()}
    assert words["issued"] == "-"
    assert words["title"] == "1 Invoice\t3 {x}"
    assert words["lines[0].amount"] == "3 5,00"
    assert words["lines[1].free"] == "no"


@pytest.mark.parametrize(
    ("text", "cut", "answered", "rows"),
    [
        ("", "a", set(), 0),
        ("a: 1 on", "a", set(), 0),
        ("a: -\n", "lines", {"a"}, 0),
        ("a: -\nlines:\n", "lines", {"a"}, 0),
        ("a: -\nlines: -\n", "d", {"a", "lines"}, 0),
        ("a: -\nlines:\n- b: 1 one\n", "lines", {"a"}, 0),  # a further column might have come
        ("a: -\nlines:\n- b: 1 one\n  c: 2", "lines", {"a"}, 0),
        ("a: -\nlines:\n- b: 1 one\n-", "lines", {"a"}, 1),
        ("a: -\nlines:\n- b: 1 one\n- b: 2 x\n  ", "lines", {"a"}, 1),
        ("a: -\nlines:\n- b: 1 one\nd", "d", {"a", "lines"}, 1),
        ("a: -\nlines:\n- b: 1 one\nd: -", "d", {"a", "lines"}, 1),
    ],
)
def test_a_cut_answer_keeps_what_is_complete(text: str, cut: str, answered: set[str], rows: int) -> None:
    decoded = small(text)
    assert decoded.cut == cut
    assert decoded.answered == answered
    said = decoded.said.get("lines", Rows())
    assert isinstance(said, Rows)
    assert len(said.rows) == rows
    assert sum(path.startswith("lines[") for path in decoded.spans) == sum(len(row) for row in said.rows)


def test_a_trimmed_newline_at_the_end_is_forgiven() -> None:
    assert small("a: -\nlines: -\nd: 3 three", finished=True).said == {"d": point((3, "three"))}


def test_a_table_asked_last_is_complete_when_the_engine_stopped() -> None:
    fields = SMALL.fields[:2]
    text = "a: -\nlines:\n- b: 1 one\n"
    assert decode(text, fields, TEXT.lines, finished=True).cut is None
    assert decode(text, fields, TEXT.lines, finished=False).cut == "lines"


def test_a_line_that_looks_like_an_answer_is_only_words() -> None:
    decoded = small("a: 2 - b: 12 x\nlines:\n- b: 2 - b: 12 x\nd: -\n", finished=True)
    assert decoded.said == {
        "a": point((2, "- b: 12 x")),
        "lines": Rows(({"b": point((2, "- b: 12 x"))},)),
    }


@pytest.mark.parametrize(
    "text",
    [
        "b: -\n",
        "a: one\n",
        "a: 1 three\n",
        "a: 1 ne\n",
        "a: 1 one \n",
        "a: 9 one\n",
        "a: 01 one\n",
        "a: ? 9\n",
        "a: ? x\n",
        "a: 1 one\t3 three\n",
        "a:-\n",
        "nonsense",
        "a: -\nlines: x\n",
        "a: -\nlines:\nd: -\n",
        "a: -\nlines:\n- c: 1 one\n  b: 1 one\nd: -\n",
        "a: -\nlines:\n- e: 1 one\nd: -\n",
        "a: -\nlines: -\nd: -\nmore",
        "a: -\nlines: -\nd: -\n\n",
    ],
)
def test_an_engine_that_ignores_the_grammar_is_found_out(text: str) -> None:
    with pytest.raises(AnswerOutsideGrammar) as caught:
        small(text)
    assert "one" not in caught.value.detail.split()  # the customer's words stay out of errors


@pytest.mark.parametrize(
    "value",
    ["maybe", "yes no", "yes 4 unsigned", "no 4"],
)
def test_flags_are_yes_or_no(value: str) -> None:
    with pytest.raises(AnswerOutsideGrammar):
        decode(f"signed: {value}\n", [TASK.field("signed")], LINES)


@pytest.mark.parametrize("value", ["3-", "3-99", "a", "3 - 4", "-3"])
def test_clauses_are_lines(value: str) -> None:
    with pytest.raises(AnswerOutsideGrammar):
        decode(f"law: {value}\n", [TASK.field("law")], LINES)


@pytest.mark.parametrize(
    "value",
    [
        '"a"',
        '"a" [2]',
        '"a" [1] ',
        '"a" [1]"b" [1]',
        '"" [1]',
        "a [1]",
        '"\\ud800" [1]',
        '"\\n" [1]',
        '"a" [1] ' * 3,
    ],
)
def test_prose_is_cited_sentences(value: str) -> None:
    with pytest.raises(AnswerOutsideGrammar):
        decode(f"reply: {value}\n", [TASK.field("reply")], LINES)


def test_a_label_must_be_in_the_list() -> None:
    with pytest.raises(AnswerOutsideGrammar):
        decode("document_kind: bill\n", [TASK.field("document_kind")], LINES)
