"""Words with boxes become lines: order, gaps, columns, directions."""

import random
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from lemma.ingest.lines import MAX_GAP, PlacedWord, make_lines
from lemma.reading.source import Box

WIDTH, HEIGHT = 600.0, 800.0


def placed(
    rows: Sequence[Sequence[tuple[float, str]]], *, pitch: float = 14.0, letter: float = 5.0
) -> list[PlacedWord]:
    """Words of rows, each run of words from an x; shuffled, since files hold them in any order."""
    words = []
    for number, row in enumerate(rows):
        top = 20 + number * pitch
        for start, text in row:
            x = start
            for word in text.split():
                box = Box(x / WIDTH, top / HEIGHT, (x + letter * len(word)) / WIDTH, (top + 10) / HEIGHT)
                words.append(PlacedWord(word, box))
                x += letter * len(word) + letter / 2
    random.Random(7).shuffle(words)
    return words


def texts(words: Sequence[PlacedWord], **more: float) -> list[str]:
    return [line.text for line in make_lines(words, page=1, first_id=1, width=WIDTH, height=HEIGHT, **more)]


def test_a_gap_between_columns_is_wide_and_capped() -> None:
    rows = [[(20, "Pos"), (60, "Beratung vor Ort"), (500, "270,00")]]
    assert texts(placed(rows)) == ["Pos     Beratung vor Ort        270,00"]


def test_a_small_gap_between_columns_is_in_proportion() -> None:
    near, far = texts(placed([[(20, "ab"), (40, "cd")]])), texts(placed([[(20, "ab"), (55, "cd")]]))
    assert near == ["ab  cd"]
    assert far == ["ab     cd"]


def test_prose_in_two_columns_is_read_column_by_column() -> None:
    prose = "the quick brown fox jumps over it"
    rows = [[(20, f"left{i} {prose}"), (320, f"right{i} {prose}")] for i in range(8)]
    lines = texts(placed([[(20, "A title that runs across both of the columns below it")], *rows]))
    assert [line.split()[0] for line in lines[1:]] == [f"left{i}" for i in range(8)] + [
        f"right{i}" for i in range(8)
    ]


def test_three_columns_of_prose() -> None:
    prose = "some words of running text"
    rows = [[(x, f"{name}{i} {prose}") for x, name in ((10, "a"), (210, "b"), (410, "c"))] for i in range(9)]
    lines = texts(placed(rows))
    assert [line.split()[0] for line in lines] == [f"{n}{i}" for n in "abc" for i in range(9)]


def test_tables_and_address_blocks_stay_side_by_side() -> None:
    blocks = [[(20, "Muster GmbH"), (320, "Kunde AG")], [(20, "Weg 1"), (320, "Platz 2")]] * 4
    assert texts(placed(blocks))[:2] == ["Muster GmbH        Kunde AG", "Weg 1        Platz 2"]
    table = [
        [(20, f"Artikel mit langem Namen {i}"), (300, "3"), (400, "19,90"), (500, "59,70")] for i in range(9)
    ]
    assert all(line.endswith("59,70") for line in texts(placed(table)))


def test_right_to_left_lines_are_in_logical_order() -> None:
    rows = [[(100, "שלום"), (160, "עולם"), (220, "ABC 42"), (300, "תודה")]]
    assert texts(placed(rows))[0].split() == ["תודה", "ABC", "42", "עולם", "שלום"]


def test_a_right_to_left_name_in_a_left_to_right_line() -> None:
    rows = [[(20, "Customer name is"), (110, "כהן"), (130, "דוד"), (160, "since 2020")]]
    assert texts(placed(rows))[0].split() == ["Customer", "name", "is", "דוד", "כהן", "since", "2020"]


def test_chinese_words_are_joined_without_spaces() -> None:
    words = [
        PlacedWord(c, Box(0.1 + 0.02 * i, 0.1, 0.12 + 0.02 * i, 0.115))
        for i, c in enumerate("发票号码2026年")
    ]
    assert texts(words)[0].replace(" ", "") == "发票号码2026年"
    assert texts(words)[0].startswith("发票号码")


def test_a_skewed_page_keeps_its_rows() -> None:
    rows = [[(20, f"row{i}"), (250, "middle"), (520, f"end{i}")] for i in range(10)]
    slope = 0.03
    tilted = [
        PlacedWord(
            w.text,
            Box(
                w.box.x0,
                w.box.y0 + slope * w.box.x0 * WIDTH / HEIGHT,
                w.box.x1,
                w.box.y1 + slope * w.box.x0 * WIDTH / HEIGHT,
            ),
        )
        for w in placed(rows)
    ]
    assert [line.split()[0::2] for line in texts(tilted, skew=slope)] == [
        [f"row{i}", f"end{i}"] for i in range(10)
    ]


def test_leader_dots_are_a_gap() -> None:
    assert texts(placed([[(20, "Chapter . . . . . . . . . 12")]])) == ["Chapter        12"]
    assert texts(placed([[(20, "Wait . . . what")]])) == ["Wait . . . what"]


def test_margin_notes_on_their_side_come_last() -> None:
    words = placed([[(40, "first line of text")], [(40, "second line of text")]])
    words.insert(0, PlacedWord("Formular", Box(0.01, 0.3, 0.02, 0.5)))
    assert texts(words)[-1] == "Formular"


def test_a_tall_amount_joins_its_row() -> None:
    words = placed([[(20, "Amount due")], [(20, "Thank you")]])
    words.append(PlacedWord("270,00", Box(300 / WIDTH, 14 / HEIGHT, 400 / WIDTH, 36 / HEIGHT)))
    assert [line.split()[-1] for line in texts(words)] == ["270,00", "you"]


coordinate = st.floats(0, 1, allow_nan=False, width=32)
boxes = st.tuples(coordinate, coordinate, coordinate, coordinate).map(
    lambda c: Box(min(c[0], c[2]), min(c[1], c[3]), max(c[0], c[2]), max(c[1], c[3]))
)
words = st.builds(PlacedWord, st.text(max_size=8), boxes, st.none() | st.floats(0, 1))


@given(st.lists(words, max_size=40), st.floats(0, 5000), st.floats(0, 5000))
def test_any_words_give_sound_lines(some: list[PlacedWord], width: float, height: float) -> None:
    lines = make_lines(some, page=3, first_id=5, width=width, height=height)
    assert [line.id for line in lines] == list(range(5, 5 + len(lines)))
    for line in lines:
        assert line.text == line.text.strip(" ")
        assert line.text
        assert line.text.isprintable() or all(c == " " or not c.isspace() for c in line.text)
        assert " " * (MAX_GAP + 1) not in line.text
        assert all(line.text[w.start : w.end].strip() for w in line.words)
        assert [w.start for w in line.words] == sorted(w.start for w in line.words)
