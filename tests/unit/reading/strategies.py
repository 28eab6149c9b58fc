"""Sources and tasks of every kind, for property tests."""

from hypothesis import strategies as st

from lemma.reading.schema import Task, parse_task
from lemma.reading.source import Line, Page, Source

EVERY_KIND = """
id = "every_kind"
version = 3
title = "Every kind of field"

[[field]]
name = "document_kind"
kind = "choice"
options = [
  { name = "invoice", words = ["Invoice", "€"] },
  "invoice copy",
  { name = 'a "quoted" \\ label, é日本 {x} /', words = ["12"] },
  "-x",
  "?",
]

[[field]]
name = "title"
kind = "quote"
pointers = 3

[[field]]
name = "net"
kind = "amount"
pointers = 2

[[field]]
name = "issued"
kind = "date"

[[field]]
name = "count"
kind = "number"

[[field]]
name = "iban"
kind = "identifier"
checker = "iban"

[[field]]
name = "signed"
kind = "flag"

[[field]]
name = "law"
kind = "clause"

[[field]]
name = "lines"
kind = "rows"
max_rows = 60

[[field.column]]
name = "description"
kind = "quote"
pointers = 2

[[field.column]]
name = "unit"
kind = "choice"
options = ["h", "kg"]

[[field.column]]
name = "quantity"
kind = "number"

[[field.column]]
name = "amount"
kind = "amount"

[[field.column]]
name = "free"
kind = "flag"

[[field]]
name = "reply"
kind = "text"
max_sentences = 2
"""


def every_kind() -> Task:
    """A task with a field of every kind."""
    return parse_task(EVERY_KIND)


# Lines that look like answers, or that a careless parser would trip over.
AWKWARD = [
    "- description: 12 x",
    "? 3",
    "-",
    "lines:",
    "lines: -",
    "  amount: 4".strip(),
    "title: 1 a",
    '"Sentence." [1,2]',
    "yes 3 signed",
    "12 12 12",
    "2   2,00   2,00   2,00",
    "1.200,50EUR(12.00)",
    "e\u0301\u0301 \u0301x",
    "\u200f\u05e9\u05dc\u05d5\u05dd 12 \u05e2\u05d5\u05dc\u05dd",
    "\u0627\u0644\u0645\u0628\u0644\u063a \u0661\u0662\u0663\u066b\u0664\u0665",
    "合計金額1,200円（税込）",
    "👩‍👩‍👧‍👦👍🏽 1️⃣ 🇩🇪",
    "a\u00a0b\u202f1\u2009000",
    "\\n \\u0041 \\ \" ' ` { } [ ] ( ) * + ? . ^ $ | /",
    "{{lines}} {x} %s",
    "ﬁ ſ ß İ ı K Å",
    "𝟙𝟚𝟛 ①②③ ½",
]

_ALPHABET = st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"])


@st.composite
def line_texts(draw: st.DrawFn) -> str:
    """The text of a line as `Line` promises it: no control characters, no outer spaces; maybe empty."""
    kind = draw(st.integers(0, 5))
    if kind == 0:
        return draw(st.sampled_from(AWKWARD))
    if kind <= 2:
        return draw(st.text(_ALPHABET, max_size=30)).strip(" ")
    words = st.sampled_from(
        ["Invoice", "12", "1.200,50", "x", "EUR", "03/04/2024", "DE89", "€", "  ", "日本", "A-1"]
    )
    return " ".join(draw(st.lists(words, max_size=8))).strip(" ")


@st.composite
def sources(draw: st.DrawFn, max_lines: int = 12) -> Source:
    """A source of one or two pages without geometry."""
    texts = draw(st.lists(line_texts(), max_size=max_lines))
    cut = draw(st.integers(0, len(texts)))
    lines = tuple(Line(at + 1, 1 if at < cut else 2, text) for at, text in enumerate(texts))
    return Source("text/plain", (Page(1, "plain"), Page(2, "plain")), lines)
