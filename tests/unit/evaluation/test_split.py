"""The split never changes: what was trained on yesterday is not tested on today."""

from lemma.evaluation.split import group_of, part_of, part_of_record


def test_parts_are_fixed() -> None:
    testing = [number for number in range(12) if part_of("receipts", f"shop {number}") == "test"]
    assert testing == [2, 7]


def test_three_tenths_are_for_testing_and_sets_differ() -> None:
    groups = [f"group {number}" for number in range(3000)]
    one = [part_of("one", group) for group in groups]
    assert 0.27 < one.count("test") / len(groups) < 0.33
    assert one != [part_of("other", group) for group in groups]


def test_whole_groups_fall_on_one_side() -> None:
    named = {"meta": {"group": "ACME"}, "text": "one"}
    assert group_of(named) == group_of({"meta": {"group": "ACME"}, "text": "two"}) == "ACME"
    assert group_of({"meta": {"merchant_group": "shop"}}) == "shop"
    seller = {"expected": {"seller": {"name": "Müller & Söhne"}}, "input_file": "a.pdf"}
    assert group_of(seller) == group_of({**seller, "input_file": "b.pdf"})


def test_records_without_a_group_go_by_their_words() -> None:
    assert group_of({"text": "Where is  my card?"}) == group_of({"text": "where is my card?", "id": "9"})
    assert part_of_record("x", {"text": "a"}) == part_of("x", group_of({"text": "a"}))
