"""Results for a terminal, a spreadsheet and a program."""

import csv
import io
import json
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from lemma.core.spreadsheets import safe
from lemma.local.extract import FileResult
from lemma.reading.cell import Cell, Status
from lemma.reading.schema import Task
from lemma.reading.serialise import cell_json, value_json
from lemma.reading.sheet import CellJson, header, rows_of, sheet

CSV_COLUMNS = (
    *("file", "status", "path", "value", "raw", "cell_status"),
    *("page", "line", "start", "end", "error"),
)
_COLOUR = {
    Status.FOUND: "green",
    Status.DERIVED: "cyan",
    Status.UNREADABLE: "yellow",
    Status.CONFLICTING: "yellow",
}

LONG = 60  # Words that are their own value are printed once where they are longer than this.


def json_line(result: FileResult, *, with_source: bool) -> str:
    """One object on one line, UTF-8."""
    return json.dumps(result.json(with_source=with_source), ensure_ascii=False)


def csv_header() -> str:
    return _csv_row(CSV_COLUMNS)


def csv_rows(result: FileResult) -> str:
    """One row for each cell; one row with the error where there are none."""
    if result.reading is None:
        return _csv_row((result.file, "failed", *[""] * 8, result.error.detail if result.error else ""))
    return "".join(_csv_row(_columns(result, cell)) for cell in result.reading.cells)


def _columns(result: FileResult, cell: Cell) -> tuple[Any, ...]:
    first = cell.evidence[0] if cell.evidence else None
    place = (first.page, first.line, first.start, first.end) if first else ("",) * 4
    value = value_json(cell.value)
    shown = safe(str(value)) if isinstance(cell.value, str) else ("" if value is None else value)
    return (result.file, "done", cell.path, shown, safe(cell.raw or ""), cell.status.value, *place, "")


def _csv_row(values: tuple[Any, ...]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerow(values)
    return buffer.getvalue()


def sheet_header(task: Task) -> str:
    return _csv_row(("file", "status", *header(task), "error"))


def sheet_rows(result: FileResult, task: Task) -> str:
    """One row for each row of the document's tables; one row with the error where there are none."""
    if result.reading is None:
        gap = [""] * len(header(task))
        return _csv_row((result.file, "failed", *gap, result.error.detail if result.error else ""))
    cells = [cell_json(cell) for cell in result.reading.cells]
    return "".join(_csv_row((result.file, "done", *line, "")) for line in sheet(task, cells))


def print_table(console: Console, result: FileResult) -> None:
    """The cells of one file with their evidence, then what the rules said."""
    body = result.json(with_source=False)
    if body["error"] is not None:
        console.print(Text.assemble((body["file"], "bold"), "  ", (body["error"]["detail"], "red")))
        return
    print_cells(console, f"{body['file']}  {result.seconds:.1f} s, {result.model}", body)


def print_cells(console: Console, title: str, body: dict[str, Any]) -> None:
    """A table of the cells that hold something, one for each table of rows, a line that names what is not
    there, and the rules that spoke.

    `body` has `cells` and `rules` in their JSON form, as the API and `--format json` give them.
    """
    single = [cell for cell in body["cells"] if "]." not in cell["path"]]
    console.print(Text(title, "bold"), soft_wrap=True)
    console.print(_single_cells(single))
    tables: dict[str, list[dict[str, list[CellJson]]]] = {}
    for name, _, columns in rows_of(body["cells"]):
        tables.setdefault(name, []).append(columns)
    for name, rows in tables.items():
        console.print(Text(f"\n {name}", "bold dim"))
        console.print(_rows_table(rows))
    absent = [cell["path"] for cell in single if cell["status"] == Status.ABSENT]
    if absent:
        console.print(Text(f"not in the document: {', '.join(absent)}", "dim"))
    for rule in body["rules"]:
        if rule["passed"] is not None:
            mark = ("✓ ", "green") if rule["passed"] else ("✗ ", "red")
            console.print(Text.assemble(mark, rule["detail"]))
    console.print()


def _single_cells(cells: list[dict[str, Any]]) -> Table:
    table = Table(header_style="dim", box=None)
    for heading in ("field", "value", "words at the evidence", "where", "status"):
        ratio = {"value": 2, "words at the evidence": 3}.get(heading)
        table.add_column(heading, overflow="fold", no_wrap=heading in {"field", "status"}, ratio=ratio)
    for cell in cells:
        if cell["status"] != Status.ABSENT:
            words = cell["raw"] or ""
            value = "" if cell["value"] is None else str(cell["value"])
            table.add_row(
                cell["path"],
                Text("" if value == words and len(words) > LONG else _short(value)),
                Text(_short(words)),
                _where(cell),
                Text(cell["status"], _COLOUR[cell["status"]]),
            )
    return table


def _rows_table(rows: list[dict[str, list[CellJson]]]) -> Table:
    """Rows as rows: each value in the colour of its status, and at the end where the row stands."""
    columns = list(dict.fromkeys(column for row in rows for column in row))
    table = Table(header_style="dim", box=None)
    for heading in ("", *columns, "where"):
        table.add_column(heading, overflow="fold")
    for number, row in enumerate(rows, start=1):
        cells = [_in_row(row.get(column, [])) for column in columns]
        places = dict.fromkeys(place for shown in row.values() for cell in shown for place in _places(cell))
        table.add_row(Text(str(number), "dim"), *cells, Text(", ".join(list(places)[:3]), "dim"))
    return table


def _in_row(cells: list[CellJson]) -> Text:
    shown = Text()
    for cell in cells:
        if cell["status"] != Status.ABSENT:
            words = cell["raw"] if cell["value"] is None else str(cell["value"])
            shown.append("; " if shown else "").append(_short(words or "", 120), _COLOUR[cell["status"]])
    return shown


def _short(text: str, most: int = 400) -> str:
    return text if len(text) <= most else f"{text[: most - 2].rstrip()} …"


def _places(cell: CellJson) -> list[str]:
    """The lines that a cell rests on, each once; neighbouring ones as one."""
    lines = sorted({(evidence["page"], evidence["line"]) for evidence in cell["evidence"]})
    runs: list[tuple[int, int, int]] = []
    for page, line in lines:
        if runs and runs[-1][0] == page and runs[-1][2] == line - 1:
            runs[-1] = (page, runs[-1][1], line)
        else:
            runs.append((page, line, line))
    return [f"p{page} l{first}" + (f"-{last}" if last > first else "") for page, first, last in runs]


def _where(cell: CellJson) -> str:
    return ", ".join(_places(cell))
