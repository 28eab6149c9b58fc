"""Questions on agreements and on security documents, with the sentences or lines that answer them.

Passages are cut and looked up as the product does it. Where it does not find the sentences that answer,
they are put among the passages most of the time; otherwise the right answer is that nothing is said.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

from lemma.evaluation.sets.statements import STATEMENTS
from lemma.reading.passages import Passage, passage_pages, passages_of
from lemma.reading.source import Source
from lemma.reading.units import unit_source
from lemma.retrieval import Retriever
from starter.lesson import Lesson
from starter.messages.page import read_text
from starter.messages.questionnaires import lesson

MOST = 4
CHARACTERS = 2_600
"""Of all passages that are shown: what a small model takes in one piece."""
CLAIMS = {
    "nda-1": "All confidential information has to be identified as such by the discloser.",
    "nda-2": "Only technical information counts as confidential.",
    "nda-3": "Information that is conveyed verbally may be confidential.",
    "nda-4": "The recipient may use the information for the purposes of the agreement alone.",
    "nda-5": "The recipient may pass some information on to some of its employees.",
    "nda-7": "The recipient may share some information with some third parties, such as advisers.",
    "nda-8": "The recipient has to give notice if law or a court requires it to disclose information.",
    "nda-10": "The recipient must not disclose that the agreement exists or was negotiated.",
    "nda-11": "The recipient must not reverse engineer objects that embody the information.",
    "nda-12": "The recipient may develop similar information on its own.",
    "nda-13": "The recipient may obtain similar information from a third party.",
    "nda-15": "The agreement gives the recipient no right to the information.",
    "nda-16": "The recipient has to destroy or return some information when the agreement ends.",
    "nda-17": "The recipient may copy some information in some circumstances.",
    "nda-18": "The recipient must not solicit some of the discloser's people.",
    "nda-19": "Some duties of the agreement survive its end.",
    "nda-20": "The recipient may keep some information even after it was returned or destroyed.",
}
"""The same statements as claims that are to be checked."""


def statements(folder: Path, record: Mapping[str, Any]) -> Iterator[Lesson]:
    """Each statement on an agreement: yes, no or not mentioned, with the sentences that say so."""
    del folder
    passages = passages_of("agreement.txt", "\n\n".join(str(record["text"]).splitlines()))
    find = Retriever(passages)
    for key, verdict in record["expected"]["answers"].items():
        rng = Random(f"{record['id']} {key}")
        question = STATEMENTS[key] if rng.random() < 0.7 else CLAIMS[key]
        gold = [_folded(words) for words in record["evidence"].get(key) or ()]
        right = [p for p in passages if any(_meets(line, gold) for line in p.lines)]
        shown = _shown(rng, find([question], MOST)[0], right)
        source = unit_source(read_text(question).lines, shown)
        yield _answered(source, str(verdict), gold)


def sections(folder: Path, record: Mapping[str, Any]) -> Iterator[Lesson]:
    """Questions on a security document, answered by the lines of a section."""
    del folder
    text = str(record["text"])
    rows = text.splitlines()
    passages = passages_of("document.md", text)
    find = Retriever(passages)
    for key, said in record["expected"]["answers"].items():
        rng = Random(f"{record['id']} {key}")
        question = str(said["question"])
        first, last = said.get("evidence_lines") or (1, 0)
        place = _folded(re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", " ".join(rows[first - 1 : last])))
        right = [p for p in passages if any(_within(line, place) for line in p.lines)]
        shown = _shown(rng, find([question], MOST)[0], right[:2])
        source = unit_source(read_text(question).lines, shown)
        titles = passage_pages(source)
        lines = [n.id for n in source.lines if n.page in titles and _within(n.text, place)]
        quote = _together(source, lines)[:6]
        yield lesson(source, "stated" if quote else "not_mentioned", quote, min(2, len(quote)))


def _shown(rng: Random, found: Sequence[Passage], right: Sequence[Passage]) -> list[Passage]:
    """The passages that are found, as many as are short enough; one that answers, if none of them does."""
    shown: list[Passage] = []
    if right and not any(passage in right for passage in found[:2]) and rng.random() < 0.8:
        found = [rng.choice(right), *found[: MOST - 1]]
    for passage in found:
        if not shown or sum(len(each.text) for each in (*shown, passage)) <= CHARACTERS:
            shown.append(passage)
    rng.shuffle(shown)
    return shown


def _answered(source: Source, verdict: str, gold: Sequence[str]) -> Lesson:
    titles = passage_pages(source)
    lines = [line.id for line in source.lines if line.page in titles and _meets(line.text, gold)]
    quote = _together(source, lines)
    return lesson(source, verdict if quote else "not_mentioned", quote)


def _together(source: Source, lines: Sequence[int]) -> list[int]:
    """The longest run of neighbouring lines of one passage, the first of equal ones."""
    runs: list[list[int]] = []
    for number in lines:
        if runs and number == runs[-1][-1] + 1 and source.line(number).page == source.line(number - 1).page:
            runs[-1].append(number)
        else:
            runs.append([number])
    return max(runs, key=len, default=[])


def _meets(line: str, gold: Sequence[str]) -> bool:
    """Whether a line shares most of the shorter text with one that answers."""
    folded = _folded(line)
    return any(len(min(folded, each, key=len)) > 15 and (folded in each or each in folded) for each in gold)


def _within(line: str, place: str) -> bool:
    folded = _folded(line)
    return len(folded) > 25 and folded in place


def _folded(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()
