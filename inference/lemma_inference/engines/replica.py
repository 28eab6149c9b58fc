"""Where an engine can be reached at this moment. Launchers keep it true; engines only read it."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from lemma_inference.engines.protocol import Health, ReplicaState


@dataclass
class Replica:
    """One running engine, or one that will run again. `url` is None while there is nothing to talk to.
    `heard` is when a part of an answer last came from it, on the monotonic clock.

    It is starting until it has once been up, then ready or down. While it drains it finishes what it has and
    gets nothing new; that lasts until `resume`, over restarts too.
    """

    url: str | None = None
    key: str | None = None
    detail: str = "The engine is starting."
    restarts: int = 0
    heard: float = 0.0
    working: int = 0
    since: float = field(default_factory=time.time)
    _was_up: bool = False
    _held: str | None = None
    _ready: asyncio.Event = field(default_factory=asyncio.Event)
    _idle: asyncio.Event = field(default_factory=asyncio.Event)
    _listeners: list[Callable[[], None]] = field(default_factory=list)

    @property
    def state(self) -> ReplicaState:
        if self._held is not None:
            return "draining"
        if self.url is None:
            return "down" if self._was_up else "starting"
        return "ready"

    def on_down(self, listener: Callable[[], None]) -> None:
        """Will be called whenever the engine, which was there, no longer is."""
        self._listeners.append(listener)

    def up(self, url: str, key: str | None) -> None:
        """The engine listens here and has said that it is ready."""
        self.url, self.key, self.detail, self._was_up = url, key, "The engine is ready.", True
        self._changed()

    def down(self, detail: str) -> None:
        """The engine is not there; `detail` says why, in a sentence."""
        was_up = self.url is not None
        self.url, self.detail = None, detail
        self._changed(moved=was_up)
        if was_up:
            for listener in self._listeners:
                listener()

    def drain(self, why: str) -> None:
        """From now on it gets no new requests."""
        self._held = why
        self._changed()

    def resume(self) -> None:
        """It may get requests again."""
        if self._held is not None:
            self._held = None
            self._changed()

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Around everything that the engine is asked to do."""
        self.working += 1
        try:
            yield
        finally:
            self.working -= 1
            if not self.working:
                self._idle.set()

    async def drained(self, seconds: float) -> bool:
        """Waits until it works on nothing, at most so long; whether it does not."""
        try:
            async with asyncio.timeout(seconds):
                while self.working:
                    self._idle.clear()
                    await self._idle.wait()
        except TimeoutError:
            return False
        return True

    def health(self) -> Health:
        state = self.state
        detail = self._held if self._held is not None and self.url is not None else self.detail
        return Health(state == "ready", detail, self.restarts, state, self.since)

    async def wait(self, seconds: float) -> bool:
        """Waits until the engine takes requests, at most so long; whether it does."""
        try:
            async with asyncio.timeout(seconds):
                await self._ready.wait()
        except TimeoutError:
            return False
        return True

    def _changed(self, *, moved: bool = True) -> None:
        if moved:
            self.since = time.time()
        if self.state == "ready":
            self._ready.set()
        else:
            self._ready.clear()
