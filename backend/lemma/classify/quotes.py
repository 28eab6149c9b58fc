"""Clauses and answers to questions by example: lines that show them, and what was said of such lines.

An example is a document as the product shows it and what a person found there. Of a contract: its text, and
for each clause the quoted words (a text, or a list of texts) or null. Of a questionnaire: the question on the
first line, the lines of the passages after it; `answers.verdict`, and the quoted words as `answers.quote`.
"""

import hashlib
import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from lemma.classify.decide import Decision, decide
from lemma.classify.labels import Classifier, Taught, classifier, labels_of
from lemma.classify.lines import Found, LineModel, Lines, Shown, fit_lines
from lemma.classify.rows import RowModel, fit_rows, rows_by_example
from lemma.reading.align import whole_line
from lemma.reading.cell import Cell, Status
from lemma.reading.material import Labelled
from lemma.reading.prompt import visible_lines
from lemma.reading.schema.model import Task
from lemma.reading.source import Line, Source

TABLE = "answers"
VERDICT = "answers.verdict"
QUOTE = "answers.quote"
SILENT = "not_mentioned"
TOLD_BY = 2
"""A verdict is told by the words of so many of the best lines."""


def with_quotes(task: Task, source: Source, cells: list[Cell], examples: Sequence[Labelled]) -> list[Cell]:
    """The cells of clauses and of answered questions as the examples would have them."""
    passages = {page.number for page in source.pages if page.kind == "passage"}
    shown = [line for line in visible_lines(source) if line.text]
    clauses = [each.name for each in task.fields if each.kind == "clause" and each.source == "document"]
    if any(name in example.values for example in examples for name in clauses):
        own = [line for line in shown if line.page not in passages]
        cells = _with_clauses(cells, own, clauses, _taught(examples, tuple(clauses)))
    cells = _with_rows(task, cells, [line for line in shown if line.page not in passages], examples)
    if any(each.name == TABLE for each in task.fields) and any(VERDICT in e.values for e in examples):
        found_in = [line for line in shown if line.page in passages]
        cells = _with_answers(cells, found_in, _taught(examples, (VERDICT,)))
    return cells


# What examples teach ------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Lessons:
    """Where subjects are shown, and for questions which verdicts there were and what told them apart."""

    lines: LineModel | None
    verdicts: Mapping[str, Counter[str]] = field(default_factory=dict)
    telling: Mapping[str, Classifier] = field(default_factory=dict)


@dataclass(frozen=True)
class _Key:
    """Examples that compare by their hash alone."""

    examples: tuple[Labelled, ...] = field(compare=False, repr=False)
    paths: tuple[str, ...]
    hash: str


def _taught(examples: Sequence[Labelled], paths: tuple[str, ...]) -> _Lessons:
    return _learned(_key(examples, paths))


def _key(examples: Sequence[Labelled], paths: tuple[str, ...]) -> _Key:
    digest = hashlib.sha256()
    for example in examples:
        digest.update(json.dumps([example.text, dict(example.values)], sort_keys=True).encode())
    return _Key(tuple(examples), paths, digest.hexdigest())


@lru_cache(maxsize=16)
def _learned(key: _Key) -> _Lessons:
    if key.paths == (VERDICT,):
        return _questions(key.examples)
    documents: list[Shown] = []
    for example in key.examples:
        lines = tuple(example.text.splitlines())
        asked = {
            name: numbers(lines, labels_of(example.values[name]))
            for name in key.paths
            if name in example.values
        }
        documents.append(Shown(lines, asked))
    return _Lessons(fit_lines(documents))


