"""Figures with their n and their interval: shares, F1 over documents, macro-F1, calibration.

Two intervals, and every figure says which it has. Where each document gives one value, values are
independent and the share has its Wilson score interval. Where a document gives many, they stand or fall
together, so documents are drawn again with replacement (a cluster bootstrap, 1,000 draws, seeded).
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lemma.evaluation.report import Share

DRAWS = 1000
SEED = 20_260
BINS = 10


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of `n` values with a 95 % interval; `how` is "wilson" or "documents" (bootstrap)."""

    value: float | None
    n: int
    low: float
    high: float
    how: str

    def json(self) -> dict[str, Any]:
        rounded = None if self.value is None else round(self.value, 4)
        return {
            "value": rounded,
            "n": self.n,
            "low": round(self.low, 4),
            "high": round(self.high, 4),
            "interval": self.how,
        }


def share(hits: int, n: int) -> Figure:
    """A share of independent values."""
    made = Share(hits, n)
    return Figure(made.value, n, *made.interval, "wilson")


Counts = Mapping[str, int]
Formula = Callable[[Mapping[str, Any]], Any]


def over_documents(counts: Sequence[Counts], formula: Formula, n: int) -> Figure:
    """A formula of summed counts, with an interval from drawing documents again.

    `formula` takes sums by name, numbers or arrays of numbers alike, and gives a share (or NaN for none).
    """
    names = sorted({name for each in counts for name in each})
    table = np.array([[each.get(name, 0) for name in names] for each in counts], dtype=np.float64)
    if not len(counts) or not names:
        return Figure(None, n, 0.0, 1.0, "documents")
    sums = dict(zip(names, table.sum(axis=0), strict=True))
    value = float(formula(_defaulted(sums)))
    if np.isnan(value):
        return Figure(None, n, 0.0, 1.0, "documents")
    rng = np.random.default_rng(SEED)
    weights = rng.multinomial(len(counts), np.full(len(counts), 1 / len(counts)), size=DRAWS)
    drawn = weights @ table
    values = np.asarray(formula(_defaulted(dict(zip(names, drawn.T, strict=True)))), dtype=np.float64)
    values = values[~np.isnan(values)]
    if len(counts) < 2 or not len(values):
        return Figure(value, n, 0.0, 1.0, "documents")
    low, high = np.percentile(values, [2.5, 97.5])
    return Figure(value, n, float(low), float(high), "documents")


def _defaulted(sums: dict[str, Any]) -> Mapping[str, Any]:
    zero = next(iter(sums.values())) * 0
    return _Sums(sums, zero)


class _Sums(dict[str, Any]):
    """Sums by name; a name that no document has is nought."""

    def __init__(self, sums: dict[str, Any], zero: Any) -> None:
        super().__init__(sums)
        self._zero = zero

    def __missing__(self, name: str) -> Any:
        return self._zero


def ratio(top: Any, bottom: Any) -> Any:
    """A quotient, NaN where there is nothing to divide by."""
    top, bottom = np.asarray(top, dtype=np.float64), np.asarray(bottom, dtype=np.float64)
    return np.divide(top, bottom, out=np.full(bottom.shape, np.nan), where=bottom > 0)


def precision(sums: Mapping[str, Any]) -> Any:
    return ratio(sums["right"], sums["right"] + sums["wrong"] + sums["invented"])


def recall(sums: Mapping[str, Any]) -> Any:
    return ratio(sums["right"], sums["right"] + sums["wrong"] + sums["missed"])


def f1(sums: Mapping[str, Any]) -> Any:
    right = 2 * sums["right"]
    return ratio(right, right + 2 * sums["wrong"] + sums["invented"] + sums["missed"])


# Choices -----------------------------------------------------------------------------------------


