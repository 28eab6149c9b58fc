"""What a normaliser says of some words."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from lemma.reading.cell import Status

Normal = str | Decimal | date


@dataclass(frozen=True, slots=True)
class Outcome:
    """A value; or no value, with the status and the sentence that say why."""

    value: Normal | None
    status: Status = Status.FOUND
    reason: str | None = None
    signals: dict[str, Any] = field(default_factory=dict)


def unreadable(reason: str) -> Outcome:
    """The words are there and are not a value of this kind."""
    return Outcome(None, Status.UNREADABLE, reason)


def conflicting(reason: str, readings: list[str]) -> Outcome:
    """The words can be read in more than one way, and nothing in the document settles which."""
    return Outcome(None, Status.CONFLICTING, reason, {"readings": readings})