def _questions(examples: Sequence[Labelled]) -> _Lessons:
    """Examples of one document's questions together, so that its lines count once."""
    by_lines: dict[Lines, dict[str, frozenset[int]]] = defaultdict(dict)
    said: dict[str, list[tuple[Lines, str, frozenset[int]]]] = defaultdict(list)
    for example in examples:
        if VERDICT in example.values:
            question, *rest = example.text.splitlines()
            lines, verdict = tuple(rest), str(example.values[VERDICT])
            quoted = numbers(lines, labels_of(example.values.get(QUOTE)))
            if quoted or verdict == SILENT:
                by_lines[lines][_folded(question)] = quoted
            said[_folded(question)].append((lines, verdict, quoted))
    telling: dict[str, Classifier] = {}
    for question, each in said.items():
        spoken = [
            Taught(" ".join(lines[at] for at in sorted(quoted)), (verdict,))
            for lines, verdict, quoted in each
            if quoted and verdict != SILENT
        ]
        fitted = classifier(spoken) if len({taught.labels for taught in spoken}) > 1 else None
        if fitted is not None:
            telling[question] = fitted
    verdicts = {question: Counter(verdict for _, verdict, _ in each) for question, each in said.items()}
    documents = [Shown(lines, subjects) for lines, subjects in by_lines.items()]
    return _Lessons(fit_lines(documents), verdicts, telling)


def numbers(lines: Sequence[str], quotes: Sequence[str]) -> frozenset[int]:
    """The numbers of the lines that share their words with one of these quotes."""
    folded = [part for quote in quotes for row in quote.splitlines() if len(part := _folded(row)) > 12]
    whole = [part for quote in quotes if len(part := _folded(quote)) > 12]
    return frozenset(
        at
        for at, line in enumerate(lines)
        if len(own := _folded(line)) > 12
        and (any(own in quote for quote in whole) or any(part in own for part in folded))
    )


@lru_cache(maxsize=8)
def _row_model(key: _Key) -> RowModel | None:
    """The machines of tables whose rows are lines."""
    documents: list[Shown] = []
    for example in key.examples:
        lines = tuple(example.text.splitlines())
        asked = {
            path: numbers(lines, labels_of(example.values[path]))
            for path in key.paths
            if path in example.values
        }
        documents.append(Shown(lines, asked))
    return fit_rows(documents)


# Cells ---------------------------------------------------------------------------------------------


def _with_rows(
    task: Task, cells: list[Cell], lines: Sequence[Line], examples: Sequence[Labelled]
) -> list[Cell]:
    """Tables whose rows are runs of lines, such as the decisions of a meeting."""
    tables = [
        (table, column)
        for table in task.fields
        for column in table.columns
        if column.kind == "clause" and column.source == "document" and not table.each
    ]
    paths = tuple(f"{table.name}.{column.name}" for table, column in tables)
    if not any(path in example.values for example in examples for path in paths):
        return cells
    model = _row_model(_key(examples, paths))
    for table, column in tables:
        if model is None or f"{table.name}.{column.name}" not in model.thresholds:
            continue
        own = [at for at, cell in enumerate(cells) if _of_table(cell, table.name)]
        first = own[0] if own else len(cells)
        new = list(rows_by_example(table, column, [cells[at] for at in own], lines, model))
        cells = [*cells[:first], *new, *(c for c in cells[first:] if not _of_table(c, table.name))]
    return cells


def _of_table(cell: Cell, table: str) -> bool:
    return cell.path == table or cell.path.startswith(f"{table}[")


def _with_clauses(
    cells: list[Cell], lines: Sequence[Line], names: Sequence[str], lessons: _Lessons
) -> list[Cell]:
    if lessons.lines is None:
        return cells
    texts = tuple(line.text for line in lines)
    made: list[Cell] = []
    for cell in cells:
        found = lessons.lines.find(cell.path, texts) if cell.path in names else None
        made.append(cell if found is None else _clause(cell, found, lines, lessons.lines))
    return made


def _clause(cell: Cell, found: Found, lines: Sequence[Line], model: LineModel) -> Cell:
    answer = (cell.path,) if found.mentioned else ()
    said = (cell.path,) if cell.value is not None else ()
    n = model.documents[cell.path]
    return _chosen(cell, decide(said, answer, n), found, lines, n)


