"""Draws the sample documents anew: `uv run --group samples python -m tools.samples.make [--check]`.

The same code gives the same bytes; `--check` writes nothing and fails where a file would change.
"""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path

from tools.samples import einvoice, english, german, mail, paper, romance, trade
from tools.samples.kit import register_fonts
from tools.samples.truth import Truth

FOLDER = Path(__file__).parents[2] / "backend/lemma/tasks/invoices/samples"
LARGEST = 150_000

DOCUMENTS: dict[str, Callable[[], tuple[bytes, Truth]]] = {
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


def main() -> int:
    """Draws all; 1 where `--check` finds a difference or a file is too large to be kept."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    arguments.add_argument("--check", action="store_true", help="write nothing, fail on a difference")
    check = arguments.parse_args().check
    register_fonts()
    made: dict[str, bytes] = {}
    truths: dict[str, Truth] = {}
    for name, draw in DOCUMENTS.items():
        made[name], truths[name] = draw()
    made["expected.json"] = _json({name: truth.cells for name, truth in truths.items()})
    made["printed.json"] = _json({name: truth.printed for name, truth in truths.items()})
    failed = False
    for name, data in made.items():
        path = FOLDER / name
        changed = not path.exists() or path.read_bytes() != data
        large = name in DOCUMENTS and len(data) > LARGEST
        failed |= large or (check and changed)
        print(f"{len(data):>8} {'changed' if changed else 'same':<8}{'TOO LARGE ' if large else ''}{name}")
        if not check:
            path.write_bytes(data)
    return int(failed)


def _json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()


if __name__ == "__main__":
    sys.exit(main())
