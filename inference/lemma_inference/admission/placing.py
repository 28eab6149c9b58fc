"""Where a request may go now: the rules of the policy, as questions about one replica's books."""

import hashlib
from collections.abc import Iterable

from lemma_inference.admission.ledger import Books
from lemma_inference.admission.policy import Policy
from lemma_inference.admission.ticket import Ticket
from lemma_inference.classes import CLASSES, RequestClass

# For a class of the product, the classes whose ceilings bind it; for a ceiling, those that count against it.
BOUND_BY: dict[RequestClass, tuple[RequestClass, ...]] = {
    "research": (),
    "interactive": ("interactive",),
    "batch": ("interactive", "batch"),
}
FILLED_BY: dict[RequestClass, tuple[RequestClass, ...]] = {
    "research": CLASSES,
    "interactive": ("interactive", "batch"),
    "batch": ("batch",),
}
# How much fuller than the emptiest a replica may be and still be taken for the prefix that it holds.
AFFINITY_SLACK = 0.15


def choose(ticket: Ticket, replicas: Iterable[Books], policy: Policy, now: float) -> Books | None:
    """The replica for this ticket, or None where it has to wait.

    Research goes home first and elsewhere when home is full, to where the product reads least. What was taken
    back goes where its prompt lies in the cache. All go to the replica that their prefix points to, unless
    that costs balance.
    """
    open_to_it = [books for books in replicas if may_go(ticket, books, policy, now)]
    if ticket.research:
        open_to_it = [books for books in open_to_it if books.home] or open_to_it
    if not open_to_it:
        return None
    emptiest = min(books.load for books in open_to_it)
    near = [books for books in open_to_it if books.load <= emptiest + AFFINITY_SLACK]

    def preference(books: Books) -> tuple[float, float]:
        disturbed = books.product_prefill if ticket.research else 0
        return disturbed, -_pull(ticket.prefix, books.id) if ticket.prefix else books.load

    return min(near, key=preference)


def may_go(ticket: Ticket, books: Books, policy: Policy, now: float) -> bool:
    """Whether this replica may be given this ticket now."""
    if not books.available() or books.id in ticket.avoid:
        return False
    if ticket.pinned is not None and ticket.pinned != books.id:
        return False
    if not has_room(ticket, books, policy):
        return False
    if ticket.research:
        return True
    if books.home:
        # Research beyond its reservation waits longer, but the house is still its own.
        return ticket.caller.request_class == "research" or _may_borrow(ticket, books, policy, now)
    return _prefill_allows(ticket, books, policy)


def has_room(ticket: Ticket, books: Books, policy: Policy) -> bool:
    """Seats and KV tokens, up to the ceiling of its class. An empty replica takes any request."""
    if len(books.flights) >= books.seats:
        return False
    if not books.flights:
        return True
    if books.kv_tokens and books.kv_reserved + ticket.tokens > books.kv_tokens:
        return False
    return all(_below_ceiling(ticket, books, level, policy) for level in BOUND_BY[ticket.level])


def _below_ceiling(ticket: Ticket, books: Books, level: RequestClass, policy: Policy) -> bool:
    """Whether the requests of this class and of later ones stay within its part with one more."""
    part = policy.ceilings.of(level)
    filled = [books.by_class[name] for name in FILLED_BY[level]]
    requests = sum(one.requests for one in filled)
    if requests + 1 > max(1, int(part * books.seats)):
        return False
    tokens = sum(one.tokens for one in filled)
    return not requests or not books.kv_tokens or tokens + ticket.tokens <= part * books.kv_tokens


def _prefill_allows(ticket: Ticket, books: Books, policy: Policy) -> bool:
    """Whether the product may begin another prompt here, given whether research is here."""
    limit = policy.prefill_idle
    if books.research:
        if policy.mode == "strict" or books.product >= policy.flights_active:
            return False
        limit = policy.prefill_active
    reading = books.product_prefill
    return limit is None or not reading or reading + ticket.prompt <= limit


def is_lent(books: Books, policy: Policy, now: float) -> bool:
    """Whether this is a research home that takes a batch prompt now: after a quiet time, one at a time."""
    return (
        policy.lend
        and books.home
        and not books.research
        and now - books.research_left >= policy.quiet
        and not books.product_prefill
    )


def _may_borrow(ticket: Ticket, books: Books, policy: Policy, now: float) -> bool:
    """A research home is lent to batch alone, and for short prompts."""
    return is_lent(books, policy, now) and ticket.level == "batch" and ticket.prompt <= policy.lend_prompt


def _pull(prefix: int, replica: str) -> int:
    """Rendezvous hashing: equal prefixes choose the same replica, and its loss moves only its own."""
    return int.from_bytes(hashlib.blake2b(f"{prefix}/{replica}".encode(), digest_size=8).digest())
