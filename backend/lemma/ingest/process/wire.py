"""The wire between caller and child: frames of one JSON object and one run of bytes.

JSON and plain numbers, never pickle: a child that a hostile file has taken over must not be able to
run code in its caller.
"""

import json
import struct
from array import array
from typing import Any, BinaryIO

from lemma.ingest.drafts import Draft, Raster
from lemma.reading.source import Box, Line, Word

HEAD = struct.Struct(">II")
MAX_JSON = 256 * 1024 * 1024
MAX_BYTES = 512 * 1024 * 1024

_PLACES = 5  # A hundred-thousandth of a page is a hundredth of a point.


def pack(message: dict[str, Any], data: bytes = b"") -> bytes:
    """One frame."""
    text = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    return HEAD.pack(len(text), len(data)) + text + data


def read_frame(stream: BinaryIO) -> tuple[dict[str, Any], bytes] | None:
    """The next frame of a blocking stream; None at its end."""
    head = stream.read(HEAD.size)
    if len(head) < HEAD.size:
        return None
    text_size, data_size = HEAD.unpack(head)
    return json.loads(stream.read(text_size)), stream.read(data_size)


def pack_draft(draft: Draft) -> bytes:
    """A page as a frame: words as seven 32-bit floats each (start, end, box, confidence)."""
    numbers = array("f")
    for line in draft.lines:
        for word in line.words:
            box = word.box or Box(-1.0, -1.0, -1.0, -1.0)
            confidence = -1.0 if word.confidence is None else word.confidence
            numbers.extend((word.start, word.end, box.x0, box.y0, box.x1, box.y1, confidence))
    message = {
        "is": "page",
        "kind": draft.kind,
        "width": draft.width,
        "height": draft.height,
        "rotation": draft.rotation,
        "name": draft.name,
        "note": draft.note,
        "lines": [line.text for line in draft.lines],
        "words": [len(line.words) for line in draft.lines],
        "raster": [draft.raster.width, draft.raster.height] if draft.raster else None,
    }
    return pack(message, draft.raster.pixels if draft.raster else numbers.tobytes())


def unpack_draft(message: dict[str, Any], data: bytes) -> Draft:
    """The page in a frame. Raises ValueError, KeyError or TypeError where the frame makes no sense."""
    size = message["raster"]
    raster = None
    lines: tuple[Line, ...] = ()
    if size:
        raster = Raster(int(size[0]), int(size[1]), data)
        if len(data) != raster.width * raster.height * 3:
            raise ValueError("a picture of another size than announced")
    else:
        lines = tuple(_unpack_lines(message["lines"], message["words"], data))
    return Draft(
        kind=message["kind"],
        lines=lines,
        width=float(message["width"]),
        height=float(message["height"]),
        rotation=int(message["rotation"]),
        name=message["name"],
        note=message["note"],
        raster=raster,
    )


def _unpack_lines(texts: list[str], counts: list[int], data: bytes) -> list[Line]:
    numbers = array("f")
    numbers.frombytes(data)
    if len(numbers) != 7 * sum(counts) or len(texts) != len(counts):
        raise ValueError("words and lines do not match")
    values = numbers.tolist()
    lines, at = [], 0
    for number, (text, count) in enumerate(zip(texts, counts, strict=True), 1):
        words = []
        for i in range(at, at + 7 * count, 7):
            start, end, x0, y0, x1, y1, confidence = values[i : i + 7]
            box = None
            if x0 >= 0:
                box = Box(round(x0, _PLACES), round(y0, _PLACES), round(x1, _PLACES), round(y1, _PLACES))
            words.append(Word(int(start), int(end), box, None if confidence < 0 else round(confidence, 4)))
        at += 7 * count
        lines.append(Line(number, 1, text, tuple(words)))
    return lines
