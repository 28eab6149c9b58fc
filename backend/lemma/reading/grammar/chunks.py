"""The pieces of a line between which a run may begin or end.

Words alone are too coarse: `EUR1.200,50` holds the amount `1.200,50`. Code points are too fine: nobody
may point at `200` of `1.200,50`, or at half of an accented letter. So a line is cut at spaces and
between classes of characters; a number keeps its separators, and marks stay on what they mark.
"""

import re
import unicodedata
from functools import lru_cache

_INSIDE_NUMBERS = frozenset(".,'’٫٬")
LONGEST = 200
"""Code points of a piece. In one of a thousand, every letter is a state of its own for llguidance's lexer;
its room for them runs out, and llama.cpp goes on without a grammar."""
_SKIN_TONES = frozenset("\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff")
# Scripts that are written without spaces: each character is a word of its own.
_UNSPACED = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x3005, 0x3007),  # ideographic iteration mark, closing mark, number zero
    (0x3040, 0x30FF),  # Hiragana, Katakana
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),  # Han
    (0x20000, 0x3FFFF),
)


@lru_cache(maxsize=8192)
def _class(character: str) -> str:
    """`space`, `digit`, `letter`, `mark`, or for anything else the character itself."""
    category = unicodedata.category(character)
    if character == " " or category == "Nd":
        return "space" if character == " " else "digit"
    if category[0] == "M" or category == "Cf" or character in _SKIN_TONES:
        return "mark"  # accents, joiners, variation selectors, direction marks
    point = ord(character)
    if any(first <= point <= last for first, last in _UNSPACED):
        return f"one{point}"
    if category[0] == "L" or category in {"Nl", "No"}:
        return "letter"
    return character


@lru_cache(maxsize=2048)
def chunks(text: str) -> tuple[str, ...]:
    """The pieces of `text`, in order; joined they are `text` again. Gaps are pieces of their own.

    >>> chunks("total:1.200,50  EUR")
    ('total', ':', '1.200,50', '  ', 'EUR')
    """
    pieces = tuple(match.group() for match in _ASCII.finditer(text)) if text.isascii() else _pieces(text)
    if max(map(len, pieces), default=0) <= LONGEST:
        return pieces
    return tuple(piece[at : at + LONGEST] for piece in pieces for at in range(0, len(piece), LONGEST))


# The same cuts, for text that needs no tables of Unicode: ten times as fast.
_ASCII = re.compile(r"[A-Za-z]+|[0-9]+(?:[.,'][0-9]+)*|(.)\1*")


def _pieces(text: str) -> tuple[str, ...]:
    """The cuts of any text, character by character."""
    pieces: list[str] = []
    start = 0
    previous = ""
    for at, character in enumerate(text):
        kind = _class(character)
        if at == 0:
            previous = kind
            continue
        if kind == "mark" and previous != "space":
            continue
        if kind == previous and not kind.startswith("one"):
            continue
        if previous == "digit" and _joins_digits(text, at):
            continue
        pieces.append(text[start:at])
        start = at
        previous = kind
    if text:
        pieces.append(text[start:])
    return tuple(pieces)


def _joins_digits(text: str, at: int) -> bool:
    """Whether a separator stands between two digits, as in `1.200,50` or `01.02.2024`."""
    return (
        text[at] in _INSIDE_NUMBERS
        and _class(text[at - 1]) == "digit"
        and at + 1 < len(text)
        and _class(text[at + 1]) == "digit"
    )


def occurrences(text: str, run: str) -> list[int]:
    """Where `run` stands in `text` as whole pieces: code point offsets, ascending.

    These are the places that the grammar can have meant, and no others.
    """
    if not run:
        return []
    edges = {0}
    total = 0
    for piece in chunks(text):
        total += len(piece)
        edges.add(total)
    found: list[int] = []
    at = text.find(run)
    while at >= 0:
        if at in edges and at + len(run) in edges:
            found.append(at)
        at = text.find(run, at + 1)
    return found
