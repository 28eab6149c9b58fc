"""A finished invented document."""

from dataclasses import dataclass

from starter.documents.paper import Found


@dataclass(slots=True)
class Drawn:
    """A finished document: its words, its kind, its currency where it prints one."""

    found: Found
    kind: str
    currency: str | None
