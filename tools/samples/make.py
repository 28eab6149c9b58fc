"""Draws the sample documents anew: `uv run --group samples python -m tools.samples.make [--check] [TASK...]`.

The same code gives the same bytes; `--check` writes nothing and fails where a file would change.
"""

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from tools.samples import (
    einvoice,
    english,
    forms,
    german,
    mail,
    messages,
    paper,
    romance,
    statements,
    trade,
    written,
)
from tools.samples.kit import register_fonts
from tools.samples.truth import Truth

FOLDER = Path(__file__).parents[2] / "backend/lemma/tasks"
LARGEST = 150_000

Draw = Callable[[], tuple[bytes, Truth]]

INVOICES: dict[str, Draw] = {
    "atlantic-larder-invoice.pdf": trade.atlantic,
    "brightpixel-invoice.pdf": english.brightpixel,
    "foxglove-wrong-total.pdf": english.foxglove,
    "harbourline-invoice.pdf": english.harbourline,
    "krummer-loeffel-bestellung.eml": mail.kruemel,
    "lakeshore-purchase-order.pdf": trade.lakeshore,
    "lune-bleue-facture.pdf": romance.papeterie,
    "maler-farbenfroh-scan.pdf": paper.maler,
    "nordlicht-rechnung.pdf": german.nordlicht,
    "olivar-factura.pdf": romance.olivar,
    "paper-crane-receipt.jpg": paper.crane,
    "radwerk-rechnungskorrektur.pdf": german.radwerk,
    "wolkenkran-facturx.pdf": einvoice.wolkenkran,
}

TASKS: dict[str, Mapping[str, Draw]] = {
    "contracts": written.CONTRACTS,
    "invoices": INVOICES,
    "meetings": written.MEETINGS,
    "questionnaires": forms.QUESTIONNAIRES,
    "tickets": messages.TICKETS,
    "transactions": statements.TRANSACTIONS,
}


def main() -> int:
    """Draws all; 1 where `--check` finds a difference or a file is too large to be kept."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true", help="write nothing, fail on a difference")
    parser.add_argument("task", nargs="*", choices=[*TASKS, []], help="only these tasks; default all")
    arguments = parser.parse_args()
    register_fonts()
    failed = False
    for task in arguments.task or TASKS:
        failed |= draw(FOLDER / task / "samples", TASKS[task], check=arguments.check)
    return int(failed)


def draw(folder: Path, documents: Mapping[str, Draw], *, check: bool) -> bool:
    """Draws the samples of one task; true where `check` finds a difference or a file is too large."""
    made: dict[str, bytes] = {}
    truths: dict[str, Truth] = {}
    for name, each in documents.items():
        made[name], truths[name] = each()
    made["expected.json"] = _json({name: truth.cells for name, truth in truths.items()})
    made["printed.json"] = _json({name: truth.printed for name, truth in truths.items()})
    failed = False
    folder.mkdir(exist_ok=True)
    for name, data in made.items():
        path = folder / name
        changed = not path.exists() or path.read_bytes() != data
        large = name in documents and len(data) > LARGEST
        failed |= large or (check and changed)
        print(f"{len(data):>8} {'changed' if changed else 'same':<8}{'TOO LARGE ' if large else ''}{name}")
        if not check:
            path.write_bytes(data)
    return failed


def _json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()


if __name__ == "__main__":
    sys.exit(main())
