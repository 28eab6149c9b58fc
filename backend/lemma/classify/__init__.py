"""Choices by example: labels of a customer's own lists, learned from the customer's own verdicts."""

from lemma.classify.cells import by_example
from lemma.classify.decide import Decision, decide
from lemma.classify.labels import Classifier, Guess, Taught, classifier, labels_of

__all__ = ["Classifier", "Decision", "Guess", "Taught", "by_example", "classifier", "decide", "labels_of"]
