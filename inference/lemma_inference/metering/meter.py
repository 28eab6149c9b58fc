"""Counts what each request used, whatever became of it.

Every part of an answer carries the running count, so a request that breaks off is counted up to its last
part. The counts are of this process; whoever bills reads each response's own usage.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from lemma_inference.classes import RequestClass
from lemma_inference.engines.protocol import Delta, Usage


@dataclass
class Measured:
    """One request under way. `finished` once the engine gave the reason for its end."""

    usage: Usage = field(default_factory=Usage)
    finished: bool = False

    def saw(self, delta: Delta) -> None:
        """The next part of the answer."""
        self.usage = delta.usage or self.usage
        self.finished = self.finished or delta.finish is not None


@dataclass
class Totals:
    """Sums since the start. `unfinished` requests broke off or failed; their tokens count too."""

    requests: int = 0
    unfinished: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0


class Meter:
    """Sums by class."""

    def __init__(self) -> None:
        self.totals: dict[RequestClass, Totals] = {}

    @contextmanager
    def measuring(self, request_class: RequestClass) -> Iterator[Measured]:
        """Counts what is seen inside the block, also when it is left by an exception."""
        measured = Measured()
        try:
            yield measured
        finally:
            totals = self.totals.setdefault(request_class, Totals())
            totals.requests += 1
            totals.unfinished += not measured.finished
            totals.prompt_tokens += measured.usage.prompt
            totals.cached_tokens += measured.usage.cached
            totals.completion_tokens += measured.usage.completion
