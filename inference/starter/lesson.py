"""A lesson: what is shown, what is asked of it, and what the right answer says."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random

from lemma.reading.pointers import Pointer, Said
from lemma.reading.schema import Task
from lemma.reading.source import Line, Source

Message = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Spot:
    """A run of words of a line, and the character of the line at which it begins, where that is known."""

    line: int
    text: str
    start: int | None = None


@dataclass(frozen=True, slots=True)
class Lesson:
    """A source, the names of the fields that are asked of it, and what the right answer says.

    `also` names further places that the generator knows, whether asked or not: by path, such as "number" or
    "lines.amount", the runs of words at which the value stands, each copy of it. A model learns from them
    which words are what, but is not asked for them.

    `shown` are the lines that the prompt holds where they are not all visible ones, such as the one line of
    a unit; `messages` is the prompt where the product builds it otherwise than by `build_messages`.

    Where nothing is asked, the answer is the source's own lines in the order `copied`: practice in
    finding a line by its id and copying it, which is most of what pointing takes. Where `labels` are
    given, they are asked in their own words: practice in finding the line in which a word stands.
    """

    task: Task
    source: Source
    asked: tuple[str, ...]
    said: Mapping[str, Said]
    also: Mapping[str, tuple[Spot, ...]] = field(default_factory=dict)
    shown: tuple[Line, ...] | None = None
    messages: tuple[Message, ...] | None = None
    copied: tuple[int, ...] = ()
    labels: tuple[tuple[str, Pointer], ...] = ()


Maker = Callable[[Random], Lesson]
"""Invents one lesson. The same state of the generator gives the same lesson."""
