"""The journal of usage on disk: appended to, never changed, read by cursor.

A record is handed to the kernel at once, so a killed gateway loses none; a tenth of a second later, or after
a hundred records, the disk has it too, and only then is it shown to readers, so that a number that was given
out is never given out again after a power cut. Files are made in full size beforehand: what is under way when
the disk fills up still finds room for its record, and only new requests are refused.
"""

import contextlib
import logging
import os
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from lemma_inference.errors import JournalFull, SettingsWrong
from lemma_inference.metering.reader import Page, Reader
from lemma_inference.metering.record import LONGEST_RECORD, Record
from lemma_inference.metering.segments import (
    Segment,
    allocate,
    replace_file,
    segment_path,
    segments,
    sync_folder,
    write,
    written,
)

log = logging.getLogger(__name__)

SEGMENT_BYTES = 4 * 1024 * 1024
SYNC_SECONDS = 0.1
SYNC_RECORDS = 100
# How soon it is tried again to make room on a full disk, or to reach a disk that failed.
AGAIN_SECONDS = 0.25


class Journal:
    """Records in a folder. One process at a time: whoever opens it holds the `FolderLock`.

    `append` belongs to one thread. A thread of its own makes durable what was appended, and files beforehand.
    """

    def __init__(
        self,
        folder: Path,
        *,
        segment_bytes: int = SEGMENT_BYTES,
        sync_seconds: float = SYNC_SECONDS,
        given: int = 0,
        flush: Callable[[int], None] = os.fsync,
    ) -> None:
        """Opens what is there, or begins. Raises `SettingsWrong` where the folder cannot be used.

        `given` is a number that was certainly given out, so that lost records are noticed and no number is
        given out twice. `flush` is how a file gets onto the disk.
        """
        self.folder = folder
        self.last = self.durable = 0
        self.sync_seconds = 0.0
        # What was found wrong at the start, in sentences.
        self.notes: list[str] = []
        # What a restart needs to know besides the records; asked for when a file is full.
        self.checkpoint: Callable[[int], bytes | None] = lambda through: None
        self._size, self._interval, self._flush = max(segment_bytes, 2 * LONGEST_RECORD), sync_seconds, flush
        self._fd, self._position, self._size_now, self._room = -1, 0, 0, 0
        self._spares: deque[tuple[int, Path]] = deque()
        self._sealed: list[tuple[int, int]] = []
        self._unsynced: list[tuple[int, int, bytes]] = []
        self._checkpoints: list[bytes] = []
        self._trouble = ""
        self._renamed = False
        self._room_again = 0.0
        self._guard = threading.Lock()
        self._syncing = threading.Lock()
        self._written, self._due, self._ending = threading.Event(), threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None
        self._listeners: list[Callable[[], None]] = []
        try:
            self.gateway = _identity(folder)
            self._begin(given)
        except OSError as error:
            raise unusable(folder, error) from error
        self.reader = Reader(folder)

    def close(self) -> None:
        """Makes all of it durable and lets the folder go."""
        self._ending.set()
        self._written.set()
        self._due.set()
        if self._thread:
            self._thread.join()
        with contextlib.suppress(OSError):  # Told when it happened, and whoever reads sees what is there.
            self.sync()
        if self._fd >= 0:
            if not self._trouble:
                os.ftruncate(self._fd, self._position)
            os.close(self._fd)
        for handle, path in self._spares:
            os.close(handle)
            path.unlink(missing_ok=True)
        self._fd = -1
        self._spares.clear()

    @property
    def unsynced(self) -> int:
        """Records that the disk may not have yet."""
        return self.last - self.durable

    @property
    def trouble(self) -> str:
        """Why the disk does not take records at the moment, in a sentence; empty where it does."""
        return self._trouble

    def require_room(self, flights: int) -> None:
        """Raises `JournalFull` unless there is room for the records of so many requests under way and one."""
        if self._trouble:
            raise JournalFull(
                f"The journal of usage cannot be written: {self._trouble}. See to its disk.", retry_after=1
            )
        if self._room <= flights:
            self._make_room(flights)
        if self._room <= flights:
            raise _full()

    def append(self, record: Record) -> int:
        """Gives the record its number and writes it down; the number. Never waits for a disk.

        Raises `JournalFull` or `OSError` where it could not be written. Then it has no number yet, and may be
        appended again.
        """
        record.seq = self.last + 1
        line = record.line()
        with self._guard:
            if self._position + len(line) > self._size_now:
                self._turn_over()
            write(self._fd, line, self._position)
            self._unsynced.append((self._fd, self._position, line))
            self._position += len(line)
            self.last = record.seq
            self._count_room()
        if self._thread is None:
            self._thread = threading.Thread(target=self._keep_durable, name="journal", daemon=True)
            self._thread.start()
        if self.unsynced >= SYNC_RECORDS:
            self._due.set()
        if not self._written.is_set():
            self._written.set()
        return record.seq

    def page(self, after: int, limit: int) -> Page:
        """Durable records beyond this number, in order. Reads files: not for the event loop."""
        return self.reader.page(after, limit, self.durable)

    def on_durable(self, listener: Callable[[], None]) -> Callable[[], None]:
        """`listener` is called, on another thread, whenever more is durable, until what is returned is
        called."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def sync(self) -> None:
        """All that was appended before is durable afterwards. Raises `OSError` where the disk fails."""
        with self._syncing:
            with self._guard:
                last, handle, sealed = self.last, self._fd, list(self._sealed)
                lines, checkpoints = list(self._unsynced), list(self._checkpoints)
                renamed = self._renamed
            if self._trouble:  # What a failed flush held is gone from the kernel; hand it over again.
                for number, position, line in lines:
                    write(number, line, position)
            began = time.monotonic()
            for number, length in sealed:
                os.ftruncate(number, length)
                self._flush(number)
            if last > self.durable and handle >= 0:
                self._flush(handle)
                _require_linked(handle)
            if renamed:
                sync_folder(self.folder)
            self.sync_seconds = time.monotonic() - began
            with self._guard:
                del self._unsynced[: len(lines)]
                del self._sealed[: len(sealed)]
                del self._checkpoints[: len(checkpoints)]
                self.durable, self._trouble = last, ""
                self._renamed = self._renamed and handle != self._fd
            for number, _ in sealed:
                os.close(number)
            if checkpoints:
                replace_file(self.folder / "checkpoint", checkpoints[-1])
        for listener in list(self._listeners):
            listener()

    # Inside.

    def _keep_durable(self) -> None:
        while not self._ending.is_set():
            self._written.wait()
            self._due.wait(self._interval)
            self._due.clear()
            self._written.clear()
            try:
                self.sync()
            except OSError as error:
                self._trouble = error.strerror or str(error)
                log.error("The journal in %s cannot be made durable: %s.", self.folder, self._trouble)
                self._ending.wait(AGAIN_SECONDS)
                self._written.set()
            if not self._spares and not self._ending.is_set():
                self._make_room(-1)

    def _begin(self, given: int) -> None:
        """Goes on after the last whole record. A torn one at the very end was never shown to anybody, and its
        request is still in the table of flights."""
        for path in self.folder.glob("spare-*"):
            path.unlink()
        there = segments(self.folder)
        if there:
            self._go_on(there[-1])
        if self.last < given:
            self._note(f"The records {self.last + 1} to {given} are missing from the end of the journal.")
            self.last = given
        self.durable = self.last
        self._make_room(0)

    def _go_on(self, current: Segment) -> None:
        self.last = current.first - 1
        for line in current.lines():
            # A line that was altered had a number too.
            self.last = line.record.seq if line.record else self.last + 1
        data = current.path.read_bytes()
        self._position = written(data)
        torn = len(data[self._position :].rstrip(b"\0"))
        self._fd = os.open(current.path, os.O_RDWR | os.O_CLOEXEC)
        if torn:
            self._note(f"{current.path.name} ends with {torn} bytes that are no whole record; taken off.")
            write(self._fd, bytes(torn), self._position)
        try:
            allocate(self._fd, self._size)
            self._size_now = os.fstat(self._fd).st_size
        except OSError:  # A full disk is told when a request comes, and may be cured.
            self._size_now = self._position
        self._flush(self._fd)

    def _note(self, sentence: str) -> None:
        self.notes.append(sentence)
        log.warning("Journal of usage: %s", sentence)

    def _make_room(self, flights: int) -> None:
        """Files in full size for later, so that there is room for more than so many records."""
        with self._guard:
            while not self._spares or self._room <= flights:
                if time.monotonic() < self._room_again or not self._make_spare():
                    return

    def _make_spare(self) -> bool:
        """A file under a name that says that it is not in use; whether there was room for it."""
        path = self.folder / f"spare-{secrets.token_hex(4)}"
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            try:
                allocate(handle, self._size)
            except OSError:
                os.close(handle)
                path.unlink(missing_ok=True)
                raise
        except OSError:
            self._room_again = time.monotonic() + AGAIN_SECONDS
            return False
        self._spares.append((handle, path))
        self._count_room()
        return True

    def _count_room(self) -> None:
        """How many records, however long, there is certainly room for."""
        current = max(0, self._size_now - self._position) // LONGEST_RECORD
        self._room = current + len(self._spares) * (self._size // LONGEST_RECORD)

    def _turn_over(self) -> None:
        """Goes on in a spare file. The finished one is cut to its length by the thread."""
        if not self._spares and not self._make_spare():
            raise _full()
        handle, path = self._spares[0]
        path.rename(segment_path(self.folder, self.last + 1))
        self._spares.popleft()
        self._renamed = True
        if self._fd >= 0:
            self._sealed.append((self._fd, self._position))
            if (state := self.checkpoint(self.last)) is not None:
                self._checkpoints.append(state)
        self._fd, self._position, self._size_now = handle, 0, self._size


def _full() -> JournalFull:
    return JournalFull(
        "There is no room left for the journal of usage. Free space on its disk.", retry_after=1
    )


def unusable(folder: Path, error: OSError) -> SettingsWrong:
    return SettingsWrong(
        f"The journal of usage cannot be kept in {folder}: {error.strerror or error}. "
        "Give it a folder that can be written and has room."
    )


def _identity(folder: Path) -> str:
    """A random name, made once: the numbers of records are unique together with it."""
    path = folder / "gateway"
    if not path.exists():
        if segments(folder):
            raise SettingsWrong(
                f"{folder} has records and no file `gateway`, which says whose they are. Put it back, or "
                "begin in an empty folder: with a new name its records would be taken for others."
            )
        replace_file(path, f"{secrets.token_hex(8)}\n".encode())
    name = path.read_text(encoding="ascii", errors="replace").strip()
    if len(name) != 16 or not name.isalnum():
        raise SettingsWrong(f"{path} is damaged. Put back the name that the readers of this journal know.")
    return name


def _require_linked(handle: int) -> None:
    if not os.fstat(handle).st_nlink:
        raise OSError("its file was removed while it was in use")
