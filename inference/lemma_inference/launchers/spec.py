"""What a launcher tells the child that it starts."""

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Spec:
    """What to load and how. `context` is in tokens for each slot.

    `key` guards the port against neighbours on the machine.
    """

    model: str
    context: int
    slots: int
    threads: int
    key: str

    def line(self) -> str:
        return json.dumps(asdict(self)) + "\n"
