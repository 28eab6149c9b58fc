"""The answer's text to what it says: the strict inverse of `prompt.render_answer`.

An answer may have been cut. What is complete is kept: a field once its line has ended, a row once
something follows it. Everything else that does not fit the format is an error, and never a guess: under
the grammar it cannot occur, so it shows an engine that ignored the grammar.
"""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from lemma.core.errors import LemmaError
from lemma.reading.grammar.chunks import occurrences
from lemma.reading.grammar.lark import MAX_CITED, SENTENCE
from lemma.reading.pointers import (
    Clause,
    Flagged,
    Label,
    Labels,
    OneSaid,
    Pointer,
    Pointers,
    Prose,
    Row,
    Rows,
    Said,
    Sentence,
    Unreadable,
)
from lemma.reading.schema.model import Field
from lemma.reading.source import Line

Span = tuple[int, int]
"""A stretch of the answer's text, in code points."""


class AnswerOutsideGrammar(LemmaError):
    """The engine wrote what the grammar forbids, so nothing of the answer can be trusted."""

    status = 502
    code = "answer_outside_grammar"
    title = "The engine did not keep to the grammar"


@dataclass(frozen=True, slots=True)
class Decoded:
    """What an answer says.

    `said` has no entry for an absent field. `answered` names the fields whose answer is complete;
    `cut` names the one in the middle of which the answer ends, if any, and of a table that is cut `said`
    holds the complete rows. `spans` says where each value stands in the answer, by the path of its cell.
    """

    said: Mapping[str, Said]
    answered: frozenset[str]
    cut: str | None
    spans: Mapping[str, Span] = field(default_factory=dict)


def decode(
    text: str,
    fields: Sequence[Field],
    lines: Sequence[Line],
    *,
    finished: bool = True,
    passages: Collection[int] = frozenset(),
) -> Decoded:
    """What `text` says of these fields, with pointers into these lines.

    `passages` are the numbers of the pages that are passages, as the grammar had them.
    `finished` is whether the engine stopped by itself rather than at a limit of tokens.
    Raises AnswerOutsideGrammar where the text is not a prefix of an answer that the grammar allows.
    """
    if finished and text and not text.endswith("\n"):
        text += "\n"  # Some servers trim what they send.
    return _Decoder(text, [line for line in lines if line.text], finished, passages).run(fields)


_ID = r"(?:[1-9][0-9]*)"
_POINTER = re.compile(rf"({_ID}) (.+)", re.DOTALL)
_CLAUSE = re.compile(rf"({_ID})(?:-({_ID}))?")
_FLAG = re.compile(r"(yes|no)(?: (.+))?", re.DOTALL)
_SENTENCE = re.compile(rf"({SENTENCE}) \[((?:{_ID}(?:,{_ID}){{0,{MAX_CITED - 1}}})?)\]( |$)")


