"""Labelled real documents as lessons: `python -m starter.data --extra DIR`.

`DIR` holds a folder for each set, with its records in `data.jsonl`. Only the training part of a set is used:
the same rule (`lemma.evaluation.split`) says what is tested. A set of another name needs an adapter in
`paper.py` or `messages.py`; one that the product has exported (verdicts of people on its own runs) needs none.
"""

import json
from collections.abc import Iterator
from pathlib import Path

from lemma.evaluation.split import part_of_record
from starter.extra import messages, paper
from starter.lesson import Lesson

SETS = {**paper.SETS, **messages.SETS}


def sets_in(folder: Path) -> list[str]:
    """The sets of a folder that can be mixed in."""
    return [name for name in SETS if (folder / name / "data.jsonl").exists()]


def lessons(folder: Path, name: str) -> Iterator[Lesson]:
    """All lessons of the training part of a set."""
    place = folder / name
    with (place / "data.jsonl").open(encoding="utf-8") as file:
        for line in file:
            record = json.loads(line)
            if part_of_record(name, record) == "train":
                yield from SETS[name](place, record)
