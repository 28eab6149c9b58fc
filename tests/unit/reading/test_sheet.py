"""Rows as a sheet: a line for each row, each value beside its proof, and nothing that a spreadsheet runs."""

from typing import Any

from lemma.reading.schema import parse_task
from lemma.reading.sheet import header, read_by_rows, rows_of, sheet

TASK = parse_task(
    """
id = "entries"
version = 1
title = "Entries"
about = "A statement."

[[field]]
name = "holder"
kind = "quote"
about = "Whose it is."

[[field]]
name = "entries"
kind = "rows"
each = "line"
about = "Its lines."

[[field.column]]
name = "merchant"
kind = "quote"
about = "Who."

[[field.column]]
name = "amount"
kind = "amount"
about = "How much."

[[field.column]]
name = "tag"
kind = "choice"
options = ["food", "travel"]
about = "What for."
""",
    file="entries.toml",
)


def cell(path: str, value: Any, raw: str | None = None, line: int = 3) -> dict[str, Any]:
    evidence = [{"page": 1, "line": line, "start": 0, "end": 4, "boxes": []}] if raw else []
    return {
        "path": path,
        "value": value,
        "raw": raw,
        "status": "found" if raw else "derived" if value else "absent",
        "evidence": evidence,
    }


CELLS = [
    cell("holder", "Nordlicht", "Nordlicht"),
    cell("entries[0].merchant", "=SUM(A1)", "=SUM(A1)"),
    cell("entries[0].amount", "-12.50", "-12,50"),
    cell("entries[0].tag", "food"),
    cell("entries[1].merchant", None),
    cell("entries[1].amount", "3.00", "3.00", line=4),
    cell("entries[1].tag", None),
]


def test_each_row_is_a_line_with_what_it_rests_on() -> None:
    first, second = (dict(zip(header(TASK), line, strict=True)) for line in sheet(TASK, CELLS))
    assert (first["table"], first["row"], first["amount"]) == ("entries", "0", "-12.50")
    assert first["merchant"] == first["merchant_words"] == "'=SUM(A1)"
    assert (first["amount_page"], first["amount_line"], first["amount_status"]) == ("1", "3", "found")
    assert (first["tag"], first["tag_status"], first["tag_line"]) == ("food", "derived", "")
    assert (second["merchant"], second["merchant_status"]) == ("", "absent")
    assert (second["amount"], second["tag"]) == ("3.00", "")


def test_cells_outside_tables_are_no_rows() -> None:
    assert [(table, number) for table, number, _ in rows_of(CELLS)] == [("entries", 0), ("entries", 1)]
    assert list(sheet(TASK, CELLS[:1])) == []


def test_a_task_of_units_is_read_by_rows() -> None:
    assert read_by_rows(TASK)
