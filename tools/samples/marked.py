"""Texts in which the truth is marked: what is written and what it says cannot disagree.

`[[path|words]]` marks the words of a value, `[[path=value|words]]` a value that is written otherwise, such
as a date. `{path, path}` before a paragraph says that the whole paragraph is that clause. `# ` begins a
title, `## ` a heading. A paragraph ends at a blank line, or with its line where a text goes by lines.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

FOLDER = Path(__file__).parent / "texts"
TIED = "\u00a0"
"""Stands for the spaces inside marked words until the lines are set, so that no line breaks them."""

_MARK = re.compile(r"\[\[([\w.]+(?:\[\d+\])?[\w.]*)(?:=([^|\]]+))?\|([^\]]+)\]\]")
_CLAUSES = re.compile(r"\{([\w\[\]., ]+)\}\s*")


@dataclass(frozen=True)
class Paragraph:
    """A piece of text that is set as one. `blank` is whether an empty line stands before it."""

    style: Literal["title", "heading", "text"]
    text: str
    marked: bool = False
    blank: bool = False


@dataclass(frozen=True)
class Marked:
    """A text without its marks, and what they said: values, and the words with which occurrence of them."""

    paragraphs: tuple[Paragraph, ...]
    cells: dict[str, str]
    printed: dict[str, list[Any]]


def marked(name: str, *, by_line: bool = False) -> Marked:
    """The text `texts/{name}`, such as `contracts/kestrel-mutual-nda.txt`."""
    return marked_text((FOLDER / name).read_text(encoding="utf-8"), by_line=by_line)


def marked_text(text: str, *, by_line: bool = False) -> Marked:
    """A text with marks that stands in no file."""
    return _Reader().read(text, by_line=by_line)


class _Reader:
    def __init__(self) -> None:
        self.paragraphs: list[Paragraph] = []
        self.cells: dict[str, str] = {}
        self.printed: dict[str, list[Any]] = {}
        self.before = ""

    def read(self, text: str, *, by_line: bool) -> Marked:
        text = re.sub(r"(\{[^}]+\})\n", r"\1 ", text.strip())
        pieces = text.split("\n") if by_line else re.split(r"\n\s*\n", text)
        blank = False
        for piece in pieces:
            if piece.strip():
                self.piece(" ".join(piece.split()), blank=blank)
            blank = not piece.strip()
        return Marked(tuple(self.paragraphs), self.cells, self.printed)

    def piece(self, text: str, *, blank: bool) -> None:
        style: Literal["title", "heading", "text"] = "text"
        clauses: list[str] = []
        if text.startswith("# "):
            style, text = "title", text[2:]
        elif text.startswith("## "):
            style, text = "heading", text[3:]
        elif match := _CLAUSES.match(text):
            clauses, text = [each.strip() for each in match[1].split(",")], text[match.end() :]
        shown = self.without_marks(text)
        for path in clauses:
            self.say(path, shown.replace(TIED, " "), shown.replace(TIED, " "))
        self.paragraphs.append(Paragraph(style, shown, bool(clauses), blank))
        self.before += shown.replace(TIED, " ") + " "

    def without_marks(self, text: str) -> str:
        shown = ""
        at = 0
        for match in _MARK.finditer(text):
            shown += text[at : match.start()]
            words = match[3]
            nth = _count(self.before + shown.replace(TIED, " "), words) + 1
            self.say(match[1], match[2] or words, words if nth == 1 else {"words": words, "nth": nth})
            shown += words.replace(" ", TIED)
            at = match.end()
        return shown + text[at:]

    def say(self, path: str, value: str, printed: Any) -> None:
        if path in self.cells:
            raise ValueError(f"{path} is marked twice")
        self.cells[path] = value
        self.printed[path] = [printed]


def _count(text: str, words: str) -> int:
    """How often the words occur, overlapping or not."""
    found = 0
    at = text.find(words)
    while at >= 0:
        found += 1
        at = text.find(words, at + 1)
    return found
