"""What a playbook holds once it is read: immutable, no file, no TOML."""

from dataclasses import dataclass
from typing import Literal

from lemma.reading.playbook.durations import Duration

Must = Literal["", "present", "absent"]
Severity = Literal["medium", "high", "low"]


@dataclass(frozen=True, slots=True)
class Position:
    """What a customer wants of one field.

    `must` says whether it has to be there. `allowed` are the values that it may have. Of `preferred` words
    at least one must stand in it, of `forbidden` words none. `at_most` and `at_least` bound the period that
    it names; `beside` are words near which that period stands, where a clause names several. `advice` is
    what a person reads when the document departs from the position. `line` is where it stands in its file.
    """

    field: str
    severity: Severity = "medium"
    advice: str = ""
    must: Must = ""
    allowed: tuple[str, ...] = ()
    preferred: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    at_most: Duration | None = None
    at_least: Duration | None = None
    beside: tuple[str, ...] = ()
    line: int = 1


@dataclass(frozen=True, slots=True)
class Playbook:
    """A customer's positions, in the order in which they are checked."""

    title: str
    positions: tuple[Position, ...]
