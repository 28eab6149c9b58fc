"""Percentiles, how sure they are, and how even a division is."""

import math
import random
from collections.abc import Sequence

RESAMPLES = 400


def percentile(values: Sequence[float], share: float) -> float:
    """The value that so large a share of them does not exceed (nearest rank); nan for none."""
    if not values:
        return float("nan")
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered) - 1e-9) - 1)]


def interval(values: Sequence[float], share: float, seed: int = 0) -> tuple[float, float]:
    """Where the percentile lies with 95 %: by the bootstrap (Efron 1979), drawn again with putting back."""
    if not values:
        return float("nan"), float("nan")
    rng = random.Random(seed)
    found = sorted(percentile(rng.choices(values, k=len(values)), share) for _ in range(RESAMPLES))
    return found[round(0.025 * RESAMPLES)], found[round(0.975 * RESAMPLES) - 1]


def jain(values: Sequence[float]) -> float:
    """Jain's index of fairness: 1 where all have the same, 1/n where one has all."""
    squares = sum(value * value for value in values)
    return sum(values) ** 2 / (len(values) * squares) if squares else float("nan")


def rows(head: Sequence[str], body: Sequence[Sequence[object]]) -> str:
    """A Markdown table; the first column is text, the others are numbers."""
    lines = ["| " + " | ".join(head) + " |", "|---|" + "--:|" * (len(head) - 1)]
    lines += ["| " + " | ".join(map(str, row)) + " |" for row in body]
    return "\n".join(lines)


def verdict(value: float, most: float) -> str:
    """Whether a figure is within its target; nothing is said of what was not measured."""
    if value != value:  # noqa: PLR0124 - not a number
        return "not measured"
    return "met" if value <= most else "not met"
