"""Bytes to source: the caller's side of the children."""

import hashlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

from lemma.ingest.children import readers, recognisers
from lemma.ingest.drafts import Draft, Part
from lemma.ingest.errors import FileBroken, FileEmpty, FileTooLarge, NothingToRead
from lemma.ingest.limits import Limits
from lemma.ingest.process.wire import unpack_draft
from lemma.reading.source import Line, Page, Source


@dataclass(frozen=True, slots=True)
class Ingested:
    """What came of a file. `parts` are attachments that are documents of their own; `sha256` is of the
    file's bytes, in hexadecimal."""

    source: Source
    parts: tuple[Part, ...]
    sha256: str


def ingest(data: bytes, name: str | None = None, limits: Limits | None = None) -> Ingested:
    """The source of a file. Blocks; safe to call from several threads.

    The file is opened in a limited child process, so whatever it does to its reader, the caller gets a
    source or an error of `lemma.ingest.errors`.
    """
    limits = limits or Limits()
    if not data:
        raise FileEmpty("The file is empty. Send it again.")
    if len(data) > limits.bytes:
        raise FileTooLarge(
            f"The file has more than {limits.bytes // 1_048_576} MiB. Split it and send the parts.",
            limit=limits.bytes,
        )
    media_type = "application/octet-stream"
    drafts: list[Draft] = []
    parts: list[Part] = []
    notes: list[str] = []
    request = {"do": "read", "name": name, "limits": asdict(limits)}
    frames = readers().ask(request, data, seconds=limits.seconds, step=limits.seconds_per_step)
    try:
        for message, payload in frames:
            kind = message["is"]
            if kind == "page":
                drafts.append(_recognised(unpack_draft(message, payload), limits))
            elif kind == "part":
                parts.append(Part(str(message["name"]), payload))
            elif kind == "note":
                notes.append(str(message["text"]))
            elif kind == "type":
                media_type = str(message["media_type"])
    except (KeyError, TypeError, ValueError) as error:
        raise FileBroken("Reading this file gave no sense. Print it to a new PDF and send that.") from error
    source = _assembled(media_type, drafts, notes)
    return Ingested(source, tuple(parts), hashlib.sha256(data).hexdigest())


def _recognised(draft: Draft, limits: Limits) -> Draft:
    """The page with its picture read, where it came as a picture."""
    raster = draft.raster
    if raster is None:
        return draft
    request: dict[str, Any] = {
        "width": raster.width,
        "height": raster.height,
        "points": [draft.width, draft.height],
    }
    try:
        frames = list(
            recognisers().ask(
                request, raster.pixels, seconds=limits.seconds_per_picture, step=limits.seconds_per_picture
            )
        )
        read = unpack_draft(*frames[0])
    except (FileBroken, IndexError):
        note = "Page {page} is a picture that could not be recognised."
        return replace(draft, raster=None, note=note)
    return replace(
        draft,
        raster=None,
        lines=read.lines,
        width=read.width,
        height=read.height,
        rotation=(draft.rotation + read.rotation) % 360,
    )


def _assembled(media_type: str, drafts: list[Draft], notes: list[str]) -> Source:
    """Numbers pages and lines; exact XML pages come last."""
    ordered = [d for d in drafts if d.kind != "xml"] + [d for d in drafts if d.kind == "xml"]
    pages: list[Page] = []
    lines: list[Line] = []
    said: list[str] = []
    for number, draft in enumerate(ordered, 1):
        pages.append(Page(number, draft.kind, draft.width, draft.height, draft.rotation, draft.name))
        lines += _numbered(draft, number, len(lines))
        if draft.note:
            said.append(draft.note.replace("{page}", str(number)))
    if not lines:
        raise NothingToRead(
            "No text could be found in the file. If it is a scan, scan it again with more light and at "
            "300 dpi."
        )
    return Source(media_type, tuple(pages), tuple(lines), tuple(dict.fromkeys([*said, *notes])))


def _numbered(draft: Draft, page: int, before: int) -> Iterator[Line]:
    for i, line in enumerate(draft.lines, 1):
        yield Line(before + i, page, line.text, line.words)
