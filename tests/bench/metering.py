"""What metering costs: `python -m tests.bench.metering`.

Processor time, so that a busy machine changes it little.
The targets: an account from reservation to record in 50 microseconds, each part of an answer in 2.
"""

import shutil
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from lemma_inference.callers import Budget, Caller
from lemma_inference.engines.protocol import Usage
from lemma_inference.metering import Metering
from tests.bench.measure import best_times

LIMITS = Budget(10**9, 10**12, 10**12)
CALLER = Caller("product", "shop", "interactive", "org-1234", key_budget=LIMITS, tenant_budget=LIMITS)
ACCOUNTS, PARTS = 5_000, 100_000


def accounts(metering: Metering) -> None:
    """Requests from beginning to end, without their parts."""
    for _ in range(ACCOUNTS):
        metering.reserve(CALLER, "qwen3-8b", 1000, 500).close("stop", "gpu-0")


def parts(metering: Metering) -> None:
    """The parts of one answer."""
    account = metering.reserve(CALLER, "qwen3-8b", 1000, PARTS)
    usage = Usage(1000, 512, 7)
    saw = account.saw
    for _ in range(PARTS):
        saw(usage)
    account.close("stop", "gpu-0")


def restart(folder: Path) -> None:
    Metering(folder).close()


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="metering"))
    try:
        memory, disk = Metering(None), Metering(folder)
        tasks: list[tuple[str, int, Callable[[], object]]] = [
            ("an account, in memory", ACCOUNTS, partial(accounts, memory)),
            ("an account, on disk", ACCOUNTS, partial(accounts, disk)),
            ("a part, in memory", PARTS, partial(parts, memory)),
            ("a part, on disk", PARTS, partial(parts, disk)),
        ]
        for (name, count, _), seconds in zip(tasks, best_times([task for *_, task in tasks]), strict=True):
            print(f"{name:<24} {seconds / count * 1e6:8.2f} µs")
        records = disk.journal.last if disk.journal else 0
        disk.close()
        [seconds] = best_times([partial(restart, folder)], rounds=3)
        print(f"{'a restart':<24} {seconds * 1e3:8.0f} ms, with {records:,} records of today")
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
