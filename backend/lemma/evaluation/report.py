"""Many documents: per field and in all, each figure with its n and its interval."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from lemma.evaluation.compare import Comparison, Judged, Verdict
from lemma.reading.schema import Task

Z = 1.959963984540054
"""Standard deviations of a two-sided 95 % interval."""


@dataclass(frozen=True, slots=True)
class Share:
    """`hits` of `n`, with its Wilson score interval (Wilson 1927): honest also near 0 and 1, and for few."""

    hits: int
    n: int

    @property
    def value(self) -> float | None:
        return self.hits / self.n if self.n else None

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval; all of [0, 1] where nothing was counted."""
        if not self.n:
            return 0.0, 1.0
        p, n = self.hits / self.n, self.n
        middle = (p + Z * Z / (2 * n)) / (1 + Z * Z / n)
        half = Z * math.sqrt(p * (1 - p) / n + Z * Z / (4 * n * n)) / (1 + Z * Z / n)
        return max(0.0, middle - half), min(1.0, middle + half)


@dataclass(frozen=True, slots=True)
class Line:
    """A field, or all of them. Precision is of what was given, recall of what the documents hold."""

    field: str
    right: int
    wrong: int
    missed: int
    invented: int
    absent: int

    @property
    def precision(self) -> Share:
        return Share(self.right, self.right + self.wrong + self.invented)

    @property
    def recall(self) -> Share:
        return Share(self.right, self.right + self.wrong + self.missed)

    @property
    def f1(self) -> float | None:
        """The harmonic mean; None where nothing was expected and nothing given."""
        total = self.precision.n + self.recall.n
        return 2 * self.right / total if total else None


@dataclass(frozen=True, slots=True)
class Choices:
    """A closed list: how often the label was right, and the F1 of each label, averaged."""

    field: str
    accuracy: Share
    macro_f1: float | None


@dataclass(frozen=True, slots=True)
class Reliability:
    """Whether the engine's probabilities mean what they say.

    `error` is the expected calibration error over ten bins of equal width; `covered` the accuracy of the
    80 % of values that have the highest probability. Both None where cells have no probabilities.
    """

    n: int
    error: float | None
    covered: Share | None


@dataclass(frozen=True, slots=True)
class Report:
    """What a set of documents says about a reader."""

    task: str
    documents: Share
    all: Line
    fields: tuple[Line, ...]
    choices: tuple[Choices, ...]
    rows: tuple[tuple[str, int, int, int], ...]
    statuses: dict[str, dict[str, int]]
    reliability: Reliability


def report(task: Task, comparisons: Sequence[Comparison]) -> Report:
    """Adds up the comparisons of many documents of one task."""
    judged = [each for comparison in comparisons for each in comparison.judged]
    names = [path for path, field in task.all_fields() if field.kind != "rows"]
    by_field: dict[str, list[Judged]] = {name: [] for name in names}
    for each in judged:
        by_field[each.field].append(each)
    choices = [path for path, field in task.all_fields() if field.kind in {"choice", "flag"}]
    tables = [field.name for field in task.fields if field.kind == "rows"]
    return Report(
        task=task.id,
        documents=Share(sum(each.exact for each in comparisons), len(comparisons)),
        all=_line("all", judged),
        fields=tuple(_line(name, by_field[name]) for name in names),
        choices=tuple(_choices(name, by_field[name]) for name in choices),
        rows=tuple(_rows(name, comparisons) for name in tables),
        statuses=_statuses(judged),
        reliability=_reliability(judged),
    )


def as_json(made: Report) -> dict[str, Any]:
    """The report as JSON; every share as `{value, hits, n, low, high}`."""
    return {
        "task": made.task,
        "documents_exact": _share(made.documents),
        "all": _line_json(made.all),
        "fields": {line.field: _line_json(line) for line in made.fields},
        "choices": {
            each.field: {"accuracy": _share(each.accuracy), "macro_f1": _rounded(each.macro_f1)}
            for each in made.choices
        },
        "rows": {
            name: {"printed": printed, "found": found, "paired": paired}
            for name, printed, found, paired in made.rows
        },
        "statuses": made.statuses,
        "reliability": {
            "n": made.reliability.n,
            "expected_calibration_error": _rounded(made.reliability.error),
            "accuracy_at_80_percent": _share(made.reliability.covered) if made.reliability.covered else None,
        },
    }


