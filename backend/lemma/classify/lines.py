"""Which lines show something, learned from lines that were quoted for it before.

For each subject (a question of a questionnaire, a clause of a contract) a linear machine tells quoted lines
from all others. A subject is taken to be mentioned where its best line scores high enough; from which score
on, and how sure that makes it, is said by documents that the machines had not seen. The quote is then the
best line with its equally good neighbours: words of the document, as all evidence is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lemma.classify.features import fit_words

FOLDS = 3
LEAST_DOCUMENTS = 6
LEAST_QUOTED = 3
"""With fewer quoted lines nothing is learned of a subject."""

LEAST_OTHERS = 600
OTHERS_EACH = 20
"""Other lines that a quoted one is told from."""

Lines = tuple[str, ...]


@dataclass(frozen=True)
class Shown:
    """A document: its lines, and for each subject that was looked for the numbers of the lines that show it
    (from nought; none where it is not mentioned)."""

    lines: Lines
    subjects: Mapping[str, frozenset[int]]


@dataclass(frozen=True)
class Found:
    """What the lines of a document say of a subject: how probable it is that it is mentioned, and where."""

    probability: float
    mentioned: bool
    best: tuple[int, ...]
    """The numbers of the quoted lines, in order: neighbours of the best one that score nearly as high."""


@dataclass(frozen=True)
class LineModel:
    """Machines by subject. `documents` is how many each has seen."""

    words: Any
    machines: Mapping[str, tuple[Any, float]]
    documents: Mapping[str, int]
    slope: float
    shift: float
    threshold: float
    around: int

    def find(self, subject: str, lines: Lines) -> Found | None:
        """Where a subject stands; None where nothing was learned of it or there are no lines."""
        machine = self.machines.get(subject)
        if machine is None or not lines:
            return None
        scores = score(self.words, machine, lines, self.around)
        best = int(scores.argmax())
        top = float(scores[best])
        chosen = [best]
        for step in (-1, 1):
            at = best + step
            while 0 <= at < len(lines) and scores[at] >= max(self.threshold, top - 0.3):
                chosen.append(at)
                at += step
        probability = 1.0 / (1.0 + np.exp(-np.clip(self.slope * top + self.shift, -30, 30)))
        return Found(float(probability), top >= self.threshold, tuple(sorted(chosen)))


def score(words: Any, machine: tuple[Any, float], lines: Lines, around: int) -> Any:
    """The score of each line."""
    coefficients, intercept = machine
    return np.asarray(words.transform(windows(lines, around)) @ coefficients).ravel() + intercept


def windows(lines: Lines, around: int) -> list[str]:
    """Each line with its neighbours, where a line alone is a part of a sentence, and a word for how far down
    the document it stands: what is agreed stands near the end of a meeting."""
    return [
        f"{' '.join(lines[max(0, at - around) : at + around + 1])} place{10 * at // len(lines)}place"
        for at in range(len(lines))
    ]


def fit_lines(documents: Sequence[Shown]) -> LineModel | None:
    """The machines of these documents; None where they are too few or quote too little."""
    if len(documents) < LEAST_DOCUMENTS:
        return None
    around = neighbours(documents)
    subjects = sorted({subject for each in documents for subject in each.subjects})
    tops: list[tuple[float, bool]] = []
    for fold in range(FOLDS):
        kept = [each for at, each in enumerate(documents) if at % FOLDS != fold]
        held = [each for at, each in enumerate(documents) if at % FOLDS == fold]
        words, machines = machines_of(kept, subjects, around)
        for subject, machine in machines.items():
            asked = [each for each in held if subject in each.subjects and each.lines]
            tops += [
                (float(score(words, machine, each.lines, around).max()), bool(each.subjects[subject]))
                for each in asked
            ]
    if not tops or len({mentioned for _, mentioned in tops}) < 2:
        return None
    slope, shift = _calibrated(tops)
    words, machines = machines_of(documents, subjects, around)
    seen = {subject: sum(subject in each.subjects for each in documents) for subject in machines}
    return LineModel(words, machines, seen, slope, shift, _threshold(tops), around)


def neighbours(documents: Sequence[Shown]) -> int:
    """How many lines before and after belong to a line's words: one where lines are those of a page, which
    break sentences; none where each is a sentence."""
    lengths = [len(line) for each in documents for line in each.lines]
    return 1 if lengths and float(np.mean(lengths)) < 90 else 0


def machines_of(
    documents: Sequence[Shown], subjects: Sequence[str], around: int
) -> tuple[Any, dict[str, tuple[Any, float]]]:
    """The words of these documents, and a machine for each subject that they quote often enough."""
    from sklearn.svm import LinearSVC  # noqa: PLC0415  (a second of imports, for those who use it)

    texts = [text for each in documents for text in windows(each.lines, around)]
    words = fit_words(texts)
    matrix = words.transform(texts)
    starts = np.cumsum([0, *(len(each.lines) for each in documents)])
    machines: dict[str, tuple[Any, float]] = {}
    for subject in subjects:
        rows: list[int] = []
        targets: list[bool] = []
        for start, each in zip(starts, documents, strict=False):
            if subject in each.subjects:
                rows.extend(range(start, start + len(each.lines)))
                targets.extend(at in each.subjects[subject] for at in range(len(each.lines)))
        rows, targets = _thinned(rows, targets)
        if LEAST_QUOTED <= sum(targets) < len(targets):
            model = LinearSVC(C=1.0, class_weight="balanced", random_state=0, max_iter=3000, tol=1e-3)
            model.fit(matrix[rows], targets)
            machines[subject] = (model.coef_[0], float(model.intercept_[0]))
    return words, machines


def _thinned(rows: list[int], targets: list[bool]) -> tuple[list[int], list[bool]]:
    """All quoted lines, and of the others so many that fitting stays quick; always the same ones."""
    others = [at for at, target in enumerate(targets) if not target]
    most = max(LEAST_OTHERS, OTHERS_EACH * sum(targets))
    if len(others) > most:
        others = sorted(np.random.default_rng(0).choice(others, most, replace=False).tolist())
    kept = sorted([*others, *(at for at, target in enumerate(targets) if target)])
    return [rows[at] for at in kept], [targets[at] for at in kept]


def _calibrated(tops: Sequence[tuple[float, bool]]) -> tuple[float, float]:
    """The slope and shift with the least surprise."""
    scores = np.array([top for top, _ in tops])
    truth = np.array([mentioned for _, mentioned in tops])
    best = (np.inf, 1.0, 0.0)
    for slope in np.geomspace(0.25, 16, 19):
        for shift in np.linspace(-4, 4, 33):
            chances = np.clip(1 / (1 + np.exp(-np.clip(slope * scores + shift, -30, 30))), 1e-6, 1 - 1e-6)
            loss = -float(np.where(truth, np.log(chances), np.log(1 - chances)).mean())
            best = min(best, (loss, float(slope), float(shift)))
    return best[1], best[2]


def _threshold(tops: Sequence[tuple[float, bool]]) -> float:
    """From which score on a subject is mentioned: the mean of both kinds' F1 is best there. Where a whole
    stretch is best, its middle, which leaves room for words on both sides that were never seen."""
    scores = np.array([top for top, _ in tops])
    truth = np.array([mentioned for _, mentioned in tops])

    def quality(at: float) -> float:
        given = scores >= at
        both = [_f1(given, truth), _f1(~given, ~truth)]
        return float(np.mean(both))

    steps = np.unique(np.round(scores, 2))
    middles = (steps[1:] + steps[:-1]) / 2
    qualities = np.array([quality(at) for at in middles])
    return float(np.mean(middles[qualities >= qualities.max() - 1e-9]))


def _f1(given: Any, truth: Any) -> float:
    total = float(given.sum() + truth.sum())
    return 2 * float((given & truth).sum()) / total if total else 1.0
