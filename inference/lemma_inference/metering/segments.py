"""The files of a journal: `usage-FIRSTSEQ.jsonl`, a record a line, zeros behind what is written so far.

Reading needs no lock: lines are only ever added. A line that is not as it was written is skipped, and the
numbers of the records around it say what is missing.
"""

import os
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from lemma_inference.metering.record import Record, read


@dataclass(frozen=True, slots=True)
class Segment:
    """A file of the journal. `first` is the number that its first record got."""

    path: Path
    first: int

    def lines(self, offset: int = 0) -> Iterator["Line"]:
        """Its lines from this byte on. A file that was removed meanwhile has none."""
        try:
            with self.path.open("rb") as file:
                file.seek(offset)
                data = file.read()
        except FileNotFoundError:
            return
        start, end = 0, written(data)
        while start < end:
            stop = data.index(b"\n", start)
            line = data[start:stop]
            # Zeros before a line are a page that never reached the disk; what was in it is missing by number.
            yield Line(read(line.lstrip(b"\0")), offset + start, offset + stop + 1)
            start = stop + 1

    def records(self) -> Iterator[Record]:
        """Its sound records."""
        return (line.record for line in self.lines() if line.record is not None)

    def torn(self) -> int:
        """Bytes at its end that are no whole line."""
        data = self.path.read_bytes()
        return len(data[written(data) :].rstrip(b"\0"))


class Line(NamedTuple):
    """`record` is None where the line is not as it was written. `start` and `end` are bytes of the file."""

    record: Record | None
    start: int
    end: int


def segments(folder: Path) -> list[Segment]:
    """All of them, in order."""
    names = sorted(path for path in folder.glob("usage-*.jsonl") if path.stem[6:].isdigit())
    return [Segment(path, int(path.stem[6:])) for path in names]


def segment_path(folder: Path, first: int) -> Path:
    return folder / f"usage-{first:020d}.jsonl"


def beyond(all_segments: list[Segment], after: int) -> list[Segment]:
    """Those that may hold records beyond this number."""
    firsts = [segment.first for segment in all_segments]
    return all_segments[max(0, bisect_right(firsts, after + 1) - 1) :]


def written(data: bytes) -> int:
    """Where the whole lines end: before the zeros of a file made beforehand, and before a torn line."""
    return data.rstrip(b"\0").rfind(b"\n") + 1


def sync_folder(folder: Path) -> None:
    """Makes names durable: of files that were made, renamed or removed."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def replace_file(path: Path, data: bytes) -> None:
    """Old or new, and never half: also through a power cut."""
    fresh = path.with_name(f"{path.name}.new")
    with fresh.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    sync_folder(path.parent)


def allocate(handle: int, size: int) -> None:
    """Blocks of the disk, and not a hole: what is written into them later cannot fail for want of room."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(handle, 0, size)
    else:  # macOS
        there = os.fstat(handle).st_size
        write(handle, bytes(max(0, size - there)), there)


def write(handle: int, data: bytes, position: int) -> None:
    """All of it, there."""
    while data:
        count = os.pwrite(handle, data, position)
        data, position = data[count:], position + count
