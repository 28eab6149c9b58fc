"""Material: what a customer brings to a task. Its own lists, passages, playbook, and examples.

A folder, as a person keeps it; every part may be left out:

    material.toml      [lists]
                       topics = ["delivery", { name = "refund", label = "Refund", words = ["money back"] }]
    passages/*.md|txt  help pages, policies, manuals: cut into passages at headings and paragraphs
    playbook.toml      positions on clauses (see `lemma.reading.playbook`)
    examples.jsonl     {"text": "...", "values": {"topics": ["refund"], "urgency": "low"}}

`with_lists(task, material)` puts the customer's lists into a task. The `Reader` takes material and does
that itself; whoever shows a task to a person, or trains on it, calls it first.
"""

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from lemma.reading.passages import Passage, passages_of
from lemma.reading.playbook import Playbook, read_playbook
from lemma.reading.schema.model import Field, Option, SchemaError, SchemaIssue, Task
from lemma.reading.schema.positions import positions
from lemma.reading.schema.tables import NAME, Tables

LISTS = "material.toml"
PASSAGES = "passages"
PLAYBOOK = "playbook.toml"
EXAMPLES = "examples.jsonl"


class MaterialError(SchemaError):
    """Material cannot be used; every issue names its file, line and place."""

    code = "material_invalid"
    title = "The material is not valid"


@dataclass(frozen=True, slots=True)
class Labelled:
    """A document or a unit of one, as text, with right values by path in JSON form.

    A choice that takes several labels has the list of their names.
    """

    text: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Material:
    """What a customer brings to a task; empty where nothing is given."""

    lists: Mapping[str, tuple[Option, ...]] = field(default_factory=dict)
    passages: tuple[Passage, ...] = ()
    playbook: Playbook | None = None
    examples: tuple[Labelled, ...] = ()


NO_MATERIAL = Material()


def with_lists(task: Task, material: Material) -> Task:
    """The task with the customer's own labels in every choice that names one of the material's lists."""
    return replace(task, fields=tuple(_with_list(each, material.lists) for each in task.fields))


def _with_list(asked: Field, lists: Mapping[str, tuple[Option, ...]]) -> Field:
    columns = tuple(_with_list(column, lists) for column in asked.columns)
    return replace(asked, options=lists.get(asked.list_name) or asked.options, columns=columns)


def over(ours: Material, theirs: Material) -> Material:
    """A customer's material in front of a task's own: each part that the customer brings counts alone."""
    return Material(
        lists={**ours.lists, **theirs.lists},
        passages=theirs.passages or ours.passages,
        playbook=ours.playbook if theirs.playbook is None else theirs.playbook,
        examples=theirs.examples or ours.examples,
    )


# Files ---------------------------------------------------------------------------------------------


def load_material(path: Path) -> Material:
    """The material of a folder, or of one file of a kind that a folder may hold.

    Raises MaterialError with every issue of the first file that has any.
    """
    if path.is_dir():
        parts = [path / LISTS, path / PLAYBOOK, path / EXAMPLES]
        found = [_load_file(part) for part in parts if part.exists()]
        pages = [p for p in sorted((path / PASSAGES).glob("**/*")) if p.suffix in {".md", ".txt"}]
        found += [_load_file(page, str(page.relative_to(path / PASSAGES))) for page in pages]
    else:
        found = [_load_file(path)]
    return Material(
        lists={name: options for part in found for name, options in part.lists.items()},
        passages=tuple(passage for part in found for passage in part.passages),
        playbook=next((part.playbook for part in found if part.playbook is not None), None),
        examples=tuple(example for part in found for example in part.examples),
    )


def _load_file(path: Path, name: str | None = None) -> Material:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise _one(str(path), 1, "file", f"cannot be read: {error}") from error
    return parse_material(text, name=name or path.name, file=str(path))


