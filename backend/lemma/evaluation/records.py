"""Labelled sets on disk: a folder with `data.jsonl`, one record a line, and the files that they name.

A record has `id`, `lang`, `text` and/or `input_file` (or a `question` on documents), and `expected`: what a
person says of it, in the set's own terms. Nothing here knows tasks.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from lemma.core.errors import InvalidInput
from lemma.evaluation.split import Part, group_of, part_of

DATA = "data.jsonl"


class SetUnreadable(InvalidInput):
    """A folder is no labelled set that can be read."""

    code = "labelled_set_unreadable"
    title = "The labelled set cannot be read"


@dataclass(frozen=True, slots=True)
class Record:
    """One labelled document or message. `raw` is the whole line of `data.jsonl`."""

    dataset: str
    id: str
    lang: str
    text: str | None
    file: Path | None
    expected: Mapping[str, Any]
    raw: Mapping[str, Any]

    @property
    def meta(self) -> Mapping[str, Any]:
        return self.raw.get("meta") or {}

    @property
    def evidence(self) -> Mapping[str, Sequence[str]]:
        return self.raw.get("evidence") or {}

    @property
    def group(self) -> str:
        return group_of(self.raw)

    @property
    def part(self) -> Part:
        return part_of(self.dataset, self.group)


@dataclass(frozen=True, eq=False)
class LabelledSet:
    """A folder's records, in the order of its file. `name` is the folder's, without a holdout's suffix.

    Compared by identity, so that what is worked out from all its records can be kept.
    """

    name: str
    folder: Path
    records: tuple[Record, ...] = field(repr=False)

    @cached_property
    def shares(self) -> Mapping[str, float]:
        """How many of the records label each path (`seller.name`, `lines`): a set's habits."""
        counts: dict[str, int] = {}
        for record in self.records:
            for path in _paths(record.expected):
                counts[path] = counts.get(path, 0) + 1
        return {path: count / len(self.records) for path, count in counts.items()}

    @lru_cache(maxsize=4)  # noqa: B019  (a handful of sets a process)
    def labels(self, path: str) -> tuple[str, ...]:
        """All labels at a path of a record, in alphabetical order."""
        seen: set[str] = set()
        for record in self.records:
            value = record.expected.get(path)
            seen.update(str(each) for each in (value if isinstance(value, list) else [value]) if each)
        return tuple(sorted(seen))

    def sibling(self, name: str) -> Path:
        """A further file of the set, such as its labels."""
        return self.folder / name


def load_set(folder: Path) -> LabelledSet:
    """Reads a folder. Raises SetUnreadable with the line that is wrong."""
    path = folder / DATA
    if not path.is_file():
        raise SetUnreadable(f"{folder} holds no {DATA}. Name a folder of labelled records with --data.")
    name = _set_name(folder)
    records: list[Record] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            records.append(_record(name, folder, json.loads(line)))
        except (ValueError, KeyError, TypeError) as error:
            raise SetUnreadable(
                f"{path}, line {number}: {error!r}. "
                "A record has `id`, `expected`, and `text` or `input_file`."
            ) from error
    if not records:
        raise SetUnreadable(f"{path} holds no record.")
    return LabelledSet(name, folder, tuple(records))


def sampled(records: Sequence[Record], most: int | None) -> list[Record]:
    """At most so many records: always the same ones, and of all kinds, for sets are often sorted by label."""
    if most is None or len(records) <= most:
        return list(records)
    return sorted(records, key=lambda each: hashlib.sha256(each.id.encode()).hexdigest())[:most]


def _set_name(folder: Path) -> str:
    """`.../receipts_sroie` and `.../receipts_sroie/holdout` are the same set."""
    resolved = folder.resolve()
    return resolved.parent.name if resolved.name in {"dev", "holdout", "train", "test"} else resolved.name


def _record(dataset: str, folder: Path, raw: Mapping[str, Any]) -> Record:
    expected = raw["expected"]
    if not isinstance(expected, Mapping):
        raise TypeError("expected must be an object")
    file = folder / str(raw["input_file"]) if raw.get("input_file") else None
    return Record(
        dataset=dataset,
        id=str(raw["id"]),
        lang=str(raw.get("lang") or ""),
        text=raw.get("text"),
        file=file if file is not None and file.is_file() else None,
        expected=expected,
        raw=raw,
    )


def _paths(expected: Mapping[str, Any], before: str = "") -> list[str]:
    found: list[str] = []
    for key, value in expected.items():
        path = f"{before}{key}"
        found.append(path)
        if isinstance(value, Mapping):
            found += _paths(value, f"{path}.")
    return found
