"""The scheduler in time: one step after another, each as long as the model would take."""

import asyncio
from typing import Protocol

from lemma_inference.engines.fakevllm.scheduler import Request, Scheduler
from lemma_inference.engines.fakevllm.timing import StepTime

# A sleep may come back late. So much of that is made up for by the next steps.
LATE_SECONDS = 0.05


class Owner(Protocol):
    """Who asked. It is told within the step, so what it does there must be short."""

    def joined(self) -> None:
        """The request has left the queue, for the first time or again."""
        ...

    def write(self) -> bool:
        """The next token; whether it is the last one."""
        ...

    def finished(self) -> None:
        """The answer is complete; `finish` of the request says how."""
        ...


class Engine:
    """`speed` 2 is twice as fast as the times say."""

    def __init__(self, scheduler: Scheduler, pace: StepTime, speed: float = 1.0) -> None:
        self.scheduler = scheduler
        self._pace = pace
        self._speed = speed
        self._work = asyncio.Event()
        self._thawed = asyncio.Event()
        self._thawed.set()
        self._stepping = False
        self._leaving: list[Request] = []

    def submit(self, request: Request) -> None:
        self.scheduler.add(request)
        self._work.set()

    def abort(self, request: Request) -> None:
        """Its blocks are free at once, or as soon as the step in which it takes part is over."""
        if self._stepping:
            self._leaving.append(request)
        else:
            self.scheduler.abort(request)

    def freeze(self, frozen: bool) -> None:
        """Frozen, the step under way never ends."""
        if frozen:
            self._thawed.clear()
        else:
            self._thawed.set()

    async def run(self) -> None:
        """Until it is cancelled."""
        clock = asyncio.get_running_loop().time
        due = 0.0
        while True:
            if not self.scheduler.unfinished:
                self._work.clear()
                await self._work.wait()
                due = clock()
            step = self.scheduler.schedule()
            for request in step.joined:
                _owner(request).joined()
            due = max(due, clock() - LATE_SECONDS) + self._pace.seconds(step) / self._speed
            self._stepping = True
            await asyncio.sleep(max(0.0, due - clock()))
            await self._thawed.wait()
            self._stepping = False
            for request in self._leaving:
                self.scheduler.abort(request)
            self._leaving.clear()
            for request in self.scheduler.complete(step, _write):
                _owner(request).finished()


def _write(request: Request) -> bool:
    return _owner(request).write()


def _owner(request: Request) -> Owner:
    owner: Owner = request.owner  # type: ignore[assignment]  # The scheduler does not care who owns a request.
    return owner
