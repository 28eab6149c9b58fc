"""Short ways to make sources, tasks and readings for tests."""

import re
import textwrap
from collections.abc import Mapping, Sequence

from lemma.reading.cell import Cell
from lemma.reading.pointers import Said
from lemma.reading.prompt import render_answer
from lemma.reading.reader import ModelFacts, Reader, Reading
from lemma.reading.schema import Task, parse_task
from lemma.reading.source import Box, Line, Page, Source, Word
from tests.unit.reading.engine import accepts, answer


def source(*texts: str, xml: Sequence[str] = ()) -> Source:
    """A source of one plain page with these lines, and one XML page with those."""
    pages = [Page(1, "plain")]
    lines = [Line(at + 1, 1, text) for at, text in enumerate(texts)]
    if xml:
        pages.append(Page(2, "xml", name="factur-x.xml"))
        lines += [Line(len(texts) + at + 1, 2, text) for at, text in enumerate(xml)]
    return Source("text/plain", tuple(pages), tuple(lines))


def boxed(*texts: str, confidence: float | None = 0.9) -> Source:
    """A source with a box for each word: a character is a hundredth of the page wide."""
    lines = [Line(at + 1, 1, text, tuple(_words(text, at, confidence))) for at, text in enumerate(texts)]
    return Source("application/pdf", (Page(1, "ocr", 595, 842),), tuple(lines))


def _words(text: str, row: int, confidence: float | None) -> list[Word]:
    y = row / 50
    return [
        Word(m.start(), m.end(), Box(m.start() / 100, y, m.end() / 100, y + 0.01), confidence)
        for m in re.finditer(r"[^ ]+", text)
    ]


def task(toml: str) -> Task:
    """A task from the TOML of its fields and rules."""
    return parse_task('id = "test"\nversion = 1\ntitle = "A test"\n' + textwrap.dedent(toml))


def facts(context: int = 100_000, style: str = "compact") -> ModelFacts:
    """A model that counts a token for each character."""
    return ModelFacts("test", "full" if style == "full" else "compact", context, len, "masked")


def read(asked: Task, given: Source, said: Mapping[str, Said]) -> Reading:
    """The reading in which the model says this, under the grammar."""
    reader = Reader(asked, given, facts())
    for request in reader.next_requests():
        text = render_answer(asked, given, said)
        assert accepts(request.grammar, text)
        reader.feed(request.id, answer(text))
    assert not reader.next_requests()
    return reader.result()


def by_path(reading: Reading) -> dict[str, Cell]:
    """The cells of a reading by their paths."""
    return {cell.path: cell for cell in reading.cells}
