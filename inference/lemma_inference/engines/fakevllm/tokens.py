"""Text as tokens without a vocabulary: every token is the next few bytes.

With a width of 4, English is about a token to four letters, as it is with real tokenizers; with a width of 1
a test can count bytes. A message starts on a token of its own, so a conversation that goes on has all the
tokens of its beginning, and a cache finds them. A token in memory is `width` bytes, filled up with zeros, so
a block of sixteen is a slice. The token for the role of a message has no text.
"""

import codecs
import struct
from collections.abc import Iterator, Mapping, Sequence
from itertools import count

from lemma_inference.engines.fakevllm.scheduler import BLOCK_TOKENS

ROLES = {"system": 1, "user": 2, "assistant": 3, "tool": 4, "developer": 5}
END_OF_TURN = 6

FILLER = (
    "The fake engine writes these words in place of an answer, each call from another one of them on,"
    " and it goes round when they end. It has read nothing and it knows nothing; it only keeps time. "
) * 4


class Tokens:
    """Width 1 or 4 bytes."""

    def __init__(self, width: int = 4) -> None:
        if width not in (1, 4):
            raise ValueError("A token is 1 or 4 bytes.")
        self.width = width

    def text(self, text: str) -> bytes:
        return self.padded(text.encode("utf-8", "replace"))

    def padded(self, raw: bytes) -> bytes:
        """Filled up to whole tokens."""
        return raw.ljust(-(-len(raw) // self.width) * self.width, b"\0")

    def chat(self, messages: Sequence[Mapping[str, str]]) -> bytes:
        """All messages, and the role of the one that is to be written."""
        parts = []
        for message in messages:
            parts += [self._mark(ROLES[message["role"]]), self.text(message["content"]), self.end]
        return b"".join(parts) + self._mark(ROLES["assistant"])

    @property
    def end(self) -> bytes:
        """The token that ends a turn."""
        return self._mark(END_OF_TURN)

    def count(self, tokens: bytes) -> int:
        return len(tokens) // self.width

    def ids(self, tokens: bytes) -> list[int]:
        """Whole numbers that stand for the tokens; `from_ids` reverses it."""
        if self.width == 1:
            return list(tokens)
        return [number for (number,) in struct.iter_unpack(">I", tokens)]

    def from_ids(self, ids: Sequence[int]) -> bytes:
        """Any whole numbers, so that a caller may bring token ids of another vocabulary."""
        most = (1 << 8 * self.width) - 1
        return b"".join((number & most).to_bytes(self.width, "big") for number in ids)

    def decode(self, tokens: bytes) -> str:
        marks = {self._mark(number) for number in (*ROLES.values(), END_OF_TURN)}
        pieces = (tokens[start : start + self.width] for start in range(0, len(tokens), self.width))
        raw = b"".join(piece.rstrip(b"\0") for piece in pieces if piece not in marks)
        return raw.decode("utf-8", "replace")

    def chain(self, tokens: bytes, salt: str | None) -> list[int]:
        """A number for each full block, which stands for its tokens, all before them, and the salt.

        Numbers are equal for equal tokens within one process only.
        """
        block = BLOCK_TOKENS * self.width
        hashes = []
        known = hash(salt)
        for start in range(0, len(tokens) - block + 1, block):
            known = hash((known, tokens[start : start + block]))
            hashes.append(known)
        return hashes

    def _mark(self, number: int) -> bytes:
        return number.to_bytes(self.width, "big")


class Chain:
    """The hashes of a text that grows: the list that it was given gets longer with every full block."""

    def __init__(self, tokens: Tokens, prompt: bytes, salt: str | None) -> None:
        self.hashes = tokens.chain(prompt, salt)
        self._known = self.hashes[-1] if self.hashes else hash(salt)
        self._block = BLOCK_TOKENS * tokens.width
        self._tail = bytearray(prompt[len(self.hashes) * self._block :])
        self._width = tokens.width

    def add(self, token: bytes) -> None:
        self._tail += token.ljust(self._width, b"\0")
        if len(self._tail) == self._block:
            self._known = hash((self._known, bytes(self._tail)))
            self.hashes.append(self._known)
            self._tail.clear()


def filler(width: int, number: int) -> Iterator[bytes]:
    """Words without end, from a place that the number decides."""
    place = number % len(FILLER)
    raw = (FILLER[place:] + FILLER[:place]).encode()
    for start in count(0, width):
        at = start % len(raw)
        piece = raw[at : at + width]
        yield piece if len(piece) == width else piece + raw[: width - len(piece)]


def cut(characters: Iterator[str], width: int) -> Iterator[bytes]:
    """The bytes of a text in tokens; the last one may be short."""
    pending = b""
    for character in characters:
        pending += character.encode()
        while len(pending) >= width:
            yield pending[:width]
            pending = pending[width:]
    if pending:
        yield pending


class Writing:
    """An answer that grows by tokens and is read as text, up to a stop string.

    A character of which a part is missing is held back, and where there are stop strings so is as much text
    as could be the beginning of one, as vLLM does.
    """

    def __init__(self, stops: Sequence[str]) -> None:
        self._stops = stops
        self._held_back = max((len(stop) for stop in stops), default=1) - 1
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._text = ""
        self._shown = 0
        self.stopped_by: str | None = None

    @property
    def text(self) -> str:
        """All of it."""
        return self._text

    def add(self, token: bytes) -> bool:
        """Whether a stop string is complete, which is then not part of the text."""
        self._text += self._decoder.decode(token)
        if not self._stops:
            return False
        searched = max(0, self._shown - self._held_back)
        places = [(self._text.find(stop, searched), stop) for stop in self._stops]
        found = min((place for place in places if place[0] >= 0), default=None)
        if found is None:
            return False
        self._text, self.stopped_by = self._text[: found[0]], found[1]
        return True

    def delta(self, *, last: bool) -> str:
        """What can be shown now and was not before. After the last one everything is shown."""
        if last and self.stopped_by is None:
            self._text += self._decoder.decode(b"", True)
        end = len(self._text) - (0 if last else self._held_back)
        if end <= self._shown:
            return ""
        new, self._shown = self._text[self._shown : end], end
        return new
