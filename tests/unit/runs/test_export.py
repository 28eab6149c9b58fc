"""No exported text can be taken for a formula, and what was exported can be read back."""

import csv
import io
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lemma.core.ids import new_id
from lemma.core.spreadsheets import safe
from lemma.features.documents.schemas import DocumentView
from lemma.features.runs.schemas import CellView, ProgressView, RunView
from lemma.features.runs.service.export import as_csv, as_json

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)


def cell(value: str | bool | None, *, kind: str = "quote", raw: str | None = None) -> CellView:
    return CellView.model_validate(
        {
            "path": "number",
            "label": "Number",
            "kind": kind,
            "group": "",
            "value": value,
            "raw": raw,
            "status": "found" if raw else "absent",
            "evidence": [{"page": 1, "line": 4, "start": 0, "end": 3, "boxes": []}] if raw else [],
            "signals": {},
            "reason": None,
        }
    )


def run(*cells: CellView, name: str = "invoice.pdf") -> RunView:
    return RunView(
        id=new_id(),
        task="invoices",
        task_version="1",
        state="done",
        attempt=1,
        document=DocumentView(
            id=new_id(),
            name=name,
            state="ready",
            media_type="application/pdf",
            size=10,
            sha256="0" * 64,
            page_count=1,
            error=None,
            created_at=NOW,
        ),
        progress=ProgressView(),
        error=None,
        counts=None,
        model="starter",
        material=None,
        prompt_tokens=1,
        completion_tokens=2,
        created_at=NOW,
        started_at=NOW,
        finished_at=NOW,
        cells=list(cells),
        rules=[],
        notes=[],
        pages=[],
        source=None,
    )


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


@given(st.text(max_size=40), st.text(max_size=40))
def test_no_text_cell_begins_a_formula(value: str, raw: str) -> None:
    [row] = rows(as_csv([run(cell(value, raw=raw or None), name=value or "x")]))
    for column in ("file", "value", "raw", "label", "reason"):
        assert not row[column].lstrip(" ").startswith(tuple("=+-@\t\r\n\0＝＋－＠"))
    assert row["value"] in (value, f"'{value}")


@pytest.mark.parametrize(
    ("text", "exported"),
    [
        ("=1+1", "'=1+1"),
        ("+49 30 1234", "'+49 30 1234"),
        ("-12,00", "'-12,00"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("  =cmd|' /C calc'!A0", "'  =cmd|' /C calc'!A0"),
        ("＝1＋1", "'＝1＋1"),
        ("ACME = good", "ACME = good"),
        ("", ""),
    ],
)
def test_formulas_are_made_texts(text: str, exported: str) -> None:
    assert safe(text) == exported


def test_negative_amounts_stay_numbers() -> None:
    [row] = rows(as_csv([run(cell("-12.00", kind="amount", raw="-12,00"))]))
    assert (row["value"], row["raw"]) == ("-12.00", "'-12,00")
    [row] = rows(as_csv([run(cell("-1+cmd()", kind="amount", raw="x"))]))
    assert row["value"] == "'-1+cmd()"
    [row] = rows(as_csv([run(cell("-Infinity", kind="amount", raw="x"))]))
    assert row["value"] == "'-Infinity"


def test_lines_end_as_rfc_4180_says() -> None:
    text = as_csv([run(cell('say "hi",\nthere', raw="hi"), cell(True, kind="flag"), cell(None))])
    assert text.count("\r\n") == 4
    assert '"say ""hi"",\nthere"' in text
    assert [row["value"] for row in rows(text)] == ['say "hi",\nthere', "true", ""]


def test_json_is_one_line_and_names_its_parts() -> None:
    text = as_json(run(cell("4711", raw="471")))
    assert "\n" not in text
    body = json.loads(text)
    assert body["file"] == "invoice.pdf"
    assert body["status"] == "done"
    assert body["seconds"] == 0
    assert body["tokens"] == {"prompt": 1, "completion": 2}
    assert body["cells"][0]["evidence"] == [{"page": 1, "line": 4, "start": 0, "end": 3, "boxes": []}]
