"""Where a value that is known exactly stands on the pages, in whatever form it is printed."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from decimal import Decimal

from lemma.reading.align import Place, span
from lemma.reading.cell import Value
from lemma.reading.grammar.chunks import chunks
from lemma.reading.normalise.values import DocumentStyle, normalise
from lemma.reading.schema.model import Field
from lemma.reading.source import Line

_WORD = re.compile(r"[^ ]+")
_SIGNS = set("-−–()")
_LONGEST = {"amount": 3, "number": 2, "date": 6, "identifier": 8, "quote": 16}


def folded(text: str) -> str:
    """Letters and digits alone, without case and compatibility forms: how values are compared."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())


def same_value(field: Field, left: Value, right: Value) -> bool:
    """Whether two values of a field say the same."""
    if left is None or right is None:
        return False
    if field.kind in {"quote", "identifier"}:
        return folded(str(left)) == folded(str(right))
    return left == right


def find_value(field: Field, value: Value, lines: Sequence[Line], style: DocumentStyle) -> Place | None:
    """The first run of words of these lines that says `value`; None where none does.

    A small whole number and an identifier of one character are too common to prove anything.
    """
    longest = _LONGEST.get(field.kind)
    wanted = folded(str(value))
    if longest is None or value is None or _common(field, value):
        return None
    textual = field.kind in {"quote", "identifier"}
    for line in lines:
        if textual and wanted not in folded(line.text):
            continue
        for start, end in _runs(line.text, longest, digits=not textual):
            text = line.text[start:end]
            if folded(text) == wanted if textual else normalise(field, text, style).value == value:
                return span(line, start, end)
    return None


def _common(field: Field, value: Value) -> bool:
    if isinstance(value, Decimal):
        return field.kind == "number" and value == value.to_integral_value() and abs(value) < 100
    return len(folded(str(value))) < 2


def _runs(text: str, longest: int, *, digits: bool) -> Iterator[tuple[int, int]]:
    """Runs of up to `longest` words, without the punctuation around them; shorter ones first."""
    words = list(_WORD.finditer(text))
    for size in range(1, longest + 1):
        for first in range(len(words) - size + 1):
            start, end = words[first].start(), words[first + size - 1].end()
            if digits and not any(character.isdecimal() for character in text[start:end]):
                continue
            if digits and size == 1:
                yield from _numbers(text, start, end)
            yield _trimmed(text, start, end)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start] in ".,;:|":
        start += 1
    while end > start and text[end - 1] in ".,;:|":
        end -= 1
    return start, end


def _numbers(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The number inside a word such as EUR1.200,50; none with a sign beside it, which belongs to it."""
    at = start
    for piece in chunks(text[start:end]):
        if (
            piece[0].isdecimal()
            and not {text[at - 1 : at], text[at + len(piece) : at + len(piece) + 1]} & _SIGNS
        ):
            yield at, at + len(piece)
        at += len(piece)
