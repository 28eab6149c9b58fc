"""Any file: its kind by its content, then the reader of that kind."""

from collections.abc import Callable
from importlib import import_module
from typing import cast

from lemma.ingest.drafts import Things
from lemma.ingest.errors import FileEmpty
from lemma.ingest.formats.sniff import PICTURES, sniff
from lemma.ingest.limits import Budget

Reader = Callable[[bytes, str | None, Budget], Things]

_MODULES = {"csv": "table", "txt": "plain", "md": "plain"} | dict.fromkeys(PICTURES, "picture")
"""Modules that are not named after the kind that they read."""


def read(data: bytes, name: str | None, budget: Budget, depth: int = 0) -> Things:
    """Pages, parts and notes of a file; `depth` counts the messages around it."""
    if not data:
        raise FileEmpty("The file is empty. Send it again.")
    return read_as(sniff(data, name), data, name, budget, depth)


def read_as(kind: str, data: bytes, name: str | None, budget: Budget, depth: int = 0) -> Things:
    """As `read`, for a file whose kind is known.

    Readers are imported when first needed: most files are PDFs, and imports cost time.
    """
    module = import_module(f"lemma.ingest.formats.{_MODULES.get(kind, kind)}")
    if kind == "eml":
        return cast("Things", module.read(data, name, budget, depth, read))
    return cast("Reader", module.read)(data, name, budget)
