"""Reads a source for a task: asks, listens, asks again where an answer was cut, and merges.

The reader has no I/O. It gives requests, takes answers, and in the end gives the cells; the caller talks
to the engine, as concurrently as it likes within a round.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from lemma.reading.cell import Cell, RuleResult
from lemma.reading.cells import CellMaker
from lemma.reading.decode import Decoded, decode
from lemma.reading.exact import with_exact
from lemma.reading.grammar import build_grammar
from lemma.reading.merge import Reply, anchor, merge_field, merge_rows
from lemma.reading.normalise.values import document_style
from lemma.reading.pointers import Rows
from lemma.reading.prompt import Style, build_messages, visible_lines
from lemma.reading.rules import apply_rules
from lemma.reading.schema.model import Example, Field, Task
from lemma.reading.signals import Mode, TokenLogprob, answer_signals
from lemma.reading.source import Line, Source
from lemma.reading.windows import Window, split

__all__ = ["Answer", "ModelFacts", "Reader", "Reading", "Request", "TokenLogprob"]

Finish = Literal["stop", "length"]

# Tokens around the messages: the chat template's own, and a reserve for an estimate that is a little off.
TEMPLATE_TOKENS = 24
# No answer needs more; a longer one is continued.
MAX_ANSWER_TOKENS = 8192
# How often one window may be asked again after cut answers. Each time must bring something new.
MAX_FOLLOW_UPS = 24


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What the reader must know of a model.

    `context` is what it takes in tokens, prompt and answer together. `count` counts the tokens of a text.
    `window` is how many tokens of lines it reads best at once, as it was trained; 0 is as many as fit.
    `logprobs` is whether its engine gives them before (`raw`) or after (`masked`) the grammar's mask.
    """

    id: str
    style: Style
    context: int
    count: Callable[[str], int]
    logprobs: Mode = "raw"
    window: int = 0


