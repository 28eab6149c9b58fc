"""Transcripts of meetings of which people have marked the actions, decisions and open problems."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

from lemma.reading.pointers import Clause, OneSaid, Pointer, Pointers, Rows, Said
from lemma.reading.source import Source
from starter.extra.messages_contracts import windows
from starter.lesson import Lesson, Spot
from starter.messages.meetings import meetings
from starter.messages.page import read_text

KINDS = {"decisions": "decisions", "action_items": "actions", "open_problems": "open_questions"}
CHARACTERS = 1_500
NUMBER = re.compile(r"^\[(\d+)\]")
NEAR = 2
"""Marked lines with no more than so many others between them are one place."""
FAR = 6
"""The speaker's own name may stand so many lines away from what he is to do."""


def ami(folder: Path, record: Mapping[str, Any]) -> Iterator[Lesson]:
    """The windows of a meeting in which something is marked, and some of the others."""
    del folder
    rng = Random(str(record["id"]))
    source = read_text(str(record["text"]))
    ids = {int(m[1]): line.id for line in source.lines if (m := NUMBER.match(line.text))}
    places = {
        field: [(_place(item, ids), item) for item in record["expected"].get(kind) or ()]
        for kind, field in KINDS.items()
    }
    for first, last in windows(source, CHARACTERS):
        said: dict[str, Said] = {}
        also: dict[str, tuple[Spot, ...]] = {}
        for field, found in places.items():
            rows = _rows(source, found, first, last)
            if rows:
                said[field] = Rows(tuple(rows))
                also[f"{field}.what"] = _spots(source, record, field, ids, (first, last))
        if said or rng.random() < 0.2:
            yield Lesson(
                meetings(), source, tuple(KINDS.values()), said, also, shown=source.lines[first - 1 : last]
            )


def _spots(
    source: Source, record: Mapping[str, Any], field: str, ids: Mapping[int, int], shown: tuple[int, int]
) -> tuple[Spot, ...]:
    """All marked lines among those that are shown."""
    kind = next(kind for kind, name in KINDS.items() if name == field)
    numbers = {n for item in record["expected"].get(kind) or () for n in item.get("evidence_lines") or ()}
    lines = sorted(ids[n] for n in numbers if n in ids and shown[0] <= ids[n] <= shown[1])
    return tuple(Spot(line, source.line(line).text, 0) for line in lines)


def _place(item: Mapping[str, Any], ids: Mapping[int, int]) -> Clause | None:
    """Where an item was said: the largest group of its marked lines, the last of equal ones."""
    lines = sorted(ids[n] for n in item.get("evidence_lines") or () if n in ids)
    groups: list[list[int]] = []
    for line in lines:
        if groups and line - groups[-1][-1] <= NEAR:
            groups[-1].append(line)
        else:
            groups.append([line])
    best = max(reversed(groups), key=len, default=None)
    return Clause(best[0], best[-1]) if best else None


def _rows(
    source: Source, found: Sequence[tuple[Clause | None, Mapping[str, Any]]], first: int, last: int
) -> list[dict[str, OneSaid]]:
    """The rows whose place is in these lines, in order, each place once."""
    rows: dict[Clause, dict[str, OneSaid]] = {}
    for place, item in found:
        if place is None or place.first < first or place.last > last or place in rows:
            continue
        rows[place] = {"what": place}
        owner = _owner(source, item.get("owners") or (), place, (first, last))
        if owner is not None:
            rows[place]["owner"] = owner
    return [rows[place] for place in sorted(rows, key=lambda clause: clause.first)]


def _owner(source: Source, owners: Sequence[str], place: Clause, shown: tuple[int, int]) -> Pointers | None:
    """The owner's name where it is said, else where he speaks nearby."""
    near = sorted(
        range(max(shown[0], place.first - FAR), min(shown[1], place.last + FAR) + 1),
        key=lambda line: (not place.first <= line <= place.last, abs(line - place.first)),
    )
    for line in near:
        for owner in owners:
            text = source.line(line).text
            match = re.search(re.escape(owner), text, re.IGNORECASE)
            if match:
                return Pointers((Pointer(line, match.group()),))
    return None
