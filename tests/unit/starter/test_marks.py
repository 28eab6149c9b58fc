"""That every token of a lesson is marked as what it is. The tokenizer is the committed one."""

from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer

from starter.lessons import LESSONS
from starter.marks import ABSENT_AT, NOWHERE, Marked, mark, tag
from starter.texts import WEIGHTS, invent


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer.from_file(str(Path(WEIGHTS) / "tokenizer.json"))


def marked(name: str, tokenizer: Tokenizer, count: int = 10) -> list[Marked]:
    return [mark(lesson, tokenizer) for lesson in invent(name, count, seed=11)]


@pytest.mark.parametrize("name", sorted(LESSONS))
def test_marks_are_as_long_as_the_text_and_look_back_only(name: str, tokenizer: Tokenizer) -> None:
    for page in marked(name, tokenizer, 4):
        assert len(page.ids) == len(page.tags) == len(page.points) == len(page.lines)
        looking = np.flatnonzero(page.points != NOWHERE)
        assert (page.points[looking] <= looking).all()
        assert (page.points[looking] < page.answer).all()
        assert (looking >= page.answer - 1).all()


def test_what_is_copied_is_looked_at(tokenizer: Tokenizer) -> None:
    same = looked = 0
    for page in marked("invoices.short", tokenizer, 20):
        for at in np.flatnonzero((page.points != NOWHERE) & (page.points != ABSENT_AT)):
            said, seen = (tokenizer.decode([int(page.ids[n])]) for n in (at + 1, page.points[at]))
            same += said.strip() == seen.strip()
            looked += 1
    assert same > 0.6 * looked


def test_values_carry_the_name_of_their_field(tokenizer: Tokenizer) -> None:
    first = tag("invoices.total", first=True)
    shown = [page for page in marked("invoices.whole", tokenizer, 12) if (page.tags == first).any()]
    assert len(shown) > 6
    for page in shown:
        at = int(np.flatnonzero(page.tags == first)[0])
        assert page.lines[at] > 0
        assert any(c.isdigit() for c in tokenizer.decode(page.ids[at : at + 4].tolist()))
