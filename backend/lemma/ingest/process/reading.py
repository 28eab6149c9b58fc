"""The reading child: opens files, gives pages and page pictures."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

from lemma.ingest.drafts import Draft, Part
from lemma.ingest.formats.any import read_as
from lemma.ingest.formats.sniff import MEDIA_TYPES, sniff
from lemma.ingest.limits import Budget, Limits
from lemma.ingest.process.wire import pack, pack_draft


def answer(request: dict[str, Any], data: bytes) -> Iterator[bytes]:
    """Frames for a request: `do` is "read" or "images"."""
    limits = Limits(**request["limits"])
    name = request["name"]
    if request["do"] == "images":
        views = import_module("lemma.ingest.formats.views")  # Pillow is not needed for reading a PDF.
        for page, size, webp, width, height in views.webps(
            data, name, limits, request["rotations"], frozenset(request["pages"])
        ):
            yield pack({"is": "image", "page": page, "size": size, "width": width, "height": height}, webp)
        return
    kind = sniff(data, name)
    yield pack({"is": "type", "media_type": MEDIA_TYPES[kind]})
    for thing in read_as(kind, data, name, Budget(limits)):
        if isinstance(thing, Draft):
            yield pack_draft(thing)
        elif isinstance(thing, Part):
            yield pack({"is": "part", "name": thing.name}, thing.data)
        else:
            yield pack({"is": "note", "text": thing.text})
