"""What can be made to go wrong, by name. Which requests are hit is counted, not drawn: runs repeat."""

import json
from dataclasses import dataclass, fields
from math import inf
from typing import Any, get_args


@dataclass(slots=True)
class Faults:
    """Everything is off by default. Numbers after tokens count the tokens of one answer.

    `share` (0 to 1) and `times` (None: always) say which requests for tokens are hit by the faults that hit
    one request: `status`, `close_first`, `close_after`, `stall_after`, `error_after`, `garbage_after`,
    `wrong_usage` and `leave_grammar`. The others concern the whole process.
    """

    freeze: bool = (
        False  # Takes connections and requests, and answers nothing; answers under way stand still.
    )
    half_open: bool = False  # Reads no more from any connection and keeps them all.
    refuse_seconds: float = 0.0  # Does not listen for so long; connections that exist go on.
    cut_keep_alive: bool = False  # Closes a connection when a second request comes on it.
    die_after_requests: int | None = None  # The process ends as the request after so many comes.
    die_after_tokens: int | None = (
        None  # The process ends as the token after so many is due, over all answers.
    )
    status: int | None = None  # Answers with this status, such as 500 or 503.
    close_first: bool = False  # Closes the connection before the first byte of an answer.
    close_after: int | None = None  # Closes the connection after so many tokens of a stream.
    stall_after: int | None = None  # Nothing more after so many tokens; the connection stays.
    error_after: int | None = None  # After so many tokens, the error chunk that vLLM sends, and the end.
    garbage_after: int | None = None  # After so many tokens, a chunk that is no JSON; the stream goes on.
    wrong_usage: float | None = None  # Counts of completion tokens are so many times the truth.
    leave_grammar: bool = False  # Answers freely where a grammar was asked for.
    share: float = 1.0
    times: int | None = None

    @classmethod
    def from_json(cls, text: str | bytes) -> "Faults":
        """Raises ValueError where a name or a value is wrong."""
        try:
            values = json.loads(text or "{}")
            if not isinstance(values, dict):
                raise ValueError(f"{values!r} is no object of faults.")
            return cls(**{name: _checked(name, value) for name, value in values.items()})
        except json.JSONDecodeError as error:
            raise ValueError(f"The faults are no JSON: {error}") from error

    def as_dict(self) -> dict[str, Any]:
        return {member.name: getattr(self, member.name) for member in fields(self)}


class Luck:
    """Decides which requests are hit: with a share of 0.3 always the fourth, the seventh and the tenth."""

    def __init__(self) -> None:
        self._due = 0.0
        self._hits = 0

    def hit(self, faults: Faults) -> bool:
        if faults.times is not None and self._hits >= faults.times:
            return False
        self._due += faults.share
        if self._due < 1.0 - 1e-9:
            return False
        self._due -= 1.0
        self._hits += 1
        return True


NONE = Faults()
_TYPES = {member.name: get_args(member.type) or (member.type,) for member in fields(Faults)}


def _checked(name: str, value: Any) -> Any:
    if name not in _TYPES:
        raise ValueError(f"There is no fault {name!r}; there are {', '.join(_TYPES)}.")
    known = type(value) in _TYPES[name] or (type(value) is int and float in _TYPES[name])
    # Written so that not-a-number is none either.
    if not known or (value is not None and not 0 <= value <= (1 if name == "share" else inf)):
        raise ValueError(f"{value!r} is no value for the fault {name!r}.")
    return value
