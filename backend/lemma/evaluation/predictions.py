"""The file of predictions: one line a document and reader, so that a killed run goes on where it stopped.

It holds words of the documents, so it belongs with them and not in a repository; reports hold only figures.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lemma.evaluation.sets.base import Answer, CitedLine
from lemma.reading.cell import Cell
from lemma.reading.serialise import cell_json
from lemma.reading.source import Source

FILE = "predictions.jsonl"


@dataclass(frozen=True)
class Prediction:
    """What one reader gave for one record. `by` says what it was made with: another `by` is read anew."""

    dataset: str
    id: str
    reader: str
    by: str
    answer: Answer
    seconds: float | None = None
    failed: str | None = None
    rules: Mapping[str, bool | None] = field(default_factory=dict)

    def json(self) -> dict[str, Any]:
        return {
            "dataset": self.dataset,
            "id": self.id,
            "reader": self.reader,
            "by": self.by,
            "seconds": None if self.seconds is None else round(self.seconds, 3),
            "failed": self.failed,
            "rules": dict(self.rules),
            "cells": [dict(cell) for cell in self.answer.cells],
            "cited": {number: [line.page, line.text] for number, line in self.answer.cited.items()},
        }


def answer_of(cells: Iterable[Cell], source: Source) -> Answer:
    """Cells in JSON form without their boxes, and the lines that they cite."""
    made: list[dict[str, Any]] = []
    cited: dict[int, CitedLine] = {}
    for cell in cells:
        body = cell_json(cell)
        for each in body["evidence"]:
            each.pop("boxes", None)
            line = source.line(each["line"])
            cited[line.id] = CitedLine(source.pages[line.page - 1].name, line.text)
        made.append(body)
    return Answer(tuple(made), cited)


def load_predictions(path: Path) -> dict[tuple[str, str, str, str], Prediction]:
    """Predictions by set, record, reader and what they were made with. A line that was cut is left out."""
    found: dict[tuple[str, str, str, str], Prediction] = {}
    if not path.exists():
        return found
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            data = json.loads(line)
        except ValueError:
            continue
        cited = {int(number): CitedLine(*each) for number, each in data["cited"].items()}
        one = Prediction(
            dataset=data["dataset"],
            id=data["id"],
            reader=data["reader"],
            by=data["by"],
            answer=Answer(tuple(data["cells"]), cited),
            seconds=data["seconds"],
            failed=data["failed"],
            rules=data["rules"],
        )
        found[one.dataset, one.id, one.reader, one.by] = one
    return found


class Writer:
    """Appends predictions. A line left unfinished by a kill is closed first."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.exists() and path.stat().st_size > 0 and not path.read_bytes().endswith(b"\n")
        self._file = path.open("a", encoding="utf-8", errors="backslashreplace")
        if unfinished:
            self._file.write("\n")

    def write(self, prediction: Prediction) -> None:
        self._file.write(json.dumps(prediction.json(), ensure_ascii=False) + "\n")
        self._file.flush()

    def close(self) -> None:
        self._file.close()
