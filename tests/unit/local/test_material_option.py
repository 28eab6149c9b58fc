"""`--material` on the command line: a folder of one's own, or a sample company's, which is said."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from lemma.core.errors import InvalidInput
from lemma.gateways.inference import FakeInference
from lemma.gateways.inference.fake import FAKE_MODEL
from lemma.ingest import Limits
from lemma.local.commands import check_task_file, list_tasks, material_for
from lemma.local.extract import extract
from lemma.local.output import csv_header, csv_rows, print_table, sheet_header, sheet_rows
from lemma.reading.material import with_lists
from lemma.tasks import builtin, task

TICKETS, TRANSACTIONS = task("tickets"), task("transactions")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "passages").mkdir()
    (tmp_path / "material.toml").write_text('[lists]\ntopics = ["delivery", "refund"]\n')
    (tmp_path / "passages" / "returns.md").write_text("# Returns\n\nYou may send goods back for 30 days.\n")
    (tmp_path / "examples.jsonl").write_text('{"text": "Where is it?", "values": {"urgency": "low"}}\n')
    return tmp_path


def test_without_a_folder_a_sample_company_is_read_with_and_said() -> None:
    material, said = material_for(TICKETS, None)
    assert material.passages
    assert said is not None
    assert "sample company (list topics, passages)" in said
    assert material_for(task("invoices"), None)[1] is None


def test_ones_own_folder_goes_before_the_sample_company(folder: Path) -> None:
    material, said = material_for(TICKETS, folder)
    assert said is None
    assert [option.name for option in material.lists["topics"]] == ["delivery", "refund"]
    assert [passage.title for passage in material.passages] == ["Returns"]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("material.toml", '[lists]\ncolours = ["red"]\n', "no such list; it has topics"),
        ("material.toml", '[lists]\ntopics = ["a", "a"]\n', "listed twice"),
        ("material.toml", "[lists\n", "material.toml:1"),
        ("examples.jsonl", '{"text": "x", "values": {"colour": "red"}}\n', "no field 'colour'"),
        ("examples.jsonl", "nonsense\n", "examples.jsonl:1"),
    ],
)
def test_what_is_wrong_is_said(folder: Path, name: str, content: str, words: str) -> None:
    (folder / name).write_text(content)
    with pytest.raises(InvalidInput) as refused:
        material_for(TICKETS, folder)
    assert words in refused.value.detail


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="There is no "):
        material_for(TICKETS, tmp_path / "nowhere")


def test_check_says_what_a_folder_holds(folder: Path) -> None:
    out, errors = io.StringIO(), io.StringIO()
    code = check_task_file(
        Path("tickets"), folder, Console(file=out, width=200), Console(file=errors, width=200)
    )
    assert (code, errors.getvalue()) == (0, "")
    assert "1 lists, 1 passages, 1 examples, no playbook" in out.getvalue()
    (folder / "material.toml").write_text('[lists]\ntopics = [""]\n')
    assert check_task_file(Path("tickets"), folder, Console(file=out), Console(file=errors, width=200)) == 1
    assert "material.toml:2" in errors.getvalue()


def test_the_list_of_tasks_begins_with_invoices_and_says_what_each_takes() -> None:
    out = io.StringIO()
    list_tasks(builtin(), Console(file=out, width=240))
    listed = out.getvalue()
    places = [listed.index(name) for name in ("invoices", "tickets", "contracts", "questionnaires")]
    assert places == sorted(places)
    assert "list chart_of_accounts" in listed


async def test_a_ticket_is_read_with_the_folder_and_printed(folder: Path) -> None:
    ticket = folder / "ticket.txt"
    ticket.write_text("May I send my kettle back?\nOrder 4711.")
    material, _ = material_for(TICKETS, folder)
    shown = with_lists(TICKETS, material)
    [result] = [
        each
        async for each in extract(
            [ticket], shown, FakeInference(), FAKE_MODEL, material=material, limits=Limits(), step=_quiet
        )
    ]
    assert result.error is None
    lines = {line["id"]: line["text"] for line in result.json(with_source=True)["source"]["lines"]}
    assert "You may send goods back for 30 days." in lines.values()
    topics = {cell["value"] for cell in result.json(with_source=False)["cells"] if "topics" in cell["path"]}
    assert topics <= {"delivery", "refund", None}
    out = io.StringIO()
    print_table(Console(file=out, width=160), result)
    assert "ticket.txt" in out.getvalue()
    assert csv_rows(result).count("\r\n") == len(result.json(with_source=False)["cells"])
    assert csv_header().startswith("file,status,path,value")


async def test_a_statement_is_printed_row_by_row(tmp_path: Path) -> None:
    statement = tmp_path / "june.csv"
    statement.write_text("Date;Text;Amount\n03.06.2026;SPOTIFY AB;-10,99\n04.06.2026;GREENGRID;-84,20\n")
    material, _ = material_for(TRANSACTIONS, None)
    shown = with_lists(TRANSACTIONS, material)
    [result] = [
        each
        async for each in extract(
            [statement], shown, FakeInference(), FAKE_MODEL, material=material, limits=Limits(), step=_quiet
        )
    ]
    assert result.error is None
    header, *rows = (sheet_header(shown) + sheet_rows(result, shown)).splitlines()
    assert header.startswith("file,status,table,row,")
    assert "category,category_words,category_status,category_page,category_line" in header
    assert len(rows) == 2
    assert all(",done,transactions," in row for row in rows)


def _quiet(_file: Path, _what: str) -> None:
    """Tells nobody."""
