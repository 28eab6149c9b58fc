"""Choices by example: labels of a customer's own lists, learned from the customer's own verdicts."""

from lemma.classify.cells import by_example
from lemma.classify.decide import Decision, decide
from lemma.classify.labels import Classifier, Guess, Taught, classifier, labels_of
from lemma.classify.names import by_name

__all__ = [
    "Classifier",
    "Decision",
    "Guess",
    "Taught",
    "by_example",
    "by_name",
    "classifier",
    "decide",
    "labels_of",
]
