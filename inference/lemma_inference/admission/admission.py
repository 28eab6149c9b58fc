"""Who may use which replica now. The story of one request, from its arrival to its seat and out again.

Everything here runs on one event loop, and nothing awaits between looking and deciding, so no decision is
made on old figures. `_dispatch` runs whenever something changed: a ticket came or went, a prompt has been
read, a replica came back, a quiet time ended.
"""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field

from lemma_inference.admission.fairness import ANSWER_COST, CACHED_COST, VirtualTokens
from lemma_inference.admission.ledger import Books
from lemma_inference.admission.line import Line
from lemma_inference.admission.placing import choose, is_lent
from lemma_inference.admission.policy import Policy
from lemma_inference.admission.ticket import Flight, Ticket
from lemma_inference.admission.yank import disturbing, making_room
from lemma_inference.classes import CLASSES, RequestClass
from lemma_inference.engines.protocol import Usage
from lemma_inference.errors import Busy, EngineUnavailable

# How much the newest service time counts in the running mean that Retry-After is estimated from.
NEWEST = 0.2
LONGEST_RETRY_AFTER = 60
# How soon a replica that is not there is looked at again while somebody waits.
RECHECK = 0.1


class Yanked(Exception):
    """The request was taken back for research; it stands at the head of its class again."""


