"""Passages: parts of the customer's own documents that are shown beside the document that is read.

They are appended to its source as pages of kind "passage", and their lines go on counting: pointers,
evidence, the viewer and the exports know nothing of them and work unchanged. Each line of a passage is one
sentence where its text allows, so that an answer cites no more than it rests on, and a reply can be put
together from whole ones.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from lemma.reading.source import Line, Page, Source, Word

MAX_LINES = 24
"""A passage is no longer than this: what is shown is read by the model, and every line costs."""


@dataclass(frozen=True, slots=True)
class Passage:
    """Some lines under one title. `id` is unique in its material, such as `returns.md#3`."""

    id: str
    title: str
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """All words, the title's first: what is searched."""
        return "\n".join((self.title, *self.lines))


def with_passages(source: Source, passages: Iterable[Passage]) -> Source:
    """The source with each of these passages as a page of its own at the end, each once."""
    pages, lines = list(source.pages), list(source.lines)
    for passage in {passage.id: passage for passage in passages}.values():
        number = len(pages) + 1
        pages.append(Page(number, "passage", name=passage.title))
        lines += [_line(len(lines) + at, number, text) for at, text in enumerate(passage.lines, start=1)]
    return replace(source, pages=tuple(pages), lines=tuple(lines))


def passage_pages(source: Source) -> dict[int, str]:
    """The pages that are passages: their numbers and titles."""
    return {page.number: page.name or "" for page in source.pages if page.kind == "passage"}


def without_passages(source: Source) -> Source:
    """The document alone, as it was before `with_passages`."""
    pages = passage_pages(source)
    return replace(
        source,
        pages=tuple(page for page in source.pages if page.number not in pages),
        lines=tuple(line for line in source.lines if line.page not in pages),
    )


_TOKEN = re.compile(r"[^ ]+")


def _line(number: int, page: int, text: str) -> Line:
    return Line(number, page, text, tuple(Word(m.start(), m.end()) for m in _TOKEN.finditer(text)))


# Documents to passages -----------------------------------------------------------------------------
# What comes here may be hostile: nothing takes longer than a small multiple of the text's length.

LONGEST_HEADING = 400
LONGEST_ABBREVIATION = 12

_HEADING = re.compile(r"(#{1,6}) +(.+?) *#*")
_ITEM = re.compile(r"^(?:[-*+•]|[0-9]{1,3}[.)]) +")
_MARKS = re.compile(r"\*\*|__|`")
_LINK = re.compile(r"!?\[([^\]]{0,300})\]\([^)]{0,1000}\)")
_WIDE, _WIDEST = re.compile(" {9,}"), " " * 8
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
# A sentence ends where a mark is followed by a space and something that can begin one.
_END = re.compile(r"(?<=[.!?…])[\"”“»’)\]]*(?= +[\"„“«¿¡(\[\u00a0 ]*[^\Wa-zß-öø-ÿ])|(?<=[。！？])")
# Not after an initial or a usual abbreviation, nor after a German ordinal.
_NO_END = re.compile(
    r"(?:\b[^\W\d_]|\b(?:e\.g|i\.e|z\.B|d\.h|u\.a|bzw|ca|vgl|Nr|No|Art|Abs|St|Str|Dr|Mr|Mrs|Ms|Prof"
    r"|Inc|Ltd|Co|approx|incl|inkl|evtl|ggf|etc|p\.ej|Sr|Sra|av|env|M|Mme|tel|Tel))\.$"
)
_ORDINAL = re.compile(
    r"(?<= )[0-9]{1,2}\. +(?:Jan|Feb|Mär|Apr|Mai|Jun|Jul|Aug|Sep|Okt|Nov|Dez|Quartal|Halbjahr|Tag|Monat|Jahr)"
)


def passages_of(name: str, text: str) -> tuple[Passage, ...]:
    """The passages of a help page, a policy, a manual: cut at headings, then at paragraphs where a section
    is long. Markdown or plain text; `name` is the file's, and the title of text under no heading."""
    found: list[Passage] = []
    trail: list[tuple[int, str]] = []
    stem = re.sub(r"\.[a-z]{2,4}$", "", name)
    for heading, paragraphs in _sections(text):
        if heading is not None:
            level, title = heading
            trail = [each for each in trail if each[0] < level] + [(level, title)]
        title = " › ".join(words for _, words in trail) or stem.replace("-", " ").replace("_", " ")
        for lines in _portions(paragraphs):
            found.append(Passage(f"{name}#{len(found) + 1}", title, tuple(lines)))
    return tuple(found)


def _sections(text: str) -> Iterator[tuple[tuple[int, str] | None, list[list[str]]]]:
    """Each heading with the paragraphs under it; a paragraph is the sentences and items of a block."""
    heading: tuple[int, str] | None = None
    blocks: list[list[str]] = [[]]
    for row in text.splitlines():
        match = _HEADING.fullmatch(row.strip()) if len(row) <= LONGEST_HEADING else None
        if match is not None:
            yield heading, _paragraphs(blocks)
            heading, blocks = (len(match.group(1)), _plain(match.group(2))), [[]]
        elif row.strip():
            blocks[-1].append(row.strip())
        else:
            blocks.append([])
    yield heading, _paragraphs(blocks)


def _paragraphs(blocks: Iterable[Sequence[str]]) -> list[list[str]]:
    paragraphs = [[s for part in _joined(rows) for s in sentences(_plain(part))] for rows in blocks]
    return [lines for lines in paragraphs if lines]


def _joined(rows: Sequence[str]) -> list[str]:
    """Rows of a block as running text: a row goes on the one before it, save an item or a table's row."""
    parts: list[list[str]] = []
    for row in rows:
        starts = _ITEM.match(row) or row.startswith("|") or (parts and parts[-1][0].startswith("|"))
        if parts and not starts:
            parts[-1].append(row)
        else:
            parts.append([row])
    return [" ".join(part) for part in parts]


def _plain(text: str) -> str:
    """Words without the marks of Markdown, in the form that lines have."""
    text = _LINK.sub(r"\1", _MARKS.sub("", _ITEM.sub("", text, count=1)))
    if text.startswith("|"):
        text = "  ".join(cell.strip() for cell in text.strip("|").split("|") if cell.strip(" -:"))
    return _WIDE.sub(_WIDEST, _CONTROL.sub(" ", text)).strip(" ")


def sentences(text: str) -> list[str]:
    """The sentences of a running text, in any language that ends them with a mark.

    >>> sentences("Parcels take 3 days. In Dec. it may be more, e.g. a week.")
    ['Parcels take 3 days.', 'In Dec. it may be more, e.g. a week.']
    """
    found: list[str] = []
    start = 0
    for match in _END.finditer(text):
        end = match.end()
        ordinal = _ORDINAL.match(text, max(end - 3, 0)) or _ORDINAL.match(text, max(end - 2, 0))
        last = max(start, end - LONGEST_ABBREVIATION)
        if ordinal is None and _NO_END.search(text, last, end) is None:
            found.append(text[start:end].strip(" "))
            start = end
    found.append(text[start:].strip(" "))
    return [sentence for sentence in found if sentence]


def _portions(paragraphs: Sequence[list[str]]) -> Iterator[list[str]]:
    """Paragraphs together as long as they fit in one passage; a long one is cut."""
    lines: list[str] = []
    for paragraph in paragraphs:
        if lines and len(lines) + len(paragraph) > MAX_LINES // 2:
            yield lines
            lines = []
        lines = lines + paragraph
        while len(lines) > MAX_LINES:
            yield lines[:MAX_LINES]
            lines = lines[MAX_LINES:]
    if lines:
        yield lines
