"""What an adapter does: it puts records of a labelled set through a task, and cells into the set's terms."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from lemma.evaluation.leaves import Given, Habits, Predicted
from lemma.evaluation.records import LabelledSet, Record
from lemma.reading.material import Labelled, Material

GIVEN = frozenset({"found", "derived"})
_ROW = re.compile(r"(\w+)\[(\d+)\]\.(\w+)")
Cell = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Case:
    """What is put through the product for one record: a file's name and bytes, and the customer's material.

    `asked` are the fields that the set labels, or none for all of the task's.
    """

    name: str
    data: bytes
    material: Material = field(default_factory=Material)
    asked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CitedLine:
    """A line that a cell rests on: its page's name (a passage's title) and its words."""

    page: str | None
    text: str


@dataclass(frozen=True)
class Answer:
    """The cells of one reading, in JSON form, and the lines that they cite."""

    cells: tuple[Cell, ...]
    cited: Mapping[int, CitedLine]

    def cell(self, path: str) -> Cell | None:
        """The cell at a path; None where there is none or it gives no value."""
        return next((cell for cell in self.cells if cell["path"] == path and given(cell)), None)

    def rows(self, name: str) -> list[dict[str, Cell]]:
        """The rows of a table that give anything, in order."""
        found: dict[int, dict[str, Cell]] = {}
        for cell in self.cells:
            match = _ROW.fullmatch(str(cell["path"]))
            if match and match[1] == name and given(cell):
                found.setdefault(int(match[2]), {})[match[3]] = cell
        return [found[index] for index in sorted(found)]

    def labels(self, name: str) -> list[Cell]:
        """The cells of a choice that takes several labels."""
        pattern = re.compile(rf"{re.escape(name)}(\[\d+\])?")
        return [cell for cell in self.cells if pattern.fullmatch(str(cell["path"])) and given(cell)]

    def lines(self, cell: Cell | None) -> list[CitedLine]:
        """The lines that a cell rests on."""
        numbers = [each["line"] for each in (cell or {}).get("evidence", ())]
        return [self.cited[number] for number in dict.fromkeys(numbers) if number in self.cited]


def given(cell: Cell) -> bool:
    """Whether a cell gives a value."""
    return cell.get("status") in GIVEN and cell.get("value") is not None


@dataclass(frozen=True, slots=True)
class Citations:
    """Cited lines of one kind in one document: of those `given` how many are `right`, and of the labelled
    ones (`gold`) how many were `met`."""

    field: str
    right: int
    given: int
    met: int
    gold: int


@dataclass(frozen=True, slots=True)
class Overlap:
    """How far a quoted text and the labelled one share words: token F1 of one value."""

    field: str
    f1: float


class Adapter(Protocol):
    """One family of labelled sets."""

    family: str
    task: str

    def fits(self, of: LabelledSet) -> bool:
        """Whether a set has this family's shape."""
        ...

    def habits(self, of: LabelledSet) -> Habits:
        """Which leaves are asked and what missing labels mean."""
        ...

    def case(self, of: LabelledSet, record: Record) -> Case:
        """What goes through the product. Raises LemmaError where the record has no document."""
        ...

    def predicted(self, of: LabelledSet, record: Record, answer: Answer) -> Predicted:
        """The cells in the set's terms."""
        ...

    def citations(self, of: LabelledSet, record: Record, answer: Answer) -> Iterator[Citations | Overlap]:
        """Where values rest, judged by the labelled lines; nothing where the set labels none."""
        ...

    def choices(self, of: LabelledSet) -> tuple[str, ...]:
        """The leaves that are labels of a closed list."""
        ...

    def examples(self, of: LabelledSet, records: Sequence[Record]) -> tuple[Labelled, ...]:
        """Labelled records as the examples that a customer brings."""
        ...

    def subset(self, record: Record) -> str:
        """The part of the set that is reported once more by itself; "" for records outside of it."""
        ...


class Plain:
    """What most adapters have nothing to say of."""

    def citations(self, of: LabelledSet, record: Record, answer: Answer) -> Iterator[Citations | Overlap]:
        del of, record, answer
        return iter(())

    def choices(self, of: LabelledSet) -> tuple[str, ...]:
        del of
        return ()

    def examples(self, of: LabelledSet, records: Sequence[Record]) -> tuple[Labelled, ...]:
        del of, records
        return ()

    def subset(self, record: Record) -> str:
        del record
        return ""


def document(record: Record, text: str | None = None) -> tuple[str, bytes]:
    """A record's document: its file where there is one, else its text as a text file."""
    if text is None and record.file is not None:
        return record.file.name, record.file.read_bytes()
    words = record.text if text is None else text
    return f"{re.sub(r'[^A-Za-z0-9._-]+', '-', record.id)[:80]}.txt", (words or "").encode()


def from_cell(cell: Cell | None, value: Any = None) -> Given | None:
    """A cell in the set's terms: `value` where the set writes it otherwise."""
    if cell is None:
        return None
    return Given(cell["value"] if value is None else value, cell)


def nested(predicted: Predicted) -> dict[str, Any]:
    """Leaves by path as the nested object that the outside scorer reads."""
    tree: dict[str, Any] = {}
    for path, given_ in predicted.items():
        *above, last = path.split(".")
        place = tree
        for key in above:
            place = place.setdefault(key, {})
        if isinstance(given_, Given):
            place[last] = given_.value
        else:
            place[last] = [
                each.value if isinstance(each, Given) else {key: one.value for key, one in each.items()}
                for each in given_
            ]
    return tree
