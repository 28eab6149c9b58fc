"""The rows of a run's tables as a sheet: one line for each row, with what each value rests on beside it.

For spreadsheets and ledgers, which think in rows; `serialise.py` has the cells one by one.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from lemma.core.spreadsheets import safe
from lemma.reading.schema.model import Field, Task

_ROW_CELL = re.compile(r"(\w+)\[(\d+)\]\.(\w+)(?:\[\d+\])?")
_BESIDE = ("words", "status", "page", "line")
_NUMBERS = {"amount", "number"}

CellJson = Mapping[str, Any]
Row = tuple[str, int, dict[str, list[CellJson]]]


def read_by_rows(task: Task) -> bool:
    """Whether a document of this task is a list of units, such as the lines of a statement."""
    return any(field.each for field in task.fields)


def rows_of(cells: Iterable[CellJson]) -> Iterator[Row]:
    """Each row: its table, its number from 0, and its cells by column; several labels have a cell each.

    `cells` are in their JSON form and in the order of the task.
    """
    rows: dict[tuple[str, int], dict[str, list[CellJson]]] = {}
    for cell in cells:
        match = _ROW_CELL.fullmatch(cell["path"])
        if match is not None:
            table, number, column = match[1], int(match[2]), match[3]
            rows.setdefault((table, number), {}).setdefault(column, []).append(cell)
    for (table, number), columns in rows.items():
        yield table, number, columns


def header(task: Task) -> list[str]:
    """The names of the sheet's columns: the table, the row, then each value with what is beside it."""
    return ["table", "row", *(name for column in _columns(task) for name in _names(column))]


def sheet(task: Task, cells: Iterable[CellJson]) -> Iterator[list[str]]:
    """The lines of the sheet. Nothing in it can be taken for a formula: such a text begins with `'`."""
    kinds = dict(task.all_fields())
    for table, number, columns in rows_of(cells):
        line = [table, str(number)]
        for name in _columns(task):
            line += _entry(kinds.get(f"{table}.{name}"), columns.get(name, []))
        yield line


def _columns(task: Task) -> list[str]:
    tables = (field for field in task.fields if field.kind == "rows")
    return list(dict.fromkeys(column.name for table in tables for column in table.columns))


def _names(column: str) -> list[str]:
    return [column, *(f"{column}_{beside}" for beside in _BESIDE)]


def _entry(field: Field | None, cells: list[CellJson]) -> list[str]:
    if not cells:
        return [""] * (1 + len(_BESIDE))
    places = [place for cell in cells for place in cell["evidence"]][:1]
    return [
        "; ".join(_value(field, cell["value"]) for cell in cells),
        safe(" ".join(cell["raw"] for cell in cells if cell["raw"])),
        "; ".join(dict.fromkeys(cell["status"] for cell in cells)),
        *(str(places[0][name]) if places else "" for name in ("page", "line")),
    ]


def _value(field: Field | None, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if field is not None and field.kind in _NUMBERS and _is_decimal(str(value)):
        return str(value)
    return safe(str(value))


def _is_decimal(text: str) -> bool:
    try:
        return Decimal(text).is_finite()
    except InvalidOperation:
        return False
