"""From pointers to places, boxes, values and statuses."""

from datetime import date
from decimal import Decimal

import pytest

from lemma.reading.cell import Status
from lemma.reading.pointers import Clause, Flagged, Label, Pointer, Prose, Rows, Sentence, Unreadable, point
from lemma.reading.source import Box, Line, Page, Source, Word
from tests.unit.reading.making import boxed, by_path, read, source, task
from tests.unit.reading.strategies import every_kind

TASK = every_kind()
TABLE = task(
    """
    [[field]]
    name = "lines"
    kind = "rows"
    [[field.column]]
    name = "pos"
    kind = "quote"
    [[field.column]]
    name = "quantity"
    kind = "number"
    [[field.column]]
    name = "price"
    kind = "amount"
    [[field.column]]
    name = "amount"
    kind = "amount"
    """
)


def test_each_kind_has_its_value_and_its_words() -> None:
    given = source(
        "Invoice  4711", "EUR1.200,50 due 31.12.2024", "DE89 3704 0044 0532 0130 00", "signed by A"
    )
    cells = by_path(
        read(
            TASK,
            given,
            {
                "document_kind": Label("invoice"),
                "title": point((1, "Invoice"), (4, "by A")),
                "net": point((2, "1.200,50")),
                "issued": point((2, "31.12.2024")),
                "count": Unreadable(1),
                "iban": point((3, "DE89 3704 0044 0532 0130 00")),
                "signed": Flagged(True, Pointer(4, "signed")),
                "law": Clause(3, 4),
                "reply": Prose((Sentence("Yes.", (1, 2)), Sentence("No."))),
            },
        )
    )
    assert (cells["document_kind"].value, cells["document_kind"].raw) == ("invoice", "Invoice")
    assert cells["title"].raw == "Invoice by A"
    assert cells["net"].value == Decimal("1200.50")
    assert cells["issued"].value == date(2024, 12, 31)
    assert cells["count"].status is Status.UNREADABLE
    assert cells["count"].raw == "Invoice  4711"
    assert cells["iban"].value == "DE89370400440532013000"
    assert cells["signed"].value is True
    assert cells["law"].raw == "DE89 3704 0044 0532 0130 00 signed by A"
    assert cells["lines"].status is Status.ABSENT
    assert cells["reply"].status is Status.DERIVED
    assert cells["reply"].signals["sentences"][1] == {
        "text": "No.",
        "lines": [],
        "supported": False,
        "copied": False,
    }
    assert cells["reply"].reason == "Generated text; 1 of 2 sentences cite no line."


def test_a_label_without_words_in_the_document_is_derived() -> None:
    cells = by_path(
        read(TASK, source("nothing"), {"document_kind": Label("invoice"), "signed": Flagged(False)})
    )
    assert cells["document_kind"].status is Status.DERIVED
    assert cells["document_kind"].value == "invoice"
    assert cells["document_kind"].reason
    assert cells["signed"].status is Status.DERIVED


def test_words_of_several_options_prove_none_of_them() -> None:
    asked = task(
        """
        [[field]]
        name = "currency"
        kind = "choice"
        options = [{ name = "USD", words = ["USD", "$"] }, { name = "CAD", words = ["CAD", "$"] }]
        """
    )
    shared = by_path(read(asked, source("Total $5.00"), {"currency": Label("CAD")}))["currency"]
    assert (shared.status, shared.raw) == (Status.DERIVED, "$")
    own = by_path(read(asked, source("Total $5.00", "in cad"), {"currency": Label("CAD")}))["currency"]
    assert (own.status, own.raw) == (Status.FOUND, "cad")
    first = by_path(read(asked, source("12 usd", "USD 5"), {"currency": Label("USD")}))["currency"]
    assert first.raw == "usd"
    inside = by_path(read(asked, source("cadence", "USD5.00"), {"currency": Label("USD")}))["currency"]
    assert inside.raw == "USD"


