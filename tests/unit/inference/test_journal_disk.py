"""The journal on a disk that is full, that fails, or whose files go away."""

import os
import resource
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lemma_inference.callers import Budget, Caller
from lemma_inference.engines.protocol import Usage
from lemma_inference.errors import JournalFull, SettingsWrong
from lemma_inference.metering import Account, Metering
from lemma_inference.metering.journal import Journal
from lemma_inference.metering.reader import Reader
from lemma_inference.metering.record import Record

SEGMENT = 64 * 1024
WHO = Caller("t", "k", "batch", key_budget=Budget(tokens_per_day=10**9))


def until(holds: Callable[[], bool]) -> None:
    """Waits for another thread, patiently."""
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def record(name: str) -> Record:
    return Record(
        id=name, at=1.0, end=2.0, tenant="t", customer="", key="k", request_class="batch", model="m",
        replica="r", prompt=7, cached=0, completion=3, wasted_prompt=0, wasted_completion=0, attempts=1,
        finish="stop",
    )  # fmt: skip


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, of a megabyte and a half. Only root may mount one; for others the next best
    is the folder itself, in which no file may then grow."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() != 0:
        yield folder
        return
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1536k", "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def full(folder: Path) -> Iterator[None]:
    """Not a block is left within."""
    if os.geteuid() != 0:
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (SEGMENT - 1, before[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        return
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (65_536, 4096, 512, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                continue
    try:
        yield
    finally:
        filler.unlink()


def opened(folder: Path) -> Metering:
    return Metering(folder / "usage", segment_bytes=SEGMENT)


def used_up(metering: Metering) -> int:
    """Asks until it is refused; how many were taken."""
    for taken in range(10_000):
        try:
            metering.reserve(WHO, "m", 5, 5).close("stop")
        except JournalFull:
            return taken
    raise AssertionError("The disk is full, and nothing was refused.")


def test_on_a_full_disk_new_requests_are_refused_and_old_ones_written_down(small_disk: Path) -> None:
    metering = opened(small_disk)
    under_way = [metering.reserve(WHO, "m", 10, 10) for _ in range(20)]
    with full(small_disk):
        taken = used_up(metering)
        with pytest.raises(JournalFull, match="Free space on its disk") as refused:
            metering.reserve(WHO, "m", 10, 10)
        assert (refused.value.status, refused.value.extra["retry_after"]) == (503, 1)
        for account in under_way:
            account.saw(Usage(10, 0, 2))
            account.close("stop")
        assert metering.journal is not None
        assert metering.journal.last == taken + 20
        [standing] = metering.standings(WHO)
        assert (standing.used, standing.reserved) == (20 * 12, 0)
        used_up(metering)
    until(lambda: _taken(metering))
    metering.close()
    records = list(Reader(small_disk / "usage").all())
    assert [one.seq for one in records] == list(range(1, len(records) + 1))
    assert {one.id for one in under_way} <= {one.id for one in records}
    assert Reader(small_disk / "usage").verify(len(records)).wrong == []


def _taken(metering: Metering) -> bool:
    try:
        metering.reserve(WHO, "m", 5, 5).close("stop")
    except JournalFull:
        return False
    return True


def test_a_gateway_starts_on_a_full_disk_and_recovers_once_there_is_room(small_disk: Path) -> None:
    metering = opened(small_disk)
    used_ids = [metering.reserve(WHO, "m", 10, 10).id for _ in range(3)]
    metering.close()
    with full(small_disk):
        again = opened(small_disk)
        assert again.recovered == 3
        with pytest.raises(JournalFull):
            again.reserve(WHO, "m", 10, 10)
    until(lambda: _taken(again))
    again.close()
    records = list(Reader(small_disk / "usage").all())
    assert {one.id for one in records if one.finish == "recovered"} == set(used_ids)


def test_more_requests_under_way_than_the_table_has_room_for_are_refused(small_disk: Path) -> None:
    metering = opened(small_disk)
    with full(small_disk):
        under_way: list[Account] = []
        while (account := _another(metering)) is not None:
            under_way.append(account)
        assert 10 < len(under_way) < 10_000
        for account in under_way:
            account.close("stop")
    until(lambda: _taken(metering))
    metering.close()
    records = list(Reader(small_disk / "usage").all())
    assert {one.id for one in under_way} <= {one.id for one in records}


def _another(metering: Metering) -> Account | None:
    try:
        return metering.reserve(WHO, "m", 1, 1)
    except JournalFull:
        return None


def test_a_disk_that_fails_is_told_and_given_the_records_again(tmp_path: Path) -> None:
    """After a failed sync the kernel forgets what it held, so it is handed over again."""
    broken = threading.Event()
    broken.set()

    def flush(handle: int) -> None:
        if broken.is_set():
            os.pwrite(handle, bytes(300), 0)
            raise OSError(5, "Input/output error")
        os.fsync(handle)

    journal = Journal(tmp_path, sync_seconds=0.001, flush=flush)
    journal.append(record("a"))
    until(lambda: bool(journal.trouble))
    with pytest.raises(JournalFull, match="cannot be written: Input/output error"):
        journal.require_room(0)
    assert journal.page(0, 10).records == []
    broken.clear()
    until(lambda: journal.durable == 1)
    journal.require_room(0)
    assert [one.id for one in journal.page(0, 10).records] == ["a"]
    journal.close()


def test_a_file_that_is_removed_while_it_is_in_use_is_told(tmp_path: Path) -> None:
    journal = Journal(tmp_path, sync_seconds=0.001)
    journal.append(record("a"))
    until(lambda: journal.durable == 1)
    for path in tmp_path.glob("usage-*"):
        path.unlink()
    journal.append(record("b"))
    until(lambda: bool(journal.trouble))
    with pytest.raises(JournalFull, match="its file was removed while it was in use"):
        journal.require_room(0)
    journal.close()


def test_a_folder_that_only_root_may_write_is_refused(tmp_path: Path) -> None:
    """As another user, because to root no folder is read-only but on a file system that is."""
    folder = tmp_path / "usage"
    folder.mkdir()
    if os.geteuid() == 0:
        subprocess.run(["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", str(folder)], check=True)
    else:
        folder.chmod(0o500)
    try:
        with pytest.raises(SettingsWrong, match=r"cannot be kept in .*: .* Give it a folder"):
            Metering(folder)
    finally:
        if os.geteuid() == 0:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)
        else:
            folder.chmod(0o700)
