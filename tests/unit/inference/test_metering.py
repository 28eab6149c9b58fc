"""From reservation to record: what is counted, what survives, and what is refused."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from lemma_inference.callers import Budget, Caller
from lemma_inference.engines.protocol import Usage
from lemma_inference.errors import SettingsWrong
from lemma_inference.metering import Metering, Record
from lemma_inference.metering.reader import Reader

SHOP = Caller("product", "shop", "interactive", customer="org-1")
NOON = 1_800_000_000.0 - 1_800_000_000.0 % 86_400 + 43_200


class Clock:
    """A clock that is set by hand."""

    def __init__(self, now: float = NOON) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def read(folder: Path) -> list[Record]:
    return list(Reader(folder).all())


def test_a_request_is_written_down_with_what_it_used(tmp_path: Path) -> None:
    clock = Clock()
    metering = Metering(tmp_path, clock)
    account = metering.reserve(SHOP, "m", 100, 50)
    account.saw(Usage(98, 32, 1))
    account.saw(Usage(98, 32, 7))
    clock.now += 2.5
    account.close("stop", "r1")
    account.close("aborted", "r2")
    metering.close()
    [record] = read(tmp_path)
    assert record.body() == {
        "seq": 1,
        "id": account.id,
        "at": NOON,
        "end": NOON + 2.5,
        "tenant": "product",
        "customer": "org-1",
        "key": "shop",
        "class": "interactive",
        "model": "m",
        "replica": "r1",
        "prompt": 98,
        "cached": 32,
        "completion": 7,
        "wasted_prompt": 0,
        "wasted_completion": 0,
        "attempts": 1,
        "finish": "stop",
    }


@pytest.mark.parametrize("kept", [True, False], ids=["on disk", "in memory"])
def test_thrown_away_attempts_are_waste_of_the_replica_that_made_them(tmp_path: Path, kept: bool) -> None:
    metering = Metering(tmp_path if kept else None)
    account = metering.reserve(SHOP, "m", 100, 50)
    account.sent("r1")
    account.saw(Usage(98, 0, 3))
    account.restart("r1")
    account.sent("r2")
    account.restart("r2")
    account.saw(Usage(98, 96, 5))
    assert metering.in_flight == 1
    assert (metering.seen()["m", "r2"].prompt, metering.seen()["m", "r2"].completion) == (98, 5)
    account.close("length", "r2")
    record = account.record("length", 0.0)
    assert (record.prompt, record.cached, record.completion) == (98, 96, 5)
    assert (record.wasted_prompt, record.wasted_completion, record.attempts) == (98, 3, 3)
    assert [tuple(one) for one in record.wasted] == [("r1", 98, 0, 3)]
    assert (metering.seen()["m", "r1"].prompt, metering.seen()["m", "r2"].prompt) == (98, 98)
    totals = metering.totals["interactive"]
    assert (totals.requests, totals.unfinished, totals.prompt_tokens, totals.cached_tokens) == (1, 0, 98, 96)
    assert (totals.completion_tokens, totals.wasted_tokens, metering.in_flight) == (5, 101, 0)
    metering.close()


def test_in_memory_nothing_is_kept() -> None:
    metering = Metering(None)
    account = metering.reserve(SHOP, "m", 10, 10)
    account.saw(Usage(10, 0, 1))
    account.close("failed")
    assert metering.journal is None
    assert metering.totals["interactive"].unfinished == 1


def test_an_engine_cannot_make_usage_less_than_nothing(tmp_path: Path) -> None:
    metering = Metering(tmp_path)
    account = metering.reserve(SHOP, "m", 10, 10)
    account.saw(Usage(-5, -1, -7))
    account.close("stop")
    metering.close()
    assert [(one.prompt, one.cached, one.completion) for one in read(tmp_path)] == [(0, 0, 0)]


async def test_it_runs_within_a_loop_and_records_are_durable_at_its_end(tmp_path: Path) -> None:
    metering = Metering.open(tmp_path)
    async with metering.running():
        metering.reserve(SHOP, "m", 1, 1).close("stop")
        left = metering.reserve(SHOP, "m", 1, 1)
    left.saw(Usage(1, 0, 1))
    left.close("stop")  # Too late: the next start writes it down.
    assert len(read(tmp_path)) == 1
    again = Metering(tmp_path)
    assert again.recovered == 1
    again.close()
    assert [one.finish for one in read(tmp_path)] == ["stop", "recovered"]


CHILD = """
import os, sys
from pathlib import Path
from lemma_inference.callers import Budget, Caller
from lemma_inference.engines.protocol import Usage
from lemma_inference.metering import Metering

