"""Puts what the customer's examples say into the cells of a reading, before its rules are applied."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from lemma.classify.decide import decide
from lemma.classify.labels import Classifier, Guess, Taught, classifier, labels_of
from lemma.classify.quotes import VERDICT, with_quotes
from lemma.reading.align import Place, span
from lemma.reading.cell import Cell, Status
from lemma.reading.material import Labelled, Material
from lemma.reading.prompt import visible_lines
from lemma.reading.schema.model import Field, Task
from lemma.reading.source import Line, Source
from lemma.reading.units import units

Say = Callable[[Task, Source, Sequence[Cell]], Sequence[Cell]]
"""Cells of a reading to the cells that count."""


def by_example(material: Material) -> Say:
    """What these examples make of the cells of a reading; nothing where there are none."""

    def say(task: Task, source: Source, cells: Sequence[Cell]) -> Sequence[Cell]:
        if not material.examples:
            return cells
        made = with_quotes(task, source, list(cells), material.examples)
        for path, field in task.all_fields():
            if field.kind in {"choice", "flag"} and path != VERDICT:
                fitted = _fitted(path, field, material.examples)
                if fitted is not None:
                    made = _with_field(task, source, path, field, fitted, made)
        return made

    return say


def _fitted(path: str, field: Field, examples: Sequence[Labelled]) -> Classifier | None:
    """The model of the examples that say something of this field, as far as the field knows their labels."""
    known = {"yes", "no"} if field.kind == "flag" else {option.name for option in field.options}
    taught = [
        Taught(example.text, labels)
        for example in examples
        if path in example.values and known.issuperset(labels := labels_of(example.values[path]))
    ]
    return classifier(taught) if taught else None


def _with_field(
    task: Task, source: Source, path: str, field: Field, fitted: Classifier, cells: list[Cell]
) -> list[Cell]:
    """The cells with those of one field decided anew by examples, each in its place."""
    texts = _texts(task, source, path)
    return _replaced(cells, texts, lambda where, own: _decided(where, field, own, fitted, texts[where]))


def decided_anew(
    task: Task, source: Source, path: str, field: Field, names: "Guesser", cells: list[Cell]
) -> list[Cell]:
    """The cells with those of one field replaced by the label that its names say, where they say any."""
    texts = _texts(task, source, path)

    def named(where: str, own: list[Cell]) -> list[Cell]:
        guess = names.guess("\n".join(line.text for line in texts[where]))
        if not guess.labels:
            return own
        signals = {
            **own[0].signals,
            "by": "names",
            "probability": round(guess.probability, 4),
            "second": {"by": "model", "value": [_word(cell) for cell in own if cell.value is not None]},
        }
        reason = "The label whose name shares most with the text; no examples were given."
        label = f"{where}[0]" if field.several else where
        return [Cell(label, guess.labels[0], None, Status.DERIVED, signals=signals, reason=reason)]

    return _replaced(cells, texts, named)


class Guesser(Protocol):
    """Guesses a label of a text."""

    def guess(self, text: str) -> Guess:
        """The labels with their weights."""
        ...


def _texts(task: Task, source: Source, path: str) -> dict[str, Sequence[Line]]:
    """The text that each cell of a field is decided by: the document's, or that of its unit."""
    table, _, column = path.rpartition(".")
    if not table:
        return {path: _document(source)}
    each = task.field(table).each
    if not each:
        return {}  # A table without units has no text of its own for each row.
    return {
        f"{table}[{row}].{column}": [source.line(number) for number in unit.lines]
        for row, unit in enumerate(units(_document(source), each))
    }


def _document(source: Source) -> list[Line]:
    """The document's own lines, without passages that were put beside it."""
    passages = {page.number for page in source.pages if page.kind == "passage"}
    return [line for line in visible_lines(source) if line.page not in passages and line.text]


_LABEL = re.compile(r"\[\d+\]$")


def _replaced(
    cells: list[Cell],
    paths: Collection[str],
    decide_anew: Callable[[str, list[Cell]], Sequence[Cell]],
) -> list[Cell]:
    """The cells with those at these paths (or their labels, `path[0]` and on) decided anew, in place."""
    own: dict[str, list[Cell]] = {}
    for cell in cells:
        path = _LABEL.sub("", cell.path)
        if path in paths:
            own.setdefault(path, []).append(cell)
    made: list[Cell] = []
    for cell in cells:
        path = _LABEL.sub("", cell.path)
        if path not in paths:
            made.append(cell)
        elif cell is own[path][0]:
            made.extend(decide_anew(path, own[path]))
    return made


def _decided(
    path: str, field: Field, own: list[Cell], fitted: Classifier, lines: Sequence[Line]
) -> list[Cell]:
    """The cells of one choice: the model's, or the examples', each with the other as second signal."""
    guess = fitted.guess("\n".join(line.text for line in lines))
    labels = sorted(guess.labels, key=lambda label: -guess.probabilities[label])[: max(1, field.max_labels)]
    answered = tuple(_word(cell) for cell in own if cell.value is not None)
    shown = len([label for label in fitted.seen if label])
    decision = decide(answered, tuple(labels), fitted.n, shown, len(field.options))
    agree = sorted(answered) == sorted(labels)
    if decision.by == "model":
        second = {"by": "examples", "value": list(labels), "probability": round(guess.probability, 4)}
        return [replace(c, signals={**c.signals, "second": second, "agree": agree}) for c in own]
    signals: dict[str, Any] = {
        "by": "examples",
        "examples": fitted.n,
        "second": {"by": "model", "value": list(answered), **_said(own)},
        "agree": agree,
    }
    return list(_cells(path, field, labels, guess, fitted, lines, signals))


def _cells(
    path: str,
    field: Field,
    labels: Sequence[str],
    guess: Guess,
    fitted: Classifier,
    lines: Sequence[Line],
    signals: Mapping[str, Any],
) -> Iterator[Cell]:
    if not labels:
        reason = f"By {fitted.n} examples none of the labels is likely enough: a person should look."
        own = {**signals, "probability": round(guess.probability, 4)}
        yield Cell(path, None, None, Status.ABSENT, signals=own, reason=reason)
        return
    places = list(_places(guess, lines))
    raw = " ".join(_words(place, lines) for place in places) or None
    reason = f"Decided by {fitted.n} labelled examples; the marked words weighed most."
    for number, label in enumerate(labels):
        yield Cell(
            path=f"{path}[{number}]" if field.several else path,
            value=label == "yes" if field.kind == "flag" else label,
            raw=raw,
            status=Status.DERIVED,
            evidence=tuple(place.evidence for place in places),
            signals={**signals, "probability": round(guess.probabilities[label], 4)},
            reason=reason,
        )


def _places(guess: Guess, lines: Sequence[Line]) -> Iterator[Place]:
    """The words that weighed most, in the lines that the joined text was made of."""
    at = 0
    for line in lines:
        end = at + len(line.text)
        for start, stop in guess.words:
            if at <= start and stop <= end:
                yield span(line, start - at, stop - at)
        at = end + 1


def _words(place: Place, lines: Sequence[Line]) -> str:
    evidence = place.evidence
    line = next(line for line in lines if line.id == evidence.line)
    return line.text[evidence.start : evidence.end]


def _word(cell: Cell) -> str:
    return ("yes" if cell.value else "no") if isinstance(cell.value, bool) else str(cell.value)


def _said(own: Sequence[Cell]) -> dict[str, Any]:
    """What the model's tokens said of the answer that the examples took the place of."""
    kept = [cell.signals["logprob"] for cell in own if "logprob" in cell.signals]
    return {"logprob": min(kept)} if kept else {}
