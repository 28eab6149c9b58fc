"""`make bench-inference`: overhead, contention and fairness of the gateway, in tables.

    python -m tests.bench.inference.run [--only PART] [--quick] [--seconds N] [--write]

`--write` puts the tables into docs/benchmarks-inference.md, each between marks of its own, so that one
measurement can be made again without the others.
"""

import argparse
import asyncio
import os
import platform
import re
import sys
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import uvloop

from tests.bench.inference import contention, fairness, overhead, real_vllm, simulated

PAGE = Path(__file__).parents[3] / "docs" / "benchmarks-inference.md"


def main() -> int:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description="The inference gateway, measured beside its peers.")
    parser.add_argument("--only", choices=sorted(PARTS), action="append", help="this part; may be repeated")
    parser.add_argument("--quick", action="store_true", help="shorter, and less sure")
    parser.add_argument("--seconds", type=float, help="length of each row of the contention table")
    parser.add_argument("--speed", type=float, default=1.0, help="of the fake engines; times are theirs")
    parser.add_argument(
        "--write", action="store_true", help="put the tables into docs/benchmarks-inference.md"
    )
    chosen = parser.parse_args()
    for name in chosen.only or PARTS:
        print(f"{name} ...", file=sys.stderr, flush=True)
        began, before = time.time(), os.getloadavg()[0]
        found = uvloop.run(PARTS[name](chosen))
        text = f"{_machine(began, before)}\n\n{found}"
        print(f"{text}\n", flush=True)
        if chosen.write:
            _write(name, text)
    return 0


def _overhead(chosen: argparse.Namespace) -> Coroutine[Any, Any, str]:
    return overhead.measure(overhead.Plan.quick() if chosen.quick else overhead.Plan())


def _contention(chosen: argparse.Namespace) -> Coroutine[Any, Any, str]:
    if chosen.quick or chosen.seconds:
        plan = contention.Plan.quick(chosen.speed, chosen.seconds or 60.0)
        return contention.measure(plan)
    return contention.measure(contention.Plan.full(chosen.speed))


async def _fairness(_: argparse.Namespace) -> str:
    return f"{await fairness.measure()}\n\n{await fairness.measure(level='batch')}"


async def _simulated(chosen: argparse.Namespace) -> str:
    # It has a loop of its own, whose time is not ours.
    length, seeds = (150.0, (0, 1)) if chosen.quick else (300.0, (0, 1, 2, 3))
    return await asyncio.to_thread(simulated.measure, length, seeds)


def _vllm(chosen: argparse.Namespace) -> Coroutine[Any, Any, str]:
    plan = real_vllm.Plan()
    if chosen.quick or chosen.seconds:
        plan = real_vllm.Plan(seconds=chosen.seconds or 100.0)
    return real_vllm.measure(plan)


Part = Callable[[argparse.Namespace], Coroutine[Any, Any, str]]
PARTS: dict[str, Part] = {
    "simulated": _simulated,
    "overhead": _overhead,
    "fairness": _fairness,
    "contention": _contention,
    "vllm": _vllm,
}


def _machine(began: float, before: float) -> str:
    minutes = (time.time() - began) / 60.0
    return (
        f"{time.strftime('%Y-%m-%d', time.localtime(began))}, Python {platform.python_version()} on"
        f" {platform.system()}, {os.cpu_count()} cores; load {before:.1f} at the beginning and"
        f" {os.getloadavg()[0]:.1f} at the end, {minutes:.0f} minutes."
    )


def _write(name: str, text: str) -> None:
    """Replaces the part between its marks, and keeps what people wrote around it."""
    begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    page = PAGE.read_text(encoding="utf-8")
    if begin not in page:
        page += f"\n{begin}\n{end}\n"
    PAGE.write_text(
        re.sub(f"{begin}.*{end}", lambda _: f"{begin}\n{text}\n{end}", page, flags=re.DOTALL),
        encoding="utf-8",
    )


if __name__ == "__main__":
    sys.exit(main())