def test_a_backward_clause_is_not_a_value() -> None:
    cell = by_path(read(TASK, source("a", "b"), {"law": Clause(2, 1)}))["law"]
    assert (cell.value, cell.status) == (None, Status.UNREADABLE)


def test_a_clause_leaves_out_empty_lines() -> None:
    cell = by_path(read(TASK, source("a", "", "b"), {"law": Clause(1, 3)}))["law"]
    assert (cell.raw, len(cell.evidence)) == ("a b", 2)


def test_absent_columns_of_a_row_are_absent_cells() -> None:
    cells = by_path(read(TABLE, source("1  5,00"), {"lines": Rows(({"amount": point((1, "5,00"))},))}))
    assert cells["lines[0].pos"].status is Status.ABSENT
    assert cells["lines[0].amount"].value == 5


def test_equal_words_of_a_row_take_different_places() -> None:
    given = source("2  2  2,00  2,00")
    row = {
        "pos": point((1, "2")),
        "quantity": point((1, "2")),
        "price": point((1, "2,00")),
        "amount": point((1, "2,00")),
    }
    cells = by_path(read(TABLE, given, {"lines": Rows((row,))}))
    starts = [cells[f"lines[0].{name}"].evidence[0].start for name in ("pos", "quantity", "price", "amount")]
    assert starts == [0, 3, 6, 12]
    assert cells["lines[0].price"].signals["choices"] == 2


def test_two_values_on_one_word_are_marked() -> None:
    row = {"quantity": point((1, "2")), "price": point((1, "2"))}
    cells = by_path(read(TABLE, source("2 pieces"), {"lines": Rows((row,))}))
    assert [cells[f"lines[0].{name}"].signals.get("shared") for name in ("quantity", "price")] == [None, True]


def test_a_place_is_chosen_by_where_the_column_stands_elsewhere() -> None:
    given = source("1     3     7,00    21,00", "2     1     5,00     5,00")
    rows = (
        {"price": point((1, "7,00")), "amount": point((1, "21,00"))},
        {"amount": point((2, "5,00"))},
    )
    cells = by_path(read(TABLE, given, {"lines": Rows(rows)}))
    assert cells["lines[1].amount"].evidence[0].start == 21


def test_whole_words_come_before_parts_of_words() -> None:
    cell = by_path(read(TASK, source("A-12 12"), {"count": point((1, "12"))}))["count"]
    assert cell.evidence[0].start == 5


def test_boxes_are_those_of_the_words_and_shares_of_them() -> None:
    given = boxed("Total EUR1.200,50")
    cell = by_path(read(TASK, given, {"net": point((1, "1.200,50"))}))["net"]
    (box,) = cell.evidence[0].boxes
    assert [box.x0, box.x1] == pytest.approx([0.09, 0.17])
    assert cell.signals["ocr_confidence"] == 0.9
    two = by_path(read(TASK, given, {"title": point((1, "Total EUR"))}))["title"]
    assert [round(box.x1, 2) for box in two.evidence[0].boxes] == [0.05, 0.09]


def test_a_share_of_a_right_to_left_word_is_measured_from_the_right() -> None:
    text = "שלום12"
    word = Word(0, 6, Box(0.0, 0.0, 0.6, 0.1))
    given = Source("application/pdf", (Page(1, "text"),), (Line(1, 1, text, (word,)),))
    cell = by_path(read(TASK, given, {"count": point((1, "12"))}))["count"]
    (box,) = cell.evidence[0].boxes
    assert [box.x0, box.x1] == pytest.approx([0.0, 0.2])


def test_a_date_is_settled_by_the_rest_of_the_document() -> None:
    settled = by_path(read(TASK, source("03/04/2024", "25/12/2024"), {"issued": point((1, "03/04/2024"))}))
    assert settled["issued"].value == date(2024, 4, 3)
    open_ = by_path(read(TASK, source("03/04/2024"), {"issued": point((1, "03/04/2024"))}))
    assert (open_["issued"].status, open_["issued"].value) == (Status.CONFLICTING, None)
    assert open_["issued"].raw == "03/04/2024"
