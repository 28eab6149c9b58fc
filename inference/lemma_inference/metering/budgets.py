"""Budgets: what keys and tenants may use in a minute and in a day.

A request reserves what it can take at most before it is sent, and settles with what it took. What is used and
what is reserved together never exceed the limit, so many clients at once cannot overshoot it. Windows are of
the clock in UTC, and a request counts in those in which it began: so a restart finds them again from the
journal.
"""

import math
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from lemma_inference.callers import Budget, Caller
from lemma_inference.errors import BeyondBudget, OverBudget
from lemma_inference.metering.record import Record

Measure = Literal["requests", "tokens"]
MINUTE, DAY = 60, 86_400
# Who asked nothing for so long is forgotten, so that the keys of years do not pile up.
FORGET_SECONDS = 2 * DAY
NO_LIMIT = Budget()


@dataclass(slots=True)
class Window:
    """One stretch of the clock. `reserved` is what requests under way may still use; `open` of the requests
    are under way."""

    start: float
    requests: int = 0
    used: int = 0
    reserved: int = 0
    open: int = 0


@dataclass(frozen=True, slots=True)
class Limit:
    """So much of a measure in so many seconds, for one key or tenant."""

    subject: str
    measure: Measure
    seconds: int
    most: int

    def name(self) -> str:
        """For people."""
        return f"{self.measure} a {'minute' if self.seconds == MINUTE else 'day'}"


@dataclass(frozen=True, slots=True)
class Standing:
    """A limit at this moment. `reset` is in how many seconds its window ends."""

    limit: Limit
    used: int
    reserved: int
    reset: float

    @property
    def remaining(self) -> int:
        return max(0, self.limit.most - self.used - self.reserved)


@dataclass(slots=True)
class Book:
    """The present windows of one key or tenant, and the budget that it had when it last asked."""

    subject: str
    minute: Window
    day: Window
    budget: Budget = NO_LIMIT

    def turn(self, now: float) -> None:
        """Windows that are over give way. A clock that was put back does not bring an earlier one again."""
        if now >= self.minute.start + MINUTE:
            self.minute = Window(_start(now, MINUTE))
        if now >= self.day.start + DAY:
            self.day = Window(_start(now, DAY))

    def has_room(self, budget: Budget, tokens: int) -> bool:
        """Whether a request of so many tokens keeps to this budget. Cheap: it is asked for each one."""
        minute, day = self.minute, self.day
        if (most := budget.requests_per_minute) is not None and minute.requests >= most:
            return False
        if (most := budget.tokens_per_minute) is not None and minute.used + minute.reserved + tokens > most:
            return False
        most = budget.tokens_per_day
        return most is None or day.used + day.reserved + tokens <= most

    def standings(self, budget: Budget, now: float) -> Iterator[Standing]:
        """Each limit of this budget."""
        minute, day = self.minute, self.day
        if budget.requests_per_minute is not None:
            limit = Limit(self.subject, "requests", MINUTE, budget.requests_per_minute)
            yield Standing(limit, minute.requests, 0, minute.start + MINUTE - now)
        if budget.tokens_per_minute is not None:
            limit = Limit(self.subject, "tokens", MINUTE, budget.tokens_per_minute)
            yield Standing(limit, minute.used, minute.reserved, minute.start + MINUTE - now)
        if budget.tokens_per_day is not None:
            limit = Limit(self.subject, "tokens", DAY, budget.tokens_per_day)
            yield Standing(limit, day.used, day.reserved, day.start + DAY - now)


@dataclass(slots=True)
class Reservation:
    """What one request holds back since `at`, and where."""

    at: float
    tokens: int
    windows: tuple[Window, ...] = field(default=())

    def shrink(self, tokens: int) -> None:
        """It is known now that it will not take more than this."""
        if tokens < self.tokens:
            for window in self.windows:
                window.reserved -= self.tokens - tokens
            self.tokens = tokens

    def settle(self, tokens: int) -> None:
        """It took this much, in the windows in which it began."""
        for window in self.windows:
            window.reserved -= self.tokens
            window.used += tokens
            window.open -= 1
        self.tokens, self.windows = 0, ()


