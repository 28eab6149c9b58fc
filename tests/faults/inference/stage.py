"""What a scenario plays with: engines, a gateway before them, clients, and a load that goes on meanwhile."""

import asyncio
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.faults.inference.books import Finding, compare, unseen
from tests.faults.inference.clients import Clients, Reply, Wish, p99
from tests.faults.inference.engines import Engine
from tests.faults.inference.gateway import Gateway
from tests.faults.inference.tap import Tap

# Half of the clients want a stream and half a whole answer, short and long in turn.
MIXED = tuple(
    Wish(stream=stream, tokens=tokens, prompt=prompt)
    for tokens, prompt in ((16, 200), (48, 1200), (24, 3000))
    for stream in (True, False)
)
# What nobody waits for longer than, where another replica lives (issue: at most 1 s added).
FAIL_OVER = 1.0


@dataclass(frozen=True)
class Plan:
    """How long to go on: `rounds` of each fault, `minutes` of the soak."""

    rounds: int = 5
    minutes: float = 1.0
    at_once: int = 16
    quiet: float = 3.0


@dataclass
class Stage:
    """One gateway and its engines. `moments` are when faults began and when their effect must be over."""

    engines: list[Engine]
    gateway: Gateway
    clients: Clients
    tap: Tap | None = None
    moments: list[tuple[float, float]] = field(default_factory=list)

    async def under_load(
        self,
        fault: Callable[[], Awaitable[None]],
        plan: Plan,
        wishes: Sequence[Wish] = MIXED,
    ) -> None:
        """Load; after some quiet seconds, for comparison, the fault; then all requests come to their end."""
        over = asyncio.Event()
        load = asyncio.create_task(self.clients.load(wishes, plan.at_once, over))
        try:
            await asyncio.sleep(plan.quiet)
            await fault()
        finally:
            over.set()
            await load

    @asynccontextmanager
    async def moment(self, longest: float = 5.0) -> AsyncIterator[None]:
        """Around a fault: requests that meet it are those whose waiting counts as added."""
        began = time.monotonic()
        try:
            yield
        finally:
            self.moments.append((began, min(time.monotonic(), began + longest)))

    async def finding(self, beside: str = "", meant: str = "") -> Finding:
        """What the clients saw, what the journal says, and whether all seats are free again. `beside` is how
        the names begin of clients that nobody kept replies of, `meant` a code that they were meant to see."""
        found = Finding()
        try:
            await self.gateway.until_idle()
        except TimeoutError:
            health = await self.gateway.health()
            found.broken.append(f"Seats leaked: {health['running']} run and {health['waiting']} wait.")
        records = await self.gateway.records()
        if beside:
            records = [one for one in records if not one["customer"].startswith(beside)]
        compare(self.clients.replies, records, found)
        unseen((reply for reply in self.clients.replies if not meant or reply.code != meant), found)
        found.added = self.added()
        if (whole := self.added(stream=False)) is not None:
            found.notes.append(f"Whole answers that met it came {whole:.2f} s later, being made again (p99).")
        for reply in self.clients.replies:
            if reply.stream and reply.first and not reply.complete and not reply.left:
                found.expect(
                    reply.code not in {"", "no_end"},
                    f"A stream broke off without an error event, after {reply.tokens} tokens.",
                )
        return found

    def added(self, *, stream: bool = True) -> float | None:
        """How much longer than in quiet the 99th of 100 that met a fault waited: of streams for the first
        byte, of whole answers for their end. None without a fault."""
        if not self.moments:
            return None
        first = self.moments[0][0]
        kind = [reply for reply in self.clients.replies if reply.stream == stream and not reply.left]
        before = [reply.waited for reply in kind if reply.ended < first]
        met = [reply.waited for reply in kind if (reply.first or reply.complete) and self._met(reply)]
        return max(0.0, p99(met) - p99(before))

    def _met(self, reply: Reply) -> bool:
        return any(reply.began <= end and reply.ended >= began for began, end in self.moments)


@asynccontextmanager
async def stage(
    engines: int = 2, flags: Sequence[str] = (), *, tapped: bool = False, **gateway: Any
) -> AsyncIterator[Stage]:
    """So many engines with these flags, and a gateway with these lines in its files. `tapped` puts a `Tap`
    before the first one."""
    folder = Path(tempfile.mkdtemp(prefix="lemma-faults-"))
    named = [Engine(f"e{number}", ("--preset", "8b-h100", *flags)) for number in range(1, engines + 1)]
    before = Gateway(folder, named, **gateway)
    try:
        await asyncio.gather(*(engine.start() for engine in named))
        async with AsyncExitStack() as stack:
            tap = Tap(named[0].url) if tapped else None
            if tap is not None:
                await stack.enter_async_context(tap.listening())
                before.instead[named[0].name] = tap.url
            await before.start()
            clients = await stack.enter_async_context(Clients(before.url))
            yield Stage(named, before, clients, tap)
    finally:
        await before.stop()
        await asyncio.gather(*(engine.stop() for engine in named))
        shutil.rmtree(folder, ignore_errors=True)
