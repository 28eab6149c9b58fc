"""Material is read from a folder, and what is wrong in it is named with file and line."""

from pathlib import Path

import pytest

from lemma.reading.material import (
    NO_MATERIAL,
    MaterialError,
    check_examples,
    load_material,
    over,
    parse_material,
    with_lists,
)
from tests.unit.reading.making import task

TASK = task("""
    [[field]]
    name = "topics"
    kind = "choice"
    several = true
    list = "topics"
    options = ["one", "two"]

    [[field]]
    name = "rows"
    kind = "rows"
    [[field.column]]
    name = "account"
    kind = "choice"
    list = "chart"
    options = ["x"]
""")
LISTS = """
[lists]
topics = ["Delivery", { name = "refund", label = "Refund", about = "Money back.", words = ["money back"] }]
"""


def folder(path: Path) -> Path:
    (path / "passages").mkdir()
    (path / "material.toml").write_text(LISTS)
    (path / "passages" / "b.md").write_text("# B\nSecond.")
    (path / "passages" / "a.txt").write_text("First.")
    (path / "passages" / "notes.pdf").write_bytes(b"%PDF")
    (path / "examples.jsonl").write_text('{"text": "late", "values": {"topics": ["Delivery"]}}\n\n')
    return path


def test_a_folder_holds_lists_passages_and_examples(tmp_path: Path) -> None:
    material = load_material(folder(tmp_path))
    assert [option.name for option in material.lists["topics"]] == ["Delivery", "refund"]
    assert material.lists["topics"][1].about == "Money back."
    assert [passage.id for passage in material.passages] == ["a.txt#1", "b.md#1"]
    assert material.examples[0].values == {"topics": ["Delivery"]}
    assert material.playbook is None
    assert load_material(tmp_path / "material.toml").lists == material.lists


def test_lists_take_the_place_of_a_tasks_own_labels(tmp_path: Path) -> None:
    asked = with_lists(TASK, load_material(folder(tmp_path)))
    assert [option.name for option in asked.field("topics").options] == ["Delivery", "refund"]
    assert [option.name for option in asked.field("rows.account").options] == ["x"]
    assert with_lists(TASK, NO_MATERIAL) == TASK


def test_what_a_customer_brings_stands_in_front(tmp_path: Path) -> None:
    ours = load_material(folder(tmp_path))
    theirs = parse_material("[lists]\nchart = ['Rent']", name="material.toml")
    both = over(ours, theirs)
    assert set(both.lists) == {"topics", "chart"}
    assert both.passages == ours.passages
    assert over(ours, parse_material("Mine.", name="c.txt")).passages[0].id == "c.txt#1"


def test_examples_are_held_to_the_task(tmp_path: Path) -> None:
    material = load_material(folder(tmp_path))
    assert check_examples(with_lists(TASK, material), material) == ()
    assert check_examples(TASK, material) == ("Example 1: topics has no label 'Delivery'.",)
    other = parse_material('{"text": "x", "values": {"nothing": "1"}}', name="examples.jsonl")
    assert check_examples(TASK, other) == ("Example 1: there is no field 'nothing'.",)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("material.toml", "[lists]\ntopics = []", "2: lists.topics: must be a list of labels"),
        ("material.toml", "[lists]\nA = ['x']", "2: lists.A: must be lower-case letters"),
        ("material.toml", "lists = 3", "1: lists: must be a table"),
        ("material.toml", "other = 1", "1: material.other: is not known here; known are lists"),
        ("material.toml", "[lists]\na = ['x', 'x']", "2: lists.a: 'x' is listed twice"),
        ("material.toml", "[lists]\na = ['-']", "2: lists.a[0]: '-' cannot be a label"),
        ("material.toml", "[lists", "1: toml:"),
        ("examples.jsonl", '{"text": "x"}', '1: example: must be {"text"'),
        ("examples.jsonl", '\n{"text": " ", "values": {}}', "2: example: text must be"),
        ("examples.jsonl", '{"text": "x", "values": {"a": 3}}', "1: example: values must map"),
        ("examples.jsonl", "{", "1: example: "),
        ("notes.pdf", "", "1: file: must be .toml, .jsonl, .md or .txt"),
    ],
)
def test_what_is_wrong_is_named(name: str, text: str, said: str) -> None:
    with pytest.raises(MaterialError) as caught:
        parse_material(text, name=name)
    assert f"{name}:{said}" in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(MaterialError, match="cannot be read"):
        load_material(tmp_path / "material.toml")
