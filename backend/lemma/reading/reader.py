"""Reads a source for a task: asks, listens, asks again where an answer was cut, and merges.

The reader has no I/O. It gives requests, takes answers, and in the end gives the cells; the caller talks
to the engine, as concurrently as it likes within a round.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from lemma.reading.asks import Ask, Asks, ModelFacts, for_style
from lemma.reading.cell import Cell, RuleResult
from lemma.reading.cells import CellMaker, Heard, HeardRow, unanswered
from lemma.reading.decode import Decoded, decode
from lemma.reading.exact import with_exact
from lemma.reading.grammar import build_grammar
from lemma.reading.locate import located
from lemma.reading.material import NO_MATERIAL, Material, with_lists
from lemma.reading.merge import Reply, anchor, merge_field, merge_labels, merge_rows
from lemma.reading.normalise.values import document_style
from lemma.reading.passages import Passage
from lemma.reading.plan import Retrieve, make_plan, no_passages
from lemma.reading.playbook import deviations
from lemma.reading.pointers import Rows
from lemma.reading.rules import apply_rules
from lemma.reading.schema.model import Example, Field, Task
from lemma.reading.signals import TokenLogprob, answer_signals
from lemma.reading.source import Source
from lemma.reading.windows import Window

__all__ = ["Answer", "ModelFacts", "Reader", "Reading", "Request", "TokenLogprob"]

Finish = Literal["stop", "length"]

# No answer needs more; a longer one is continued.
MAX_ANSWER_TOKENS = 8192
# How often one window may be asked again after cut answers. Each time must bring something new.
MAX_FOLLOW_UPS = 24


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
    """The outcome. `tokens` are those of all requests: prompt and completion. `notes` are sentences.

    `source` is what the cells' evidence speaks of: `with_passages(document, passages)`.
    """

    cells: tuple[Cell, ...]
    rules: tuple[RuleResult, ...]
    tokens: tuple[int, int]
    notes: tuple[str, ...]
    source: Source
    passages: tuple[Passage, ...] = ()


Say = Callable[[Task, Source, Sequence[Cell]], Sequence[Cell]]
"""The cells as another reading would have them: the marker's (`lemma.second`), or that of the customer's
labelled examples (`lemma.classify`)."""


class Reader:
    """One reading of one source, with what the customer brings to the task.

    Call `next_requests` and `feed` every one of them, until it gives none; then `result`. `retrieve` finds
    the passages of the material; without it none are found. `others_say` are further readings, each of
    which has its say on the cells in turn, before the rules are applied.
    """

    def __init__(
        self,
        task: Task,
        source: Source,
        facts: ModelFacts,
        examples: Sequence[Example] = (),
        *,
        material: Material = NO_MATERIAL,
        retrieve: Retrieve = no_passages,
        others_say: Sequence[Say] = (),
    ) -> None:
        self._task = with_lists(task, material)
        self._material = material
        self._others_say = tuple(others_say)
        self._facts = facts
        self._plan = make_plan(self._task, source, retrieve)
        self._asks = Asks(for_style(self._task, facts.style), self._plan, facts, examples)
        self._waiting: list[Ask] = self._asks.first()
        self._windows_read = sum(ask.unit is None and not ask.passages for ask in self._waiting)
        self._open: dict[str, Ask] = {}
        self._replies: list[Reply] = []
        self._of_units: dict[tuple[str, int], list[Reply]] = {}
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

    def _request(self, ask: Ask) -> Request:
        messages = self._asks.messages(ask)
        room = max(self._facts.context - self._asks.tokens(messages), 16)
        return Request(
            id=f"{ask.window}.{ask.follow_ups}.{len(self._open)}",
            messages=messages,
            grammar=build_grammar(ask.fields, ask.lines, ask.passages),
            max_tokens=min(room, MAX_ANSWER_TOKENS),
        )

    # Listening ---------------------------------------------------------------------------------

    def feed(self, request_id: str, answer: Answer) -> None:
        """Takes an answer. Raises KeyError for a request that is not open, AnswerOutsideGrammar where the
        engine did not keep to the grammar."""
        ask = self._open[request_id]
        finished = answer.finish == "stop"
        decoded = decode(answer.text, ask.fields, ask.lines, finished=finished, passages=ask.passages)
        del self._open[request_id]
        self._tokens = (
            self._tokens[0] + answer.prompt_tokens,
            self._tokens[1] + answer.completion_tokens,
        )
        signals = answer_signals(answer.text, answer.tokens, decoded.spans, self._facts.logprobs)
        if ask.unit is None:
            self._replies.append(Reply(ask.window, decoded.said, decoded.answered, signals))
        else:
            said = located(decoded.said, ask.unit.ids)
            replies = self._of_units.setdefault((ask.unit.table, ask.unit.row), [])
            replies.append(Reply(ask.window, said, decoded.answered, signals))
        self._follow_up(ask, decoded)

    def _follow_up(self, ask: Ask, decoded: Decoded) -> None:
        """Asks again for what a cut answer left out: the rest of its table, and the fields after it."""
        missing = [field for field in ask.fields if field.name not in decoded.answered]
        further: list[Ask] = []
        for field in ask.fields:
            rows = decoded.said.get(field.name)
            if not isinstance(rows, Rows) or (field.name != decoded.cut and len(rows.rows) < field.max_rows):
                continue
            rest = _after(ask.lines, rows)
            if len(rest) == len(ask.lines):
                continue  # Its rows point nowhere, so nothing says where to go on.
            missing = [other for other in missing if other is not field]
            if rest:
                further.append(replace(ask, fields=(field,), lines=rest, follow_ups=ask.follow_ups + 1))
        if missing and (len(missing) < len(ask.fields) or further):
            further.append(replace(ask, fields=tuple(missing), follow_ups=ask.follow_ups + 1))
        elif missing:
            self._gave_up(ask, missing)
        if further and ask.follow_ups >= MAX_FOLLOW_UPS:
            self._gave_up(ask, [field for each in further for field in each.fields])
            return
        self._waiting.extend(further)

    def _gave_up(self, ask: Ask, fields: Sequence[Field]) -> None:
        names = ", ".join(field.name for field in fields)
        self._notes.append(
            f"The model's answers for {ask.name} did not come to an end: {names} may be incomplete."
        )

    # The outcome -------------------------------------------------------------------------------

    def result(self) -> Reading:
        """The cells, the rules' verdicts, the tokens used. Raises RuntimeError before all is answered."""
        if self._open or self._waiting:
            raise RuntimeError("the reading is not finished")
        plan = self._plan
        style = document_style(line.text for line in plan.lines)
        maker = CellMaker(plan.source, plan.lines, style)
        replies = sorted(self._replies, key=lambda reply: reply.window)
        cells = [cell for asked in self._task.fields for cell in self._cells(maker, asked, replies)]
        cells = with_exact(self._task, plan.source, plan.lines, style, cells)
        for say in self._others_say:
            cells = list(say(self._task, plan.source, cells))
        rules = apply_rules(self._task, plan.source, plan.lines, cells)
        if self._material.playbook is not None:
            rules += deviations(self._task, self._material.playbook, cells)
        return Reading(
            tuple(cells), rules, self._tokens, tuple(self._all_notes()), plan.source, plan.passages
        )

    def _cells(self, maker: CellMaker, asked: Field, replies: Sequence[Reply]) -> list[Cell]:
        if asked.each:
            return self._unit_cells(maker, asked)
        if asked.kind == "rows":
            return maker.table(asked, merge_rows(asked, replies, self._plan.source))
        if asked.several:
            return maker.labels(asked, merge_labels(asked, replies))
        if asked.source == "passages" and not self._plan.beside:
            return [unanswered(asked, maker.one(asked, Heard(None)))]
        return [maker.one(asked, merge_field(asked, replies))]

    def _unit_cells(self, maker: CellMaker, asked: Field) -> list[Cell]:
        """A row for every unit, in order, whatever was said of it; one absent cell where there are none."""
        cells: list[Cell] = []
        for row, unit in enumerate(self._plan.units[asked.name]):
            replies = self._of_units.get((asked.name, row), [])
            heard = {column.name: merge_field(column, replies) for column in asked.asked}
            said = {name: each.said for name, each in heard.items() if each.said is not None}
            signals = {name: each.signals for name, each in heard.items()}
            made = maker.unit(asked, row, HeardRow(said, signals), unit.lines)
            if asked.passages and not unit.passages:
                pairs = zip(asked.columns, made, strict=True)
                made = [cell if column.given else unanswered(column, cell) for column, cell in pairs]
            cells += made
        return cells or maker.table(asked, ())

    def _all_notes(self) -> list[str]:
        notes = list(self._notes)
        if self._windows_read > 1:
            notes.append(f"The document was read in {self._windows_read} overlapping parts.")
        for name, left_out in self._plan.cut.items():
            if left_out:
                label = self._task.field(name).label
                notes.append(f"{label}: {left_out} more rows of the document were not read.")
        return notes


def _after(lines: Window, rows: Rows) -> Window:
    """The lines after the last complete row: where a continued table goes on. Rows that this reads again
    are found by their lines when answers are merged."""
    last = next((at for row in reversed(rows.rows) if (at := anchor(row))), 0)
    return tuple(line for line in lines if line.id > last)