def parse_material(text: str, *, name: str, file: str | None = None) -> Material:
    """What one file holds, by its name: lists, a playbook, examples, or pages to make passages of.

    Raises MaterialError, which names `file`.
    """
    file = file or name
    if name.endswith((".md", ".txt")):
        return Material(passages=passages_of(name, text))
    if name.endswith(".jsonl"):
        return Material(examples=_examples(text, file))
    if not name.endswith(".toml"):
        raise _one(file, 1, "file", "must be .toml, .jsonl, .md or .txt")
    data = _toml(text, file)
    if name == PLAYBOOK:
        return Material(playbook=_playbook(data, text, file))
    return Material(lists=_lists(data, text, file))


def _one(file: str, line: int, place: str, message: str) -> MaterialError:
    return MaterialError(file, (SchemaIssue(line, place, message),))


def _toml(text: str, file: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise _one(file, 1, "toml", "is nested too deep") from error
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        number = int(line.group(1)) if line else text.count("\n") + 1
        raise _one(file, number, "toml", str(error)) from error


def _playbook(data: dict[str, Any], text: str, file: str) -> Playbook:
    playbook, issues = read_playbook(data, text)
    if issues:
        raise MaterialError(file, issues)
    return playbook


def _lists(data: dict[str, Any], text: str, file: str) -> dict[str, tuple[Option, ...]]:
    tables = Tables(positions(text))
    tables.unknown(data, {"lists"}, (), "material")
    lists: dict[str, tuple[Option, ...]] = {}
    given = data.get("lists", {})
    if not isinstance(given, dict):
        tables.issue(("lists",), "must be a table: [lists]")
        given = {}
    for name, labels in given.items():
        place = ("lists", name)
        if not NAME.fullmatch(name):
            tables.issue(place, "must be lower-case letters, digits and _, and begin with a letter")
        if isinstance(labels, list) and labels:
            lists[name] = tables.labels(labels, place, f"lists.{name}")
        else:
            tables.issue(place, "must be a list of labels or of { name, label, about, words }")
    if tables.issues:
        raise MaterialError(file, tuple(sorted(tables.issues, key=lambda issue: issue.line)))
    return lists


def _examples(text: str, file: str) -> tuple[Labelled, ...]:
    examples: list[Labelled] = []
    issues: list[SchemaIssue] = []
    for number, row in enumerate(text.splitlines(), start=1):
        if not row.strip():
            continue
        try:
            examples.append(_example(json.loads(row)))
        except (ValueError, RecursionError) as error:
            issues.append(SchemaIssue(number, "example", str(error)))
    if issues:
        raise MaterialError(file, tuple(issues))
    return tuple(examples)


def _example(data: Any) -> Labelled:
    if not isinstance(data, dict) or data.keys() != {"text", "values"}:
        raise ValueError('must be {"text": "...", "values": {...}}')
    words, values = data["text"], data["values"]
    if not isinstance(words, str) or not words.strip():
        raise ValueError("text must be a text that is not empty")
    if not isinstance(values, dict) or not all(map(_is_value, values.values())):
        raise ValueError("values must map fields to a text, true, false, null, or a list of labels")
    return Labelled(words, MappingProxyType(values))


def _is_value(value: Any) -> bool:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return all(isinstance(item, str) for item in value)
    return value is None or isinstance(value, str | bool)


def check_examples(task: Task, material: Material) -> tuple[str, ...]:
    """What is wrong with the examples for this task, as sentences: fields and labels that it does not have.

    `task` has the material's lists already.
    """
    wrong: list[str] = []
    known = dict(task.all_fields())
    for number, example in enumerate(material.examples, start=1):
        for path, value in example.values.items():
            asked = known.get(path)
            if asked is None:
                wrong.append(f"Example {number}: there is no field {path!r}.")
            elif asked.kind == "choice":
                labels = value if isinstance(value, list) else [value]
                wrong += [
                    f"Example {number}: {path} has no label {label!r}."
                    for label in labels
                    if label is not None and asked.option(str(label)) is None
                ]
    return tuple(wrong)
