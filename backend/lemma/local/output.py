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
from lemma.reading.serialise import value_json

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


def print_table(console: Console, result: FileResult) -> None:
    """The cells of one file with their evidence, then what the rules said."""
    body = result.json(with_source=False)
    if body["error"] is not None:
        console.print(Text.assemble((body["file"], "bold"), "  ", (body["error"]["detail"], "red")))
        return
    print_cells(console, f"{body['file']}  {result.seconds:.1f} s, {result.model}", body)


def print_cells(console: Console, title: str, body: dict[str, Any]) -> None:
    """A table of the cells that hold something, a line that names the others, and the rules that spoke.

    `body` has `cells` and `rules` in their JSON form, as the API and `--format json` give them.
    """
    table = Table(title=Text(title), title_justify="left", title_style="bold", header_style="dim", box=None)
    for heading in ("field", "value", "words at the evidence", "where", "status"):
        table.add_column(heading, overflow="fold", no_wrap=heading in {"field", "where", "status"})
    for cell in body["cells"]:
        if cell["status"] != Status.ABSENT:
            table.add_row(
                cell["path"],
                Text("" if cell["value"] is None else str(cell["value"])),
                Text(cell["raw"] or ""),
                ", ".join(f"p{evidence['page']} l{evidence['line']}" for evidence in cell["evidence"]),
                Text(cell["status"], _COLOUR[cell["status"]]),
            )
    console.print(table)
    absent = [cell["path"] for cell in body["cells"] if cell["status"] == Status.ABSENT]
    if absent:
        console.print(Text(f"not in the document: {', '.join(absent)}", "dim"))
    for rule in body["rules"]:
        if rule["passed"] is not None:
            mark = ("✓ ", "green") if rule["passed"] else ("✗ ", "red")
            console.print(Text.assemble(mark, rule["detail"]))
    console.print()
