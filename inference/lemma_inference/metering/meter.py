"""One account for each request: reserved before it is sent, counted while it runs, written down at its
end."""

import asyncio
import logging
import time
import uuid
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from lemma_inference.callers import Caller
from lemma_inference.classes import RequestClass
from lemma_inference.engines.protocol import Usage
from lemma_inference.metering.budgets import Budgets, Limit, Reservation, Standing
from lemma_inference.metering.flights import Flight
from lemma_inference.metering.journal import SEGMENT_BYTES, Journal
from lemma_inference.metering.keeper import Keeper
from lemma_inference.metering.record import Finish, Record, Wasted

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Totals:
    """Sums since the start. `unfinished` requests broke off or failed; their tokens count too."""

    requests: int = 0
    unfinished: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    wasted_tokens: int = 0


@dataclass(slots=True)
class Worked:
    """Tokens that a replica is known to have worked on, thrown-away attempts included."""

    prompt: int = 0
    cached: int = 0
    completion: int = 0

    def add(self, usage: Usage) -> None:
        self.prompt += usage.prompt
        self.cached += usage.cached
        self.completion += usage.completion


class Account:
    """One request. Counts are of the present attempt; those of earlier ones are waste.

    `flight` says who asks; `slot` is its place in the table of flights, -1 without one.
    """

    __slots__ = ("_answer", "_count", "_meter", "flight", "open", "reservation", "slot", "usage")

    def __init__(self, meter: "Metering", flight: Flight, answer: int, reservation: Reservation) -> None:
        self.flight = flight
        self.reservation = reservation
        self.usage = Usage()
        self.open = True
        self._meter = meter
        self._answer = answer
        self.slot = meter.keeper.enter(flight) if meter.keeper else -1
        self._count = meter.keeper.count if meter.keeper else _count_nothing

    @property
    def id(self) -> str:
        """Random, and the same in the journal."""
        return self.flight.id

    def sent(self, replica: str) -> None:
        """The present attempt goes to this replica, so that whoever finds the request left behind knows."""
        self.flight.replica = replica
        if self._meter.keeper and self.open:
            self._meter.keeper.change(self.slot, self.flight, fresh=False)

    def saw(self, usage: Usage) -> None:
        """The running count of the present attempt. Called for each part of an answer."""
        if not self.usage.prompt and usage.prompt:
            self.reservation.shrink(usage.prompt + self._answer)
        self.usage = usage
        self._count(self.slot, self.flight.attempts, usage.prompt, usage.cached, usage.completion)

    def restart(self, replica: str = "") -> None:
        """The attempt is thrown away: its replica was lost, or research needed its place."""
        flight, usage = self.flight, self.usage
        flight.replica = replica or flight.replica
        self._meter.worked(flight, usage)
        if usage.prompt or usage.completion:
            wasted = Wasted(flight.replica, usage.prompt, usage.cached, usage.completion)
            flight.wasted = (*flight.wasted, wasted)
        flight.attempts += 1
        self.usage = Usage()
        if self._meter.keeper and self.open:
            self._meter.keeper.change(self.slot, flight, fresh=True)

    def close(self, finish: Finish, replica: str = "") -> None:
        """Settles the budget and writes the record. Once; later calls do nothing."""
        if self.open:
            self.open = False
            self.flight.replica = replica or self.flight.replica
            self._meter.finished(self, finish)

    def detach(self) -> None:
        """The table of flights closes; what it says of this request stays as it is."""
        self.slot, self._count = -1, _count_nothing

    def record(self, finish: Finish, end: float) -> Record:
        """What is written down of it. No engine makes it less than nothing."""
        usage = self.usage
        counts = max(0, usage.prompt), max(0, usage.cached), max(0, usage.completion)
        return self.flight.record(counts, finish, end)