class _Decoder:
    def __init__(self, text: str, lines: Sequence[Line], finished: bool, passages: Collection[int]) -> None:
        self.text = text
        self.finished = finished
        self.lines = {line.id: line.text for line in lines}
        self.pages = {line.id: line.page for line in lines if line.page in passages}
        self.at = 0
        self.said: dict[str, Said] = {}
        self.spans: dict[str, Span] = {}
        self.answered: set[str] = set()

    def run(self, fields: Sequence[Field]) -> Decoded:
        cut: str | None = None
        for asked in fields:
            complete = self.table(asked) if asked.kind == "rows" else self.plain(asked)
            if not complete:
                cut = asked.name
                break
            self.answered.add(asked.name)
        if cut is None and self.at != len(self.text):
            raise self.outside("it goes on after the last field")
        return Decoded(self.said, frozenset(self.answered), cut, self.spans)

    # Lines of the answer -----------------------------------------------------------------------

    def peek(self) -> str | None:
        """The next line without its newline, or None where it has not ended."""
        end = self.text.find("\n", self.at)
        return None if end < 0 else self.text[self.at : end]

    def outside(self, what: str) -> AnswerOutsideGrammar:
        """The error, with the number of the line and never its words: those are the customer's."""
        number = self.text.count("\n", 0, self.at) + 1
        return AnswerOutsideGrammar(f"The model's answer cannot be used: on line {number}, {what}.")

    def plain(self, asked: Field) -> bool:
        """A field on one line. False where the answer ends before the line does."""
        line = self.peek()
        lead = f"{asked.name}: "
        if line is None:
            self.check_cut(lead)
            return False
        if not line.startswith(lead):
            raise self.outside(f"{asked.name} was expected")
        value = line[len(lead) :]
        self.spans[asked.name] = (self.at + len(lead), self.at + len(line))
        if value != "-":
            self.said[asked.name] = said = self.value(asked, value)
            self.label_spans(asked.name, said)
        self.at += len(line) + 1
        return True

    def check_cut(self, *leads: str) -> None:
        """Raises where the text after the last newline is not how one of these could begin."""
        rest = self.text[self.at :]
        if not any(lead.startswith(rest) or rest.startswith(lead) for lead in leads):
            raise self.outside("something else was expected")

    # Tables ------------------------------------------------------------------------------------

    def table(self, asked: Field) -> bool:
        """A header line and its rows. False where the answer ends before something follows them."""
        header = self.peek()
        if header is None:
            self.check_cut(f"{asked.name}: -", f"{asked.name}:")
            return False
        start = self.at
        self.at += len(header) + 1
        if header == f"{asked.name}: -":
            self.spans[asked.name] = (start + len(header) - 1, start + len(header))
            return True
        if header != f"{asked.name}:":
            raise self.outside(f"{asked.name} was expected")
        rows: list[Row] = []
        while (line := self.peek()) is not None and line.startswith("- "):
            rows.append(self.row(asked, len(rows)))
            if len(rows) > asked.max_rows:
                raise self.outside(f"{asked.name} has more than {asked.max_rows} rows")
        if not rows and line is not None:
            raise self.outside(f"a row of {asked.name} was expected")
        complete = line is not None or self.open_end(asked, rows)
        if rows:
            self.said[asked.name] = Rows(tuple(rows))
        return complete and bool(rows)

    def row(self, asked: Field, index: int) -> Row:
        row: dict[str, OneSaid] = {}
        columns = list(asked.columns)
        while (line := self.peek()) is not None and line.startswith("  " if row else "- "):
            name, colon, value = line[2:].partition(": ")
            while columns and columns[0].name != name:
                columns.pop(0)
            if not columns or not colon:
                raise self.outside(f"a column of {asked.name} was expected")
            path = f"{asked.name}[{index}].{name}"
            self.spans[path] = (self.at + 4 + len(name), self.at + len(line))
            row[name] = said = self.value(columns.pop(0), value)
            self.label_spans(path, said)
            self.at += len(line) + 1
        return row

    def open_end(self, asked: Field, rows: list[Row]) -> bool:
        """Whether a table that no whole line follows is complete; drops a last row that may not be.

        What follows decides: nothing, and the engine stopped by itself, or the start of the next field,
        ends the table; a dash ends the last row alone; else further columns may have been to come.
        """
        rest = self.text[self.at :]
        if rows and rest[:1] in {"", " "} and not (self.finished and not rest):
            index = len(rows) - 1
            for name in rows.pop():
                del self.spans[f"{asked.name}[{index}].{name}"]
        return self.finished if not rest else rest[0] not in "- "

    def label_spans(self, path: str, said: OneSaid) -> None:
        """Several labels are a cell each: `topics[0]`, `topics[1]` instead of `topics`."""
        if not isinstance(said, Labels):
            return
        at, end = self.spans.pop(path)
        seen: set[str] = set()
        for name in self.text[at:end].split("\t"):
            if name not in seen:
                self.spans[f"{path}[{len(seen)}]"] = (at, at + len(name))
                seen.add(name)
            at += len(name) + 1

    # Values ------------------------------------------------------------------------------------

    def value(self, asked: Field, text: str) -> OneSaid:
        match asked.kind:
            case "choice":
                return self.choice(asked, text)
            case "flag":
                return self.flag(asked, text)
            case "clause":
                return self.clause(asked, text)
            case "text":
                return self.prose(asked, text)
            case _:
                return self.pointers(asked, text)

    def choice(self, asked: Field, text: str) -> OneSaid:
        names = text.split("\t") if asked.several else [text]
        if any(asked.option(name) is None for name in names):
            raise self.outside(f"{asked.name} has a label that is not in its list")
        if not asked.several:
            return Label(text)
        if len(names) > asked.max_labels:
            raise self.outside(f"{asked.name} has more than {asked.max_labels} labels")
        return Labels(tuple(dict.fromkeys(names)))

    def line_id(self, text: str, asked: Field | None = None) -> int:
        """A line that was shown; where `asked` is given, one that this field may point at."""
        number = int(text)
        if number not in self.lines:
            raise self.outside(f"line {number} was not shown")
        if asked is not None and (number in self.pages) != (asked.source == "passages"):
            raise self.outside(f"{asked.name} points at line {number}, which is not of its {asked.source}")
        return number

    def pointer(self, asked: Field, text: str) -> Pointer:
        match = _POINTER.fullmatch(text)
        if match is None:
            raise self.outside(f"{asked.name} has no pointer")
        number = self.line_id(match.group(1), asked)
        run = match.group(2)
        if run != run.strip(" ") or not occurrences(self.lines[number], run):
            raise self.outside(f"{asked.name} has words that line {number} does not hold")
        return Pointer(number, run)

    def pointers(self, asked: Field, text: str) -> OneSaid:
        if text.startswith("? "):
            if re.fullmatch(_ID, text[2:]) is None:
                raise self.outside(f"{asked.name} names no line")
            return Unreadable(self.line_id(text[2:], asked))
        runs = tuple(self.pointer(asked, part) for part in text.split("\t"))
        if len(runs) > asked.pointers:
            raise self.outside(f"{asked.name} has more than {asked.pointers} pointers")
        return Pointers(runs)

    def flag(self, asked: Field, text: str) -> OneSaid:
        match = _FLAG.fullmatch(text)
        if match is None:
            raise self.outside(f"{asked.name} is neither yes nor no")
        at = None if match.group(2) is None else self.pointer(asked, match.group(2))
        return Flagged(match.group(1) == "yes", at)

    def clause(self, asked: Field, text: str) -> OneSaid:
        match = _CLAUSE.fullmatch(text)
        if match is None:
            raise self.outside(f"{asked.name} names no lines")
        first = self.line_id(match.group(1), asked)
        last = first if match.group(2) is None else self.line_id(match.group(2), asked)
        if self.pages.get(first) != self.pages.get(last):
            raise self.outside(f"{asked.name} goes on from one passage into another")
        return Clause(first, last)

    def prose(self, asked: Field, text: str) -> OneSaid:
        passages = asked.source == "passages"
        parts = text.split("\t") if passages else self.sentences(asked, text)
        sentences = [self.sentence(asked, part) for part in parts]
        if not 1 <= len(sentences) <= asked.max_sentences:
            raise self.outside(f"{asked.name} is too long")
        return Prose(tuple(sentences))

    def sentences(self, asked: Field, text: str) -> list[str]:
        """The cited sentences of a text, which spaces separate."""
        parts: list[str] = []
        at = 0
        while at < len(text):
            match = _SENTENCE.match(text, at)
            if match is None or (match.group(4) and match.end() == len(text)):
                raise self.outside(f"{asked.name} is not made of cited sentences")
            parts.append(text[at : match.end(3) + 1])
            at = match.end()
        return parts

    def sentence(self, asked: Field, text: str) -> Sentence:
        if asked.source == "passages" and re.fullmatch(_ID, text):
            number = self.line_id(text, asked)
            return Sentence(self.lines[number], (number,), copied=True)
        match = _SENTENCE.fullmatch(text) if asked.free else None
        if match is None or match.group(4):
            raise self.outside(f"{asked.name} is not made of cited sentences")
        cited = tuple(self.line_id(number) for number in match.group(3).split(",") if number)
        return Sentence(json.loads(match.group(1)), cited)
