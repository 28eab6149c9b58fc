"""Requests under way, in a memory-mapped table: what a killed gateway leaves for its next start.

A store to mapped memory costs less than a microsecond and belongs to the kernel, so the counts of the last
part that came are there even after kill -9. The next start writes a record for each slot that is in use.

A kill may come between any two stores. So who asks is written, with a checksum, to the one of two places
that is not in use, and a single byte then says which one is; and the counts of the next attempt have a place
beside those of this one.
"""

import logging
import mmap
import os
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson

from lemma_inference.classes import RequestClass
from lemma_inference.metering.record import Finish, Record, Wasted
from lemma_inference.metering.segments import allocate

log = logging.getLogger(__name__)

# The file: a head, then slots. A slot: its state, two places for counts, two for who asks.
HEAD, SLOT, SLOTS = 4096, 2048, 256
MAGIC = b"lemma-flights-1\n"
GIVEN = struct.Struct("<Q")
GIVEN_AT = 16
STATE = struct.Struct("<BB")
COUNTS = struct.Struct("<3q")
COUNTS_AT = (8, 32)
LENGTH_AND_CRC = struct.Struct("<HI")
PLACE, PLACES_AT = 992, (64, 1056)
FREE = 0
# Why a slot is in use: the request is under way, or it ended so and its record is about to be written.
STATES: tuple[Finish, ...] = ("recovered", "stop", "length", "aborted", "failed", "refused")


@dataclass(slots=True)
class Flight:
    """Who asks for what, and what earlier attempts cost: all that changes seldom."""

    id: str
    at: float
    tenant: str
    customer: str
    key: str
    request_class: RequestClass
    model: str
    replica: str = ""
    attempts: int = 1
    wasted: tuple[Wasted, ...] = ()

    def record(self, counts: tuple[int, int, int], finish: Finish, end: float) -> Record:
        """What is written down of it."""
        return Record(
            id=self.id,
            at=self.at,
            end=end,
            tenant=self.tenant,
            customer=self.customer,
            key=self.key,
            request_class=self.request_class,
            model=self.model,
            replica=self.replica,
            prompt=counts[0],
            cached=counts[1],
            completion=counts[2],
            wasted_prompt=sum(one.prompt for one in self.wasted),
            wasted_completion=sum(one.completion for one in self.wasted),
            attempts=self.attempts,
            finish=finish,
            wasted=self.wasted,
        )