def as_table(made: Report) -> str:
    """The report for people: one line a field, Markdown."""
    head = "| field | n | precision | recall | F1 | recall, 95 % | wrong | missed | invented |"
    lines = [head, "|---|--:|--:|--:|--:|:-:|--:|--:|--:|"]
    for line in (*made.fields, made.all):
        if not (line.precision.n or line.recall.n):
            continue
        low, high = line.recall.interval
        name = f"**{line.field}**" if line is made.all else line.field
        cells = [
            name,
            str(line.recall.n),
            _show(line.precision.value),
            _show(line.recall.value),
            _show(line.f1),
        ]
        cells += [f"{low:.2f} to {high:.2f}", str(line.wrong), str(line.missed), str(line.invented)]
        lines.append(f"| {' | '.join(cells)} |")
    low, high = made.documents.interval
    documents = f"{made.documents.hits} of {made.documents.n} (95 %: {low:.2f} to {high:.2f})"
    lines += ["", f"Documents without any difference: {documents}."]
    for name, printed, found, paired in made.rows:
        lines.append(f"Rows of {name}: {printed} printed, {found} found, {paired} paired.")
    for each in made.choices:
        accuracy = f"{each.accuracy.hits} of {each.accuracy.n}"
        lines.append(f"{each.field}: {accuracy} right, macro-F1 {_show(each.macro_f1)}.")
    if made.reliability.error is not None and made.reliability.covered is not None:
        covered = _show(made.reliability.covered.value)
        lines.append(
            f"Calibration error {made.reliability.error:.3f} (n {made.reliability.n}); "
            f"the surest 80 % are right in {covered} (n {made.reliability.covered.n})."
        )
    return "\n".join(lines)


def _line(name: str, judged: Iterable[Judged]) -> Line:
    count: Counter[Verdict] = Counter(each.verdict for each in judged)
    return Line(name, count["right"], count["wrong"], count["missed"], count["invented"], count["absent"])


def _choices(name: str, judged: Sequence[Judged]) -> Choices:
    asked = [each for each in judged if each.expected is not None]
    labels = sorted({each.expected for each in asked if each.expected is not None})
    scores = []
    for label in labels:
        right = sum(each.expected == label == each.given for each in asked)
        expected = sum(each.expected == label for each in asked)
        given = sum(each.given == label for each in judged)
        scores.append(2 * right / (expected + given))
    hits = sum(each.verdict == "right" for each in asked)
    return Choices(name, Share(hits, len(asked)), sum(scores) / len(scores) if scores else None)


def _rows(name: str, comparisons: Sequence[Comparison]) -> tuple[str, int, int, int]:
    counts = [each for comparison in comparisons for each in comparison.rows if each.field == name]
    printed, found = sum(each.printed for each in counts), sum(each.found for each in counts)
    return name, printed, found, sum(each.paired for each in counts)


def _statuses(judged: Sequence[Judged]) -> dict[str, dict[str, int]]:
    """What the document holds (`present`, `absent`) against the status that the cell was given."""
    table: dict[str, dict[str, int]] = {"present": {}, "absent": {}}
    for each in judged:
        row = table["absent" if each.expected is None else "present"]
        status = each.status or "no cell"
        row[status] = row.get(status, 0) + 1
    return table


def _reliability(judged: Sequence[Judged]) -> Reliability:
    pairs = [
        (each.probability, each.verdict == "right")
        for each in judged
        if each.given is not None and each.probability is not None
    ]
    if not pairs:
        return Reliability(0, None, None)
    bins: dict[int, list[tuple[float, bool]]] = {}
    for probability, right in pairs:
        bins.setdefault(min(9, int(probability * 10)), []).append((probability, right))
    error = sum(abs(sum(p for p, _ in each) - sum(right for _, right in each)) for each in bins.values())
    surest = sorted(pairs, key=lambda pair: -pair[0])[: max(1, round(len(pairs) * 0.8))]
    covered = Share(sum(right for _, right in surest), len(surest))
    return Reliability(len(pairs), error / len(pairs), covered)


def _line_json(line: Line) -> dict[str, Any]:
    return {
        "precision": _share(line.precision),
        "recall": _share(line.recall),
        "f1": _rounded(line.f1),
        "wrong": line.wrong,
        "missed": line.missed,
        "invented": line.invented,
        "absent": line.absent,
    }


def _share(share: Share) -> dict[str, Any]:
    low, high = share.interval
    return {
        "value": _rounded(share.value),
        "hits": share.hits,
        "n": share.n,
        "low": round(low, 4),
        "high": round(high, 4),
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _show(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