def _chosen(cell: Cell, decision: Decision, found: Found, lines: Sequence[Line], n: int) -> Cell:
    """The model's quote with a second signal, or the examples' quote or silence."""
    probability = round(found.probability if found.mentioned else 1.0 - found.probability, 4)
    if decision.by == "model":
        second = {"by": "examples", "mentioned": found.mentioned, "probability": probability}
        return replace(cell, signals={**cell.signals, "second": second})
    signals: dict[str, Any] = {
        "by": "examples",
        "examples": n,
        "probability": probability,
        "second": {"by": "model", "value": cell.raw, **_tokens(cell)},
    }
    if not found.mentioned:
        reason = f"By {n} examples no line says it."
        return Cell(cell.path, None, None, Status.ABSENT, signals=signals, reason=reason)
    places = [whole_line(lines[at]) for at in found.best]
    raw = " ".join(lines[at].text for at in found.best)
    evidence = tuple(place.evidence for place in places)
    return Cell(cell.path, raw, raw, Status.FOUND, evidence, signals)


def _with_answers(cells: list[Cell], lines: Sequence[Line], lessons: _Lessons) -> list[Cell]:
    if lessons.lines is None:
        return cells
    texts = tuple(line.text for line in lines)
    asked = {
        cell.path.partition(".")[0]: _folded(str(cell.value))
        for cell in cells
        if cell.path.endswith(".question") and cell.value is not None
    }
    made: list[Cell] = []
    for cell in cells:
        row, _, column = cell.path.partition(".")
        question = asked.get(row, "")
        found = lessons.lines.find(question, texts) if column in {"verdict", "quote"} else None
        if found is None:
            made.append(cell)
            continue
        made.append(_ANSWERS[column](cell, found, lines, lessons, question))
    return made


def _verdict(cell: Cell, found: Found, lines: Sequence[Line], lessons: _Lessons, question: str) -> Cell:
    counts = lessons.verdicts[question]
    label, probability = SILENT, 1.0 - found.probability
    if found.mentioned:
        probability = found.probability
        spoken = Counter({verdict: n for verdict, n in counts.items() if verdict != SILENT})
        label = spoken.most_common(1)[0][0]
        telling = lessons.telling.get(question)
        if telling is not None:
            guess = telling.guess(" ".join(lines[at].text for at in found.best[:TOLD_BY]))
            label = guess.labels[0] if guess.labels else label
            probability *= guess.probability
    n = sum(counts.values())
    said = (str(cell.value),) if cell.value is not None else ()
    decision = decide(said, (label,), n, len(counts))
    second: dict[str, Any]
    if decision.by == "model":
        second = {"by": "examples", "value": [label], "probability": round(probability, 4)}
        return replace(cell, signals={**cell.signals, "second": second, "agree": said == (label,)})
    second = {"by": "model", "value": list(said), **_tokens(cell)}
    signals = {
        "by": "examples",
        "examples": n,
        "probability": round(probability, 4),
        "second": second,
        "agree": said == (label,),
    }
    places = [whole_line(lines[at]) for at in found.best] if label != SILENT else []
    return Cell(
        path=cell.path,
        value=label,
        raw=" ".join(lines[at].text for at in found.best) if places else None,
        status=Status.DERIVED,
        evidence=tuple(place.evidence for place in places),
        signals=signals,
        reason=f"Decided by {n} answers that were given to this question before.",
    )


def _quote(cell: Cell, found: Found, lines: Sequence[Line], lessons: _Lessons, question: str) -> Cell:
    n = sum(lessons.verdicts[question].values())
    said = ("quoted",) if cell.value is not None else ()
    return _chosen(cell, decide(said, ("quoted",) if found.mentioned else (), n), found, lines, n)


_ANSWERS: Mapping[str, Callable[[Cell, Found, Sequence[Line], _Lessons, str], Cell]] = {
    "verdict": _verdict,
    "quote": _quote,
}


def _tokens(cell: Cell) -> dict[str, Any]:
    return {"logprob": cell.signals["logprob"]} if "logprob" in cell.signals else {}


def _folded(text: str) -> str:
    return re.sub(r"\W+", "", text).casefold()
