"""The event streams that this process keeps open: how many, and when they must end."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from lemma.core.errors import Unavailable


class TooManyStreams(Unavailable):
    """This process holds as many event streams as it may."""

    code = "too_many_streams"
    title = "Too many event streams are open"


class Streams:
    """Counts open streams, and tells them to end when the process stops.

    An open stream would hold up a graceful stop for ever, so that each waits for `pause` between its
    looks at the database, and leaves when it is told.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._open = 0
        self._stopping = asyncio.Event()

    @property
    def stopping(self) -> bool:
        """Whether the process is on its way out."""
        return self._stopping.is_set()

    def stop(self) -> None:
        """Ask every stream to end. Callers reconnect, to another process or to the next one."""
        self._stopping.set()

    def check_room(self) -> None:
        """Raises TooManyStreams. To be asked before the first byte, while an error can still be sent."""
        if self.stopping or self._open >= self._most:
            raise TooManyStreams("Close some event streams, or ask again in a few seconds.")

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Counts a stream while it is open."""
        self._open += 1
        try:
            yield
        finally:
            self._open -= 1

    async def pause(self, seconds: float) -> bool:
        """Wait; True if the stream must end now."""
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            return False
        return True
