"""Customers' pages become passages of sentences, and pages at the end of a source."""

from hypothesis import given
from hypothesis import strategies as st

from lemma.reading.passages import (
    MAX_LINES,
    Passage,
    passage_pages,
    passages_of,
    sentences,
    with_passages,
    without_passages,
)
from tests.unit.reading.making import source

PAGE = """
Welcome to our help.

# Returns
## How long
You have **30 days**. The day of
delivery does not count, e.g. a Monday.

- Keep the box.
- Print the [label](https://example.com/label).

## Costs
| Country | Price |
|---------|-------|
| Spain   | 4.90  |
"""


def test_a_page_is_cut_at_headings_and_into_sentences() -> None:
    found = passages_of("returns-page.md", PAGE)
    assert [(passage.id, passage.title) for passage in found] == [
        ("returns-page.md#1", "returns page"),
        ("returns-page.md#2", "Returns › How long"),
        ("returns-page.md#3", "Returns › Costs"),
    ]
    assert found[1].lines == (
        "You have 30 days.",
        "The day of delivery does not count, e.g. a Monday.",
        "Keep the box.",
        "Print the label.",
    )
    assert found[2].lines == ("Country  Price", "Spain  4.90")


def test_sentences_of_several_languages() -> None:
    assert sentences("Das gilt z.B. am 3. Mai. Danach nicht!") == [
        "Das gilt z.B. am 3. Mai.",
        "Danach nicht!",
    ]
    assert sentences("M. Blanc répond. « Oui » ? Élise aussi.") == [
        "M. Blanc répond.",
        "« Oui » ?",
        "Élise aussi.",
    ]
    assert sentences("Escriba a Sr. Gil. ¿Cuándo? Hoy.") == ["Escriba a Sr. Gil.", "¿Cuándo?", "Hoy."]
    assert sentences("三十日以内です。送料は無料。") == ["三十日以内です。", "送料は無料。"]


@given(st.text(max_size=400))
def test_any_text_becomes_lines_that_a_source_can_hold(text: str) -> None:
    for passage in passages_of("any.txt", text):
        assert 1 <= len(passage.lines) <= MAX_LINES
        for line in passage.lines:
            assert line
            assert line == line.strip(" ")
            assert not any(character < " " or character == "\x7f" for character in line)


def test_no_word_is_lost() -> None:
    text = "One two. It costs 548812. Then AES-256. After - that. " * 40
    lines = [line for passage in passages_of("long.txt", text) for line in passage.lines]
    assert " ".join(lines).split() == text.split()


def test_passages_are_pages_whose_lines_go_on_counting() -> None:
    one, two = Passage("a", "First", ("A.", "B.")), Passage("b", "Second", ("C.",))
    document = source("x", "y", xml=["<z/>"])
    whole = with_passages(document, [one, two, one])
    assert [(line.id, line.page, line.text) for line in whole.lines[3:]] == [
        (4, 3, "A."),
        (5, 3, "B."),
        (6, 4, "C."),
    ]
    assert passage_pages(whole) == {3: "First", 4: "Second"}
    assert without_passages(whole) == document
    assert with_passages(document, []) == document
