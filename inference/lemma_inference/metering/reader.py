"""Reading the journal: pages for whoever bills, what a restart needs, and whether all is as it was written.

Nothing here needs the gateway to run, or to have ended.
"""

import os
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from lemma_inference.metering.record import Record, seal, unseal
from lemma_inference.metering.segments import (
    Segment,
    beyond,
    replace_file,
    segments,
    sync_folder,
)

# How many readers' places are remembered, so that a page is found without reading its file from the start.
PLACES = 64
DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Page:
    """Records in order. `missing` are numbers, from and to, that were given out and have no sound record any
    more; `next` is where the following page begins."""

    records: list[Record]
    missing: list[tuple[int, int]]
    next: int


@dataclass(frozen=True, slots=True)
class Health:
    """What `verify` found. `wrong` are sentences about what was lost or altered; `torn` about lines that a
    crash left half written, which cost nothing: those requests were written down again."""

    records: int
    first: int
    last: int
    wrong: list[str]
    torn: list[str]


class Reader:
    """Reads a folder, also while a gateway writes there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._acknowledging = threading.Lock()
        self._places: OrderedDict[int, tuple[Segment, int]] = OrderedDict()

    def page(self, after: int, limit: int, through: int) -> Page:
        """At most so many records beyond `after` and up to `through`."""
        records: list[Record] = []
        missing: list[tuple[int, int]] = []
        last = after
        for record, segment, end in self._from(after) if after < through else ():
            if record.seq > through:
                break
            if record.seq > last + 1:
                missing.append((last + 1, record.seq - 1))
            records.append(record)
            last = record.seq
            if len(records) == limit:
                self._remember(last, segment, end)
                return Page(records, missing, last)
        if last < through:
            missing.append((last + 1, through))
        return Page(records, missing, max(last, through))

    def since(self, after: int, at: float) -> Iterator[Record]:
        """Records beyond this number, and those of requests that ended at this time or later; newest file
        first."""
        for segment in reversed(segments(self._folder)):
            records = list(segment.records())
            yield from (record for record in records if record.seq > after or record.end >= at)
            # Clocks are put right now and then, so a minute is read beyond what they say.
            if records and records[0].seq <= after + 1 and records[0].end < at - 60.0:
                return

    def all(self) -> Iterator[Record]:
        """Every sound record, in order."""
        for segment in segments(self._folder):
            yield from segment.records()

    def settled(self) -> int:
        """The newest number, once it is made sure that the disk has it: for readers beside a gateway."""
        there = segments(self._folder)[-2:]
        last = max((record.seq for segment in there for record in segment.records()), default=0)
        for segment in there:
            handle = os.open(segment.path, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
        return last

    def acknowledged(self) -> int:
        """Up to which number the records' reader has them for good."""
        return _number(self._folder / "acknowledged")

    def acknowledge(self, seq: int) -> int:
        """Whoever bills has all records up to this one; they may be pruned. It never goes back: what counts
        is returned."""
        with self._acknowledging:
            if seq > (before := self.acknowledged()):
                replace_file(self._folder / "acknowledged", seal({"seq": seq}))
            return max(seq, before)

    def pruned(self) -> int:
        """Up to which number records were removed on purpose."""
        return _number(self._folder / "pruned")

    def prune(self, days: float, now: float | None = None) -> list[str]:
        """Removes files whose records were all acknowledged and ended so many days ago; their names. The
        newest file stays."""
        before = (time.time() if now is None else now) - days * DAY
        acknowledged = self.acknowledged()
        removed = []
        there = segments(self._folder)
        for segment, following in pairwise(there):
            last = following.first - 1
            ends = [record.end for record in segment.records()]
            if last > acknowledged or any(end >= before for end in ends):
                break
            replace_file(self._folder / "pruned", seal({"seq": last}))
            segment.path.unlink()
            removed.append(segment.path.name)
        if removed:
            sync_folder(self._folder)
        return removed

    def verify(self, given: int = 0) -> Health:
        """Reads all of it. `given` is a number that was certainly given out."""
        found = _Findings(last=self.pruned())
        for segment in segments(self._folder):
            for line in segment.lines():
                if line.record is None:
                    found.bad.append(
                        f"{segment.path.name}: the line at byte {line.start} is not as it was written."
                    )
                else:
                    found.sound(segment.path.name, line.record.seq)
            if size := segment.torn():
                found.torn.append(f"{segment.path.name} ends with {size} bytes that are no whole record.")
        found.wrong.extend(found.bad)
        if found.last < given:
            found.wrong.append(f"{_range(found.last + 1, given)} missing from the end.")
        return Health(found.count, found.first, found.last, found.wrong, found.torn)

    def _from(self, after: int) -> Iterator[tuple[Record, Segment, int]]:
        place = self._places.get(after)
        for segment in beyond(segments(self._folder), after):
            offset = place[1] if place is not None and place[0] == segment else 0
            for line in segment.lines(offset):
                if line.record is not None and line.record.seq > after:
                    yield line.record, segment, line.end

    def _remember(self, seq: int, segment: Segment, offset: int) -> None:
        self._places[seq] = (segment, offset)
        if len(self._places) > PLACES:
            self._places.popitem(last=False)


class _Findings:
    """What `verify` has seen so far. A bad line is a loss only if a number is missing where it stands."""

    def __init__(self, last: int) -> None:
        self.count = self.first = 0
        self.last = last
        self.bad: list[str] = []
        self.wrong: list[str] = []
        self.torn: list[str] = []

    def sound(self, name: str, seq: int) -> None:
        if seq > self.last + 1:
            self.wrong.extend(self.bad)
            self.wrong.append(f"{name}: {_range(self.last + 1, seq - 1)} missing before record {seq}.")
        else:
            self.torn.extend(self.bad)
        if seq <= self.last:
            self.wrong.append(f"{name}: record {seq} stands after record {self.last}.")
        self.bad.clear()
        self.count, self.first, self.last = self.count + 1, self.first or seq, max(self.last, seq)


def _range(first: int, last: int) -> str:
    return f"record {first} is" if first == last else f"records {first} to {last} are"


def _number(path: Path) -> int:
    """The number that a small file holds; 0 without it, or where it is damaged, which is on the safe side."""
    try:
        body = unseal(path.read_bytes().rstrip(b"\n"))
    except FileNotFoundError:
        return 0
    return int(body["seq"]) if body is not None else 0
