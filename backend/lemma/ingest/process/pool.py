"""Warm children, reused from file to file so that a file does not wait for a process to start."""

import atexit
import os
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any

from lemma.ingest.errors import FileBroken
from lemma.ingest.process.child import Child, ChildDied

Frames = Generator[tuple[dict[str, Any], bytes], None, None]


class Pool:
    """At most `size` children of one role; each is ended after `files` files or after any failure.

    Safe to use from several threads. A process that forks starts with an empty pool of its own.
    """

    def __init__(self, role: str, *, size: int, files: int) -> None:
        self._role = role
        self._size = size
        self._files = files
        self._reset()
        atexit.register(self.close)

    def _reset(self) -> None:
        self._owner = os.getpid()
        self._free = threading.BoundedSemaphore(self._size)
        self._lock = threading.Lock()
        self._idle: list[Child] = []

    @contextmanager
    def _borrow(self) -> Iterator[Child]:
        if self._owner != os.getpid():
            self._reset()
        with self._free:
            child = self._take()
            served = child.served
            try:
                yield child
            finally:
                if served < child.served < self._files:
                    with self._lock:
                        self._idle.append(child)
                else:
                    child.close()

    def _take(self) -> Child:
        while True:
            with self._lock:
                child = self._idle.pop() if self._idle else None
            if child is None:
                return Child(self._role)
            if child.alive:
                return child
            child.close()

    def ask(self, request: dict[str, Any], data: bytes, *, seconds: float, step: float) -> Frames:
        """Frames of a child's answer. Raises one of our errors, whatever the file did to the child.

        A child that dies before its first frame, and had served other files before, may have been
        worn out by those: the file gets one fresh child.
        """
        for attempt in (1, 2):
            begun = False
            with self._borrow() as child:
                worn = child.served > 0
                try:
                    for frame in child.ask(request, data, seconds=seconds, step=step):
                        begun = True
                        yield frame
                except ChildDied as error:
                    if begun or not worn or attempt == 2:
                        raise FileBroken(
                            "Reading this file failed: it is damaged, or needs more memory than is allowed. "
                            "Print it to a new PDF and send that copy."
                        ) from error
                else:
                    return

    def close(self) -> None:
        """Ends all idle children."""
        if self._owner != os.getpid():
            return
        with self._lock:
            idle, self._idle = self._idle, []
        for child in idle:
            child.close()
