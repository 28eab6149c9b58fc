"""Where an engine can be reached at this moment. Launchers keep it true; engines only read it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from lemma_inference.engines.protocol import Health


@dataclass
class Replica:
    """One running engine, or one that will run again. `url` is None while there is nothing to talk to.
    `heard` is when a part of an answer last came from it, on the monotonic clock."""

    url: str | None = None
    key: str | None = None
    detail: str = "The engine is starting."
    restarts: int = 0
    heard: float = 0.0
    _ready: asyncio.Event = field(default_factory=asyncio.Event)
    _listeners: list[Callable[[], None]] = field(default_factory=list)

    def on_down(self, listener: Callable[[], None]) -> None:
        """Will be called whenever the engine, which was there, no longer is."""
        self._listeners.append(listener)

    def up(self, url: str, key: str | None) -> None:
        """The engine listens here and has said that it is ready."""
        self.url, self.key, self.detail = url, key, "The engine is ready."
        self._ready.set()

    def down(self, detail: str) -> None:
        """The engine is not there; `detail` says why, in a sentence."""
        was_up = self.url is not None
        self.url, self.detail = None, detail
        self._ready.clear()
        if was_up:
            for listener in self._listeners:
                listener()

    def health(self) -> Health:
        return Health(ready=self.url is not None, detail=self.detail, restarts=self.restarts)

    async def wait(self, seconds: float) -> bool:
        """Waits until the engine is up, at most so long; whether it is."""
        try:
            async with asyncio.timeout(seconds):
                await self._ready.wait()
        except TimeoutError:
            return False
        return True
