"""What waits, and what runs."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from lemma_inference.callers import Caller
from lemma_inference.classes import RequestClass


@dataclass(slots=True, eq=False)
class Ticket:
    """One request in line.

    `prompt` and `answer` are tokens: how many there are, and at most how many there will be. `deadline` is on
    the admission's clock, and only orders. `prefix` is equal for prompts that begin alike, so that they meet
    the same cache. `level` is the class that it stands in line with: a research request beyond its
    reservation stands with interactive.
    """

    caller: Caller
    prompt: int
    answer: int
    deadline: float = math.inf
    prefix: int = 0
    level: RequestClass = field(init=False)
    account: str = field(init=False)
    arrival: int = 0
    yanks: int = 0
    # The replica whose cache holds what was read before a yank; those that lost this request already.
    pinned: str | None = None
    avoid: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.level = self.caller.request_class
        self.account = self.caller.account

    @property
    def research(self) -> bool:
        """Whether it goes before everybody."""
        return self.level == "research"

    @property
    def tokens(self) -> int:
        """KV tokens that it may come to hold."""
        return self.prompt + self.answer

    @property
    def order(self) -> tuple[float, int]:
        """Within one account: earliest deadline first, then first come. Only batch has deadlines."""
        return (self.deadline if self.level == "batch" else 0.0, self.arrival)


@dataclass(slots=True, eq=False)
class Flight:
    """A request on a replica. `interrupt` takes it back and is None from the moment that a yank would show:
    once a part of the answer has reached the client, or while there is nothing to take back."""

    ticket: Ticket
    replica: str
    began: float
    in_prefill: bool = True
    generated: int = 0
    interrupt: Callable[[], None] | None = None
    yanked: bool = False
    # Tokens charged to the account so far, and those that the engine had in its cache.
    charged: float = 0.0
    cached: int = 0
    borrowed: bool = False

    def may_be_yanked(self, most: int) -> bool:
        return self.interrupt is not None and not self.yanked and self.ticket.yanks < most
