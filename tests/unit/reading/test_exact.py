"""The XML of an e-invoice is exact; the pages prove it, or contradict it."""

from datetime import date
from decimal import Decimal

import pytest

from lemma.reading.cell import Cell, Status
from lemma.reading.exact.tree import find, xml_tree
from lemma.reading.pointers import Label, Rows, Said, point
from lemma.reading.source import Source
from tests.unit.reading.making import by_path, read, source, task

TASK = task(
    """
    [[field]]
    name = "kind"
    kind = "choice"
    options = [{ name = "invoice", words = ["Rechnung"], codes = ["380"] }, "other"]
    xml = ["I/TypeCode"]
    [[field]]
    name = "number"
    kind = "identifier"
    xml = ["Nothing/ID", "I/ID"]
    [[field]]
    name = "supplier"
    kind = "quote"
    xml = ["I/Seller/Name"]
    [[field]]
    name = "vat_id"
    kind = "identifier"
    checker = "vat_id"
    xml = ["I/Seller/Tax/ID[@schemeID='VA']"]
    [[field]]
    name = "issued"
    kind = "date"
    xml = ["I/Date"]
    [[field]]
    name = "net"
    kind = "amount"
    xml = ["I/Net"]
    [[field]]
    name = "note"
    kind = "quote"
    [[field]]
    name = "lines"
    kind = "rows"
    xml = ["I/Line"]
    [[field.column]]
    name = "name"
    kind = "quote"
    xml = ["Item/Name"]
    [[field.column]]
    name = "quantity"
    kind = "number"
    xml = ["Quantity"]
    [[field.column]]
    name = "amount"
    kind = "amount"
    xml = ["Amount"]
    """
)
XML = [
    "I/TypeCode  380",
    "I/ID  R 47-11",
    "I/Seller/Name  Müller GmbH",
    "I/Seller/Tax[1]/ID/@schemeID  FC",
    "I/Seller/Tax[1]/ID  21/815/08150",
    "I/Seller/Tax[2]/ID/@schemeID  VA",
    "I/Seller/Tax[2]/ID  DE136695976",
    "I/Date  20240403",
    "I/Net  1200.50",
    "I/Line[1]/Item/Name  Tea",
    "I/Line[1]/Quantity  2.0000",
    "I/Line[1]/Amount  1000.00",
    "I/Line[2]/Item/Name  Cups",
    "I/Line[2]/Amount  200.50",
]
PAGE = (
    "Rechnung R-47-11 vom 03/04/2024",
    "Müller  GmbH  USt-ID DE 136 695 976",
    "1 Tea 2 1.000,00",
    "2 Cups 200,50",
    "Netto EUR1.200,50 brutto 1.428,60",
)


def cells(said: dict[str, Said], page: tuple[str, ...] = PAGE) -> tuple[dict[str, Cell], Source]:
    given = source(*page, xml=XML)
    return by_path(read(TASK, given, said)), given


def test_where_page_and_xml_agree_the_page_is_the_evidence() -> None:
    found, _ = cells(
        {"number": point((1, "R-47-11")), "net": point((5, "1.200,50")), "kind": Label("invoice")}
    )
    assert found["number"].signals["xml"] == "agrees"
    assert found["number"].raw == "R-47-11"
    assert found["net"].raw == "1.200,50"
    assert found["kind"].raw == "Rechnung"
    assert found["kind"].signals["xml"] == "agrees"


def test_what_the_model_missed_is_found_on_the_page() -> None:
    found, _ = cells({})
    assert (found["net"].value, found["net"].raw) == (Decimal("1200.50"), "1.200,50")
    assert found["vat_id"].raw == "DE 136 695 976"
    assert found["supplier"].raw == "Müller  GmbH"
    assert found["supplier"].status is Status.FOUND
    assert found["number"].raw == "R-47-11"
    assert found["note"].status is Status.ABSENT


def test_what_the_model_misread_is_put_right_where_the_page_shows_the_value() -> None:
    found, _ = cells({"net": point((5, "1.428,60"))})
    assert (found["net"].value, found["net"].raw) == (Decimal("1200.50"), "1.200,50")
    assert found["net"].signals["read_as"] == "1.428,60"


