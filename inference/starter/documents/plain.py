"""Invented paper as text without geometry: what a text layer gives, or a transcription of a scan.

A layout can survive in such text (`flattened`), with gaps of one or two spaces, or be torn (`torn`): the
labels of a form in one block and their values in another, in the order in which a program drew them.
"""

from itertools import groupby

from lemma.reading.source import Line, Page, Source, Word
from starter.documents.paper import Found, Inked, Paper, Spots, found, mark, rows_of


def flattened(paper: Paper, gap: int) -> Found:
    """The lines of the page, with every gap between columns `gap` spaces wide."""
    text = _Text()
    for number in range(1, len(paper.pages) + 1):
        for line, words in rows_of(paper, number, 1):
            parts: list[tuple[str, Inked | None, str]] = []
            at = 0
            for word, inked in zip(line.words, words, strict=True):
                space = min(word.start - at, gap)
                parts.append((" " * space, inked, line.text[word.start : word.end]))
                at = word.end
            text.line(number, parts)
    return text.done(len(paper.pages))


def torn(paper: Paper) -> Found:
    """The words in the order of their layers, and in a layer as they were written.

    What follows on the same height goes on the same line, as programs that extract text have it.
    """
    text = _Text()
    for number, page in enumerate(paper.pages, start=1):
        parts: list[tuple[str, Inked | None, str]] = []
        before: Inked | None = None
        ordered = sorted(page, key=lambda word: (word.layer, word.run))
        for _, run in groupby(ordered, key=lambda word: (word.layer, word.run)):
            words = list(run)
            if before is not None and not (abs(words[0].y0 - before.y0) < 3 and words[0].x0 > before.x0):
                text.line(number, parts)
                parts = []
            parts += [(" " if parts or n else "", word, word.text) for n, word in enumerate(words)]
            before = words[-1]
        text.line(number, parts)
    return text.done(len(paper.pages))


class _Text:
    """A plain source while its lines are being added."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.spots: Spots = {}

    def line(self, page: int, parts: list[tuple[str, Inked | None, str]]) -> None:
        shown, words = "", []
        number = len(self.lines) + 1
        for space, inked, text in parts:
            shown += space
            mark(self.spots, inked, number, len(shown))
            words.append(Word(len(shown), len(shown) + len(text)))
            shown += text
        if shown:
            self.lines.append(Line(number, page, shown, tuple(words)))

    def done(self, pages: int) -> Found:
        sheets = tuple(Page(number, "plain") for number in range(1, pages + 1))
        return found(Source("text/plain", sheets, tuple(self.lines)), self.spots)
