"""The cells of a run as rules see them: fields, columns and rows, with the words for sentences."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from lemma.reading.cell import Cell, Evidence, RuleResult, Status
from lemma.reading.schema.model import Rule, Task
from lemma.reading.source import Line, Source


class Unusable(Exception):
    """A rule cannot be applied; the message says why, as a sentence. Never leaves this package."""


@dataclass(frozen=True, slots=True)
class Term:
    """A number of the document: where it is and how much."""

    path: str
    amount: Decimal


class Values:
    """Looks up cells by the paths that rules name: `net`, `lines.amount`."""

    def __init__(self, task: Task, source: Source, lines: Sequence[Line], cells: Iterable[Cell]) -> None:
        self.task = task
        self.source = source
        self.lines = lines
        self.cells = {cell.path: cell for cell in cells}
        self._rows: dict[str, int] = {}
        for path in self.cells:
            table, bracket, rest = path.partition("[")
            if bracket:
                number = int(rest.partition("]")[0])
                self._rows[table] = max(self._rows.get(table, 0), number + 1)

    def label(self, path: str) -> str:
        """The field's label, as a person knows it."""
        return self.task.field(path).label

    def row_count(self, table: str) -> int:
        """How many rows of a table were found."""
        return self._rows.get(table, 0)

    def paths(self, path: str) -> list[str]:
        """The paths of the cells that a rule's path stands for: one, or one for each row or label."""
        table, dot, column = path.partition(".")
        if not dot:
            labels = self.row_count(path) if self.task.field(path).several else 0
            return [f"{path}[{label}]" for label in range(labels)] or [path]
        return [f"{table}[{row}].{column}" for row in range(self.row_count(table))]

    def cell(self, path: str) -> Cell | None:
        """The cell with this path that has a value; None where it is absent. Raises Unusable where the
        document holds it and it has no single value."""
        cell = self.cells.get(path)
        if cell is None or (cell.value is None and cell.status is Status.ABSENT):
            return None
        if cell.value is None:
            raise Unusable(f"{self.name(path)} has no single value, so this cannot be checked.")
        return cell

    def number(self, path: str) -> Term | None:
        """The number in this cell; None where it is absent."""
        cell = self.cell(path)
        return Term(path, cell.value) if cell is not None and isinstance(cell.value, Decimal) else None

    def numbers(self, path: str) -> list[Term]:
        """The numbers of a field or of a whole column, those that are there."""
        return [term for each in self.paths(path) if (term := self.number(each)) is not None]

    def name(self, path: str) -> str:
        """`lines[2].amount` as "Amount in row 3"; rows count from 1 for people."""
        table, bracket, rest = path.partition("[")
        if not bracket:
            return self.label(path)
        number, dot, column = rest.partition("].")
        if not dot:
            return self.label(table)
        return f"{self.label(f'{table}.{column}')} in row {int(number) + 1}"

    def evidence(self, path: str) -> tuple[Evidence, ...]:
        """Where the value of a cell stands; empty where it stands nowhere."""
        cell = self.cells.get(path)
        return () if cell is None else cell.evidence

    def row_evidence(self, table: str, row: int) -> list[Evidence]:
        """Where the values of a row stand."""
        columns = self.task.field(table).columns
        return [e for c in columns for e in self.evidence(f"{table}[{row}].{c.name}")]


def show(amount: Decimal) -> str:
    """An amount as a person writes it: never with an exponent."""
    return format(amount, "f")


def result(rule: Rule, passed: bool | None, detail: str, paths: Iterable[str]) -> RuleResult:
    """A rule's word, with each path once."""
    return RuleResult(rule.code, passed, detail, tuple(dict.fromkeys(paths)))
