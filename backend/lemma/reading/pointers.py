"""What an answer says, before it is aligned: pointers, labels, line ranges, rows.

`decode` reads these from the answer's text, `render_answer` writes them; the two are exact inverses.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Pointer:
    """A run of words of one line: `text` stands in the line with this id, word for word."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Pointers:
    """One value: the runs of words that make it up, in reading order."""

    runs: tuple[Pointer, ...]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The value is there, on this line, and cannot be read."""

    line: int


@dataclass(frozen=True, slots=True)
class Label:
    """The name of an option of a closed list."""

    name: str


@dataclass(frozen=True, slots=True)
class Labels:
    """The names of one or more options of a closed list that may hold together, the first one first."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Flagged:
    """Yes or no, with the words that say so where there are any."""

    value: bool
    at: Pointer | None = None


@dataclass(frozen=True, slots=True)
class Clause:
    """Whole lines, from `first` to `last` inclusive."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence and the ids of the lines that it cites.

    One that is `copied` is a whole line of a passage, word for word; it cites that line alone. Any other
    was generated.
    """

    text: str
    lines: tuple[int, ...] = ()
    copied: bool = False


@dataclass(frozen=True, slots=True)
class Prose:
    """Sentences, generated or copied."""

    sentences: tuple[Sentence, ...]


OneSaid = Pointers | Unreadable | Label | Labels | Flagged | Clause | Prose
Row = Mapping[str, OneSaid]


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a table. A row names only the columns that it has, and has at least one."""

    rows: tuple[Row, ...] = field(default=())


Said = OneSaid | Rows
"""What an answer says of one field. A field that is absent is not in the mapping at all."""


def point(*runs: tuple[int, str]) -> Pointers:
    """`point((2, "Musterstr. 5"), (3, "12345 Berlin"))`: a value in one or several runs of words."""
    return Pointers(tuple(Pointer(line, text) for line, text in runs))
