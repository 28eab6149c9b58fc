"""What was said of a unit, from the numbers that it was shown under to the ids of the source."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from lemma.reading.pointers import (
    Clause,
    Flagged,
    Pointer,
    Pointers,
    Prose,
    Said,
    Unreadable,
)


def located(said: Mapping[str, Said], ids: Sequence[int]) -> dict[str, Said]:
    """The same answers, where line n of the unit is the line `ids[n - 1]` of the source."""
    return {name: _one(each, ids) for name, each in said.items()}


def _one(said: Said, ids: Sequence[int]) -> Said:
    match said:
        case Pointers(runs):
            return Pointers(tuple(_pointer(run, ids) for run in runs))
        case Unreadable(line):
            return Unreadable(ids[line - 1])
        case Flagged(value, at) if at is not None:
            return Flagged(value, _pointer(at, ids))
        case Clause(first, last):
            return Clause(ids[first - 1], ids[last - 1])
        case Prose(sentences):
            return Prose(
                tuple(
                    replace(sentence, lines=tuple(ids[line - 1] for line in sentence.lines))
                    for sentence in sentences
                )
            )
        case _:
            return said


def _pointer(pointer: Pointer, ids: Sequence[int]) -> Pointer:
    return replace(pointer, line=ids[pointer.line - 1])
