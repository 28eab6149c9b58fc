"""What one row of the contention table saw, and the table."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.bench.inference import cases
from tests.bench.inference.cases import Case
from tests.bench.inference.figures import interval, percentile, rows, verdict


@dataclass
class Outcome:
    """Milliseconds of research, and tokens of the product, over `seconds`."""

    first: list[float] = field(default_factory=list)
    between: list[float] = field(default_factory=list)
    asked: int = 0
    failed: int = 0
    seconds: float = 0.0
    batch_tokens: int = 0
    yanks: int = 0
    reread: int = 0

    @property
    def product(self) -> float:
        """Tokens of complete batch answers a second."""
        return self.batch_tokens / self.seconds if self.seconds else 0.0

    def saw(self, began: float, times: Sequence[float]) -> None:
        """One streamed answer of research, with the times of its tokens in seconds."""
        self.first.append((times[0] - began) * 1000.0)
        self.between += [(after - before) * 1000.0 for before, after in itertools.pairwise(times)]

    def since(self, batch_tokens: int, yanks: int, reread: int) -> None:
        """Leaves out what was counted before the measurement began."""
        self.batch_tokens -= batch_tokens
        self.yanks -= yanks
        self.reread -= reread

    def add(self, other: "Outcome") -> None:
        self.first += other.first
        self.between += other.between
        for name in ("asked", "failed", "seconds", "batch_tokens", "yanks", "reread"):
            setattr(self, name, getattr(self, name) + getattr(other, name))


Found = Mapping[tuple[str, float], Outcome]
HEAD = [
    "", "research/s", "answered", "first token p50", "p99 (95 %)", "between p50", "p99",
    "batch tok/s", "yanks/min", "read twice tok/s", "p99 at most", "",
]  # fmt: skip


def table(found: Found, rates: Sequence[float], *, targets: bool = True) -> str:
    """Research's milliseconds and the product's tokens, row by row. Targets are of a graphics card."""
    body: list[list[object]] = []
    for case in cases.CASES:
        for rate in rates:
            one = found.get((case.name, rate))
            if one is not None:
                alone = found.get((cases.ALONE.name, rate))
                tail = percentile(alone.first, 0.99) if alone else float("nan")
                body.append(_row(case, rate, one, case.limit(tail) if targets else None))
    return rows(HEAD, body)


def _row(case: Case, rate: float, one: Outcome, limit: float | None) -> list[object]:
    low, high = interval(one.first, 0.99)
    tail = percentile(one.first, 0.99)
    answered = f"{len(one.first)} of {one.asked}"
    failed = f", {one.failed} failed" if one.failed else ""
    return [
        case.name, f"{rate:g}", answered + failed, f"{percentile(one.first, 0.5):.0f}",
        f"{tail:.0f} ({low:.0f} to {high:.0f})", f"{percentile(one.between, 0.5):.1f}",
        f"{percentile(one.between, 0.99):.0f}", f"{one.product:.0f}" if case.batch else "",
        f"{one.yanks * 60 / one.seconds:.1f}" if case.policy and case.batch else "",
        f"{one.reread / one.seconds:.0f}" if case.policy and case.batch else "",
        "" if limit is None else f"{limit:.0f}", "" if limit is None else verdict(tail, limit),
    ]  # fmt: skip


def product_table(found: Found) -> str:
    """What the product gets while nobody of research asks."""
    whole = found[cases.BATCH_ONLY.name, 0.0].product
    body: list[list[object]] = []
    for case in cases.BATCH_CASES:
        one = found[case.name, 0.0]
        share = one.product / whole
        target = verdict(cases.LEAST_PRODUCT, share) if case.policy else ""
        body.append([case.name, f"{one.product:.0f}", f"{share:.2f}", target])
    return rows(["", "batch tok/s", "of vLLM's defaults", f"at least {cases.LEAST_PRODUCT:g}"], body)
