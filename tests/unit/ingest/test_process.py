"""The child processes: what they may not do, and that their caller survives what they do."""

import json
import os
import signal
import threading
from dataclasses import asdict
from pathlib import Path

import pytest

from lemma.ingest import Limits, ingest
from lemma.ingest.drafts import Draft
from lemma.ingest.errors import FileBroken, IngestTimeout, IngestUnavailable
from lemma.ingest.process.child import Child, ChildDied
from lemma.ingest.process.pool import Pool
from lemma.ingest.process.wire import pack_draft, unpack_draft
from lemma.reading.source import Box, Line, Word

REQUEST = {"do": "read", "name": "x.txt", "limits": asdict(Limits())}


def test_a_child_serves_several_files_and_survives_a_bad_one() -> None:
    pool = Pool("read", size=1, files=10)
    try:
        assert len(list(pool.ask(REQUEST, b"one", seconds=60, step=60))) == 2
        first = pool._idle[0]
        with pytest.raises(FileBroken):
            list(pool.ask(REQUEST, b"%PDF-1.4 nonsense", seconds=60, step=60))
        list(pool.ask(REQUEST, b"two", seconds=60, step=60))
        assert pool._idle == [first]
    finally:
        pool.close()


def test_a_child_is_replaced_after_its_share_of_files() -> None:
    pool = Pool("read", size=1, files=1)
    list(pool.ask(REQUEST, b"one", seconds=60, step=60))
    assert pool._idle == []


def test_a_killed_idle_child_is_replaced_unnoticed() -> None:
    pool = Pool("read", size=1, files=10)
    try:
        list(pool.ask(REQUEST, b"one", seconds=60, step=60))
        os.kill(pool._idle[0]._process.pid, signal.SIGKILL)
        assert len(list(pool.ask(REQUEST, b"two", seconds=60, step=60))) == 2
    finally:
        pool.close()


def test_a_child_that_is_killed_at_work_is_a_clear_error() -> None:
    child = Child("read")
    frames = child.ask(REQUEST, b"text\f" * 500, seconds=60, step=60)
    next(frames)
    os.kill(child._process.pid, signal.SIGKILL)
    with pytest.raises(ChildDied):
        list(frames)
    child.close()


def test_a_child_that_hangs_is_stopped() -> None:
    pool = Pool("read", size=1, files=10)
    list(pool.ask(REQUEST, b"warm", seconds=60, step=60))
    child = pool._idle[0]
    os.kill(child._process.pid, signal.SIGSTOP)
    with pytest.raises(IngestTimeout):
        list(pool.ask(REQUEST, b"x", seconds=60, step=0.3))
    assert not child.alive


def test_an_abandoned_answer_ends_its_child() -> None:
    pool = Pool("read", size=1, files=10)
    frames = pool.ask(REQUEST, b"text\f" * 500, seconds=60, step=60)
    next(frames)
    frames.close()
    assert pool._idle == []


def test_an_unknown_role_says_that_it_cannot_start() -> None:
    child = Child("nonsense")
    with pytest.raises(IngestUnavailable):
        list(child.ask(REQUEST, b"x", seconds=60, step=60))
    child.close()


def test_several_threads_share_the_pool() -> None:
    results: list[str] = []

    def work(number: int) -> None:
        results.append(ingest(f"file {number}".encode(), "x.txt").source.lines[0].text)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [f"file {i}" for i in range(6)]


def test_a_child_can_neither_write_files_nor_use_the_network() -> None:
    child = Child("read")
    list(child.ask(REQUEST, b"x", seconds=60, step=60))
    about = Path(f"/proc/{child._process.pid}")
    rows = (about / "limits").read_text().splitlines()
    limits = {row[:25].strip(): row[26:46].strip() for row in rows}
    assert limits["Max file size"] == "0"
    assert limits["Max open files"] == "64"
    assert int(limits["Max address space"]) == 2 * 1024**3
    entries = (about / "environ").read_bytes().split(b"\0")
    names = {entry.partition(b"=")[0] for entry in entries if entry}
    assert names <= {b"PATH", b"LANG", b"OMP_NUM_THREADS", b"OPENBLAS_NUM_THREADS"}
    child.close()
    assert not child.alive


def test_pages_survive_the_wire() -> None:
    words = (Word(0, 2, Box(0.25, 0.5, 0.75, 1.0), 0.875), Word(3, 5))
    draft = Draft("ocr", (Line(1, 1, "ab cd", words), Line(2, 1, "é😀")), 595, 842, 90, "n", "note {page}")
    frame = pack_draft(draft)
    size = int.from_bytes(frame[:4], "big")
    assert unpack_draft(json.loads(frame[8 : 8 + size]), frame[8 + size :]) == draft
