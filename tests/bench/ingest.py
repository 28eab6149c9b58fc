"""Pages a second of PDFs with a text layer, against pdfplumber on the same bytes.

Both give words with boxes; ours are besides grouped into lines, cleaned and checked, in a child process
whose start is not counted, because it is started once and kept.
"""

import io
import logging
from collections.abc import Sequence
from functools import partial

from lemma.ingest import ingest
from tests.bench.files import long_pdf, text_layer_pdfs
from tests.bench.measure import Measure, best_times

LONG = 20
TARGET = 5.0


def measures() -> list[Measure]:
    """Nothing where pdfplumber is not installed (`uv sync --group bench`)."""
    try:
        import pdfplumber  # noqa: PLC0415  (a peer that is installed for this only)
    except ImportError:
        return []
    logging.getLogger("pdfminer").setLevel(logging.ERROR)

    def theirs(files: Sequence[bytes]) -> None:
        for data in files:
            with pdfplumber.open(io.BytesIO(data)) as document:
                for page in document.pages:
                    page.extract_words()

    found = []
    short = [path.read_bytes() for path in text_layer_pdfs()]
    for name, files in ((f"{len(short)} sample PDFs", short), (f"a PDF of {LONG} pages", [long_pdf(LONG)])):
        pages = sum(len([p for p in ingest(data).source.pages if p.kind == "text"]) for data in files)
        ours, peers = best_times([partial(_ours, files), partial(theirs, files)], rounds=2)
        made = Measure(f"ingest: {name}", pages / ours, "pages/s", pages, "pdfplumber", peers / ours, TARGET)
        found.append(made)
    return found


def _ours(files: Sequence[bytes]) -> None:
    for data in files:
        ingest(data)
