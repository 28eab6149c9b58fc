"""The waiting line: who is next within a class, and how long the line may get."""

import heapq
from collections import defaultdict
from collections.abc import Iterator

from lemma_inference.admission.fairness import VirtualTokens
from lemma_inference.admission.ticket import Ticket
from lemma_inference.classes import CLASSES, RequestClass


class Line:
    """Tickets that wait, by class, and within it by account.

    Research goes by arrival. In the product's classes the account with the lowest counter is next, and of
    its tickets the one with the earliest deadline. A ticket that was taken back from a replica stands before
    all others of its class.
    """

    def __init__(self, counters: VirtualTokens) -> None:
        self._counters = counters
        self._queues: dict[RequestClass, dict[str, list[tuple[tuple[float, int], Ticket]]]] = {
            name: defaultdict(list) for name in CLASSES
        }
        self._returned: dict[RequestClass, list[Ticket]] = {name: [] for name in CLASSES}
        self._count: dict[RequestClass, int] = dict.fromkeys(CLASSES, 0)
        self._by_account: dict[str, int] = defaultdict(int)

    def __len__(self) -> int:
        return sum(self._count.values())

    def waiting(self, level: RequestClass) -> int:
        """Tickets that stand in line with this class."""
        return self._count[level]

    def waiting_of(self, account: str) -> int:
        """Tickets of one account, of all classes."""
        return self._by_account.get(account, 0)

    def add(self, ticket: Ticket, *, returned: bool = False) -> None:
        if returned:
            self._returned[ticket.level].append(ticket)
        else:
            queue = self._queues[ticket.level][self._lane(ticket)]
            heapq.heappush(queue, (ticket.order, ticket))
        self._count[ticket.level] += 1
        self._by_account[ticket.account] += 1

    def remove(self, ticket: Ticket) -> None:
        """The ticket waits no longer: it has its turn, or its client is gone."""
        if ticket in self._returned[ticket.level]:
            self._returned[ticket.level].remove(ticket)
        else:
            self._take(ticket)
        self._count[ticket.level] -= 1
        self._by_account[ticket.account] -= 1
        if not self._by_account[ticket.account]:
            del self._by_account[ticket.account]

    def returned(self, level: RequestClass) -> Iterator[Ticket]:
        """Those that were taken back, in the order of their first arrival."""
        yield from sorted(self._returned[level], key=lambda ticket: ticket.arrival)

    def next(self, level: RequestClass) -> Ticket | None:
        """Whose turn it is, without those that were taken back; None where nobody of the class waits."""
        queues = self._queues[level]
        if not queues:
            return None
        lane = min(queues, key=lambda name: (self._counters[name], queues[name][0][0]))
        return queues[lane][0][1]

    def next_short(self, level: RequestClass, longest: int) -> Ticket | None:
        """Whose turn it would be, were there only prompts of so many tokens."""
        short = [
            (self._counters[name], order, ticket)
            for name, queue in self._queues[level].items()
            for order, ticket in queue
            if ticket.prompt <= longest
        ]
        return min(short, default=(0.0, None, None))[2]

    def _lane(self, ticket: Ticket) -> str:
        """Research of all tenants is one lane, by arrival; the product has one for each account."""
        return "" if ticket.research else ticket.account

    def _take(self, ticket: Ticket) -> None:
        queues, lane = self._queues[ticket.level], self._lane(ticket)
        queue = queues[lane]
        if queue[0][1] is ticket:
            heapq.heappop(queue)
        else:  # It gave up, or was lent a home, before its turn. The line is bounded, so this is cheap.
            queue.remove((ticket.order, ticket))
            heapq.heapify(queue)
        if not queue:
            del queues[lane]
