"""`make bench`: every benchmark of this folder, one table. `--write` puts it into docs/benchmarks.md.

A benchmark is a module here with `measures() -> list[Measure]`; nothing lists them.
"""

import argparse
import importlib
import os
import pkgutil
import platform
import re
import sys
from pathlib import Path

import tests.bench
from lemma.ingest.children import close
from tests.bench.measure import Measure, table

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"
BEGIN, END = "<!-- make bench -->", "<!-- end -->"
HEAD = """# Benchmarks

What `make bench` measured. Ratios are of two programs that took turns on the same files in the same run, so
they hold on other machines; the other figures are of the machine named. Seconds are processor seconds of
the process and its children, on one core.

"""


def main() -> int:
    """Prints the table; with `--strict`, 1 where a target is missed."""
    arguments = argparse.ArgumentParser(description="Benchmarks, in ratios against peers.")
    arguments.add_argument("--write", action="store_true", help="put the table into docs/benchmarks.md")
    arguments.add_argument("--strict", action="store_true", help="fail where a target is missed")
    arguments.add_argument("only", nargs="*", help="names of benchmarks; all without")
    chosen = arguments.parse_args()
    measures: list[Measure] = []
    try:
        for module in pkgutil.iter_modules(tests.bench.__path__):
            if chosen.only and module.name not in chosen.only:
                continue
            bench = importlib.import_module(f"tests.bench.{module.name}")
            if hasattr(bench, "measures"):
                print(f"{module.name} ...", file=sys.stderr, flush=True)
                measures += bench.measures()
    finally:
        close()
    made = f"{_machine()}\n\n{table(measures)}"
    print(made)
    if chosen.write:
        _write(made)
    return int(chosen.strict and any(each.met is False for each in measures))


def _machine() -> str:
    busy = f"load {os.getloadavg()[0]:.1f} at the end"
    return f"Python {platform.python_version()} on {platform.system()}, {os.cpu_count()} cores, {busy}."


def _write(made: str) -> None:
    """Replaces the part between the marks, and keeps what people wrote around it."""
    page = PAGE.read_text(encoding="utf-8") if PAGE.exists() else f"{HEAD}{BEGIN}\n{END}\n"
    part = f"{BEGIN}\n{made}\n{END}"
    PAGE.write_text(
        re.sub(f"{re.escape(BEGIN)}.*{re.escape(END)}", lambda _: part, page, flags=re.DOTALL),
        encoding="utf-8",
    )


if __name__ == "__main__":
    sys.exit(main())
