"""What a unit is, and which way of cutting finds them."""

from collections.abc import Sequence
from dataclasses import dataclass

from lemma.reading.schema.model import Each
from lemma.reading.source import Line
from lemma.reading.units.entries import entries
from lemma.reading.units.questions import questions


@dataclass(frozen=True, slots=True)
class Unit:
    """The ids of the lines that make up one unit, and of the line that is shown before them because it
    says what they are about: the titles of the columns, the heading of the section."""

    lines: tuple[int, ...]
    context: tuple[int, ...] = ()


def units(lines: Sequence[Line], each: Each) -> tuple[Unit, ...]:
    """The units of a document's lines, in order; each line is in one unit at most.

    Where nothing of the document looks like what `each` names, every line is a unit: a list of bare
    descriptions, a list of statements to be checked. Raises ValueError where `each` names nothing.
    """
    shown = [line for line in lines if line.text]
    match each:
        case "line":
            found = entries(shown)
        case "question":
            found = questions(shown)
        case _:
            raise ValueError("there are units of lines and of questions")
    return tuple(
        Unit(tuple(line.id for line in own), tuple(line.id for line in about)) for about, own in found
    )