metering = Metering(Path(sys.argv[1]))
caller = Caller("product", "shop", "batch", customer="org-1")
for n in range(10):
    metering.reserve(caller, "m", 10, 10).close("stop", "r0")
open_ones = [metering.reserve(caller, "m", 100, 100) for _ in range(300)]
for n, account in enumerate(open_ones):
    account.sent("r1")
    account.saw(Usage(100, 0, 1))
    if n % 3 == 0:
        account.restart("r1")
        account.sent("r2")
        account.saw(Usage(100, 50, 2))
for count in range(3, 50):
    for account in open_ones:
        account.saw(Usage(100, 50, count))
print("ready", flush=True)
count = 50
while True:
    open_ones[0].saw(Usage(100, 50, count))
    print(count, flush=True)
    count += 1
"""


def test_a_killed_gateway_loses_at_most_one_part(tmp_path: Path) -> None:
    seen = 0
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        for line in child.stdout:
            if line.strip().isdigit():
                seen = int(line)
            if seen >= 200:
                break
        os.kill(child.pid, signal.SIGKILL)
        rest = child.stdout.read().split("\n")[:-1]
        seen = max([seen, *(int(line) for line in rest if line.isdigit())])
    metering = Metering(tmp_path)
    assert metering.recovered == 300
    metering.close()
    records = read(tmp_path)
    assert [one.seq for one in records] == list(range(1, 311))
    assert len({one.id for one in records}) == 310
    assert [one.finish for one in records[:10]] == ["stop"] * 10
    recovered = records[10:]
    assert {one.finish for one in recovered} == {"recovered"}
    assert {(one.prompt, one.cached) for one in recovered} == {(100, 50)}
    first, *others = sorted(recovered, key=lambda one: -one.completion)
    assert first.completion in {seen, seen + 1}
    assert {one.completion for one in others} == {49}
    moved = [one for one in recovered if one.attempts == 2]
    assert len(moved) == 100
    assert {(one.replica, one.wasted_prompt, one.wasted_completion) for one in moved} == {("r2", 100, 1)}
    again = Metering(tmp_path)
    assert (again.recovered, again.journal and again.journal.last) == (0, 310)
    again.close()


def test_a_record_that_was_written_is_not_written_again(tmp_path: Path) -> None:
    """A kill between the writing of the record and the freeing of the slot leaves both."""
    metering = Metering(tmp_path)
    account = metering.reserve(SHOP, "m", 10, 10)
    account.close("stop")
    assert metering.keeper is not None
    metering.keeper.flights.enter(account.flight)
    metering.close()
    again = Metering(tmp_path)
    assert again.recovered == 0
    again.close()
    assert [one.id for one in read(tmp_path)] == [account.id]


def test_an_ended_request_whose_record_was_not_written_keeps_its_end(tmp_path: Path) -> None:
    metering = Metering(tmp_path)
    account = metering.reserve(SHOP, "m", 10, 10)
    account.saw(Usage(10, 0, 4))
    assert metering.keeper is not None
    metering.keeper.flights.end(account.slot, "aborted")
    metering.close()
    Metering(tmp_path).close()
    assert [(one.finish, one.completion) for one in read(tmp_path)] == [("aborted", 4)]


def test_a_folder_has_one_gateway(tmp_path: Path) -> None:
    first = Metering(tmp_path)
    with pytest.raises(SettingsWrong, match=rf"process {os.getpid()}\) keeps its journal in"):
        Metering(tmp_path)
    first.close()
    Metering(tmp_path).close()


def test_a_folder_that_cannot_be_used_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(SettingsWrong, match=r"cannot be kept in .*Give it a folder"):
        Metering(tmp_path / "file" / "below")


def test_a_lost_name_of_the_gateway_is_not_replaced(tmp_path: Path) -> None:
    metering = Metering(tmp_path)
    metering.reserve(SHOP, "m", 10, 10).close("stop")
    metering.close()
    name = (tmp_path / "gateway").read_text(encoding="ascii")
    (tmp_path / "gateway").unlink()
    with pytest.raises(SettingsWrong, match="Put it back"):
        Metering(tmp_path)
    (tmp_path / "gateway").write_text("", encoding="ascii")
    with pytest.raises(SettingsWrong, match="damaged"):
        Metering(tmp_path)
    (tmp_path / "gateway").write_text(name, encoding="ascii")
    Metering(tmp_path).close()


BUDGET = Budget(requests_per_minute=5, tokens_per_minute=1000, tokens_per_day=3000)


@pytest.mark.parametrize("checkpoint", [True, False], ids=["checkpoint", "whole day"])
def test_a_restart_finds_budgets_as_they_were(tmp_path: Path, checkpoint: bool) -> None:
    clock = Clock()
    caller = Caller("t", "k", "batch", key_budget=BUDGET)
    plenty = Caller("t", "other", "batch")
    metering = Metering(tmp_path, clock, segment_bytes=4096)
    for _ in range(2):
        account = metering.reserve(caller, "m", 200, 300)
        account.saw(Usage(150, 0, 50))
        account.close("stop")
    for _ in range(40 if checkpoint else 2):  # Small files, so that some are finished.
        metering.reserve(plenty, "m", 1, 1).close("stop")
    left = metering.reserve(caller, "m", 200, 300)
    left.saw(Usage(150, 0, 250))
    before = {(one.limit, one.used) for one in metering.standings(caller)}
    assert [one.used + one.reserved for one in metering.standings(caller)] == [3, 850, 850]
    metering.close()
    assert (tmp_path / "checkpoint").exists() == checkpoint
    again = Metering(tmp_path, clock, segment_bytes=4096)
    assert [(one.used, one.reserved) for one in again.standings(caller)] == [(3, 0), (800, 0), (800, 0)]
    assert before != {(one.limit, one.used) for one in again.standings(caller)}
    again.close()
    third = Metering(tmp_path, clock, segment_bytes=4096)
    assert [one.used for one in third.standings(caller)] == [3, 800, 800]
    clock.now += 60
    assert [one.used for one in third.standings(caller)] == [0, 0, 800]
    third.close()
    clock.now += 86_400
    fourth = Metering(tmp_path, clock, segment_bytes=4096)
    assert [one.used for one in fourth.standings(caller)] == [0, 0, 0]
    fourth.close()


def test_a_damaged_checkpoint_is_not_believed(tmp_path: Path) -> None:
    clock = Clock()
    caller = Caller("t", "k", "batch", key_budget=BUDGET)
    metering = Metering(tmp_path, clock, segment_bytes=4096)
    for _ in range(5):
        account = metering.reserve(caller, "m", 10, 10)
        account.saw(Usage(10, 0, 10))
        account.close("stop")
    for _ in range(40):
        metering.reserve(SHOP, "m", 1, 1).close("stop")
    metering.close()
    path = tmp_path / "checkpoint"
    path.write_bytes(path.read_bytes().replace(b'"key k",[', b'"key x",['))
    again = Metering(tmp_path, clock)
    assert [one.used for one in again.standings(caller)] == [5, 100, 100]
    again.close()


async def test_racing_clients_never_overshoot(tmp_path: Path) -> None:
    clock = Clock()
    caller = Caller("t", "k", "batch", tenant_budget=Budget(tokens_per_minute=10_000))
    metering = Metering(tmp_path, clock)
    used = worst = 0

    async def client(n: int) -> None:
        nonlocal used, worst
        for turn in range(20):
            try:
                account = metering.reserve(caller, "m", 40, 60)
            except Exception as error:  # noqa: BLE001 - asked for below
                assert type(error).__name__ == "OverBudget"  # noqa: PT017
                await asyncio.sleep(0)
                continue
            for count in range(1, 61):
                account.saw(Usage(40, 0, count))
                if count % (7 + n % 5) == 0:
                    await asyncio.sleep(0)
                if (n + turn) % 4 == 0 and count == 30:
                    break
            used += account.usage.prompt + account.usage.completion
            account.close("stop")
            [standing] = metering.standings(caller)
            worst = max(worst, standing.used + standing.reserved)

    await asyncio.gather(*(client(n) for n in range(64)))
    assert worst <= 10_000
    assert 9_900 < used <= 10_000
    assert [(one.used, one.reserved) for one in metering.standings(caller)] == [(used, 0)]
    await metering.aclose()
    assert sum(one.tokens for one in read(tmp_path)) == used


def test_a_table_of_flights_that_is_none_is_put_aside(tmp_path: Path) -> None:
    metering = Metering(tmp_path)
    metering.reserve(SHOP, "m", 1, 1)
    metering.close()
    (tmp_path / "flights").write_bytes(b"something else" * 100)
    again = Metering(tmp_path)
    assert again.recovered == 0
    again.close()
    assert (tmp_path / "flights.damaged").exists()


def test_a_slot_that_was_altered_is_told_and_the_others_are_recovered(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    metering = Metering(tmp_path)
    accounts = [metering.reserve(SHOP, "m", 1, 1) for _ in range(3)]
    metering.close()
    data = bytearray((tmp_path / "flights").read_bytes())
    data[data.index(accounts[1].id.encode())] ^= 1
    (tmp_path / "flights").write_bytes(data)
    again = Metering(tmp_path)
    assert again.recovered == 2
    again.close()
    assert "is damaged at byte" in caplog.text
    assert {one.id for one in read(tmp_path)} == {accounts[0].id, accounts[2].id}
