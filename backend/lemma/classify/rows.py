"""Rows of a table by example: decisions, actions, open questions, each a run of lines.

As with clauses, but a document may hold many. A line is taken where its score lies above what made most of
the taken lines right in documents that the machines had not seen; taken neighbours are one row. What the
model says besides of the same lines, such as an owner, is kept.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lemma.classify.decide import ENOUGH
from lemma.classify.lines import FOLDS, LEAST_DOCUMENTS, Lines, Shown, machines_of, score
from lemma.reading.align import whole_line
from lemma.reading.cell import Cell, Status
from lemma.reading.schema.model import Field
from lemma.reading.source import Line

NEAR = 2
"""A taken line is right within so many lines of a quoted one."""
BETA = 0.5
"""Being right counts twice as much as finding all: a wrong row costs a person more than a missed one."""

AROUND = 1
"""A line counts with the one before and the one after, however long they are: what is to be done is agreed on
in several turns. On 46 transcripts, each judged by machines that had not seen its series, this found 0.64 of
the lines quoted for actions where half of what is taken is right; lines alone, as clauses are found, 0.44."""

LEAST_RIGHT = 0.4
LEAST_TAKEN = 5
"""A table of which fewer lines would be right is left to the model: nobody wants to clear it away by hand."""


@dataclass(frozen=True)
class RowModel:
    """Machines and thresholds by table."""

    words: Any
    machines: Mapping[str, tuple[Any, float]]
    thresholds: Mapping[str, tuple[float, float]]
    """From which score on a line is taken, and which share of the lines so taken was right."""
    documents: int

    def find(self, subject: str, lines: Lines) -> list[tuple[int, ...]]:
        """The runs of taken lines, in order."""
        scores = score(self.words, self.machines[subject], lines, AROUND)
        runs: list[list[int]] = []
        for at in np.flatnonzero(scores >= self.thresholds[subject][0]).tolist():
            if runs and at == runs[-1][-1] + 1:
                runs[-1].append(at)
            else:
                runs.append([at])
        return [tuple(run) for run in runs]


def fit_rows(documents: Sequence[Shown]) -> RowModel | None:
    """The machines of these documents; None where they are too few."""
    if len(documents) < max(LEAST_DOCUMENTS, ENOUGH):
        return None
    subjects = sorted({subject for each in documents for subject in each.subjects})
    seen: dict[str, list[tuple[Any, frozenset[int]]]] = {subject: [] for subject in subjects}
    for fold in range(FOLDS):
        kept = [each for at, each in enumerate(documents) if at % FOLDS != fold]
        words, machines = machines_of(kept, subjects, AROUND)
        for each in documents[fold::FOLDS]:
            for subject in machines.keys() & each.subjects.keys():
                if each.lines:
                    scores = score(words, machines[subject], each.lines, AROUND)
                    seen[subject].append((scores, each.subjects[subject]))
    words, machines = machines_of(documents, subjects, AROUND)
    found = {subject: _threshold(seen[subject]) for subject in machines if seen[subject]}
    thresholds = {subject: each for subject, each in found.items() if each is not None}
    return RowModel(words, machines, thresholds, len(documents))


def _threshold(seen: Sequence[tuple[Any, frozenset[int]]]) -> tuple[float, float] | None:
    """Where precision near quoted lines and recall of quoted lines are best together; None where too little
    is right everywhere."""
    near = np.concatenate([_near(len(scores), gold) for scores, gold in seen])
    quoted = np.concatenate([_near(len(scores), gold, 0) for scores, gold in seen])
    scores = np.concatenate([scores for scores, _ in seen])
    order = np.argsort(-scores, kind="stable")
    taken = np.arange(1, len(order) + 1)
    precision = np.cumsum(near[order]) / taken
    recall = np.cumsum(quoted[order]) / max(1, int(quoted.sum()))
    weight = BETA * BETA
    both = (1 + weight) * precision * recall / np.maximum(weight * precision + recall, 1e-9)
    both[(precision < LEAST_RIGHT) | (taken < LEAST_TAKEN)] = 0.0
    best = int(both.argmax())
    if both[best] <= 0:
        return None
    return float(scores[order[best]]), float(precision[best])


def _near(length: int, gold: frozenset[int], reach: int = NEAR) -> Any:
    found = np.zeros(length)
    for number in gold:
        found[max(0, number - reach) : number + reach + 1] = 1
    return found


def rows_by_example(
    table: Field, column: Field, cells: Sequence[Cell], lines: Sequence[Line], model: RowModel
) -> Iterator[Cell]:
    """The cells of a table whose rows are these lines, with what the model says of the same lines."""
    subject = f"{table.name}.{column.name}"
    runs = model.find(subject, tuple(line.text for line in lines))
    if not runs:
        reason = f"By {model.documents} examples no line says it."
        yield Cell(table.name, None, None, Status.ABSENT, signals={"by": "examples"}, reason=reason)
        return
    said = _said(table.name, column.name, cells)
    for row, run in enumerate(runs):
        own = [lines[at] for at in run]
        beside = next((each for where, each in said if where & {line.id for line in own}), {})
        for each in table.columns:
            path = f"{table.name}[{row}].{each.name}"
            if each.name == column.name:
                yield _quoted(path, own, model, subject)
            elif each.name in beside:
                kept = beside[each.name]
                yield Cell(path, kept.value, kept.raw, kept.status, kept.evidence, kept.signals, kept.reason)
            else:
                yield Cell(path, None, None, Status.ABSENT)


def _quoted(path: str, lines: Sequence[Line], model: RowModel, subject: str) -> Cell:
    raw = " ".join(line.text for line in lines)
    signals = {
        "by": "examples",
        "examples": model.documents,
        "probability": round(model.thresholds[subject][1], 4),
    }
    evidence = tuple(whole_line(line).evidence for line in lines)
    return Cell(path, raw, raw, Status.FOUND, evidence, signals)


def _said(table: str, column: str, cells: Sequence[Cell]) -> list[tuple[set[int], dict[str, Cell]]]:
    """The model's rows: the lines that each rests on, and its cells by column."""
    rows: dict[str, dict[str, Cell]] = {}
    for cell in cells:
        row, _, name = cell.path.partition(".")
        if row.startswith(f"{table}[") and cell.value is not None:
            rows.setdefault(row, {})[name] = cell
    return [({each.line for each in row[column].evidence}, row) for row in rows.values() if column in row]
