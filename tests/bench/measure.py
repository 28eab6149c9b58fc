"""What a benchmark says, and how things are timed beside each other.

Machines differ and are busy; a ratio of two things that took turns on the same files, in the same run, is
what can be compared from one day to the next. What counts is processor time, of this process and of its
children, because other programs on the machine change it little.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import psutil


@dataclass(frozen=True, slots=True)
class Measure:
    """One line of the table.

    `value` is in `unit`. `peer` names what it is compared with and `ratio` says how many times better it
    is than that. `least` is the ratio, or without a peer the value, that is the target; None for none.
    """

    name: str
    value: float
    unit: str
    n: int
    peer: str = ""
    ratio: float | None = None
    least: float | None = None

    @property
    def met(self) -> bool | None:
        """Whether the target is reached; None where there is none."""
        if self.least is None:
            return None
        return (self.value if self.ratio is None else self.ratio) >= self.least


def best_times(tasks: Sequence[Callable[[], object]], rounds: int = 5) -> list[float]:
    """The least processor time of each task in seconds, over rounds in which each has its turn.

    The least is the one that other programs disturbed least. The first round warms up and is not counted.
    """
    best = [float("inf")] * len(tasks)
    for turn in range(rounds + 1):
        for index, task in enumerate(tasks):
            start = _processor_seconds()
            task()
            taken = _processor_seconds() - start
            if turn:
                best[index] = min(best[index], taken)
    return [max(each, 1e-6) for each in best]


def _processor_seconds() -> float:
    """What this process and its living children have used. Children are kept, so none is lost."""
    own = psutil.Process()
    used = 0.0
    for process in (own, *own.children(recursive=True)):
        times = process.cpu_times()
        used += times.user + times.system
    return used


def table(measures: Sequence[Measure]) -> str:
    """All measures as a Markdown table."""
    lines = ["| what | measured | n | against | ratio | target | |", "|---|--:|--:|---|--:|--:|---|"]
    for each in measures:
        ratio = "" if each.ratio is None else f"{each.ratio:.1f}"
        least = "" if each.least is None else f"{each.least:g}"
        met = {True: "met", False: "not met", None: ""}[each.met]
        value = f"{each.value:,.1f} {each.unit}"
        lines.append(f"| {each.name} | {value} | {each.n} | {each.peer} | {ratio} | {least} | {met} |")
    return "\n".join(lines)