@dataclass(slots=True, eq=False)
class Turn:
    """A ticket that waits, and the promise of its flight."""

    ticket: Ticket
    flight: asyncio.Future[Flight] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Seat:
    """A place on a replica, for as long as the block of `Admission.seat` lasts."""

    def __init__(self, admission: "Admission", flight: Flight) -> None:
        self._admission = admission
        self._flight = flight

    @property
    def replica(self) -> str:
        """Which replica it is on."""
        return self._flight.replica

    @property
    def borrowed(self) -> bool:
        """Whether the replica is a research home, so that the seat is held only until research comes."""
        return self._flight.borrowed

    @asynccontextmanager
    async def interruptible(self) -> AsyncIterator[None]:
        """Inside, nothing has reached the client yet, so the request may be taken back: raises `Yanked`."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a seat is held by a task
        before, flight = task.cancelling(), self._flight

        def interrupt() -> None:
            task.cancel()

        flight.interrupt = interrupt
        try:
            yield
        except BaseException as error:
            # As asyncio.timeout does: a cancellation from elsewhere, at the same time, goes on its way.
            ours = flight.yanked and task.uncancel() <= before
            if ours and isinstance(error, asyncio.CancelledError):
                raise Yanked from None
            raise
        else:
            flight.interrupt = None
            if flight.yanked:  # Too late: the answer is complete, so it is kept.
                with suppress(asyncio.CancelledError):
                    await asyncio.sleep(0)
                task.uncancel()
                flight.yanked = False
        finally:
            flight.interrupt = None

    def progress(self, usage: Usage | None) -> None:
        """A part of the answer came. The first one says that the prompt has been read."""
        self._admission.progressed(self._flight, usage)


class Admission:
    """The line before one model's replicas, by its policy."""

    def __init__(
        self,
        replicas: Sequence[Books],
        policy: Policy,
        clock: Callable[[], float] = time.monotonic,
        on_yank: Callable[[Flight], None] = lambda flight: None,
    ) -> None:
        self.policy = policy
        self._replicas = {books.id: books for books in replicas}
        self._clock = clock
        self._on_yank = on_yank
        self._counters = VirtualTokens()
        self._line = Line(self._counters)
        self._turns: dict[Ticket, Turn] = {}
        self._research: dict[str, int] = {}
        self._arrivals = 0
        self._seconds = 1.0
        self._alarm: asyncio.TimerHandle | None = None

    # What others may see.

    @property
    def replicas(self) -> Sequence[Books]:
        return list(self._replicas.values())

    @property
    def running(self) -> int:
        """Requests that have a seat."""
        return sum(len(books.flights) for books in self._replicas.values())

    @property
    def now(self) -> float:
        """The clock that deadlines are on."""
        return self._clock()

    def waiting(self, level: RequestClass) -> int:
        """Requests that stand in line with this class."""
        return self._line.waiting(level)

    def served(self, account: str) -> float:
        """The virtual tokens of an account."""
        return self._counters[account]

    # A request's way.

    @asynccontextmanager
    async def seat(self, ticket: Ticket) -> AsyncIterator[Seat]:
        """A seat for as long as the block lasts. Waits for it. Raises `Busy` where the line is full, and
        `EngineUnavailable` where no replica comes up in time. A ticket may be used again, after a yank or the
        loss of its replica, and then stands before the others of its class."""
        flight = await self._turn(ticket)
        try:
            yield Seat(self, flight)
        finally:
            self._leave(flight)

    @contextmanager
    def visit(self, ticket: Ticket) -> Iterator[None]:
        """Around all seats of one request: its account is active, and research counts to its reservation."""
        self._arrivals += 1
        ticket.arrival = self._arrivals
        tenant = ticket.caller.tenant
        if ticket.research:
            here = self._research.get(tenant, 0)
            if self.policy.reserved is not None and here >= self.policy.reserved:
                ticket.level = "interactive"
            else:
                self._research[tenant] = here + 1
        counted = ticket.research
        self._counters.enter(ticket.account)
        try:
            yield
        finally:
            self._counters.leave(ticket.account)
            if counted:
                self._research[tenant] -= 1
                if not self._research[tenant]:
                    del self._research[tenant]

    def changed(self) -> None:
        """A replica came up, went down, or may be tried again."""
        self._dispatch()

    def progressed(self, flight: Flight, usage: Usage | None) -> None:
        """Counts service as it is given, and notices the end of prefill."""
        if usage is not None:
            self._charge(flight, usage)
        if flight.in_prefill:
            self._replicas[flight.replica].has_read(flight)
            self._dispatch()

    # Inside.

    async def _turn(self, ticket: Ticket) -> Flight:
        returned = bool(ticket.yanks or ticket.avoid)
        if not returned:
            self._refuse_if_full(ticket)
        turn = self._turns[ticket] = Turn(ticket)
        self._line.add(ticket, returned=returned)
        self._dispatch()
        try:
            while True:
                try:
                    async with asyncio.timeout(self.policy.patience):
                        return await asyncio.shield(turn.flight)
                except TimeoutError:
                    if not any(books.available() for books in self._replicas.values()):
                        raise EngineUnavailable(
                            "No engine of this model answers. Try again shortly."
                        ) from None
        except BaseException:
            # Gave up: either still in line, or the seat came in the same moment and is passed on.
            if turn.flight.done():
                self._leave(turn.flight.result())
            else:
                self._step_out(ticket)
                self._dispatch()
            raise

    def _step_out(self, ticket: Ticket) -> None:
        self._line.remove(ticket)
        del self._turns[ticket]

    def _dispatch(self) -> None:
        """Gives seats in the strict order of classes, as far as they go. Whoever cannot be served holds back
        all later ones, so that these do not fill what it waits for; who waits for one replica, only there."""
        taken: set[str] = set()
        for level in CLASSES:
            for ticket in list(self._line.returned(level)):
                if not self._place(ticket, taken) and ticket.pinned is not None:
                    taken.add(ticket.pinned)
            while (first := self._line.next(level)) is not None and self._place(first, taken):
                pass
            stuck = [ticket for ticket in self._line.returned(level) if ticket.pinned is None]
            if first is not None:
                stuck.append(first)
            if stuck:
                if level == "research":
                    self._yank(making_room(stuck[0], self.replicas, self.policy))
                break
        if not self._line.waiting("research"):
            self._lend(taken)
        self._set_alarm()

    def _lend(self, taken: set[str]) -> None:
        """Homes take short batch prompts and nothing else, so whoever is held up by something else does not
        hold these back: not interactive, which no home is lent to, and not a prompt that is too long."""
        now = self._clock()
        kept = taken | {books.id for books in self.replicas if not is_lent(books, self.policy, now)}
        if len(kept) == len(self._replicas):
            return
        short = self._line.next_short("batch", self.policy.lend_prompt)
        while short is not None and self._place(short, kept):
            short = self._line.next_short("batch", self.policy.lend_prompt)

    def _place(self, ticket: Ticket, taken: set[str]) -> bool:
        """A seat for this ticket, if there is one now. `taken` are replicas kept for those before it."""
        now = self._clock()
        if ticket.pinned is not None and not self._replicas[ticket.pinned].available():
            ticket.pinned = None  # What its cache held is lost with it.
        if all(books.id in ticket.avoid for books in self._replicas.values() if books.available()):
            ticket.avoid.clear()  # All were tried. Better one that failed once than none.
        open_to_it = [books for books in self._replicas.values() if books.id not in taken]
        books = choose(ticket, open_to_it, self.policy, now)
        if books is None:
            return False
        turn = self._turns[ticket]
        self._step_out(ticket)
        flight = Flight(ticket, books.id, now, borrowed=books.home and ticket.level == "batch")
        books.enter(flight)
        self._counters.chosen(ticket.account)
        self._charge(flight, Usage(prompt=ticket.prompt))
        if ticket.research:
            self._yank(disturbing(books, self.policy))
        turn.flight.set_result(flight)
        return True

    def _yank(self, flights: Sequence[Flight]) -> None:
        for flight in flights:
            assert flight.interrupt is not None  # noqa: S101 - only such are chosen
            flight.yanked = True
            flight.ticket.yanks += 1
            flight.ticket.pinned = flight.replica
            self._on_yank(flight)
            flight.interrupt()

    def _leave(self, flight: Flight) -> None:
        now = self._clock()
        self._replicas[flight.replica].leave(flight, now)
        if flight.yanked:  # It will be charged again for what it is given again.
            self._counters.charge(flight.ticket.account, -flight.charged, flight.ticket.caller.weight)
        else:
            self._seconds += NEWEST * (now - flight.began - self._seconds)
        self._dispatch()

    def _charge(self, flight: Flight, usage: Usage) -> None:
        """Brings the account's counter up to this usage."""
        fresh = usage.prompt - usage.cached
        cost = fresh + CACHED_COST * usage.cached + ANSWER_COST * usage.completion
        if cost != flight.charged:
            self._counters.charge(flight.ticket.account, cost - flight.charged, flight.ticket.caller.weight)
            flight.charged = cost
        flight.generated = usage.completion

    def _refuse_if_full(self, ticket: Ticket) -> None:
        """Research within its reservation is never turned away."""
        if ticket.research:
            return
        ahead = self._line.waiting("interactive") + self._line.waiting("batch")
        own = self._line.waiting_of(ticket.account)
        if ahead < self.policy.waiting and own < self.policy.waiting_account:
            return
        if not ahead and self._has_free_seat():
            return
        seats = sum(books.seats for books in self._replicas.values())
        seconds = min(max(1, math.ceil(self._seconds * (ahead + 1) / seats)), LONGEST_RETRY_AFTER)
        whose = f"{own} of your requests" if own >= self.policy.waiting_account else f"{ahead} requests"
        raise Busy(f"{whose} wait already. Try again in about {seconds} s.", retry_after=seconds)

    def _has_free_seat(self) -> bool:
        """With a line of no length, a request may still come that need not wait at all."""
        return any(
            books.available() and len(books.flights) < books.seats for books in self._replicas.values()
        )

    def _set_alarm(self) -> None:
        """Looks again when time alone may have changed something: a home that becomes quiet, and a replica
        that may be tried again."""
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        if not len(self._line):
            return
        now = self._clock()
        waits = [end - now for books in self.replicas if (end := self._quiet_at(books)) > now]
        if not all(books.available() for books in self.replicas):
            waits.append(RECHECK)
        if waits:
            self._alarm = asyncio.get_running_loop().call_later(min(waits), self._dispatch)

    def _quiet_at(self, books: Books) -> float:
        """When a home may be lent, if research stays away."""
        lent = books.home and self.policy.lend and not books.research
        return books.research_left + self.policy.quiet if lent else -math.inf
