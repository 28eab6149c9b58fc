"""The journal: what was appended is there, in order, once, and unaltered; or it is said what is not."""

import os
import threading
from pathlib import Path

import pytest

from lemma_inference.errors import SettingsWrong
from lemma_inference.metering.journal import Journal
from lemma_inference.metering.reader import Page
from lemma_inference.metering.record import LONGEST_RECORD, Record, Wasted, read
from lemma_inference.metering.segments import segments

DAY = 86_400.0


def record(name: str = "x", end: float = 5.0, prompt: int = 7) -> Record:
    return Record(
        id=name, at=end - 1, end=end, tenant="t", customer="c", key="k", request_class="batch", model="m",
        replica="r", prompt=prompt, cached=0, completion=3, wasted_prompt=0, wasted_completion=0, attempts=1,
        finish="stop",
    )  # fmt: skip


def fill(journal: Journal, count: int, end: float = 5.0) -> list[str]:
    """Appends so many and makes them durable; their ids."""
    names = [f"request-{journal.last + 1}-{n}" for n in range(count)]
    for name in names:
        journal.append(record(name, end))
    journal.sync()
    return names


def names_in(journal: Journal) -> list[str]:
    return [one.id for one in journal.page(0, 10_000).records]


def test_records_come_back_as_they_were_written(tmp_path: Path) -> None:
    first = record('ü\n"quoted"\\', prompt=2**40)
    first.wasted = (Wasted("r2", 5, 4, 1), Wasted("r3", 6, 0, 0))
    journal = Journal(tmp_path)
    assert [journal.append(first), journal.append(record("b"))] == [1, 2]
    journal.sync()
    page = journal.page(0, 10)
    assert page.records[0] == first
    assert (page.records[1].id, page.missing, page.next) == ("b", [], 2)
    journal.close()


def test_only_what_is_durable_is_shown(tmp_path: Path) -> None:
    """A number that a reader has must not be given out again after a power cut."""
    on_disk, flushed = threading.Event(), threading.Event()

    def flush(handle: int) -> None:
        on_disk.wait(60)
        os.fsync(handle)
        flushed.set()

    journal = Journal(tmp_path, flush=flush)
    journal.append(record("a"))
    assert (journal.unsynced, names_in(journal)) == (1, [])
    told = threading.Event()
    forget = journal.on_durable(told.set)
    on_disk.set()
    assert flushed.wait(60)
    assert told.wait(60)
    assert (journal.unsynced, names_in(journal)) == (0, ["a"])
    forget()
    journal.close()


def test_many_records_do_not_wait_for_the_clock(tmp_path: Path) -> None:
    journal = Journal(tmp_path, sync_seconds=3600.0)
    told = threading.Event()
    journal.on_durable(told.set)
    for n in range(100):
        journal.append(record(str(n)))
    assert told.wait(60)
    journal.close()


def test_pages_follow_one_another_over_files(tmp_path: Path) -> None:
    journal = Journal(tmp_path, segment_bytes=4096)
    names = fill(journal, 200)
    assert len(segments(tmp_path)) > 10
    found: list[str] = []
    after = 0
    for limit in [1, 2, 3, 50, 7, 1000]:
        page = journal.page(after, limit)
        found += [one.id for one in page.records]
        assert [one.seq for one in page.records] == list(range(after + 1, page.next + 1))
        assert journal.page(after, limit) == page
        after = page.next
    assert found == names
    assert journal.page(after, 10) == Page([], [], 200)
    assert journal.page(10**6, 10) == Page([], [], 10**6)
    journal.close()
    assert [path.name for path in tmp_path.glob("spare-*")] == []
    again = Journal(tmp_path, segment_bytes=4096)
    assert fill(again, 1) == names_in(again)[200:]
    again.close()


def damage(path: Path, text: bytes, by: bytes) -> None:
    data = path.read_bytes()
    assert data.count(text) == 1
    path.write_bytes(data.replace(text, by))


