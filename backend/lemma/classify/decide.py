"""Whose answer counts: the model's, or the customer's examples'.

One function, so that it can be read, tested and argued about:

* Without an answer by example, the model's counts.
* With at least twenty examples, two for each label that they show, and at least half of the list's labels
  among these, the examples decide: they are the customer's own verdicts on the customer's own list, while a
  general model knows only the labels' names. A label that no example shows can never be their answer, so
  examples of another list, or of a corner of it, must not decide.
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


def decide(
    model_answer: Labels,
    example_answer: Labels | None,
    n: int,
    shown_labels: int = 1,
    all_labels: int = 1,
) -> Decision:
    """The answer that counts. `n` is the number of examples, `shown_labels` how many labels they show of the
    `all_labels` of the list."""
    if example_answer is None:
        return Decision(model_answer, "model")
    enough = n >= max(ENOUGH, ENOUGH_FOR_EACH * shown_labels)
    covered = 2 * shown_labels >= all_labels
    if covered and (enough or not model_answer):
        return Decision(example_answer, "examples")
    return Decision(model_answer, "model")
