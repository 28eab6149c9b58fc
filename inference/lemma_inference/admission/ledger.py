"""What runs where, counted here and not scraped.

Figures that an engine publishes are late by a scrape and a step: dispatch that trusts them overshoots when
they are old and stops when they are stale (llm-d-router#2066, #2100). What we sent and have not seen the end
of is known exactly and at once.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from lemma_inference.admission.ticket import Flight
from lemma_inference.classes import CLASSES, RequestClass


@dataclass(slots=True)
class Filled:
    """Requests of one class on a replica, and the KV tokens that they may come to hold."""

    requests: int = 0
    tokens: int = 0


@dataclass(slots=True, eq=False)
class Books:
    """One replica's account of what it was given.

    `seats` are requests at once, `kv_tokens` the tokens that its cache holds (0 where nobody knows: then only
    seats count). `home` is a replica that belongs to research. `available` says whether it takes requests.
    """

    id: str
    seats: int
    kv_tokens: int
    home: bool
    available: Callable[[], bool]
    flights: set[Flight] = field(default_factory=set)
    by_class: dict[RequestClass, Filled] = field(default_factory=lambda: {name: Filled() for name in CLASSES})
    # Tokens of product prompts that are being read.
    product_prefill: int = 0
    # When research was last seen here, on the admission's clock.
    research_left: float = float("-inf")

    def enter(self, flight: Flight) -> None:
        """The flight begins, with its prompt to be read."""
        self.flights.add(flight)
        self._count(flight, 1)
        if not flight.ticket.research:
            self.product_prefill += flight.ticket.prompt

    def has_read(self, flight: Flight) -> None:
        """The flight's prompt is read: its first token is there."""
        flight.in_prefill = False
        if not flight.ticket.research:
            self.product_prefill -= flight.ticket.prompt

    def leave(self, flight: Flight, now: float) -> None:
        """The flight is over, whatever came of it."""
        if flight.in_prefill:
            self.has_read(flight)
        self.flights.discard(flight)
        self._count(flight, -1)
        if flight.ticket.caller.request_class == "research":
            self.research_left = now

    @property
    def research(self) -> int:
        """Research requests here, within their reservation."""
        return self.by_class["research"].requests

    @property
    def product(self) -> int:
        """All others."""
        return len(self.flights) - self.research

    @property
    def kv_reserved(self) -> int:
        return sum(filled.tokens for filled in self.by_class.values())

    @property
    def load(self) -> float:
        """How full it is, by what is scarcer."""
        kv = self.kv_reserved / self.kv_tokens if self.kv_tokens else 0.0
        return max(len(self.flights) / self.seats, kv)

    def _count(self, flight: Flight, sign: int) -> None:
        filled = self.by_class[flight.ticket.level]
        filled.requests += sign
        filled.tokens += sign * flight.ticket.tokens
