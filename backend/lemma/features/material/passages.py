"""Files become passages: help pages, policies, manuals of any format that documents may have."""

import hashlib
from collections.abc import Callable

from lemma.features.material.limits import LIMITS, within
from lemma.ingest.formats.plain import decoded
from lemma.reading.passages import Passage, passages_of
from lemma.reading.source import Source

OpenFile = Callable[[bytes, str], Source]
"""Takes a file apart. Blocks; raises what `lemma.ingest` raises."""

_AS_WRITTEN = (".md", ".markdown", ".txt")


class Cut:
    """A file that was cut. `name` is the file's, `size` its bytes."""

    def __init__(self, name: str, data: bytes, passages: tuple[Passage, ...]) -> None:
        self.name = name
        self.size = len(data)
        self.sha256 = hashlib.sha256(data).hexdigest()
        self.passages = passages
        self.characters = sum(len(passage.text) for passage in passages)


def cut(name: str, data: bytes, open_file: OpenFile) -> Cut:
    """The passages of a file. Blocks. Raises what opening raises, and TooMuchMaterial."""
    text = _text(name, data, open_file)
    within(len(text), LIMITS.characters, f"{name} holds more than {{limit}} characters. Send less of it.")
    return Cut(name, data, passages_of(name, text))


def _text(name: str, data: bytes, open_file: OpenFile) -> str:
    """Plain text keeps its blank lines and headings, by which it is cut. Of other files each page is a
    block: their lines are those of the paper, and not of the sentences."""
    if name.lower().endswith(_AS_WRITTEN) and data.strip() and b"\0" not in data:
        return decoded(data)
    source = open_file(data, name)
    pages: dict[int, list[str]] = {page.number: [] for page in source.pages if page.kind != "xml"}
    for line in source.lines:
        if line.page in pages:
            pages[line.page].append(line.text)
    return "\n\n".join("\n".join(lines) for lines in pages.values())