class Metering:
    """What is used by whom. With a folder it is written down; without one it is counted in memory only, which
    suits one's own machine."""

    def __init__(
        self,
        folder: Path | None = None,
        clock: Callable[[], float] = time.time,
        *,
        segment_bytes: int = SEGMENT_BYTES,
    ) -> None:
        """Opens the journal and writes down what a killed gateway had under way. Raises `SettingsWrong`.
        `clock` is seconds since 1970."""
        self.clock = clock
        self.totals: dict[RequestClass, Totals] = {}
        # By model and replica. Both come from the settings, so there are not many.
        self.replicas: dict[tuple[str, str], Worked] = {}
        self._open: dict[str, Account] = {}
        self._budgets = Budgets(clock)
        self.keeper: Keeper | None = None
        if folder is None:
            log.info("Usage is counted in memory only: no folder is set for a journal.")
        else:
            self.keeper = Keeper(folder, self._budgets, clock, segment_bytes=segment_bytes)

    @classmethod
    def open(cls, folder: Path | None, clock: Callable[[], float] = time.time) -> "Metering":
        """The same, as a verb."""
        return cls(folder, clock)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """On leaving, all is durable and the folder free."""
        try:
            yield
        finally:
            await self.aclose()

    async def aclose(self) -> None:
        """Lets go of the folder once all is durable."""
        await asyncio.to_thread(self.close)

    def close(self) -> None:
        """The same. Requests that are still under way stay in the table for the next start."""
        keeper, self.keeper = self.keeper, None
        for account in self._open.values():
            account.detach()
        if keeper:
            keeper.close()

    @property
    def journal(self) -> Journal | None:
        """None where usage is counted in memory only."""
        return self.keeper.journal if self.keeper else None

    @property
    def recovered(self) -> int:
        """Requests that were under way when the last gateway was killed."""
        return self.keeper.recovered if self.keeper else 0

    @property
    def in_flight(self) -> int:
        return len(self._open)

    def reserve(self, caller: Caller, model: str, prompt: int, answer: int) -> Account:
        """An account for a request of at most so many tokens. Raises `OverBudget`, `BeyondBudget` where no
        window will ever have room for it, and `JournalFull`."""
        if self.keeper:
            self.keeper.require_room(len(self._open))
        reservation = self._budgets.reserve(caller, prompt, answer)
        who = caller.tenant, caller.customer, caller.key, caller.request_class
        account = Account(self, Flight(uuid.uuid4().hex, reservation.at, *who, model), answer, reservation)
        self._open[account.id] = account
        return account

    def standings(self, caller: Caller) -> list[Standing]:
        """How this caller stands with each of its limits, for headers."""
        return self._budgets.standings(caller)

    def budgets(self) -> Iterable[tuple[Limit, int, int]]:
        """Each limit of those who asked lately, with what is used and reserved of it."""
        return self._budgets.state()

    def worked(self, flight: Flight, usage: Usage) -> None:
        """An attempt is over."""
        self.replicas.setdefault((flight.model, flight.replica), Worked()).add(usage)

    def seen(self) -> dict[tuple[str, str], Worked]:
        """What each replica is known to have worked on until now, requests under way included."""
        seen = {place: Worked(one.prompt, one.cached, one.completion) for place, one in self.replicas.items()}
        for account in self._open.values():
            place = account.flight.model, account.flight.replica
            seen.setdefault(place, Worked()).add(account.usage)
        return seen

    def finished(self, account: Account, finish: Finish) -> None:
        """An account was closed."""
        self._open.pop(account.id, None)
        self.worked(account.flight, account.usage)
        record = account.record(finish, self.clock())
        totals = self.totals.setdefault(record.request_class, Totals())
        totals.requests += 1
        totals.unfinished += finish not in {"stop", "length"}
        totals.prompt_tokens += record.prompt
        totals.cached_tokens += record.cached
        totals.completion_tokens += record.completion
        totals.wasted_tokens += record.wasted_prompt + record.wasted_completion
        if self.keeper:
            self.keeper.keep(record, account.slot, account.reservation)
        else:
            account.reservation.settle(record.tokens)


def _count_nothing(slot: int, attempts: int, prompt: int, cached: int, completion: int) -> None:
    """Where there is no table of flights."""