def test_a_page_that_says_something_else_conflicts_with_the_xml() -> None:
    page = (*PAGE[:4], "Netto 1.300,50")
    found, given = cells({"net": point((5, "1.300,50"))}, page)
    cell = found["net"]
    assert cell.status is Status.CONFLICTING
    assert cell.signals["xml"] == "differs"
    assert cell.reason == "The embedded XML says “1200.50”, the page says “1.300,50”."
    assert given.line(cell.evidence[0].line).text[cell.evidence[0].start :] == "1200.50"


def test_a_value_that_only_the_xml_has_rests_on_its_line() -> None:
    found, _ = cells({}, ("Rechnung",))
    assert found["supplier"].raw == "Müller GmbH"
    assert found["supplier"].evidence[0].page == 2
    assert found["supplier"].signals["xml"] == "only"
    assert found["vat_id"].value == "DE136695976"


def test_the_xml_settles_an_open_date() -> None:
    found, _ = cells({"issued": point((1, "03/04/2024"))})
    assert (found["issued"].value, found["issued"].raw) == (date(2024, 4, 3), "03/04/2024")
    assert found["issued"].status is Status.FOUND


def test_rows_are_those_of_the_xml_joined_with_those_of_the_page() -> None:
    rows = Rows(
        (
            {"name": point((4, "Cups")), "amount": point((4, "200,50"))},
            {"name": point((3, "Tea")), "amount": point((3, "1.000,00"))},
            {"name": point((5, "Netto")), "amount": point((5, "1.200,50"))},
        )
    )
    found, _ = cells({"lines": rows})
    assert [found[f"lines[{n}].name"].raw for n in (0, 1)] == ["Tea", "Cups"]
    assert found["lines[0].amount"].evidence[0].line == 3
    assert found["lines[1].amount"].signals["xml"] == "agrees"
    assert found["lines[0].quantity"].value == Decimal("2")
    assert "lines[2].name" not in found
    assert found["lines[1].quantity"].status is Status.ABSENT


def test_rows_that_were_not_read_come_from_the_xml() -> None:
    found, given = cells({}, ("Rechnung",))
    cell = found["lines[1].amount"]
    assert (cell.value, cell.status) == (Decimal("200.50"), Status.FOUND)
    assert given.line(cell.evidence[0].line).text[cell.evidence[0].start : cell.evidence[0].end] == "200.50"


def test_rows_that_were_not_read_are_found_on_the_page() -> None:
    found, _ = cells({})
    assert found["lines[0].name"].evidence[0].line == 3
    assert (found["lines[1].amount"].raw, found["lines[1].amount"].evidence[0].line) == ("200,50", 4)
    assert found["lines[0].quantity"].signals["xml"] == "only"  # a 2 may be anything


@pytest.mark.parametrize(
    ("path", "texts"),
    [
        ("I/ID", ["R 47-11"]),
        ("I/Line/Item/Name", ["Tea", "Cups"]),
        ("I/*/Name", ["Müller GmbH"]),
        ("I/Seller/Tax/ID/@schemeID", ["FC", "VA"]),
        ("I/Seller/Tax/ID[@schemeID!='VA']", ["21/815/08150"]),
        ("I/Line[Item/Name='Cups']/Amount", ["200.50"]),
        ('I/Line[Item/Name="Cups"]/Quantity', []),
        ("I/Line[Item/Name='Cups'", []),
        ("I//Name", []),
        ("", []),
    ],
)
def test_paths(path: str, texts: list[str]) -> None:
    tree = xml_tree(source("x", xml=XML))
    assert tree is not None
    assert [node.text for node in find(tree, path)] == texts


def test_lines_that_are_no_xml_lines_are_passed_over() -> None:
    tree = xml_tree(source("x", xml=["no value", "A/B[  x", "A/B  1", ""]))
    assert tree is not None
    assert [node.text for node in find(tree, "A/B")] == ["1"]
    assert xml_tree(source("x")) is None
