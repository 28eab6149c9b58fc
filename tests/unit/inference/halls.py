"""Replicas and tickets for tests of admission: no engine, and a clock that tests move."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from lemma_inference.admission import Admission, Books, Policy, Seat, Ticket, Yanked
from lemma_inference.callers import Caller
from lemma_inference.classes import RequestClass
from lemma_inference.engines.protocol import Usage

OPEN = Policy.alone(1000)


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


def replica(name: str = "a", seats: int = 1, *, up: Callable[[], bool] = lambda: True, **facts: Any) -> Books:
    return Books(name, seats, facts.get("kv_tokens", 0), facts.get("home", False), up)


def ticket(
    request_class: RequestClass = "batch", tenant: str = "shop", *, weight: float = 1.0, **facts: Any
) -> Ticket:
    customer = facts.pop("customer", "")
    caller = Caller(tenant, f"{tenant}-key", request_class, customer=customer, weight=weight)
    return Ticket(caller, facts.pop("prompt", 100), facts.pop("answer", 50), **facts)


async def yields(times: int = 8) -> None:
    for _ in range(times):
        await asyncio.sleep(0)


@dataclass
class Guest:
    """A request under way: `sit` starts it, `leave` lets it end. After a yank it comes back."""

    admission: Admission
    ticket: Ticket
    whole: bool = True
    seats: list[Seat] = field(default_factory=list)
    yanked: int = 0
    _end: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None

    def sit(self) -> "Guest":
        self.task = asyncio.create_task(self._stay())
        return self

    @property
    def seated(self) -> bool:
        return bool(self.seats) and not self.done and self.yanked < len(self.seats)

    @property
    def done(self) -> bool:
        return self.task is not None and self.task.done()

    @property
    def replica(self) -> str:
        return self.seats[-1].replica

    async def reads(self, tokens: int = 1) -> None:
        """The first token of the answer comes, or a further one."""
        self.seats[-1].progress(Usage(prompt=self.ticket.prompt, completion=tokens))
        await yields()

    async def leave(self) -> None:
        self._end.set()
        assert self.task is not None
        await self.task
        await yields()

    async def _stay(self) -> None:
        with self.admission.visit(self.ticket):
            while True:
                try:
                    async with self.admission.seat(self.ticket) as seat:
                        self.seats.append(seat)
                        if not self.whole:
                            await self._end.wait()
                            return
                        async with seat.interruptible():
                            await self._end.wait()
                    return
                except Yanked:
                    self.yanked += 1


@asynccontextmanager
async def hall(
    replicas: Sequence[Books], policy: Policy = OPEN, clock: Clock | None = None
) -> AsyncIterator["Hall"]:
    """An admission whose guests are gone when the block is left."""
    here = Hall(Admission(replicas, policy, clock or Clock()))
    try:
        yield here
    finally:
        tasks = [guest.task for guest in here.guests if guest.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert here.admission.running == 0


@dataclass
class Hall:
    admission: Admission
    guests: list[Guest] = field(default_factory=list)

    async def arrives(
        self, request_class: RequestClass = "batch", *, whole: bool = True, **facts: Any
    ) -> Guest:
        guest = Guest(self.admission, ticket(request_class, **facts), whole=whole).sit()
        self.guests.append(guest)
        await yields()
        return guest
