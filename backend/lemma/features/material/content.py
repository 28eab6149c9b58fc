"""Material as JSON without loss, and the hash that names a version of it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lemma.reading.material import PLAYBOOK, Labelled, Material, parse_material
from lemma.reading.passages import Passage
from lemma.reading.schema import Option


@dataclass(frozen=True, slots=True)
class Stock:
    """Material with the playbook as it was written, since that is what people read and hashes name."""

    material: Material
    playbook: str | None = None


def content_of(stock: Stock) -> dict[str, Any]:
    """All of it as JSON."""
    material = stock.material
    return {
        "lists": {
            name: [label_json(option) for option in options] for name, options in material.lists.items()
        },
        "passages": [passage_json(passage) for passage in material.passages],
        "playbook": stock.playbook,
        "examples": [example_json(example) for example in material.examples],
    }


def stock_from(content: Mapping[str, Any]) -> Stock:
    """The inverse of `content_of`."""
    playbook = content["playbook"]
    return Stock(
        Material(
            lists={name: labels_from(labels) for name, labels in content["lists"].items()},
            passages=tuple(passage_from(each) for each in content["passages"]),
            playbook=None if playbook is None else parse_material(playbook, name=PLAYBOOK).playbook,
            examples=tuple(Labelled(each["text"], each["values"]) for each in content["examples"]),
        ),
        playbook,
    )


def version_of(content: Mapping[str, Any]) -> str:
    """The name of this content: SHA-256 over its JSON with sorted keys, in hexadecimal."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def label_json(option: Option) -> dict[str, Any]:
    return {
        "name": option.name,
        "label": option.label,
        "about": option.about,
        "words": list(option.words),
        "codes": list(option.codes),
    }


def labels_from(labels: list[dict[str, Any]]) -> tuple[Option, ...]:
    return tuple(
        Option(
            name=each["name"],
            label=each["label"],
            about=each["about"],
            words=tuple(each["words"]),
            codes=tuple(each["codes"]),
        )
        for each in labels
    )


def passage_json(passage: Passage) -> dict[str, Any]:
    return {"id": passage.id, "title": passage.title, "lines": list(passage.lines)}


def passage_from(data: Mapping[str, Any]) -> Passage:
    return Passage(data["id"], data["title"], tuple(data["lines"]))


def example_json(example: Labelled) -> dict[str, Any]:
    return {"text": example.text, "values": dict(example.values)}
