"""How a reading is judged: pairing of rows, verdicts, shares with their intervals."""

from typing import Any

import pytest

from lemma.evaluation import as_json, as_table, compare, report
from lemma.evaluation.report import Share
from lemma.reading.schema import parse_task

TASK = parse_task("""
id = "small"
version = 1
title = "Small"

[[field]]
name = "kind"
kind = "choice"
options = ["invoice", "order"]

[[field]]
name = "total"
kind = "amount"

[[field]]
name = "supplier"
kind = "quote"

[[field]]
name = "lines"
kind = "rows"

[[field.column]]
name = "description"
kind = "quote"

[[field.column]]
name = "amount"
kind = "amount"
""")


def _cells(**values: str | None) -> list[dict[str, Any]]:
    return [
        {"path": path, "value": value, "status": "found" if value else "absent", "signals": {}}
        for path, value in ((path.replace("__", "."), value) for path, value in values.items())
    ]


def _rows(*rows: tuple[str, str]) -> dict[str, str]:
    return {
        f"lines[{i}].{name}": value
        for i, row in enumerate(rows)
        for name, value in zip(("description", "amount"), row, strict=True)
    }


def _verdicts(cells: list[dict[str, Any]], expected: dict[str, str]) -> list[tuple[str, str]]:
    return [(each.field, each.verdict) for each in compare(TASK, "d", cells, expected).judged]


def test_each_verdict() -> None:
    cells = _cells(kind="order", total="10.0", supplier="ACME  Ltd.")
    expected = {"kind": "invoice", "total": "10.00", "supplier": "Acme Ltd"}
    assert _verdicts(cells, expected) == [("kind", "wrong"), ("total", "right"), ("supplier", "right")]
    assert _verdicts(_cells(total="1"), {"kind": "order"}) == [
        ("kind", "missed"),
        ("total", "invented"),
        ("supplier", "absent"),
    ]


def test_what_is_conflicting_is_not_given() -> None:
    cells = [{"path": "total", "value": "1", "status": "conflicting", "signals": {}}]
    assert ("total", "missed") in _verdicts(cells, {"total": "1"})


def test_a_row_too_many_does_not_make_the_others_wrong() -> None:
    printed = _rows(("Oats", "1.00"), ("Salt", "2.00"), ("Tea", "3.00"))
    found = _rows(("Carried forward", "9.00"), ("Oats", "1.00"), ("Tea", "3.00"))
    cells = [{"path": path, "value": value, "status": "found"} for path, value in found.items()]
    comparison = compare(TASK, "d", cells, printed)
    (rows,) = comparison.rows
    assert (rows.printed, rows.found, rows.paired) == (3, 3, 2)
    verdicts = [each.verdict for each in comparison.judged if each.field == "lines.amount"]
    assert sorted(verdicts) == ["invented", "missed", "right", "right"]


def test_rows_without_anything_in_common_are_never_paired() -> None:
    cells = [{"path": "lines[0].amount", "value": "5.00", "status": "found"}]
    comparison = compare(TASK, "d", cells, _rows(("Oats", "1.00")))
    assert comparison.rows[0].paired == 0


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"), [(10, 10, 0.722, 1.0), (0, 10, 0.0, 0.278), (81, 263, 0.2553, 0.3662)]
)
def test_the_interval_is_wilsons(hits: int, n: int, low: float, high: float) -> None:
    """The last case is worked in Newcombe 1998, Statistics in Medicine 17:857, table I."""
    assert Share(hits, n).interval == pytest.approx((low, high), abs=5e-4)


def test_a_report_adds_up_and_is_readable() -> None:
    expected = {"kind": "invoice", "total": "1.00", **_rows(("Oats", "1.00"))}
    right = [{"path": path, "value": value, "status": "found"} for path, value in expected.items()]
    wrong = _cells(kind="order", total="1.00", supplier="Nobody")
    made = report(
        TASK,
        [compare(TASK, "a", right, expected), compare(TASK, "b", wrong, {"kind": "invoice", "total": "1"})],
    )
    assert (made.all.right, made.all.wrong, made.all.missed, made.all.invented) == (5, 1, 0, 1)
    assert made.documents == Share(1, 2)
    as_object = as_json(made)
    assert as_object["fields"]["total"]["recall"] == {
        "value": 1.0,
        "hits": 2,
        "n": 2,
        "low": 0.3424,
        "high": 1.0,
    }
    assert as_object["choices"]["kind"] == {
        "accuracy": {"value": 0.5, "hits": 1, "n": 2, "low": 0.0945, "high": 0.9055},
        "macro_f1": 0.6667,
    }
    table = as_table(made)
    assert "| total | 2 | 1.000 | 1.000 | 1.000 | 0.34 to 1.00 | 0 | 0 | 0 |" in table
    assert "Rows of lines: 1 printed, 1 found, 1 paired." in table


def test_probabilities_are_held_to_what_happens() -> None:
    def cell(value: str, logprob: float) -> list[dict[str, Any]]:
        return [{"path": "total", "value": value, "status": "found", "signals": {"logprob": logprob}}]

    sure, unsure = cell("1", 0.0), cell("2", -0.6931471805599453)
    comparisons = [compare(TASK, "d", each, {"total": "1"}) for each in (sure, sure, sure, sure, unsure)]
    reliability = report(TASK, comparisons).reliability
    assert reliability.n == 5
    assert reliability.error == pytest.approx(0.1)
    assert reliability.covered == Share(4, 4)


def test_labels_that_hold_together_are_judged_in_any_order() -> None:
    task = parse_task("""
        id = "tickets"
        version = 1
        title = "T"
        [[field]]
        name = "topics"
        kind = "choice"
        several = true
        options = ["a", "b", "c"]
    """)

    def verdicts(given: list[str], expected: list[str]) -> list[str]:
        cells = [{"path": f"topics[{n}]", "value": v, "status": "derived"} for n, v in enumerate(given)]
        wanted = {f"topics[{n}]": value for n, value in enumerate(expected)}
        return [each.verdict for each in compare(task, "x", cells, wanted).judged]

    assert verdicts(["b", "a"], ["a", "b"]) == ["right", "right"]
    assert verdicts(["c", "a"], ["a", "b"]) == ["right", "wrong"]
    assert verdicts(["a", "b"], ["a"]) == ["right", "invented"]
    assert verdicts([], ["a"]) == ["missed"]
    assert verdicts([], []) == ["absent"]