def test_an_altered_record_is_missed_and_not_shown(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    names = fill(journal, 5)
    damage(segments(tmp_path)[0].path, names[2].encode(), names[2].encode().replace(b"request", b"reqvest"))
    page = journal.page(0, 10)
    assert ([one.seq for one in page.records], page.missing, page.next) == ([1, 2, 4, 5], [(3, 3)], 5)
    health = journal.reader.verify(journal.last)
    assert len(health.wrong) == 2
    assert "the line at byte" in health.wrong[0]
    assert "record 3 is missing before record 4" in health.wrong[1]
    journal.close()


def test_an_altered_newest_record_keeps_its_number(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    names = fill(journal, 3)
    journal.close()
    damage(segments(tmp_path)[0].path, names[2].encode(), names[2].encode().replace(b"request", b"reqvest"))
    again = Journal(tmp_path)
    assert again.append(record("next")) == 4
    again.sync()
    page = again.page(0, 10)
    assert ([one.seq for one in page.records], page.missing) == ([1, 2, 4], [(3, 3)])
    again.close()


@pytest.mark.parametrize("empty", [True, False], ids=["emptied", "removed"])
def test_a_lost_file_is_missed(tmp_path: Path, empty: bool) -> None:
    journal = Journal(tmp_path, segment_bytes=4096)
    fill(journal, 60)
    journal.close()
    there = segments(tmp_path)
    lost = there[2]
    lost.path.write_bytes(b"") if empty else lost.path.unlink()
    again = Journal(tmp_path, segment_bytes=4096)
    page = again.page(0, 100)
    assert page.missing == [(lost.first, there[3].first - 1)]
    assert [one.seq for one in page.records][-1] == page.next == again.last == 60
    assert again.page(lost.first, 1).missing == [(lost.first + 1, there[3].first - 1)]
    [wrong] = again.reader.verify(60).wrong
    assert f"records {lost.first} to {there[3].first - 1} are missing before" in wrong
    again.close()


def test_a_lost_newest_file_is_missed_by_what_was_given_out(tmp_path: Path) -> None:
    journal = Journal(tmp_path, segment_bytes=4096)
    fill(journal, 30)
    journal.close()
    newest = segments(tmp_path)[-1]
    newest.path.unlink()
    again = Journal(tmp_path, segment_bytes=4096, given=30)
    assert f"The records {newest.first} to 30 are missing" in again.notes[0]
    assert again.page(0, 100).missing == [(newest.first, 30)]
    assert again.append(record()) == 31
    again.sync()
    assert again.page(0, 100).missing == [(newest.first, 30)]
    again.close()


def test_a_torn_record_is_taken_off_and_told(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    fill(journal, 3)
    journal.close()
    path = segments(tmp_path)[0].path
    path.write_bytes(path.read_bytes()[:-20] + bytes(4000))
    again = Journal(tmp_path)
    assert (again.last, len(again.notes)) == (2, 1)
    assert "no whole record" in again.notes[0]
    assert path.read_bytes().rstrip(b"\0").endswith(b"}\n")
    assert again.append(record("again")) == 3
    again.sync()
    health = again.reader.verify(3)
    assert (health.records, health.wrong, health.torn) == (3, [], [])
    again.close()


def test_a_page_that_never_reached_the_disk_is_missed(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    fill(journal, 50)
    journal.close()
    path = segments(tmp_path)[0].path
    data = bytearray(path.read_bytes())
    data[4096:8192] = bytes(4096)
    path.write_bytes(data)
    again = Journal(tmp_path)
    page = again.page(0, 100)
    [(first, last)] = page.missing
    assert 10 < first < last < 40
    assert len(page.records) + last - first + 1 == 50
    again.close()


def test_pruning_removes_what_is_old_and_acknowledged(tmp_path: Path) -> None:
    journal = Journal(tmp_path, segment_bytes=4096)
    fill(journal, 40, end=DAY)
    fill(journal, 40, end=10 * DAY)
    reader = journal.reader
    first_new = next(one.seq for one in reader.all() if one.end > DAY)
    assert reader.prune(5, now=11 * DAY) == []
    assert reader.acknowledge(25) == 25
    assert reader.acknowledge(5) == 25
    assert reader.prune(30, now=11 * DAY) == []
    removed = reader.prune(5, now=11 * DAY)
    assert removed
    assert 1 < reader.pruned() <= 25
    page = journal.page(0, 1000)
    assert (page.missing, page.next) == ([(1, reader.pruned())], 80)
    assert reader.verify(80).wrong == []
    reader.acknowledge(80)
    assert reader.prune(5, now=11 * DAY)
    assert reader.pruned() < first_new
    assert reader.prune(0, now=11 * DAY)
    assert len(segments(tmp_path)) == 1
    assert journal.append(record()) == 81
    journal.close()
    again = Journal(tmp_path)
    assert again.last == 81
    again.close()


def test_a_line_is_never_longer_than_its_room() -> None:
    one = record("x" * 32)
    one.tenant, one.customer, one.key, one.model, one.replica = (
        "t" * 64,
        "c" * 64,
        "k" * 64,
        "m" * 100,
        "r" * 255,
    )
    one.wasted = tuple(Wasted("r" * 255, 2**40, 2**40, 2**40) for _ in range(9))
    line = one.line()
    assert len(line) <= LONGEST_RECORD
    found = read(line[:-1])
    assert found is not None
    assert (found.wasted, found.replica) == ((), "r" * 255)


def test_a_folder_without_its_name_is_refused(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    fill(journal, 1)
    journal.close()
    (tmp_path / "gateway").unlink()
    with pytest.raises(SettingsWrong, match="Put it back"):
        Journal(tmp_path)
