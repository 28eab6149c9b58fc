"""Passages of hostile text: cut in a time that grows with its length, and not with its square.

A quadratic pattern takes minutes for each of these; the bound is generous, since machines are busy.
"""

import time

import pytest

from lemma.reading.material import MaterialError, parse_material
from lemma.reading.passages import passages_of

LENGTH = 300_000


@pytest.mark.parametrize(
    "unit",
    ["[", "A. ", "e.g. E", "x\n", "# ", "|", "- a\n", "!", '."', "](", "**", "a. \u00a0", "1) "],
    ids=repr,
)
def test_repetition_is_cut_in_time(unit: str) -> None:
    began = time.process_time()
    passages_of("x.md", unit * (LENGTH // len(unit)))
    assert time.process_time() - began < 20


@pytest.mark.parametrize("text", ["a." + " " * LENGTH + ",", "# a" + " " * LENGTH + "b", "." * LENGTH])
def test_gaps_are_cut_in_time(text: str) -> None:
    began = time.process_time()
    passages_of("x.md", text)
    assert time.process_time() - began < 20


def test_a_playbook_nested_without_end_is_refused() -> None:
    with pytest.raises(MaterialError, match="nested too deep"):
        parse_material("a = " + "[" * 100_000, name="playbook.toml")
