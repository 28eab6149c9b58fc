"""A source that is longer than the model's window, in overlapping parts.

The parts overlap by whole lines, so that a value near a cut is seen whole by one of them. A line that
is by itself too long is shown in slices, each in a window of its own.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from lemma.reading.grammar.chunks import chunks
from lemma.reading.prompt import numbered
from lemma.reading.source import Line

Window = tuple[Line, ...]

# What llguidance builds a grammar for in good time, well under its limit of a million lexer states.
MAX_CHARACTERS = 50_000
MAX_PIECES = 20_000
MAX_LINES = 1_200
OVERLAP_LINES = 8
OVERLAP_WORDS = 12


def split(lines: Sequence[Line], budget: int, count: Callable[[str], int]) -> list[Window]:
    """Windows of at most `budget` tokens (as `count` counts), in order, covering every line with text.

    The tokens of a window are estimated from its bytes and then counted, because a count can be a request
    to another process. A budget below 64 tokens is taken as 64.
    """
    shown = [line for line in lines if line.text]
    if not shown:
        return []
    budget = max(budget, 64)
    if _small(shown) and count(numbered(shown)) <= budget:
        return [tuple(shown)]
    sample = numbered(shown)[:20_000]
    per_byte = max(count(sample), 1) / len(sample.encode())
    most = min(max(int(budget / per_byte), 64), MAX_CHARACTERS)
    parts = [part for line in shown for part in _slices(line, most * 9 // 10)]
    windows: list[Window] = []
    start = 0
    while start < len(parts):
        end = _fill(parts, start, most)
        while end - start > 1 and count(numbered(parts[start:end])) > budget:
            end -= max(1, (end - start) // 10)
        windows.append(tuple(parts[start:end]))
        if end == len(parts):
            break
        start = _overlapped(parts, start, end, most // 5)
    return windows


def _small(lines: Sequence[Line]) -> bool:
    return (
        len(lines) <= MAX_LINES
        and sum(len(line.text) for line in lines) <= MAX_CHARACTERS
        and sum(len(chunks(line.text)) for line in lines) <= MAX_PIECES
    )


def _fill(parts: Sequence[Line], start: int, most: int) -> int:
    """The end of the window that begins at `start`: at least one part, and no line twice."""
    size = pieces = 0
    ids: set[int] = set()
    for at in range(start, len(parts)):
        line = parts[at]
        size += len(f"{line.id} {line.text}\n".encode())
        pieces += len(chunks(line.text))
        full = size > most or pieces > MAX_PIECES or len(ids) >= MAX_LINES
        if at > start and (full or line.id in ids):
            return at
        ids.add(line.id)
    return len(parts)


def _overlapped(parts: Sequence[Line], start: int, end: int, most: int) -> int:
    """Where the next window begins: some lines before the end of this one, no more than `most` bytes of
    them where lines are long, but always further on."""
    back = min(OVERLAP_LINES, (end - start) // 4)
    while back > 1 and sum(len(line.text.encode()) for line in parts[end - back : end]) > most:
        back -= 1
    ids = [line.id for line in parts[end - back : end + 1]]
    return end if len(set(ids)) < len(ids) else end - back


def _slices(line: Line, most: int) -> list[Line]:
    """The line, or where it is too long its slices: cut at gaps, and overlapping by some words."""
    if len(line.text.encode()) <= most and len(chunks(line.text)) <= MAX_PIECES // 4:
        return [line]
    words = [part for word in _WORD.findall(line.text) for part in _parts(word, most)]
    slices: list[Line] = []
    start = 0
    while start < len(words):
        end, size, pieces = start, 0, 0
        while end < len(words) and (end == start or (size < most and pieces < MAX_PIECES // 4)):
            size += len(words[end].encode())
            pieces += len(chunks(words[end]))
            end += 1
        if end - start > 1 and size > most:
            end -= 1
        text = "".join(words[start:end]).strip(" ")
        slices.append(replace(line, text=text, words=()))
        start = end if end == len(words) else end - min(OVERLAP_WORDS, (end - start) // 4)
    return [part for part in slices if part.text]


# A word with the gap after it.
_WORD = re.compile(r"[^ ]+ *")


def _parts(word: str, most: int) -> list[str]:
    """A word, or where it is by itself too long its pieces, cut between code points where they are."""
    if len(word.encode()) <= most:
        return [word]
    size = max(most // 4, 1)
    return [piece[at : at + size] for piece in chunks(word) for at in range(0, len(piece), size)]
