"""What is surely known of a labelled document, and the lessons that it makes.

A field that the set does not label is not asked, so that nothing is taught as absent that is there. Long
documents become windows, as serving reads them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zlib import crc32

from lemma.ingest import ingest
from lemma.ingest.errors import UnusableFile
from lemma.reading.pointers import Label, Pointer, Pointers, Rows, Said
from lemma.reading.prompt import visible_lines
from lemma.reading.source import Line, Source
from lemma.reading.windows import split
from starter.extra.find import Run, Words, pointers
from starter.lesson import Lesson, Spot
from starter.lessons import invoices

Record = Mapping[str, Any]
TOKENS_IN_A_WINDOW = (600, 1100)


@dataclass(slots=True)
class Known:
    """What is surely known of a document: what to ask, what it says, and every place of each value."""

    words: Words
    asked: set[str] = field(default_factory=set)
    said: dict[str, Said] = field(default_factory=dict)
    also: dict[str, list[Spot]] = field(default_factory=dict)

    def put(self, name: str, runs: Sequence[Run], chosen: Run | None) -> None:
        """Asks a field whose place is known; its other occurrences are marked."""
        for run in runs:
            self.also.setdefault(name, []).extend(run)
        if chosen is not None and len(chosen) <= invoices().field(name).pointers:
            self.asked.add(name)
            self.said[name] = Pointers(pointers(chosen))

    def label(self, name: str, option: str | None) -> None:
        if option is not None and invoices().field(name).option(option):
            self.asked.add(name)
            self.said[name] = Label(option)

    def absent(self, *names: str) -> None:
        """Asks fields that the document surely lacks."""
        self.asked.update(name for name in names if name not in self.said)


def sources(folder: Path, record: Record) -> list[Source]:
    """The document as serving reads it: its file, and its given text. Scans are not recognised here."""
    found = []
    meta = record.get("meta") or {}
    file = record.get("input_file")
    scanned = meta.get("scan") or meta.get("text_layer") is False
    try:
        if file and not scanned and str(file).endswith(".pdf"):
            found.append(ingest((folder / file).read_bytes(), Path(file).name).source)
        if record.get("text"):
            found.append(ingest(str(record["text"]).encode(), f"{record['id']}.txt").source)
    except UnusableFile as error:
        print(f"{record['id']}: {error}")
    return found


def lessons(known: Known, source: Source, key: str) -> list[Lesson]:
    """One lesson for the document, or of a long one up to three windows that hold values, and one other."""
    small, large = TOKENS_IN_A_WINDOW
    budget = small + crc32(key.encode()) % (large - small)
    windows = split(visible_lines(source), budget, lambda text: len(text) * 2 // 5)
    kept = windows
    if len(windows) > 4:
        telling = {
            run.line for value in known.said.values() if isinstance(value, Pointers) for run in value.runs
        }
        kept = [window for window in windows if any(line.id in telling for line in window)][:3]
        others = [window for window in windows if window not in kept]
        kept += others[crc32(key.encode()) % max(1, len(others)) :][:1]
    return [_window(known, source, window if len(windows) > 1 else None) for window in kept]


REPEATED = frozenset({"number", "buyer_name"})
"""What running heads repeat."""


def _window(known: Known, source: Source, shown: tuple[Line, ...] | None) -> Lesson:
    order = [each.name for each in invoices().fields]
    asked = [name for name in order if name in known.asked]
    said = dict(known.said)
    also = {name: tuple(spots) for name, spots in known.also.items()}
    if shown is not None:
        ids = {line.id for line in shown}
        also = {
            name: kept for name, spots in also.items() if (kept := tuple(s for s in spots if s.line in ids))
        }
        said = {}
        for name, value in known.said.items():
            seen = _seen(value, ids, also.get(name, ()))
            if seen is None and name in REPEATED and name in also:
                seen = Pointers((Pointer(also[name][0].line, also[name][0].text),))
            if seen is not None:
                said[name] = seen
            elif name in also:
                asked.remove(name)  # It stands here too, and who knows whether a reader would take it.
    return Lesson(invoices(), source, tuple(asked), said, also, shown=shown)


def _seen(value: Said, ids: set[int], spots: Sequence[Spot]) -> Said | None:
    """What a window that holds these lines says of a value."""
    match value:
        case Pointers(runs):
            return value if all(run.line in ids for run in runs) else None
        case Label(_):
            return value if min(ids) == 1 else None
        case Rows(rows):
            kept = tuple(
                row
                for row in rows
                if all(
                    p.line in ids for said in row.values() if isinstance(said, Pointers) for p in said.runs
                )
            )
            return Rows(kept) if kept else None
        case _:
            return None
