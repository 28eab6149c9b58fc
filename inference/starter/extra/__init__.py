"""Labelled real documents as lessons: `python -m starter.data --extra DIR`.

`DIR` holds a folder for each set, with its records in `data.jsonl`. Only the training part of a set is used:
the rule that says what is tested is `lemma.evaluation.split`. Published sets have adapters in `paper.py` and
`messages.py`, by the names of their folders; of any other folder the records that people have confirmed are
used (`verdicts.py`).
"""

import json
from collections.abc import Iterator
from pathlib import Path

from lemma.evaluation.split import part_of_record
from starter.extra import messages, paper, verdicts
from starter.lesson import Lesson

SETS = {**paper.SETS, **messages.SETS}


def sets_in(folder: Path) -> list[str]:
    """The sets of a folder that can be mixed in."""
    there = sorted(path.parent.name for path in folder.glob("*/data.jsonl"))
    return [name for name in there if name in SETS or _are_verdicts(folder / name)]


def _are_verdicts(folder: Path) -> bool:
    with (folder / "data.jsonl").open(encoding="utf-8") as file:
        first = file.readline()
    return bool(first) and verdicts.confirmed(json.loads(first))


def lessons(folder: Path, name: str) -> Iterator[Lesson]:
    """All lessons of the training part of a set."""
    place = folder / name
    with (place / "data.jsonl").open(encoding="utf-8") as file:
        for line in file:
            record = json.loads(line)
            if part_of_record(name, record) == "train":
                yield from SETS.get(name, verdicts.lesson)(place, record)
