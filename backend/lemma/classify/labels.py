"""Labels of texts, learned from labelled texts: linear, in seconds, on one core.

A linear support vector machine on TF-IDF. Examples that it did not see while it was fitted (each of three
parts in turn) say how sure a score really is, and from which probability on a label is given where there may
be none or several.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np

from lemma.classify.features import Features, fit_features

Labels = tuple[str, ...]
NONE = ""
"""The label of texts that belong to no label of the list."""

FOLDS = 3
SHOWN_WORDS = 3


def labels_of(value: Any) -> Labels:
    """A value of an example as labels: none, one, or several."""
    if isinstance(value, list | tuple):
        return tuple(map(str, value))
    if isinstance(value, bool):
        return ("yes" if value else "no",)
    return () if value is None else (str(value),)


@dataclass(frozen=True)
class Taught:
    """A text with its labels; none where it belongs to none of the list."""

    text: str
    labels: Labels


@dataclass(frozen=True)
class Guess:
    """Labels with the probability of each label of the list, and the words that weighed most, as spans."""

    labels: Labels
    probabilities: Mapping[str, float]
    words: tuple[tuple[int, int], ...] = ()

    @property
    def probability(self) -> float:
        """How sure it is of what it says: of its least sure label, or of there being none."""
        if not self.labels:
            return 1.0 - max(self.probabilities.values(), default=0.0)
        return min(self.probabilities[label] for label in self.labels)


@dataclass(frozen=True)
class Classifier:
    """Fitted on `n` examples. `accuracy` is what it got right of examples that it had not seen."""

    classes: tuple[str, ...]
    several: bool
    features: Features
    coefficients: Any  # One row of weights a class.
    intercepts: Any
    slope: float
    shift: float
    threshold: float
    n: int
    accuracy: float
    seen: Mapping[str, int] = field(default_factory=dict)

    def guess(self, text: str) -> Guess:
        """The labels of a text."""
        scores = np.asarray(self.features.matrix([text]) @ self.coefficients.T)[0] + self.intercepts
        chances = self._chances(scores[None, :])[0]
        table = {label: float(p) for label, p in zip(self.classes, chances, strict=True)}
        if self.several:
            labels = tuple(label for label in self.classes if table[label] >= self.threshold)
        else:
            best = max(self.classes, key=lambda label: table[label])
            labels = () if best == NONE or table[best] < self.threshold else (best,)
        table.pop(NONE, None)
        words = self._words(text, labels[0]) if labels else ()
        return Guess(labels, table, words)

    def _chances(self, scores: Any) -> Any:
        return to_chances(scores, several=self.several, slope=self.slope, shift=self.shift)

    def _words(self, text: str, label: str) -> tuple[tuple[int, int], ...]:
        """The words that say most for a label, in the order of the text."""
        weights = self.features.weights(text, self.coefficients[self.classes.index(label)])
        best = sorted((each for each in weights if each[0] > 0), reverse=True)[:SHOWN_WORDS]
        return tuple(sorted((start, end) for _, start, end in best))


def to_chances(scores: Any, *, several: bool, slope: float, shift: float) -> Any:
    """Scores as probabilities: of one label among all, or of each label for itself."""
    if several:
        return 1.0 / (1.0 + np.exp(-np.clip(slope * scores + shift, -30, 30)))
    raised = np.exp(slope * (scores - scores.max(axis=1, keepdims=True)))
    return raised / raised.sum(axis=1, keepdims=True)


def examples_hash(examples: Sequence[Taught]) -> str:
    """What a fitted model is kept under."""
    digest = hashlib.sha256()
    for example in examples:
        digest.update(json.dumps([example.text, example.labels]).encode())
    return digest.hexdigest()


def classifier(examples: Sequence[Taught]) -> Classifier | None:
    """The model of these examples, fitted once a process; None where they hold fewer than two labels."""
    return _fitted(_Key(tuple(examples), examples_hash(examples)))


@dataclass(frozen=True)
class _Key:
    """Examples that compare by their hash alone."""

    examples: tuple[Taught, ...] = field(compare=False, repr=False)
    hash: str


@lru_cache(maxsize=64)
def _fitted(key: _Key) -> Classifier | None:
    examples = key.examples
    several = any(len(example.labels) > 1 for example in examples)
    if several:
        classes = tuple(sorted({label for example in examples for label in example.labels}))
    else:
        classes = tuple(sorted({_single(example) for example in examples}))
    if len(classes) < 2 or len(examples) < 2 * FOLDS:
        return None
    targets = _targets(examples, classes)
    texts = [example.text for example in examples]
    scores = _unseen(texts, targets, several=several)
    slope, shift = _calibrated(scores, targets, several=several)
    chances = to_chances(scores, several=several, slope=slope, shift=shift)
    threshold = _threshold(chances, targets, classes, several=several)
    features = fit_features(texts)
    coefficients, intercepts = _machine(features.matrix(texts), targets, several=several)
    return Classifier(
        classes=classes,
        several=several,
        features=features,
        coefficients=coefficients,
        intercepts=intercepts,
        slope=slope,
        shift=shift,
        threshold=threshold,
        n=len(examples),
        accuracy=_quality(scores, targets, several=several),
        seen=Counter(label for example in examples for label in example.labels),
    )


def _single(example: Taught) -> str:
    return example.labels[0] if example.labels else NONE


def _targets(examples: Sequence[Taught], classes: Sequence[str]) -> Any:
    """A row of noughts and ones for each example."""
    index = {label: at for at, label in enumerate(classes)}
    targets = np.zeros((len(examples), len(classes)), dtype=np.int8)
    for row, example in enumerate(examples):
        for label in example.labels or (NONE,):
            if label in index:
                targets[row, index[label]] = 1
    return targets


def _machine(matrix: Any, targets: Any, *, several: bool) -> tuple[Any, Any]:
    """One against the rest for each class: weights and intercepts."""
    from sklearn.svm import LinearSVC  # noqa: PLC0415  (a second of imports, for those who use it)

    if not several and targets.shape[1] > 2:
        model = LinearSVC(C=1.0, random_state=0).fit(matrix, targets.argmax(axis=1))
        return _rows_for_all(model, targets.shape[1])
    weights, intercepts = [], []
    for column in targets.T:
        if column.min() == column.max():
            weights.append(np.zeros(matrix.shape[1]))
            intercepts.append(1.0 if column.max() else -1.0)
            continue
        model = LinearSVC(C=1.0, random_state=0).fit(matrix, column)
        weights.append(model.coef_[0])
        intercepts.append(float(model.intercept_[0]))
    return np.array(weights), np.array(intercepts)


def _rows_for_all(model: Any, classes: int) -> tuple[Any, Any]:
    """Weights by class number; a class that a part of the examples lacks gets a score that never wins."""
    if len(model.classes_) == 2:
        weights = np.vstack([-model.coef_[0], model.coef_[0]])
        found_intercepts = np.array([-model.intercept_[0], model.intercept_[0]])
    else:
        weights, found_intercepts = model.coef_, model.intercept_
    coefficients = np.zeros((classes, weights.shape[1]))
    intercepts = np.full(classes, -10.0)
    coefficients[model.classes_] = weights
    intercepts[model.classes_] = found_intercepts
    return coefficients, intercepts


def _unseen(texts: Sequence[str], targets: Any, *, several: bool) -> Any:
    """The scores of every example by a machine that has not seen it."""
    rng = np.random.default_rng(0)
    order = rng.permutation(len(texts))
    if not several:  # Every part holds its share of each label.
        order = order[np.argsort(targets[order].argmax(axis=1), kind="stable")]
    scores = np.zeros(targets.shape)
    for fold in range(FOLDS):
        held = order[fold::FOLDS]
        kept = np.setdiff1d(order, held)
        features = fit_features([texts[i] for i in kept])
        coefficients, intercepts = _machine(
            features.matrix([texts[i] for i in kept]), targets[kept], several=several
        )
        scores[held] = np.asarray(features.matrix([texts[i] for i in held]) @ coefficients.T) + intercepts
    return scores


def _quality(scores: Any, targets: Any, *, several: bool) -> float:
    """Accuracy; of several labels, F1 over all of them."""
    if not several:
        return float((scores.argmax(axis=1) == targets.argmax(axis=1)).mean())
    return _micro_f1(scores > 0, targets)


def _micro_f1(given: Any, targets: Any) -> float:
    both = float((given & (targets == 1)).sum())
    total = float(given.sum() + targets.sum())
    return 2 * both / total if total else 1.0


def _calibrated(scores: Any, targets: Any, *, several: bool) -> tuple[float, float]:
    """The slope (and, for several labels, the shift) with the least surprise on unseen examples."""
    best = (np.inf, 1.0, 0.0)
    shifts = np.linspace(-4, 4, 17) if several else [0.0]
    for slope in np.geomspace(0.5, 32, 25):
        for shift in shifts:
            chances = np.clip(to_chances(scores, several=several, slope=slope, shift=shift), 1e-6, 1 - 1e-6)
            if several:
                loss = -float(np.where(targets == 1, np.log(chances), np.log(1 - chances)).mean())
            else:
                loss = -float(np.log(chances[targets == 1]).mean())
            best = min(best, (loss, float(slope), float(shift)))
    return best[1], best[2]


def _threshold(chances: Any, targets: Any, classes: Sequence[str], *, several: bool) -> float:
    """From which probability on a label is given: where most unseen examples come out right.

    Without examples of no label, one label is always given: nothing was ever said of when not to.
    """
    if several:
        steps = np.linspace(0.1, 0.8, 29)
        return float(max(steps, key=lambda step: _micro_f1(chances >= step, targets)))
    if NONE not in classes:
        return 0.0
    none = list(classes).index(NONE)
    truth = targets.argmax(axis=1)
    best = chances.argmax(axis=1)
    top = chances.max(axis=1)

    def right(step: float) -> float:
        answer = np.where(top < step, none, best)
        inside = float((answer == truth)[truth != none].mean()) if (truth != none).any() else 0.0
        return inside + float((answer == truth)[truth == none].mean())

    return float(max(np.linspace(0.0, 0.6, 25), key=right))
