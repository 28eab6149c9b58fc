"""Passages are found by their words, whatever the language, and none is found where none fits."""

import pytest

from lemma.reading.passages import Passage
from lemma.retrieval import Retriever
from lemma.retrieval.words import words

PAGES = [
    Passage("returns", "Returns", ("You may return an item within 30 days.",)),
    Passage("delivery", "Delivery", ("Parcels take three working days.", "We deliver on Saturdays.")),
    Passage("rueck", "Rücksendungen", ("Ein Artikel kann innerhalb von 30 Tagen zurückgesendet werden.",)),
    Passage("empty", "Returned parcels", ()),
    Passage("jp", "返品", ("商品は三十日以内に返品できます。",)),
]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Can I send this back? I would like to return it", "returns"),
        ("returned items", "returns"),
        ("When are parcels delivered?", "delivery"),
        ("Wie lange habe ich für eine Rücksendung?", "rueck"),
        ("返品したい", "jp"),
    ],
)
def test_the_best_passage_comes_first(text: str, first: str) -> None:
    (found,) = Retriever(PAGES)([text], 2)
    assert found[0].id == first


def test_nothing_is_found_without_a_word_in_common_or_without_passages() -> None:
    assert Retriever(PAGES)(["xylophone", "", "What are we to do with it?"], 3) == [(), (), ()]
    assert Retriever([])(["return"], 3) == [()]
    assert Retriever(PAGES)([], 3) == []


def test_equal_passages_keep_their_order_and_the_number_is_kept_to() -> None:
    same = [Passage(str(n), "Same", ("The very same words.",)) for n in range(5)]
    (found,) = Retriever(same)(["same words"], 3)
    assert [passage.id for passage in found] == ["0", "1", "2"]


def test_words_are_folded_and_cut() -> None:
    assert words("RÜCKSENDUNGEN, Straße a 42 x-ray") == ["ruckse", "strass", "42", "ray"]
