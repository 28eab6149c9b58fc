"""Whom to take back when research arrives.

A yank closes a product request's connection, which frees its blocks in the engine, and sends it again later,
to the same replica, where the prefix cache still holds what was read. It costs what was generated, so the
cheapest goes first: prompts in prefill, then the shortest answers, batch before interactive.
"""

from collections.abc import Sequence

from lemma_inference.admission.ledger import Books
from lemma_inference.admission.placing import has_room
from lemma_inference.admission.policy import Policy
from lemma_inference.admission.ticket import Flight, Ticket


def disturbing(books: Books, policy: Policy) -> list[Flight]:
    """What must go from a replica because research has just been given to it: all that borrowed a home, and
    in `strict` every product prompt that is being read."""
    return [
        flight
        for flight in books.flights
        if flight.may_be_yanked(policy.yanks)
        and (
            flight.borrowed or (policy.mode == "strict" and flight.in_prefill and not flight.ticket.research)
        )
    ]


def making_room(ticket: Ticket, replicas: Sequence[Books], policy: Policy) -> list[Flight]:
    """The fewest and cheapest flights of one replica whose end would let this research request in; empty
    where no replica can be cleared so far, or where enough is being cleared already."""
    plans = [plan for books in replicas if (plan := _clearing(ticket, books, policy)) is not None]
    return min(plans, key=len, default=[])


def _clearing(ticket: Ticket, books: Books, policy: Policy) -> list[Flight] | None:
    """What to clear from this replica, or None where that is not possible."""
    if not books.available() or books.id in ticket.avoid:
        return None
    leaving = [flight for flight in books.flights if flight.yanked]
    seats = books.seats - len(books.flights) + len(leaving)
    tokens = books.kv_tokens - books.kv_reserved + sum(flight.ticket.tokens for flight in leaving)
    plan: list[Flight] = []
    for flight in sorted(books.flights, key=_cost):
        if seats >= 1 and (not books.kv_tokens or tokens >= ticket.tokens):
            return plan
        if flight.ticket.research or not flight.may_be_yanked(policy.yanks):
            continue
        plan.append(flight)
        seats += 1
        tokens += flight.ticket.tokens
    enough = seats >= 1 and (not books.kv_tokens or tokens >= ticket.tokens)
    return plan if enough or has_room(ticket, books, policy) else None


def _cost(flight: Flight) -> tuple[bool, bool, int]:
    """Batch before interactive, prefill before answers, short answers before long ones."""
    return (flight.ticket.level != "batch", not flight.in_prefill, flight.generated)
