"""The folder of a gateway: its journal, its table of flights, and what it needs to go on after a restart.

The order of things is what makes a kill harmless. A slot says how its request ended, then the record is
written, then the slot is freed. Whatever is found in a slot at the start is written down, unless a record
with its id is there already.
"""

import logging
import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lemma_inference.errors import JournalFull
from lemma_inference.metering.budgets import DAY, Budgets, Reservation
from lemma_inference.metering.flights import Flight, Flights
from lemma_inference.metering.journal import SEGMENT_BYTES, Journal, unusable
from lemma_inference.metering.lock import FolderLock
from lemma_inference.metering.record import Record, seal, unseal

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Unwritten:
    """A record that the disk did not take. Its slot stays in use, and its budget reserved, until it does."""

    record: Record
    slot: int
    reservation: Reservation | None


class Keeper:
    """Holds a folder for this process."""

    def __init__(
        self,
        folder: Path,
        budgets: Budgets,
        clock: Callable[[], float],
        *,
        segment_bytes: int = SEGMENT_BYTES,
    ) -> None:
        """Restores budgets and writes down what was under way. Raises `SettingsWrong`."""
        self._budgets = budgets
        self._clock = clock
        self._unwritten: deque[_Unwritten] = deque()
        self._told = False
        self.recovered = 0
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._lock = FolderLock(folder)
        except OSError as error:
            raise unusable(folder, error) from error
        try:
            self.flights = Flights(folder / "flights")
        except OSError as error:
            self._lock.release()
            raise unusable(folder, error) from error
        try:
            self.journal = Journal(folder, segment_bytes=segment_bytes, given=self.flights.given)
        except BaseException:
            self.flights.close()
            self._lock.release()
            raise
        # From here on a call is two fewer: these are the busiest ones.
        self.count = self.flights.count
        self.change = self.flights.change
        try:
            self._restore()
        except OSError as error:
            self.close()
            raise unusable(folder, error) from error
        self.journal.checkpoint = self._checkpoint

    def close(self) -> None:
        """Makes all durable and lets the folder go."""
        self._write_down()
        self.journal.close()
        self.flights.close()
        self._lock.release()

    def require_room(self, flights: int) -> None:
        """Raises `JournalFull` unless another request, besides so many under way, can be written down."""
        if self._unwritten:
            self._write_down()
        if self._unwritten:
            raise JournalFull(
                "The journal of usage cannot be written at the moment. See to its disk.", retry_after=1
            )
        self.journal.require_room(flights)
        try:
            self.flights.require_room()
        except OSError as error:
            raise JournalFull(
                "There is no room left for the table of requests under way. Free space on its disk.",
                retry_after=1,
            ) from error

    def enter(self, flight: Flight) -> int:
        """A request begins; its slot."""
        return self.flights.enter(flight)

    def keep(self, record: Record, slot: int, reservation: Reservation) -> None:
        """A request is over."""
        self.flights.end(slot, record.finish)
        self._unwritten.append(_Unwritten(record, slot, reservation))
        self._write_down()

    def _write_down(self) -> None:
        """In order, as far as the disk takes it."""
        while self._unwritten:
            one = self._unwritten[0]
            try:
                seq = self.journal.append(one.record)
            except (OSError, JournalFull) as error:
                if not self._told:
                    log.error("Records of usage wait for the disk, and new requests are refused: %s", error)
                self._told = True
                return
            self.flights.give(seq)
            self.flights.leave(one.slot)
            if one.reservation is not None:
                one.reservation.settle(one.record.tokens)
            self._unwritten.popleft()
        self._told = False

    # Restarts.

    def _restore(self) -> None:
        now = self._clock()
        left = list(self.flights.left())
        through = self._load_checkpoint()
        needed = math.inf if through is not None else now - now % DAY
        oldest = min([needed, *(flight.at for _, flight, _, _ in left)])
        wanted = {flight.id for _, flight, _, _ in left}
        known: set[str] = set()
        for record in self.journal.reader.since(self.journal.last if through is None else through, oldest):
            if through is None or record.seq > through:
                self._budgets.restore([record])
            if record.id in wanted:
                known.add(record.id)
        for slot, flight, counts, finish in left:
            if flight.id in known:
                self.flights.leave(slot)
                continue
            record = flight.record(counts, finish, now)
            self._budgets.restore([record])
            self._unwritten.append(_Unwritten(record, slot, None))
            self.recovered += 1
        self._write_down()
        if self.recovered:
            self.journal.sync()
            log.warning("Wrote down %d requests that were under way when the gateway ended.", self.recovered)

    def _checkpoint(self, through: int) -> bytes:
        """What was used up to this record, so that a restart need not read the whole day."""
        return seal({"seq": through, "at": self._clock(), "used": self._budgets.saved()})

    def _load_checkpoint(self) -> int | None:
        """The number up to which it counts; None where there is none that can be used."""
        try:
            body = unseal((self.journal.folder / "checkpoint").read_bytes().rstrip(b"\n"))
        except FileNotFoundError:
            return None
        if body is None or body["seq"] > self.journal.last:
            log.warning("The checkpoint of the journal is damaged; the day's records are read instead.")
            return None
        self._budgets.load(body["used"])
        return int(body["seq"])
