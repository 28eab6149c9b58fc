"""The journal under every order of appends, kills, power cuts at any byte, and restarts."""

import shutil
import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from lemma_inference.metering.journal import Journal
from lemma_inference.metering.record import Record
from lemma_inference.metering.segments import Line, segments

# Thousands of files and syncs: in memory where the system has such a folder.
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108


def record(name: str, size: int) -> Record:
    return Record(
        id=name, at=1.0, end=2.0, tenant="t", customer="c" * size, key="k", request_class="batch", model="m",
        replica="r", prompt=size, cached=0, completion=3, wasted_prompt=0, wasted_completion=0, attempts=1,
        finish="stop",
    )  # fmt: skip


class Crashes(RuleBasedStateMachine):
    """Beside the journal stands a list of what was promised: `durable` records are there for good, `pending`
    ones as long as the kernel lives."""

    @initialize(size=st.integers(4096, 9000))
    def begin(self, size: int) -> None:
        self.size = size
        self.durable: list[Record] = []
        self.pending: list[Record] = []
        self.folder = Path(tempfile.mkdtemp(prefix="journal", dir=MEMORY))
        self.journal = self.opened()

    @property
    def shown(self) -> int:
        """The newest number that a reader may have."""
        return self.durable[-1].seq if self.durable else 0

    def opened(self) -> Journal:
        # The clock of the thread is too slow to matter, so that syncs are where this test puts them.
        return Journal(self.folder, segment_bytes=self.size, sync_seconds=3600.0, flush=lambda handle: None)

    def teardown(self) -> None:
        self.journal.close()
        shutil.rmtree(self.folder)

    @rule(sizes=st.lists(st.integers(0, 64), min_size=1, max_size=20))
    def append(self, sizes: list[int]) -> None:
        if len(self.pending) + len(sizes) >= 100:  # Then the thread would sync by itself.
            self.sync()
        for size in sizes:
            one = record(f"request-{self.journal.last + 1}-{size}", size)
            before = self.journal.last
            assert self.journal.append(one) == before + 1
            self.pending.append(one)

    @rule()
    def sync(self) -> None:
        self.journal.sync()
        self.durable += self.pending
        self.pending.clear()

    @rule()
    def restart(self) -> None:
        self.journal.close()
        self.journal = self.opened()
        self.durable += self.pending
        self.pending.clear()

    @rule()
    def kill(self) -> None:
        """The kernel has all that was appended."""
        self.crash(keep=None)
        self.durable += self.pending
        self.pending.clear()

    @rule(share=st.floats(0.0, 1.0), cut=st.booleans())
    def power_cut(self, share: float, cut: bool) -> None:
        """The disk has what was made durable, and the rest up to any byte."""
        promised = len(self.durable)
        self.crash(keep=share, cut=cut)
        found = self.journal.page(0, 10**6).records
        assert found == (self.durable + self.pending)[: len(found)]
        assert len(found) >= promised
        self.durable = found
        self.pending.clear()

    def crash(self, keep: float | None, *, cut: bool = False) -> None:
        """Goes on with a copy of the files as the crash left them."""
        copy = Path(tempfile.mkdtemp(prefix="journal", dir=MEMORY))
        shutil.copytree(self.folder, copy, dirs_exist_ok=True)
        self.journal.close()
        shutil.rmtree(self.folder)
        self.folder = copy
        if keep is not None:
            self.lose(keep, cut=cut)
        self.journal = self.opened()

    def lose(self, keep: float, *, cut: bool) -> None:
        """Only this share of the bytes that were not durable is left; `cut` files end there, others have
        zeros."""
        lines: list[tuple[Path, Line]] = [
            (segment.path, line)
            for segment in segments(self.folder)
            for line in segment.lines()
            if line.record is not None and line.record.seq > self.shown
        ]
        left = int(keep * sum(line.end - line.start for _, line in lines))
        for path, line in lines:
            length = line.end - line.start
            if left < length:
                data = path.read_bytes()
                end = line.start + max(0, left)
                path.write_bytes(data[:end] if cut else data[:end] + bytes(len(data) - end))
            left -= length

    @invariant()
    def what_is_shown_is_what_was_promised(self) -> None:
        """Numbers of records that a power cut took may be known, and are told then."""
        page = self.journal.page(0, 10**6)
        assert page.records == self.durable
        assert page.next == self.journal.durable >= self.shown
        told = {number for first, last in page.missing for number in range(first, last + 1)}
        assert told == set(range(1, page.next + 1)) - {one.seq for one in self.durable}
        assert bool(self.journal.reader.verify(page.next).wrong) == bool(told)

    @rule(after=st.integers(0, 50), limit=st.integers(1, 20))
    def read_a_page(self, after: int, limit: int) -> None:
        page = self.journal.page(after, limit)
        assert page.records == [one for one in self.durable if one.seq > after][:limit]


TestCrashes = Crashes.TestCase
TestCrashes.settings = settings(max_examples=30, stateful_step_count=25, deadline=None)