@dataclass(frozen=True, slots=True)
class Request:
    """A completion to ask for: OpenAI messages under a Lark grammar, greedily, with logprobs."""

    id: str
    messages: list[dict[str, str]]
    grammar: str
    max_tokens: int
    stop: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What the engine answered. `finish` is "length" where `max_tokens` ended it."""

    text: str
    finish: Finish
    tokens: Sequence[TokenLogprob] = ()
    prompt_tokens: int = 0
    completion_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """The outcome. `tokens` are those of all requests: prompt and completion. `notes` are sentences."""

    cells: tuple[Cell, ...]
    rules: tuple[RuleResult, ...]
    tokens: tuple[int, int]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Ask:
    """One request in the making: which fields of which lines, for which window, how often before."""

    window: int
    fields: tuple[Field, ...]
    lines: Window
    follow_ups: int


class Reader:
    """One reading of one source.

    Call `next_requests` and `feed` every one of them, until it gives none; then `result`.
    """

    def __init__(
        self, task: Task, source: Source, facts: ModelFacts, examples: Sequence[Example] = ()
    ) -> None:
        self._task = task
        self._source = source
        self._facts = facts
        self._examples = tuple(examples)
        self._lines = visible_lines(source)
        self._overhead = self._prompt_tokens(task.fields, ())
        self._waiting: list[_Ask] = [
            _Ask(number, task.fields, window, 0) for number, window in enumerate(self._windows())
        ]
        self._windows_read = len(self._waiting)
        self._open: dict[str, _Ask] = {}
        self._replies: list[Reply] = []
        self._tokens = (0, 0)
        self._notes: list[str] = []

    # Asking ------------------------------------------------------------------------------------

    def next_requests(self) -> list[Request]:
        """The requests of the next round; empty where all is answered.

        Raises RuntimeError while answers to earlier requests are missing.
        """
        if self._open:
            raise RuntimeError(f"{len(self._open)} requests are not answered yet")
        requests: list[Request] = []
        for ask in self._waiting:
            request = self._request(ask)
            self._open[request.id] = ask
            requests.append(request)
        self._waiting = []
        return requests

    def _windows(self) -> list[Window]:
        """The parts of the source that fit the model, with room left for the answer."""
        room = self._facts.context - self._overhead
        tables = any(field.kind == "rows" for field in self._task.fields)
        for_lines = int(room * (0.65 if tables else 0.8))
        if self._facts.window:
            for_lines = min(for_lines, self._facts.window)
        return split(self._lines, for_lines, self._facts.count)

    def _prompt_tokens(self, fields: Sequence[Field], lines: Sequence[Line]) -> int:
        messages = self._messages(fields, lines)
        return sum(self._facts.count(message["content"]) + 4 for message in messages) + TEMPLATE_TOKENS

    def _messages(self, fields: Sequence[Field], lines: Sequence[Line]) -> list[dict[str, str]]:
        return build_messages(
            self._task,
            lines,
            style=self._facts.style,
            fields=fields,
            examples=self._examples,
            note=self._part_note(lines),
        )

    def _part_note(self, lines: Sequence[Line]) -> str:
        """For a model that can read instructions: which part of the document it sees."""
        if not lines or not self._lines or (lines[0].id, lines[-1].id) == (self._first, self._last):
            return ""
        return f"Lines {lines[0].id} to {lines[-1].id} of a document of {self._last} lines:"

    @property
    def _first(self) -> int:
        return next((line.id for line in self._lines if line.text), 0)

    @property
    def _last(self) -> int:
        return next((line.id for line in reversed(self._lines) if line.text), 0)

    def _request(self, ask: _Ask) -> Request:
        messages = self._messages(ask.fields, ask.lines)
        used = sum(self._facts.count(message["content"]) + 4 for message in messages) + TEMPLATE_TOKENS
        room = max(self._facts.context - used, 16)
        return Request(
            id=f"{ask.window}.{ask.follow_ups}.{len(self._open)}",
            messages=messages,
            grammar=build_grammar(ask.fields, ask.lines),
            max_tokens=min(room, MAX_ANSWER_TOKENS),
        )

    # Listening ---------------------------------------------------------------------------------

    def feed(self, request_id: str, answer: Answer) -> None:
        """Takes an answer. Raises KeyError for a request that is not open, AnswerOutsideGrammar where the
        engine did not keep to the grammar."""
        ask = self._open[request_id]
        decoded = decode(answer.text, ask.fields, ask.lines, finished=answer.finish == "stop")
        del self._open[request_id]
        self._tokens = (
            self._tokens[0] + answer.prompt_tokens,
            self._tokens[1] + answer.completion_tokens,
        )
        signals = answer_signals(answer.text, answer.tokens, decoded.spans, self._facts.logprobs)
        self._replies.append(Reply(ask.window, decoded.said, decoded.answered, signals))
        self._follow_up(ask, decoded)

    def _follow_up(self, ask: _Ask, decoded: Decoded) -> None:
        """Asks again for what a cut answer left out: the rest of its table, and the fields after it."""
        missing = [field for field in ask.fields if field.name not in decoded.answered]
        further: list[_Ask] = []
        for field in ask.fields:
            rows = decoded.said.get(field.name)
            if not isinstance(rows, Rows) or (field.name != decoded.cut and len(rows.rows) < field.max_rows):
                continue
            rest = _after(ask.lines, rows)
            if len(rest) == len(ask.lines):
                continue  # Its rows point nowhere, so nothing says where to go on.
            missing = [other for other in missing if other is not field]
            if rest:
                further.append(_Ask(ask.window, (field,), rest, ask.follow_ups + 1))
        if missing and (len(missing) < len(ask.fields) or further):
            further.append(_Ask(ask.window, tuple(missing), ask.lines, ask.follow_ups + 1))
        elif missing:
            self._gave_up(ask, missing)
        if further and ask.follow_ups >= MAX_FOLLOW_UPS:
            self._gave_up(ask, [field for each in further for field in each.fields])
            return
        self._waiting.extend(further)

    def _gave_up(self, ask: _Ask, fields: Sequence[Field]) -> None:
        names = ", ".join(field.name for field in fields)
        self._notes.append(
            f"The model's answers for lines {ask.lines[0].id} to {ask.lines[-1].id} did not come to an "
            f"end: {names} may be incomplete."
        )

    # The outcome -------------------------------------------------------------------------------

    def result(self) -> Reading:
        """The cells, the rules' verdicts, the tokens used. Raises RuntimeError before all is answered."""
        if self._open or self._waiting:
            raise RuntimeError("the reading is not finished")
        replies = sorted(self._replies, key=lambda reply: reply.window)
        style = document_style(line.text for line in self._lines)
        maker = CellMaker(self._source, self._lines, style)
        cells: list[Cell] = []
        for field in self._task.fields:
            if field.kind == "rows":
                cells.extend(maker.table(field, merge_rows(field, replies, self._source)))
            else:
                cells.append(maker.one(field, merge_field(field, replies)))
        cells = with_exact(self._task, self._source, self._lines, style, cells)
        notes = list(self._notes)
        if self._windows_read > 1:
            notes.append(f"The document was read in {self._windows_read} overlapping parts.")
        return Reading(
            tuple(cells),
            apply_rules(self._task, self._source, self._lines, cells),
            self._tokens,
            tuple(notes),
        )


def _after(lines: Window, rows: Rows) -> Window:
    """The lines after the last complete row: where a continued table goes on. Rows that this reads again
    are found by their lines when answers are merged."""
    last = next((at for row in reversed(rows.rows) if (at := anchor(row))), 0)
    return tuple(line for line in lines if line.id > last)
