"""Whose answer counts: the model's, or the customer's examples'.

One function, so that it can be read, tested and argued about:

* Without an answer by example, the model's counts.
* With at least twenty examples, and two for each label that they know, the examples decide: they are the
  customer's own verdicts on the customer's own list, while a general model knows only the labels' names.
* With fewer, the model's answer counts, and the examples' is kept beside it as the second signal. Where the
  model says nothing, the examples speak.

The other answer is always kept in the cell's signals (`second`), so that later calibration can use whether
the two agree.
"""

from dataclasses import dataclass
from typing import Literal

ENOUGH = 20
ENOUGH_FOR_EACH = 2

Labels = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """The labels that count, and who gave them."""

    labels: Labels
    by: Literal["model", "examples"]


def decide(model_answer: Labels, example_answer: Labels | None, n: int, known_labels: int = 0) -> Decision:
    """The answer that counts. `n` is the number of examples, `known_labels` how many labels they show."""
    if example_answer is None:
        return Decision(model_answer, "model")
    if n >= max(ENOUGH, ENOUGH_FOR_EACH * known_labels) or not model_answer:
        return Decision(example_answer, "examples")
    return Decision(model_answer, "model")
