"""Results as files: JSON as `lemma extract` prints it, CSV as RFC 4180 with one line for each cell."""

import csv
import io
import json
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from lemma.core.spreadsheets import safe
from lemma.features.runs.schemas import CellView, RunView
from lemma.reading.schema import Task
from lemma.reading.sheet import header, sheet

_COLUMNS = ("run", "file", "path", "label", "value", "raw", "status", "page", "line", "reason")
_NUMBERS = {"amount", "number"}


def as_json(run: RunView) -> str:
    """The same object that `lemma extract --format json` prints for a file."""
    body: dict[str, Any] = {
        "run": str(run.id),
        "file": run.document.name,
        "task": run.task,
        "task_version": run.task_version,
        "status": run.state,
        "error": run.error.model_dump(mode="json", exclude_none=True) if run.error else None,
        "model": run.model,
        "seconds": _seconds(run.started_at, run.finished_at),
        "tokens": {"prompt": run.prompt_tokens, "completion": run.completion_tokens},
        "cells": [cell.model_dump(mode="json") for cell in run.cells],
        "rules": [rule.model_dump(mode="json") for rule in run.rules],
        "notes": run.notes,
    }
    if run.source is not None:
        body["source"] = run.source.model_dump(mode="json")
    return json.dumps(body, ensure_ascii=False)


def as_csv(runs: Iterable[RunView]) -> str:
    """One line for each cell. No text cell can be taken for a formula: such a one begins with `'`."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    for run in runs:
        for cell in run.cells:
            writer.writerow(_row(run, cell))
    return text.getvalue()


def as_sheet(runs: Iterable[RunView], task: Task) -> str:
    """One line for each row of the tables of these runs, all of this task, with what each value rests on."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(("run", "file", *header(task)))
    for run in runs:
        cells = [cell.model_dump(mode="json") for cell in run.cells]
        for line in sheet(task, cells):
            writer.writerow((str(run.id), safe(run.document.name), *line))
    return text.getvalue()


def _row(run: RunView, cell: CellView) -> list[str]:
    first = cell.evidence[0] if cell.evidence else None
    return [
        str(run.id),
        safe(run.document.name),
        cell.path,
        safe(cell.label),
        _value(cell),
        safe(cell.raw or ""),
        cell.status.value,
        str(first.page) if first else "",
        str(first.line) if first else "",
        safe(cell.reason or ""),
    ]


def _value(cell: CellView) -> str:
    """A cell's value: a negative amount stays a number, every other text is made safe."""
    if cell.value is None:
        return ""
    if isinstance(cell.value, bool):
        return "true" if cell.value else "false"
    if cell.kind in _NUMBERS and _is_decimal(cell.value):
        return cell.value
    return safe(cell.value)


def _is_decimal(text: str) -> bool:
    try:
        return Decimal(text).is_finite()
    except InvalidOperation:
        return False


def _seconds(begun: datetime | None, ended: datetime | None) -> float | None:
    return None if begun is None or ended is None else round((ended - begun).total_seconds(), 3)