class Flights:
    """Slots in a file. It grows, and is as large as the most requests that were ever under way at once."""

    def __init__(self, path: Path, slots: int = SLOTS) -> None:
        """Opens or makes it. A file that is none of ours is put aside, and said so. Raises `OSError`."""
        self._path = path
        self._slots = 0
        self._free: list[int] = []
        self._handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            self._map = self._opened(slots)
        except BaseException:
            os.close(self._handle)
            raise

    def __len__(self) -> int:
        """Slots in use."""
        return self._slots - len(self._free)

    @property
    def given(self) -> int:
        """The number of the newest record that was written; also what `give` sets it to."""
        return int(GIVEN.unpack_from(self._map, GIVEN_AT)[0])

    def give(self, seq: int) -> None:
        """A record got this number."""
        GIVEN.pack_into(self._map, GIVEN_AT, seq)

    def close(self) -> None:
        self._map.close()
        os.close(self._handle)

    def require_room(self) -> None:
        """Grows where no slot is free. Raises `OSError` where the disk has no room for that."""
        if not self._free:
            before, self._map = self._map, self._mapped(2 * self._slots)
            before.close()

    def enter(self, flight: Flight) -> int:
        """A request begins; where its slot is. The mark that it is in use is set last."""
        self.require_room()
        at = self._free[-1]
        COUNTS.pack_into(self._map, at + COUNTS_AT[flight.attempts & 1], 0, 0, 0)
        self._write(at, 0, flight)
        STATE.pack_into(self._map, at, 1, 0)
        self._free.pop()
        return at

    def change(self, at: int, flight: Flight, *, fresh: bool) -> None:
        """A `fresh` attempt, whose counts begin at 0, or the replica of this one, as `flight` says by now."""
        place = 1 - self._map[at + 1]
        if fresh:
            COUNTS.pack_into(self._map, at + COUNTS_AT[flight.attempts & 1], 0, 0, 0)
        self._write(at, place, flight)
        self._map[at + 1] = place

    def count(self, at: int, attempts: int, prompt: int, cached: int, completion: int) -> None:
        """The tokens of this attempt as of now."""
        COUNTS.pack_into(self._map, at + COUNTS_AT[attempts & 1], prompt, cached, completion)

    def end(self, at: int, finish: Finish) -> None:
        """The request has ended so; its record is written next."""
        self._map[at] = 1 + STATES.index(finish)

    def leave(self, at: int) -> None:
        """Its record is written."""
        self._map[at] = FREE
        self._free.append(at)

    def left(self) -> Iterator[tuple[int, Flight, tuple[int, int, int], Finish]]:
        """What is in use: at the start, what the last gateway had under way. Slots that no kill can have left
        as they are were altered on disk: they are told, and freed."""
        for at in range(HEAD, HEAD + self._slots * SLOT, SLOT):
            state, place = STATE.unpack_from(self._map, at)
            if state == FREE:
                continue
            flight = self._read(at, place) if place < 2 and state <= len(STATES) else None
            if flight is None:
                log.error("%s is damaged at byte %d. The request in it is not billed.", self._path, at)
                self.leave(at)
                continue
            prompt, cached, completion = COUNTS.unpack_from(self._map, at + COUNTS_AT[flight.attempts & 1])
            yield at, flight, (prompt, cached, completion), STATES[state - 1]

    def _write(self, at: int, place: int, flight: Flight) -> None:
        fields = [getattr(flight, name) for name in _FIELDS]
        fields[-1] = [list(one) for one in flight.wasted]
        data = orjson.dumps(fields)
        if len(data) > PLACE - LENGTH_AND_CRC.size:
            # Many replicas were lost: what it cost is kept, and where is not.
            fields[-1] = [list(_together(flight.wasted))]
            data = orjson.dumps(fields)
        start = at + PLACES_AT[place]
        end = start + LENGTH_AND_CRC.size + len(data)
        LENGTH_AND_CRC.pack_into(self._map, start, len(data), zlib.crc32(data))
        self._map[start + LENGTH_AND_CRC.size : end] = data

    def _read(self, at: int, place: int) -> Flight | None:
        start = at + PLACES_AT[place]
        length, crc = LENGTH_AND_CRC.unpack_from(self._map, start)
        start += LENGTH_AND_CRC.size
        data = self._map[start : start + length]
        if zlib.crc32(data) != crc:
            return None
        fields = dict(zip(_FIELDS, orjson.loads(data), strict=True))
        return Flight(**fields | {"wasted": tuple(Wasted(*one) for one in fields["wasted"])})

    def _opened(self, slots: int) -> mmap.mmap:
        size = os.fstat(self._handle).st_size
        magic = os.pread(self._handle, len(MAGIC), 0)
        if magic == MAGIC and size > HEAD and (size - HEAD) % SLOT == 0:
            table = self._mapped((size - HEAD) // SLOT)
            self._free = [at for at in self._free if table[at] == FREE]
            return table
        if magic.strip(b"\0"):  # All zeros is one that was killed while it was made.
            aside = self._path.with_name(f"{self._path.name}.damaged")
            log.error("%s is damaged. It is kept as %s; what it held is not billed.", self._path, aside)
            self._path.replace(aside)
            os.close(self._handle)
            self._handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        table = self._mapped(slots)
        table[: len(MAGIC)] = MAGIC
        return table

    def _mapped(self, slots: int) -> mmap.mmap:
        """Disk blocks first, and not a hole: a store into a hole on a full disk would kill the process."""
        size = HEAD + slots * SLOT
        allocate(self._handle, size)
        # The first ones are taken first, so that few pages are in use.
        self._free[:0] = range(HEAD + (slots - 1) * SLOT, HEAD + (self._slots - 1) * SLOT, -SLOT)
        self._slots = slots
        return mmap.mmap(self._handle, size)


_FIELDS = ("id", "at", "tenant", "customer", "key", "request_class", "model", "replica", "attempts", "wasted")


def _together(wasted: tuple[Wasted, ...]) -> Wasted:
    return Wasted(
        "",
        sum(one.prompt for one in wasted),
        sum(one.cached for one in wasted),
        sum(one.completion for one in wasted),
    )


def given(path: Path) -> int:
    """The newest number that a table says was given out, without opening it for work; 0 without a table."""
    try:
        with path.open("rb") as file:
            head = file.read(GIVEN_AT + GIVEN.size)
    except FileNotFoundError:
        return 0
    return int(GIVEN.unpack_from(head, GIVEN_AT)[0]) if head.startswith(MAGIC) and len(head) == 24 else 0
