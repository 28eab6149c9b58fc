"""A document's leaves beside what was given: verdicts, rows, misplaced values."""

from typing import Any

from lemma.evaluation.leaves import Given, Habits, judge

ASKED = Habits(
    frozenset({"number", "total", "due_date", "lines.description", "lines.quantity"}), absence=True
)


def _given(**values: Any) -> dict[str, Any]:
    return {path: Given(value, {"status": "found", "signals": {}}) for path, value in values.items()}


def _verdicts(expected: dict[str, Any], predicted: dict[str, Any], habits: Habits = ASKED) -> dict[str, str]:
    return {each.field: each.verdict for each in judge("d", expected, predicted, habits).judged}


def test_every_verdict() -> None:
    expected = {"number": "7", "total": 10.0, "paid": True}
    predicted = _given(number="8", due_date="2026-03-01")
    assert _verdicts(expected, predicted) == {"number": "wrong", "total": "missed", "due_date": "invented"}
    assert _verdicts({"total": 10.0}, _given(total="10")) == {
        "number": "absent",
        "total": "right",
        "due_date": "absent",
    }


def test_a_set_without_labels_of_absence_counts_no_invented_values() -> None:
    habits = Habits(frozenset({"number", "due_date"}))
    made = judge("d", {"number": "7"}, _given(number="7", due_date="2026-03-01"), habits)
    assert [each.verdict for each in made.judged] == ["right"]
    assert made.unlabelled == 1


def test_a_value_of_another_field_is_misplaced() -> None:
    expected = {"number": "AB-1", "total": 10.0, "net": 8.0}
    made = judge("d", expected, _given(number="XY-9", total=8.0), ASKED)
    assert dict(made.misplaced) == {"total": 1}


def test_rows_are_paired_by_what_they_hold() -> None:
    expected = {
        "lines": [
            {"description": "Soap", "quantity": 2.0, "colour": "red"},
            {"description": "Tea", "quantity": 1.0},
        ]
    }
    rows = [
        {"description": Given("Tea"), "quantity": Given(1.0)},
        {"description": Given("Salt"), "quantity": Given(5.0)},
        {"description": Given("SOAP"), "quantity": Given(3.0)},
    ]
    made = judge("d", expected, {"lines": rows}, ASKED)
    counts: dict[str, list[str]] = {}
    for each in made.judged:
        counts.setdefault(each.field, []).append(each.verdict)
    assert sorted(counts["lines.description"]) == ["invented", "right", "right"]
    assert sorted(counts["lines.quantity"]) == ["invented", "right", "wrong"]
    assert [(row.field, row.printed, row.found, row.paired) for row in made.rows] == [("lines", 2, 3, 2)]


def test_presence_of_a_clause() -> None:
    habits = Habits(frozenset({"there.audit", "there.escrow", "there.insurance"}), True, ("there.",))
    expected = {"there": {"audit": True, "escrow": False, "insurance": False}}
    predicted = {
        "there.audit": Given(False),
        "there.escrow": Given(True, {"status": "found", "signals": {"logprob_min": -0.1}}),
        "there.insurance": Given(False),
    }
    made = judge("d", expected, predicted, habits)
    assert {each.field: each.verdict for each in made.judged} == {
        "there.audit": "missed",
        "there.escrow": "invented",
        "there.insurance": "absent",
    }
    assert not made.exact


def test_several_labels_are_rows_of_one_value() -> None:
    habits = Habits(frozenset({"intents"}))
    made = judge("d", {"intents": ["a", "b"]}, {"intents": [Given("b"), Given("c")]}, habits)
    assert sorted(each.verdict for each in made.judged) == ["invented", "missed", "right"]
