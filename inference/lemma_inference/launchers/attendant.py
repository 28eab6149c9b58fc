"""Keeps what the gateway believes of its engines true: asks each for a sign of life, tests a new one, gives
up on a frozen one."""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

import aiohttp

from lemma_inference.engines.replica import Replica
from lemma_inference.launchers.protocol import Endpoint, EngineSpec, Launcher

log = logging.getLogger(__name__)

# A busy engine may take a moment for its sign of life, and a wrong suspicion costs all that it works on.
EVERY = 1.0
WITHIN = 2.0
MISSES = 3
# Of an engine that is only listed it costs less: nobody ends it, and what had not begun goes elsewhere. So
# these are looked at sooner.
LISTED_EVERY = 0.5
LISTED_WITHIN = 1.0
# An engine that was started by us and stays silent so long is started again.
START_SECONDS = 900.0
# Seconds after which one that failed its self-test is tested again.
SOONEST_TEST = 2.5
LATEST_TEST = 300.0

Test = Callable[[str, str | None], Awaitable[str | None]]


async def no_test(url: str, key: str | None) -> str | None:
    """For engines that need none."""
    return None


@dataclass(eq=False)
class _Seen:
    """What was seen of one engine since it was last started."""

    life: tuple[int, str] | None = None
    since: float = 0.0
    misses: int = 0
    passed: bool = False
    failed: int = 0
    test_at: float = 0.0


class Attendant:
    """One for all engines of a launcher. `test` is run on an engine that answers for the first time in a
    life; it returns what is wrong, in a sentence, or None."""

    def __init__(
        self,
        launcher: Launcher,
        replicas: Mapping[str, Replica],
        specs: Sequence[EngineSpec] = (),
        *,
        test: Test = no_test,
        on_serving: Callable[[str], Awaitable[None]] | None = None,
        every: float = EVERY,
        within: float = WITHIN,
    ) -> None:
        """`specs` are the engines to launch; those that are only listed have none."""
        self._launcher = launcher
        self._replicas = replicas
        self._specs = {spec.id: spec for spec in specs}
        self._test = test
        self._on_serving = on_serving
        self._every = every
        self._within = within
        self._seen = {name: _Seen() for name in replicas}

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Attends in the background."""
        async with self._launcher.running():
            for spec in self._specs.values():
                await self._launcher.launch(spec)
            timeout = aiohttp.ClientTimeout(total=self._within)
            async with aiohttp.ClientSession(timeout=timeout, trust_env=False) as http:
                tasks = [
                    asyncio.create_task(self._attend(name, http), name=f"attendant {name}")
                    for name in self._replicas
                ]
                try:
                    yield
                finally:
                    for task in tasks:
                        task.cancel()
                    await asyncio.gather(*tasks, return_exceptions=True)

    async def _attend(self, name: str, http: aiohttp.ClientSession) -> None:
        while True:
            await self._look(name, http)
            await asyncio.sleep(self._every)

    async def _look(self, name: str, http: aiohttp.ClientSession) -> None:
        """One look at one engine, and what follows from it."""
        replica, seen = self._replicas[name], self._seen[name]
        endpoint = next((one for one in await self._launcher.list() if one.id == name), None)
        if endpoint is None or endpoint.url is None:
            detail = endpoint.detail if endpoint else "The engine is not there."
            if replica.url is not None or replica.detail != detail:
                replica.down(detail)
            return
        life = endpoint.lives, endpoint.url
        if life != seen.life:
            if seen.life:
                replica.restarts += 1
                replica.down("The engine was started again.")
            self._seen[name] = seen = _Seen(life, time.monotonic())
        if await _answers(http, endpoint.url):
            await self._answered(endpoint, replica, seen)
        elif replica.heard > time.monotonic() - self._within - self._every:
            seen.misses = 0  # It is busy giving answers.
        else:
            await self._silent(endpoint, replica, seen)

    async def _answered(self, endpoint: Endpoint, replica: Replica, seen: _Seen) -> None:
        seen.misses = 0
        if replica.url is not None or endpoint.url is None:
            return
        if not seen.passed and not await self._passes(endpoint.url, endpoint.key, replica, seen):
            return
        if self._on_serving is not None:
            await self._on_serving(endpoint.id)
        replica.up(endpoint.url, endpoint.key)
        log.info("Engine %s is ready at %s.", endpoint.id, endpoint.url)

    async def _passes(self, url: str, key: str | None, replica: Replica, seen: _Seen) -> bool:
        """An engine that failed is tested again, since it may have been busy, but ever more seldom: a test
        fills it."""
        if time.monotonic() < seen.test_at:
            return False
        wrong = await self._test(url, key)
        if wrong is None:
            seen.passed = True
            return True
        if replica.detail != wrong:
            log.error("%s", wrong)
        replica.down(wrong)
        seen.failed += 1
        seen.test_at = time.monotonic() + min(SOONEST_TEST * 2.0**seen.failed, LATEST_TEST)
        return False

    async def _silent(self, endpoint: Endpoint, replica: Replica, seen: _Seen) -> None:
        seen.misses += 1
        if replica.url is not None and seen.misses >= MISSES:
            replica.down("The engine no longer answers.")
            log.error("Engine %s no longer answers.", endpoint.id)
            await self._start_again(endpoint.id)
        elif replica.url is None and not seen.passed and time.monotonic() - seen.since > START_SECONDS:
            replica.down(f"The engine did not serve within {START_SECONDS:.0f} s.")
            await self._start_again(endpoint.id)

    async def _start_again(self, name: str) -> None:
        """A frozen engine does not end by itself. One that was only listed is left to whoever started it."""
        if name in self._specs:
            await self._launcher.stop(name)
            await self._launcher.launch(self._specs[name])
            self._replicas[name].restarts += 1
            self._seen[name] = _Seen()


async def _answers(http: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with http.get(f"{url}/health", allow_redirects=False) as response:
            return response.status == 200
    except (aiohttp.ClientError, TimeoutError, ConnectionError):
        return False
