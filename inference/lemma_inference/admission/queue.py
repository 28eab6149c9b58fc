"""The queue in front of an engine.

An engine serves whatever it is given side by side, and has no idea of who is more urgent. So it is never
given more requests than it has slots; everybody else waits here, in the order of their class and then of
their arrival. This file decides who is next, and nothing else does.
"""

import asyncio
import math
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from lemma_inference.classes import CLASSES, RequestClass
from lemma_inference.errors import Busy

# How much the newest service time counts in the running mean that Retry-After is estimated from.
NEWEST = 0.2


class Admission:
    """`seats` requests at once; a later class gets a seat only when no earlier one waits.

    `waiting` bounds the queue of interactive and batch together; research is never turned away by the
    others' crowd.
    """

    def __init__(self, seats: int, waiting: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._free = seats
        self._seats = seats
        self._bound = waiting
        self._clock = clock
        self._queues: dict[RequestClass, deque[asyncio.Future[None]]] = {c: deque() for c in CLASSES}
        self._seconds = 1.0

    @property
    def running(self) -> int:
        """Requests that have a seat."""
        return self._seats - self._free

    def waiting(self, request_class: RequestClass) -> int:
        """Requests of this class that have none yet."""
        return len(self._queues[request_class])

    @asynccontextmanager
    async def seat(self, request_class: RequestClass) -> AsyncIterator[None]:
        """A seat for as long as the block lasts. Waits for it; raises `Busy` where the queue is full."""
        await self._enter(request_class)
        began = self._clock()
        try:
            yield
        finally:
            self._seconds += NEWEST * (self._clock() - began - self._seconds)
            self._leave()

    async def _enter(self, request_class: RequestClass) -> None:
        if self._free and not any(self._queues.values()):
            self._free -= 1
            return
        self._refuse_if_full(request_class)
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queues[request_class].append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                with suppress(ValueError):
                    self._queues[request_class].remove(turn)
            else:
                self._leave()  # The seat came in the same moment as the cancellation: pass it on.
            raise

    def _leave(self) -> None:
        """Hands the seat to the next in order, or puts it back."""
        for request_class in CLASSES:
            queue = self._queues[request_class]
            while queue:
                turn = queue.popleft()
                if not turn.done():  # Whoever gave up in this very moment is passed over.
                    turn.set_result(None)
                    return
        self._free += 1

    def _refuse_if_full(self, request_class: RequestClass) -> None:
        if request_class == "research":
            return
        ahead = self.waiting("interactive") + self.waiting("batch")
        if ahead >= self._bound:
            seconds = max(1, math.ceil(self._seconds * (ahead + 1) / self._seats))
            raise Busy(
                f"{ahead} requests wait already. Try again in about {seconds} s.",
                retry_after=min(seconds, 60),
            )
