"""Every line is shown, in windows that fit, and neighbours overlap."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from lemma.reading.prompt import numbered
from lemma.reading.source import Line
from lemma.reading.windows import MAX_CHARACTERS, OVERLAP_LINES, Window, split


def lines(*texts: str) -> list[Line]:
    return [Line(at + 1, 1, text) for at, text in enumerate(texts)]


def shown(windows: list[Window], line_id: int) -> list[str]:
    return [line.text for window in windows for line in window if line.id == line_id]


def covers(slices: list[str], text: str) -> bool:
    """Whether slices in order, each overlapping the one before or following it, are the whole text."""
    end = 0
    for part in slices:
        at = text.rfind(part, 0, end + 1 + len(part) + 8)
        if at < 0 or text[end:at].strip(" "):
            return False
        end = max(end, at + len(part))
    return end == len(text)


def test_a_short_source_is_one_window() -> None:
    given = lines("a", "", "b")
    assert split(given, 1000, len) == [(given[0], given[2])]
    assert split(lines("", ""), 1000, len) == []


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text("ab é日", max_size=60).map(str.strip), max_size=60), st.integers(64, 400))
def test_windows_fit_cover_and_overlap(texts: list[str], budget: int) -> None:
    given = lines(*texts)
    windows = split(given, budget, len)
    for window in windows:
        assert len(numbered(window)) <= budget or len(window) == 1
        assert len({line.id for line in window}) == len(window)
    for line in given:
        if line.text:
            assert covers(shown(windows, line.id), line.text)
    for left, right in pairwise(windows):
        assert right[0].id <= left[-1].id + 1 or all(
            not line.text for line in given[left[-1].id : right[0].id - 1]
        )
        assert right[-1].id >= left[-1].id
        assert sum(line.id <= left[-1].id for line in right) <= OVERLAP_LINES


def test_neighbours_overlap_by_whole_lines() -> None:
    windows = split(lines(*["x" * 20] * 100), 1000, len)
    assert len(windows) > 2
    for left, right in pairwise(windows):
        assert left[-OVERLAP_LINES:] == right[:OVERLAP_LINES]


def test_a_line_that_is_too_long_is_shown_in_slices() -> None:
    text = " ".join(f"word{number}" for number in range(2000))
    windows = split(lines("before", text, "after"), 3000, len)
    slices = shown(windows, 2)
    assert len(slices) > 3
    assert covers(slices, text)
    assert all(part.split()[0] == f"word{part.split()[0][4:]}" for part in slices)  # cut at gaps alone
    assert all(len(numbered(window)) <= 3000 for window in windows)


def test_a_word_without_an_end_is_cut_between_code_points() -> None:
    windows = split(lines("é" * 9000), 3000, len)
    assert sum(map(len, shown(windows, 1))) >= 9000


def test_no_window_is_too_large_for_a_grammar() -> None:
    windows = split(lines(*["some words of a line"] * 10_000), 10**9, len)
    assert all(sum(len(line.text) for line in window) <= MAX_CHARACTERS for window in windows)


def test_long_paragraphs_are_packed_and_overlap_by_no_more_than_a_fifth() -> None:
    """A contract of one line a paragraph: few windows, and little of it read twice."""
    given = lines(*["word " * 60 + "end"] * 60)
    windows = split(given, 2_000, len)
    assert len(windows) <= 60 * 310 / 2_000 * 1.4
    for left, right in pairwise(windows):
        assert sum(line.id <= left[-1].id for line in right) == 1
