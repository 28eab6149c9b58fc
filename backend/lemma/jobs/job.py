"""What a job is to us: a name, a queue, how often it is tried, and what a handler gets to know of it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

Flow = Literal["interactive", "batch"]
"""Two streams for each organisation, so that a single upload does not wait behind the same customer's
batch of thousands. Each has its own share of virtual time."""

FIRST = 2_000_000_000
"""The priority of the earliest start tag; later ones are lower. Procrastinate's priority has 32 bits."""


@dataclass(frozen=True, slots=True)
class Job:
    """A kind of background work. `tries` counts failures and stops, not workers that died over it."""

    name: str
    queue: str
    tries: int = 20


@dataclass(frozen=True, slots=True)
class Started:
    """One start of one job, as its handler sees it.

    `last` says that after this try there is no other: then the handler leaves nothing half-done behind.
    `rerun_at` is when an operator asked for a dead job to be run again, if one did.
    """

    id: int
    organisation_id: UUID
    last: bool
    rerun_at: datetime | None


Handler = Callable[[Started, Mapping[str, Any]], Awaitable[None]]
"""Does the work of a job. Delivery is at least once and may overlap with a try that was given up for
dead, so its effects need unique keys and fences. What it raises is tried again later."""