def macro_f1(pairs: Sequence[tuple[str, str]]) -> tuple[float | None, dict[str, dict[str, float]]]:
    """The mean F1 of the labels that occur, and each label's precision, recall and n."""
    gold, given = Counter(left for left, _ in pairs), Counter(right for _, right in pairs)
    hits = Counter(left for left, right in pairs if left == right)
    labels: dict[str, dict[str, float]] = {}
    scores: list[float] = []
    for label in sorted(gold):
        score = 2 * hits[label] / (gold[label] + given[label])
        scores.append(score)
        labels[label] = {
            "n": gold[label],
            "precision": round(hits[label] / given[label], 4) if given[label] else 0.0,
            "recall": round(hits[label] / gold[label], 4),
            "f1": round(score, 4),
        }
    return (sum(scores) / len(scores) if scores else None), labels


def macro_figure(by_document: Sequence[Sequence[tuple[str, str]]]) -> Figure:
    """Macro-F1 with an interval from drawing documents again (200 draws: each counts all labels anew)."""
    pairs = [pair for each in by_document for pair in each]
    value, _ = macro_f1(pairs)
    labels = sorted({left for left, _ in pairs} | {right for _, right in pairs})
    index = {label: at for at, label in enumerate(labels)}
    size = len(labels)
    if value is None or len(by_document) < 2:
        return Figure(value, len(pairs), 0.0, 1.0, "documents")
    rng = np.random.default_rng(SEED)
    coded = [np.array([(index[a], index[b]) for a, b in each]).reshape(-1, 2) for each in by_document]
    occurring = sorted({index[left] for left, _ in pairs})
    values: list[float] = []
    for _ in range(200):
        drawn = np.concatenate([coded[i] for i in rng.integers(0, len(coded), len(coded))])
        gold = np.bincount(drawn[:, 0], minlength=size)
        given = np.bincount(drawn[:, 1], minlength=size)
        hits = np.bincount(drawn[drawn[:, 0] == drawn[:, 1], 0], minlength=size)
        kept = [at for at in occurring if gold[at]]
        values.append(float(np.mean([2 * hits[at] / (gold[at] + given[at]) for at in kept])))
    low, high = np.percentile(values, [2.5, 97.5])
    return Figure(value, len(pairs), float(low), float(high), "documents")


# Confidence --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reliability:
    """Whether probabilities mean what they say.

    `error` is the expected calibration error over bins of equal mass; `bins` are (mean probability, share
    right, n). `covered` is how many of the 80 % surest values are right.
    """

    error: Figure
    covered: Figure
    bins: tuple[tuple[float, float, int], ...]

    def json(self) -> dict[str, Any]:
        return {
            "expected_calibration_error": self.error.json(),
            "accuracy_at_80_percent_coverage": self.covered.json(),
            "bins": [{"mean": round(m, 4), "right": round(r, 4), "n": n} for m, r, n in self.bins],
        }


def reliability(pairs: Sequence[tuple[float, bool]]) -> Reliability | None:
    """Of probabilities and whether their values were right; None where there are none."""
    if not pairs:
        return None
    ordered = np.array(sorted(pairs), dtype=np.float64)
    bins = tuple(
        (float(part[:, 0].mean()), float(part[:, 1].mean()), len(part))
        for part in np.array_split(ordered, min(BINS, len(ordered)))
    )
    rng = np.random.default_rng(SEED)
    draws = [_error(ordered[rng.integers(0, len(ordered), len(ordered))]) for _ in range(200)]
    low, high = np.percentile(draws, [2.5, 97.5])
    error = Figure(_error(ordered), len(ordered), float(low), float(high), "values")
    surest = ordered[len(ordered) - max(1, round(len(ordered) * 0.8)) :]
    return Reliability(error, share(int(surest[:, 1].sum()), len(surest)), bins)


def _error(pairs: Any) -> float:
    ordered = pairs[np.argsort(pairs[:, 0], kind="stable")]
    parts = np.array_split(ordered, min(BINS, len(ordered)))
    gaps = [abs(part[:, 0].mean() - part[:, 1].mean()) * len(part) for part in parts]
    return float(sum(gaps) / len(ordered))
