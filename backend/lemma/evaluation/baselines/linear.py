"""What a choice is worth: the commonest label, and a linear model on the words of the training part."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

from lemma.evaluation.readers import Outcome, fingerprint
from lemma.evaluation.sets.base import Case
from lemma.reading.cell import Cell, Status
from lemma.reading.material import Labelled
from lemma.reading.prompt import visible_lines
from lemma.reading.source import Source

Labels = tuple[str, ...]
Guess = Callable[[str], Labels]
Fit = Callable[[Sequence[tuple[str, Labels]]], Guess]
_WORD = r"(?u)\b\w+\b"
QUESTION = "answers.verdict"


def majority(rows: Sequence[tuple[str, Labels]]) -> Guess:
    """Always the commonest labels."""
    commonest = Counter(labels for _, labels in rows).most_common(1)[0][0]
    return lambda text: commonest


def linear(rows: Sequence[tuple[str, Labels]]) -> Guess:
    """TF-IDF of words and pairs of words with a linear support vector machine; one against the rest where
    texts have several labels."""
    classes = sorted({label for _, labels in rows for label in labels})
    several = any(len(labels) != 1 for _, labels in rows)
    if len(classes) < 2 or len(rows) < 3:
        return majority(rows)
    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=_WORD)
    matrix = words.fit_transform([text for text, _ in rows])
    if not several:
        model = LinearSVC(random_state=0).fit(matrix, [labels[0] for _, labels in rows])
        return lambda text: (str(model.predict(words.transform([text]))[0]),)
    single = {
        label: LinearSVC(random_state=0).fit(matrix, [label in labels for _, labels in rows])
        for label in classes
    }

    def guess(text: str) -> Labels:
        row = words.transform([text])
        return tuple(label for label, model in single.items() if model.predict(row)[0])

    return guess


class LabelBaseline:
    """A choice from the examples alone. Questions are learned one by one, on the whole agreement's words."""

    def __init__(self, name: str, fit: Fit, examples: Sequence[Labelled]) -> None:
        self.name = name
        self._by = fingerprint(str(len(examples)), *(example.text for example in examples[:50]))
        self._path = next((path for example in examples for path in example.values), "")
        rows: dict[str, list[tuple[str, Labels]]] = defaultdict(list)
        for example in examples:
            about, text = _split(example.text) if self._path == QUESTION else ("", example.text)
            rows[about].append((text, labels_of(example.values.get(self._path))))
        self._rows = rows
        self._fit = fit
        self._guesses: dict[str, Guess] = {}

    def by(self, case: Case) -> str:
        del case
        return self._by

    async def read(self, case: Case, source: Source) -> Outcome:
        return Outcome(tuple(self._cells(case, source)), source=source)

    def _guess(self, about: str, text: str) -> Labels:
        """The labels of a text; fitted when first asked, for a run that goes on may have nothing to ask."""
        if about not in self._rows:
            return ()
        if about not in self._guesses:
            self._guesses[about] = self._fit(self._rows[about])
        return self._guesses[about](text)

    def _cells(self, case: Case, source: Source) -> Iterator[Cell]:
        lines = [line.text for line in visible_lines(source) if line.text]
        table, _, column = self._path.rpartition(".")
        if self._path == QUESTION:
            agreement = "\n".join(line for passage in case.material.passages for line in passage.lines)
            for number, question in enumerate(lines):
                yield Cell(f"{table}[{number}].question", question, question, Status.FOUND)
                for label in self._guess(question, agreement):
                    yield Cell(f"{table}[{number}].{column}", label, None, Status.DERIVED)
            return
        labels = self._guess("", "\n".join(lines))
        if table:
            yield from (Cell(f"{table}[0].{column}", label, None, Status.DERIVED) for label in labels)
        elif labels in {("yes",), ("no",)}:
            yield Cell(self._path, labels == ("yes",), None, Status.DERIVED)
        else:
            for number, label in enumerate(labels):
                yield Cell(f"{self._path}[{number}]", label, None, Status.DERIVED)


def labels_of(value: Any) -> Labels:
    """A value of an example as labels: none, one, or several."""
    if isinstance(value, list | tuple):
        return tuple(map(str, value))
    if isinstance(value, bool):
        return ("yes" if value else "no",)
    return () if value is None else (str(value),)


def _split(text: str) -> tuple[str, str]:
    about, _, rest = text.partition("\n")
    return about, rest