class Budgets:
    """The windows of all keys and tenants. Those without a limit are counted too: they may get one."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._books: dict[str, Book] = {}
        self._swept = clock()

    def reserve(self, caller: Caller, prompt: int, answer: int = 0) -> Reservation:
        """All or nothing, over key and tenant. Raises `OverBudget`, and `BeyondBudget` for a request that no
        window will ever have room for."""
        now, tokens = self._clock(), prompt + answer
        key, tenant = self._book(f"key {caller.key}", now), self._book(f"tenant {caller.tenant}", now)
        key.budget, tenant.budget = caller.key_budget, caller.tenant_budget
        if not (key.has_room(key.budget, tokens) and tenant.has_room(tenant.budget, tokens)):
            raise _refusal(self._standings(caller, now), prompt, answer)
        windows = (key.minute, key.day, tenant.minute, tenant.day)
        for window in windows:
            window.requests += 1
            window.open += 1
            window.reserved += tokens
        return Reservation(now, tokens, windows)

    def standings(self, caller: Caller) -> list[Standing]:
        """How this caller stands with each of its limits."""
        return list(self._standings(caller, self._clock()))

    def state(self) -> Iterator[tuple[Limit, int, int]]:
        """Each limit of those who asked lately, with what is used and reserved in its present window."""
        now = self._clock()
        for book in list(self._books.values()):
            book.turn(now)
            for standing in book.standings(book.budget, now):
                yield standing.limit, standing.used, standing.reserved

    def restore(self, records: Iterable[Record]) -> None:
        """Counts what was used before a restart."""
        now = self._clock()
        for record in records:
            for subject in (f"key {record.key}", f"tenant {record.tenant}"):
                book = self._book(subject, now)
                for window, seconds in ((book.minute, MINUTE), (book.day, DAY)):
                    if _start(record.at, seconds) == window.start:
                        window.requests += 1
                        window.used += record.tokens

    def saved(self) -> list[Any]:
        """What `load` needs, as JSON. Requests under way are left out: their records are still to come."""
        return [
            [book.subject, *([w.start, w.requests - w.open, w.used] for w in (book.minute, book.day))]
            for book in self._books.values()
        ]

    def load(self, saved: list[Any]) -> None:
        """Begins with what was saved, as far as its windows are not over."""
        for subject, minute, day in saved:
            book = self._books[subject] = Book(subject, Window(*minute), Window(*day))
            book.turn(self._clock())

    def _standings(self, caller: Caller, now: float) -> Iterator[Standing]:
        yield from self._book(f"key {caller.key}", now).standings(caller.key_budget, now)
        yield from self._book(f"tenant {caller.tenant}", now).standings(caller.tenant_budget, now)

    def _book(self, subject: str, now: float) -> Book:
        book = self._books.get(subject)
        if book is None:
            self._sweep(now)
            book = Book(subject, Window(_start(now, MINUTE)), Window(_start(now, DAY)))
            self._books[subject] = book
        else:
            book.turn(now)
        return book

    def _sweep(self, now: float) -> None:
        if now > self._swept + DAY:
            self._swept = now
            old = [name for name, book in self._books.items() if book.day.start < now - FORGET_SECONDS]
            for name in old:
                del self._books[name]


def headers(standings: Iterable[Standing]) -> dict[str, str]:
    """For each measure the limit with the least room, in the headers that OpenAI's clients read."""
    tightest: dict[Measure, Standing] = {}
    for standing in standings:
        measure = standing.limit.measure
        if measure not in tightest or standing.remaining < tightest[measure].remaining:
            tightest[measure] = standing
    return {
        f"x-ratelimit-{name}-{measure}": value
        for measure, standing in tightest.items()
        for name, value in (
            ("limit", str(standing.limit.most)),
            ("remaining", str(standing.remaining)),
            ("reset", f"{math.ceil(standing.reset)}s"),
        )
    }


def _refusal(standings: Iterable[Standing], prompt: int, answer: int) -> OverBudget | BeyondBudget:
    """For the limit that the caller must wait for longest."""
    found: list[tuple[float, Standing, int]] = []
    for standing in standings:
        amount = 1 if standing.limit.measure == "requests" else prompt + answer
        if amount > standing.limit.most:
            return _beyond(standing.limit, prompt, answer)
        over = standing.used + standing.reserved + amount - standing.limit.most
        if over > 0:
            # What is reserved and not used comes back when the requests under way end.
            wait = (
                min(1.0, standing.reset) if standing.used + amount <= standing.limit.most else standing.reset
            )
            found.append((wait, standing, amount))
    return _over(*max(found, key=lambda one: one[0]))


def _over(wait: float, standing: Standing, amount: int) -> OverBudget:
    limit = standing.limit
    asks = "" if limit.measure == "requests" else f", and this one may take {amount:,}"
    return OverBudget(
        f"The {limit.subject} may use {limit.most:,} {limit.name()}. Used are {standing.used:,}, "
        f"reserved by requests under way {standing.reserved:,}{asks}.",
        retry_after=max(1, math.ceil(wait)),
        limit=limit.name(),
        subject=limit.subject,
        most=limit.most,
        used=standing.used,
        reserved=standing.reserved,
    )


def _beyond(limit: Limit, prompt: int, answer: int) -> BeyondBudget:
    return BeyondBudget(
        f"This request may take {prompt + answer:,} tokens ({prompt:,} of the prompt, {answer:,} of the "
        f"answer), and the {limit.subject} may use {limit.most:,} {limit.name()}, so it could never run. "
        "Ask for a shorter answer with max_tokens, or send less.",
        param="max_tokens",
        limit=limit.name(),
        subject=limit.subject,
        most=limit.most,
    )


def _start(at: float, seconds: int) -> float:
    return at - at % seconds
