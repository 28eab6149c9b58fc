"""`make faults-inference`: every scenario, one table. Ends with 1 where a promise was broken.

"late" is a promise about time alone: where others keep the machine busy, look at the load first.
"""

import argparse
import asyncio
import os
import random
import signal
import sys
import time
import traceback
from collections.abc import Awaitable, Callable

from tests.faults.inference import faulty_engines, kept_books, lost_engines, rude_clients, sharing
from tests.faults.inference.books import Finding
from tests.faults.inference.stage import Plan

SCENARIOS: dict[str, Callable[[Plan], Awaitable[Finding]]] = {
    "nothing wrong": sharing.nothing_wrong,
    "kill -9 an engine": lost_engines.kill_an_engine,
    "SIGSTOP an engine": lost_engines.stopped_engine,
    "frozen engine": lost_engines.frozen_engine,
    "half-open connections": lost_engines.half_open_connections,
    "flapping engine": lost_engines.flapping,
    "all engines down for 5 s": lost_engines.all_engines_down,
    "stale kept connections": faulty_engines.stale_connections,
    "500 and 503 of half": faulty_engines.server_errors,
    "closed before the first byte": faulty_engines.closed_before_the_first_byte,
    "closed midway": faulty_engines.closed_midway,
    "garbage midway": faulty_engines.garbage,
    "error chunk midway": faulty_engines.error_chunks,
    "grammar left": faulty_engines.grammar_left,
    "slow clients": rude_clients.slow_clients,
    "500 clients that leave": rude_clients.leaving_clients,
    "slowloris": rude_clients.slowloris,
    "clients that say priority": rude_clients.urgent_clients,
    "kill -9 the gateway": kept_books.kill_the_gateway,
    "journal on a full disk": kept_books.full_disk,
    "64 clients race a budget": kept_books.racing_clients,
    "yank storm": sharing.yank_storm,
    "soak": sharing.soak,
}
HEAD = "| scenario | requests | unseen failures | billed twice | lost | overshoot | added s p99 | verdict |"


async def main(plan: Plan, only: str) -> int:
    """Plays them one after the other. Gives the exit code."""
    chosen = {name: play for name, play in SCENARIOS.items() if only in name}
    if not chosen:
        _write(f"There is no scenario {only!r}; there are {', '.join(SCENARIOS)}.")
        return 2
    _write(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start, {plan.rounds} rounds.")
    _write(HEAD)
    _write("|---|---|---|---|---|---|---|---|")
    remarks: list[str] = []
    bad = 0
    for name, play in chosen.items():
        began = time.monotonic()
        found = await _played(play, plan)
        bad += not found.good
        _write(_row(name, found))
        remarks += [f"{name}: BROKEN: {sentence}" for sentence in sorted(set(found.broken))]
        remarks += [f"{name}: late: {sentence}" for sentence in found.late]
        remarks += [f"{name}: {sentence}" for sentence in found.notes]
        remarks.append(f"{name}: took {time.monotonic() - began:.0f} s, load {os.getloadavg()[0]:.1f}.")
    for remark in remarks:
        _write(remark)
    return 1 if bad else 0


async def _played(play: Callable[[Plan], Awaitable[Finding]], plan: Plan) -> Finding:
    """One that breaks off is broken, and the others are played all the same."""
    try:
        return await play(plan)
    except Exception:  # noqa: BLE001 - the edge of the process; nothing is hidden
        return Finding(broken=[f"It broke off: {traceback.format_exc()}"])


def _row(name: str, found: Finding) -> str:
    added = "" if found.added is None else f"{found.added:.2f}"
    verdict = "kept" if found.good else "late" if found.right else "BROKEN"
    cells = [name, found.requests, found.unseen, found.twice, found.lost, found.over, added, verdict]
    return f"| {' | '.join(map(str, cells))} |"


def _write(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="of each fault")
    parser.add_argument("--minutes", type=float, default=1.0, help="of the soak")
    parser.add_argument("--only", default="", help="scenarios whose name has this in it")
    parser.add_argument("--seed", type=int, default=None)
    arguments = parser.parse_args()
    random.seed(arguments.seed)
    for number in (signal.SIGINT, signal.SIGTERM):  # Either ends all that was started, in the background too.
        signal.signal(number, signal.default_int_handler)
    sys.exit(asyncio.run(main(Plan(arguments.rounds, arguments.minutes), arguments.only)))
