"""What a task schema holds once it is read and checked: immutable, no file, no TOML."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, get_args

from lemma.core.errors import InvalidInput

if TYPE_CHECKING:
    from lemma.reading.pointers import Said
    from lemma.reading.source import Source

Kind = Literal["quote", "amount", "date", "number", "identifier", "choice", "flag", "clause", "rows", "text"]
KINDS: tuple[Kind, ...] = get_args(Kind)

Each = Literal["", "line", "question"]
EACH: tuple[Each, ...] = get_args(Each)

PointsInto = Literal["document", "passages"]
POINTS_INTO: tuple[PointsInto, ...] = get_args(PointsInto)

POINTER_KINDS: frozenset[Kind] = frozenset({"quote", "amount", "date", "number", "identifier"})
"""The kinds whose value is one or more runs of words of the source."""


@dataclass(frozen=True, slots=True)
class Option:
    """One label of a closed list.

    `name` is what the model writes and what the cell's value is. `words` are what documents print for
    it: where one of them stands in the source, the cell is found with evidence, else it is derived.
    `codes` are the values that stand for it in an embedded XML, such as "380" for an invoice. `about`
    says when it applies, for a model that can read instructions. A `blank` one says that nothing was found:
    code gives it where there is no passage to ask a model about.
    """

    name: str
    label: str
    words: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    about: str = ""
    blank: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that a task asks for.

    `pointers` bounds the runs of words that make up one value, such as the lines of an address.
    `group` is the heading under which a person sees the field, such as "Supplier".
    `words` are labels that documents often print beside the value; they guide the model and the rules.
    `xml` are paths of local names in an embedded XML invoice; inside rows they are relative to the row's.
    `columns` and `max_rows` belong to `rows`, `max_sentences` to `text`, `options` to `choice`,
    `checker` to `identifier`. Rows with the same words in the column `once` are one row, such as a party
    that a contract names at its beginning and that signs at its end.

    A choice that takes `several` labels has a cell for each, at most `max_labels`; `list_name` is the
    customer's own list whose labels replace the `options`, where the material has one.
    `each` makes a table of the document's units: one row for each line of a statement or each question,
    in order, each read by itself. A `given` column is not asked: code fills it with the unit's own words.
    `passages` is how many passages of the material are looked up and shown for this field, or for each
    unit; `source` is where the field's pointers go, into the document or into these passages. A `text` from
    passages is made of their whole sentences, and where it is `free` of sentences of the model's own too.
    """

    name: str
    kind: Kind
    label: str
    about: str = ""
    group: str = ""
    required: bool = False
    pointers: int = 1
    words: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()
    checker: str | None = None
    xml: tuple[str, ...] = ()
    columns: tuple["Field", ...] = ()
    max_rows: int = 0
    max_sentences: int = 0
    list_name: str = ""
    several: bool = False
    max_labels: int = 1
    once: str = ""
    each: Each = ""
    given: bool = False
    passages: int = 0
    source: PointsInto = "document"
    free: bool = False

    def column(self, name: str) -> "Field":
        """The column with this name. Raises KeyError where there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    @property
    def asked(self) -> tuple["Field", ...]:
        """The columns that a model is asked for; the others are given by code."""
        return tuple(column for column in self.columns if not column.given)

    def option(self, name: str) -> Option | None:
        """The option with this name, or None."""
        return next((option for option in self.options if option.name == name), None)


@dataclass(frozen=True, slots=True)
class Rule:
    """A check that code makes on the cells of a run. `params` are checked against the kind's table."""

    code: str
    kind: str
    label: str
    params: Mapping[str, Any]

    def one(self, name: str) -> str:
        """A single path or column name."""
        value = self.params[name]
        assert isinstance(value, str)  # noqa: S101  (the loader has checked it; this tells mypy)
        return value

    def many(self, name: str) -> tuple[str, ...]:
        """Several paths or column names; empty where the rule does not give them."""
        return tuple(self.params.get(name, ()))

    def decimal(self, name: str, default: str) -> Decimal:
        """An exact number, such as a tolerance."""
        return Decimal(self.params.get(name, default))

    def flag(self, name: str) -> bool:
        """A yes or no; no where the rule does not say."""
        return bool(self.params.get(name, False))


@dataclass(frozen=True, slots=True)
class Task:
    """A business task: the fields in the order in which they are asked, and the rules on them."""

    id: str
    version: int
    title: str
    about: str
    fields: tuple[Field, ...]
    rules: tuple[Rule, ...] = ()

    def field(self, path: str) -> Field:
        """The field `name`, or the column `rows.column`. Raises KeyError where there is none."""
        name, _, column = path.partition(".")
        for candidate in self.fields:
            if candidate.name == name:
                return candidate.column(column) if column else candidate
        raise KeyError(path)

    def all_fields(self) -> Iterator[tuple[str, Field]]:
        """Each field and each column with its path, in order."""
        for candidate in self.fields:
            yield candidate.name, candidate
            for column in candidate.columns:
                yield f"{candidate.name}.{column.name}", column


@dataclass(frozen=True, slots=True)
class Example:
    """A verified final answer to a source, shown to the model before the document that is read."""

    source: "Source"
    said: Mapping[str, "Said"] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SchemaIssue:
    """One thing that is wrong in a task file. `line` counts from 1; `field` is a path such as
    `field.lines.column.amount.kind`."""

    line: int
    field: str
    message: str


class SchemaError(InvalidInput):
    """A task file cannot be used; every issue names its file, line and field."""

    code = "task_schema_invalid"
    title = "The task file is not valid"

    def __init__(self, file: str, issues: tuple[SchemaIssue, ...]) -> None:
        sentences = [f"{file}:{issue.line}: {issue.field}: {issue.message}" for issue in issues]
        super().__init__(
            "\n".join(sentences),
            file=file,
            issues=[{"line": i.line, "field": i.field, "message": i.message} for i in issues],
        )
        self.file = file
        self.issues = issues
