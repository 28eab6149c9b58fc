"""What the grammar allows, and what it must not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lemma.reading.grammar import build_grammar, chunks, occurrences
from lemma.reading.grammar.chunks import LONGEST, _pieces
from lemma.reading.prompt import visible_lines
from lemma.reading.schema import Field
from tests.unit.reading.engine import accepts, matcher
from tests.unit.reading.making import source
from tests.unit.reading.strategies import every_kind, line_texts
from tests.unit.reading.test_prompt import ANSWER, SOURCE

TASK = every_kind()


def one(kind: str, *texts: str, **more: object) -> str:
    """The grammar of one field `x` over these lines."""
    field = Field("x", kind, "X", **more)  # type: ignore[arg-type]  # the test's shorthand
    return build_grammar([field], source(*texts).lines)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("total:1.200,50  EUR", ["total", ":", "1.200,50", "  ", "EUR"]),
        ("EUR1.200,50-", ["EUR", "1.200,50", "-"]),
        ("2024-01-05/12.5.24", ["2024", "-", "01", "-", "05", "/", "12.5.24"]),
        ("DE89 3704", ["DE", "89", " ", "3704"]),
        ("1'200.50 ...!!", ["1'200.50", " ", "...", "!!"]),
        ("合計1,200円", ["合", "計", "1,200", "円"]),
        ("Ȧ\u0301b\u200d \u0301", ["Ȧ\u0301b\u200d", " ", "\u0301"]),
        ("👍🏽1\ufe0f\u20e3", ["👍🏽", "1\ufe0f\u20e3"]),
        ("١٢٫٥", ["١٢٫٥"]),
        ("", []),
    ],
)
def test_a_line_is_cut_at_spaces_and_between_classes(text: str, pieces: list[str]) -> None:
    assert list(chunks(text)) == pieces


@given(line_texts())
def test_pieces_are_the_line_again(text: str) -> None:
    assert "".join(chunks(text)) == text
    assert all(chunks(text))


@settings(max_examples=300)
@given(st.text(st.characters(min_codepoint=32, max_codepoint=126)))
def test_the_quick_way_cuts_ascii_like_the_slow_way(text: str) -> None:
    assert chunks(text) == _pieces(text)


@pytest.mark.parametrize("letter", ["a", "é", "7", "-", "\u0301"])
def test_a_piece_without_end_is_cut(letter: str) -> None:
    pieces = chunks("From: " + letter * 1_500)
    assert max(map(len, pieces)) == LONGEST
    assert "".join(pieces) == "From: " + letter * 1_500


def test_occurrences_are_whole_pieces() -> None:
    assert occurrences("1 21 1.1 1", "1") == [0, 9]
    assert occurrences("aXa a", "aXa") == [0]
    assert occurrences("a", "") == []


def test_it_takes_the_whole_format() -> None:
    assert accepts(build_grammar(TASK.fields, visible_lines(SOURCE)), ANSWER)


@pytest.mark.parametrize(
    "value", ["1 ", "1  a", "1 a ", "1", "1  ", "1 a  ", "2 b", "1 A", "", " 1 a", "1 a\t", "? 2", "?"]
)
def test_a_pointer_is_never_empty_padded_or_elsewhere(value: str) -> None:
    grammar = one("quote", "a  b", "", "c", pointers=2)
    assert not accepts(grammar, f"x: {value}\n")


def test_pointers_are_bounded_and_stay_in_their_lines() -> None:
    grammar = one("quote", "a b", "c", pointers=2)
    assert accepts(grammar, "x: 1 a b\t2 c\n")
    assert not accepts(grammar, "x: 1 a\t2 c\t1 b\n")
    assert not accepts(grammar, "x: 1 a b c\n")
    assert not accepts(grammar, "x: 1 a\n\n")


@pytest.mark.parametrize("kind", ["amount", "date", "number"])
def test_numbers_point_at_digits(kind: str) -> None:
    grammar = one(kind, "EUR1.200,50 x", "no digits", "١٢ ب")
    assert accepts(grammar, "x: 1 1.200,50\n")
    assert accepts(grammar, "x: 3 ١٢\n")
    assert accepts(grammar, "x: ? 2\n")
    for value in ("1 EUR", "1 200", "2 no digits", "1 x", "3 ب"):
        assert not accepts(grammar, f"x: {value}\n")


def test_without_a_digit_a_number_is_absent_or_unreadable() -> None:
    grammar = one("amount", "none here")
    assert accepts(grammar, "x: -\n")
    assert accepts(grammar, "x: ? 1\n")
    assert not accepts(grammar, "x: 1 none\n")


def test_rows_hold_their_columns_in_order_and_are_bounded() -> None:
    rows = every_kind().field("lines")
    grammar = build_grammar([rows], source("a 1 2,00").lines)
    row = "- description: 1 a\n  amount: 1 2,00\n"
    assert accepts(grammar, "lines:\n" + row * rows.max_rows)
    assert accepts(grammar, "lines: -\n")
    for text in (
        "lines:\n",
        "lines:\n" + row * (rows.max_rows + 1),
        "lines:\n  amount: 1 2,00\n",
        "lines:\n- amount: 1 2,00\n  description: 1 a\n",
        "lines:\n- amount: -\n",
        "lines:\n- amount: 1 2,00\n  amount: 1 1\n",
    ):
        assert not accepts(grammar, text)


def test_the_same_text_on_many_lines_is_built_once() -> None:
    grammar = one("quote", *["same text 1"] * 50, "other")
    assert grammar.count("%regex") == 2
    assert accepts(grammar, "x: 50 text\n")
    assert not accepts(grammar, "x: 51 text\n")


def test_nothing_to_point_at_is_an_error() -> None:
    with pytest.raises(ValueError, match="line with text"):
        one("quote", "", "")
    with pytest.raises(ValueError, match="a field"):
        build_grammar([], source("a").lines)


def test_a_long_document_builds_under_the_engine_limits() -> None:
    words = "Beratung vor Ort  12,00  Überweisung  ABC-123  1.200,50"
    texts = [f"{number}  {words}" for number in range(800)]
    matcher(build_grammar(TASK.fields, source(*texts).lines))
