"""What is asked, of which lines: the first requests of a reading, and how each is put to a model.

Three kinds. The fields of the document, of each window of it. The fields that rest on passages, of the
beginning of the document with these passages beside it. And for each unit its columns, of its own lines
with its own passages, numbered from 1: so a unit reads the same wherever it stands, and its request is as
short as can be.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from lemma.reading.passages import Passage, passage_pages
from lemma.reading.plan import Plan, PlannedUnit
from lemma.reading.prompt import NO_PASSAGES, Style, build_messages, numbered, visible_lines
from lemma.reading.schema.model import Example, Field, Task
from lemma.reading.signals import Mode
from lemma.reading.source import Line
from lemma.reading.windows import Window, split

# Tokens around the messages: the chat template's own, and a reserve for an estimate that is a little off.
TEMPLATE_TOKENS = 24
# The part of the model's room that lines may take; the rest is for the answer. Tables answer at length.
FOR_LINES, FOR_LINES_OF_TABLES = 0.8, 0.65


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
class UnitRow:
    """The row of a table that an answer is for; `ids` are the source's for the lines that were shown."""

    table: str
    row: int
    ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Ask:
    """One request in the making: which fields of which lines, for which window, how often before.

    `passages` are the titles of the pages among the lines that are passages. `unit` is set where the lines
    are those of a unit, numbered from 1.
    """

    window: int
    fields: tuple[Field, ...]
    lines: Window
    follow_ups: int = 0
    passages: Mapping[int, str] = field(default_factory=dict)
    unit: UnitRow | None = None

    @property
    def name(self) -> str:
        """What is read, in words for a note."""
        if self.unit is not None:
            return f"row {self.unit.row + 1}"
        return f"lines {self.lines[0].id} to {self.lines[-1].id}"


def for_style(task: Task, style: Style) -> Task:
    """The task as a model of this style is asked: only one that reads instructions writes sentences of its
    own in a text that may be put together from passages."""
    return task if style == "full" else replace(task, fields=tuple(map(_copied, task.fields)))


def _copied(asked: Field) -> Field:
    columns = tuple(_copied(column) for column in asked.columns)
    return replace(asked, columns=columns, free=asked.free and asked.source != "passages")


class Asks:
    """Makes the first requests for a plan, and the messages of any."""

    def __init__(self, task: Task, plan: Plan, facts: ModelFacts, examples: Sequence[Example]) -> None:
        self._task = task
        self._plan = plan
        self._facts = facts
        self._examples = tuple(examples)
        shown = [line.id for line in plan.lines if line.text]
        self._first, self._last = (shown[0], shown[-1]) if shown else (0, 0)

    def first(self) -> list[Ask]:
        """The requests of the first round, in order."""
        asks = [Ask(number, *each) for number, each in enumerate(self._of_windows())]
        beside = self._of_passages(len(asks))
        units = [
            self._of_unit(asked, row, unit)
            for asked in self._task.fields
            for row, unit in enumerate(self._plan.units.get(asked.name, ()))
            if unit.passages or not asked.passages
        ]
        return [*asks, *([] if beside is None else [beside]), *units]

    def messages(self, ask: Ask) -> list[dict[str, str]]:
        """The messages of a request."""
        plain = ask.unit is None and not ask.passages
        return build_messages(
            self._task,
            ask.lines,
            style=self._facts.style,
            fields=ask.fields,
            examples=self._examples if plain else (),
            note=self._part_note(ask.lines) if plain else "",
            passages=ask.passages,
        )

    def tokens(self, messages: Sequence[Mapping[str, str]]) -> int:
        """How many tokens a prompt takes."""
        return sum(self._facts.count(message["content"]) + 4 for message in messages) + TEMPLATE_TOKENS

    def _part_note(self, lines: Sequence[Line]) -> str:
        """For a model that can read instructions: which part of the document it sees."""
        if not lines or not self._last or (lines[0].id, lines[-1].id) == (self._first, self._last):
            return ""
        return f"Lines {lines[0].id} to {lines[-1].id} of a document of {self._last} lines:"

    # The three kinds ---------------------------------------------------------------------------

    def _room(self, fields: tuple[Field, ...]) -> int:
        """The tokens that lines may take in a request for these fields."""
        room = self._facts.context - self.tokens(self.messages(Ask(0, fields, ())))
        tables = any(asked.kind == "rows" for asked in fields)
        lines = int(room * (FOR_LINES_OF_TABLES if tables else FOR_LINES))
        return min(lines, self._facts.window) if self._facts.window else lines

    def _of_windows(self) -> list[tuple[tuple[Field, ...], Window]]:
        """The fields of the document, for each part of it that fits the model."""
        fields = tuple(asked for asked in self._task.fields if not asked.each and not asked.passages)
        if not fields:
            return []
        windows = split(self._plan.lines, self._room(fields), self._facts.count)
        return [(fields, window) for window in windows]

    def _of_passages(self, number: int) -> Ask | None:
        """The fields that are read with passages beside the document."""
        beside = self._plan.beside
        fields = tuple(
            asked
            for asked in self._task.fields
            if asked.passages and not asked.each and (beside or asked.source != "passages")
        )
        if not fields:
            return None
        room = self._room(fields)
        while beside and self._facts.count(numbered(self._lines_of(beside))) > room // 2:
            beside = beside[:-1]
        lines = self._lines_of(beside)
        windows = split(self._plan.lines, room - self._facts.count(numbered(lines)), self._facts.count)
        if not windows:
            return None
        titles = passage_pages(self._plan.source)
        pages = {line.page: titles[line.page] for line in lines}
        return Ask(number, fields, (*windows[0], *lines), passages=pages)

    def _lines_of(self, passages: Sequence[Passage]) -> list[Line]:
        return [self._plan.source.line(number) for number in self._plan.passage_ids(passages)]

    def _of_unit(self, asked: Field, row: int, unit: PlannedUnit) -> Ask:
        """The columns of a unit, with as many of its passages as fit."""
        fields = asked.asked
        room = int(self._facts.context * FOR_LINES)
        for most in range(len(unit.passages), -1, -1):
            source = unit.shown(most)
            ask = Ask(
                row,
                fields,
                visible_lines(source),
                passages=passage_pages(source) or NO_PASSAGES,
                unit=UnitRow(asked.name, row, self._plan.line_ids(unit, most)),
            )
            if self.tokens(self.messages(ask)) <= room:
                return ask
        return replace(ask, lines=split(ask.lines, self._room(fields), self._facts.count)[0])
