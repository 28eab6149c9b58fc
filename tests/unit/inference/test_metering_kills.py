"""A gateway that is killed again and again, at moments that nobody chose, while requests come and go."""

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from lemma_inference.metering import Metering
from lemma_inference.metering.reader import Reader

# Each line is printed before or after what it tells of, so that a kill in between leaves no doubt.
CHILD = """
import os, random, sys
from pathlib import Path
from lemma_inference.callers import Caller
from lemma_inference.engines.protocol import Usage
from lemma_inference.metering import Metering

def say(*words):
    os.write(1, (" ".join(map(str, words)) + "\\n").encode())

luck = random.Random(int(sys.argv[2]))
metering = Metering(Path(sys.argv[1]), segment_bytes=65536)
callers = [Caller("t", f"k{n}", "batch", customer=f"c{n}") for n in range(3)]
flights = []
say("ready")
while True:
    if len(flights) < 20:
        account = metering.reserve(luck.choice(callers), "m", 100, 1000)
        account.sent("r1")
        say("begun", account.id)
        flights.append([account, 0])
    flight = luck.choice(flights)
    account, count = flight
    what = luck.random()
    if what < 0.8:
        flight[1] = count + 1
        account.saw(Usage(100, 10, count + 1))
        say("saw", account.id, count + 1)
    elif what < 0.85:
        say("restarting", account.id)
        account.restart("r1")
        account.sent("r2")
        flight[1] = 0
        say("restarted", account.id, count)
    else:
        say("closing", account.id)
        account.close("stop")
        say("closed", account.id)
        flights.remove(flight)
"""


def killed(folder: Path, seed: int) -> list[str]:
    """Runs a gateway, kills it at a moment drawn from the seed, and gives back what it said."""
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, str(folder), str(seed)], stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        wanted = random.Random(seed).randint(10, 3000)
        said = [child.stdout.readline() for _ in range(wanted)]
        time.sleep(random.Random(seed).random() * 0.002)
        child.send_signal(signal.SIGKILL)
        said += child.stdout.read().splitlines(keepends=True)
    return [line.decode().strip() for line in said if line.endswith(b"\n")]


def test_no_kill_loses_or_doubles_anything(tmp_path: Path) -> None:
    seen: dict[str, int] = {}
    attempts: Counter[str] = Counter()
    restarting: set[str] = set()
    closing: set[str] = set()
    for seed in range(6):
        last = ""
        for line in killed(tmp_path, seed):
            what, name, *count = line.split()
            if what == "begun":
                seen[name] = 0
            elif what == "saw":
                seen[name] = int(count[0])
            elif what == "restarting":
                restarting.add(name)
            elif what == "restarted":
                restarting.discard(name)
                attempts[name] += 1
                seen[name] = 0
            elif what == "closing":
                closing.add(name)
            last = name
        assert last in seen
    Metering(tmp_path).close()
    records = list(Reader(tmp_path).all())
    found = {one.id: one for one in records}
    assert [one.seq for one in records] == list(range(1, len(records) + 1))
    assert len(found) == len(records)
    # Of each kill, at most one request was begun that was not yet told of.
    assert set(seen) <= set(found)
    assert len(set(found) - set(seen)) <= 6
    assert {one.id for one in records if one.finish == "stop"} <= closing
    assert Reader(tmp_path).verify(len(records)).wrong == []
    unsure = 0
    for name, parts in seen.items():
        record = found[name]
        if name in restarting:
            continue
        assert record.attempts == attempts[name] + 1
        # The last part may have been counted and not yet told of, once for each kill.
        assert record.completion in {parts, parts + 1}
        assert record.prompt in {0, 100}
        unsure += record.completion != parts
    assert unsure <= 6
    assert len(restarting) <= 6
