"""Adapters on tiny folders of our own: told by the shape of their records, values in the set's terms."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from lemma.evaluation.leaves import Given
from lemma.evaluation.records import LabelledSet, SetUnreadable, load_set
from lemma.evaluation.sets import Answer, CitedLine, NoAdapter, adapter_for
from lemma.evaluation.sets.base import Citations, Overlap, nested
from lemma.evaluation.sets.contracts import period, token_f1
from lemma.evaluation.sets.tickets import label_name


def make_set(folder: Path, name: str, *records: Mapping[str, Any]) -> LabelledSet:
    """A labelled folder."""
    path = folder / name
    path.mkdir(exist_ok=True)
    rows = [json.dumps({"id": f"{name}-{number}", **record}) for number, record in enumerate(records)]
    (path / "data.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return load_set(path)


def answer(*cells: tuple[str, Any, tuple[int, ...]], **lines: str) -> Answer:
    """Cells as (path, value, lines), and the text of lines given as line_3="..."."""
    made = [
        {
            "path": path,
            "value": value,
            "raw": str(value),
            "status": "found",
            "signals": {},
            "evidence": [{"page": 1, "line": line, "start": 0, "end": len(str(value))} for line in where],
        }
        for path, value, where in cells
    ]
    cited = {int(key.split("_")[1]): CitedLine(None, text) for key, text in lines.items()}
    return Answer(tuple(made), cited)


INVOICE = {
    "text": "Invoice 7",
    "expected": {
        "document_type": "invoice",
        "number": "7",
        "seller": {"name": "Acme", "city": "Leeds"},
        "net_total": 8.0,
        "gross_total": 10.0,
        "amount_due": 10.0,
        "lines": [{"description": "Soap", "quantity": 2.0, "line_total": 8.0}],
    },
}


def test_invoices(tmp_path: Path) -> None:
    of = make_set(tmp_path, "bills", INVOICE)
    adapter = adapter_for(of, "invoices")
    assert adapter.family == "invoices"
    given = answer(
        ("number", "7", (1,)),
        ("supplier_address", "5 High Street, Leeds LS1 4AP", (2,)),
        ("total", "10.00", (3,)),
        ("lines[0].description", "Soap", (4,)),
        ("lines[0].amount", "8.00", (4,)),
    )
    predicted = nested(adapter.predicted(of, of.records[0], given))
    assert predicted["gross_total"] == predicted["amount_due"] == 10.0
    assert predicted["seller"] == {"street": "5 High Street", "postcode": "LS1 4AP", "city": "Leeds"}
    assert predicted["lines"] == [{"description": "Soap", "line_total": 8.0}]
    case = adapter.case(of, of.records[0])
    assert (case.name, case.data) == ("bills-0.txt", b"Invoice 7")


def test_receipts_and_broadcast_orders(tmp_path: Path) -> None:
    receipts = make_set(
        tmp_path, "tills", {"text": "x", "expected": {"company": "A", "date": "2026-01-02", "total": 3.0}}
    )
    assert adapter_for(receipts).family == "receipts"
    orders = make_set(
        tmp_path,
        "ads",
        {"text": "x", "expected": {"contract_number": "1", "gross_amount": 3.0, "flight_from": "2026-01-02"}},
    )
    adapter = adapter_for(orders)
    given = answer(("period_start", "2026-01-02", (1,)), ("total", "3.00", (1,)), ("number", "1", (1,)))
    assert nested(adapter.predicted(orders, orders.records[0], given)) == orders.records[0].expected


def test_contracts(tmp_path: Path) -> None:
    record = {
        "text": "Supplier shall keep books. Customer may audit them.\n\nNothing else.",
        "expected": {
            "governing_law": "Delaware",
            "clauses_present": {"audit_rights": True, "insurance": False},
            "parties": ["Acme"],
        },
        "evidence": {"audit_rights": ["Customer may audit them."]},
    }
    of = make_set(tmp_path, "deals", record)
    adapter = adapter_for(of)
    quoted = "Customer may audit them."
    given = answer(
        ("governing_law", "the laws of the State of Delaware", (1,)),
        ("audit_rights", quoted, (2,)),
        ("parties[0].name", "Acme", (3,)),
    )
    predicted = nested(adapter.predicted(of, of.records[0], given))
    assert predicted["governing_law"] == "Delaware"
    assert predicted["clauses_present"] == {"audit_rights": True, "insurance": False}
    assert predicted["parties"] == ["Acme"]
    assert list(adapter.citations(of, of.records[0], given)) == [Overlap("audit_rights", 1.0)]
    example = adapter.examples(of, of.records)[0]
    assert example.values["audit_rights"] == [quoted]
    assert example.values["insurance"] is None


def test_words_of_contracts() -> None:
    assert period("renews for successive one (1) year terms") == "successive 1 year"
    assert period("ninety (90) days prior written notice") == "90 days"
    assert token_f1("a b c", "b c d") == pytest.approx(2 / 3)


def test_statements_on_agreements(tmp_path: Path) -> None:
    record = {
        "text": "Preamble of the deal.\nReceiver shall return all papers at the end of it.",
        "expected": {"answers": {"nda-16": "yes", "nda-18": "not_mentioned"}},
        "evidence": {"nda-16": ["Receiver shall return all papers at the end of it."]},
    }
    of = make_set(tmp_path, "ndas", record)
    adapter = adapter_for(of, "questionnaires")
    case = adapter.case(of, of.records[0])
    questions = case.data.decode().splitlines()
    assert len(questions) == 2
    assert [line for passage in case.material.passages for line in passage.lines][-1].endswith("end of it.")
    given = answer(
        ("answers[0].question", questions[0], (1,)),
        ("answers[0].verdict", "stated", ()),
        ("answers[0].quote", "Receiver", (4,)),
        ("answers[1].question", questions[1], (2,)),
        ("answers[1].verdict", "not_mentioned", ()),
        line_4="Receiver shall return all papers at the end of it.",
    )
    predicted = adapter.predicted(of, of.records[0], given)
    values = {path: each.value for path, each in predicted.items() if isinstance(each, Given)}
    assert values == {"answers.nda-16": "yes", "answers.nda-18": "not_mentioned"}
    assert list(adapter.citations(of, of.records[0], given)) == [Citations("evidence sentences", 1, 1, 1, 1)]
    assert adapter.examples(of, of.records)[0].values == {
        "answers.verdict": "yes",
        "answers.quote": ["Receiver shall return all papers at the end of it."],
    }


def test_questions_on_a_document(tmp_path: Path) -> None:
    record = {
        "text": "# Goals\nWe want to be safe and sound.\n# Other\nNothing of the kind here.",
        "expected": {
            "answers": {
                "goals": {"question": "What are the goals?", "answer": "x", "evidence_lines": [1, 2]}
            },
            "no_section_in_document": [],
        },
    }
    of = make_set(tmp_path, "assessments", record)
    adapter = adapter_for(of)
    given = answer(
        ("answers[0].question", "What are the goals?", (1,)),
        ("answers[0].verdict", "stated", ()),
        ("answers[0].quote", "We", (2,)),
        line_2="We want to be safe and sound.",
    )
    found = {
        each.field: each
        for each in adapter.citations(of, of.records[0], given)
        if isinstance(each, Citations)
    }
    assert found["cited lines"] == Citations("cited lines", 1, 1, 1, 1)
    assert found["questions answered"] == Citations("questions answered", 1, 1, 1, 1)


def test_meetings(tmp_path: Path) -> None:
    record = {
        "text": "\n".join(f"[{number}] A: words" for number in range(1, 20)),
        "expected": {
            "action_items": [{"text": "do it", "owners": ["A"], "evidence_lines": [5]}],
            "decisions": [],
            "open_problems": [],
        },
    }
    of = make_set(tmp_path, "talks", record)
    given = answer(
        ("actions[0].what", "x", (7,)),
        ("actions[1].what", "y", (12,)),
        line_7="[7] A: words",
        line_12="[12] A: words",
    )
    found = {
        each.field: each
        for each in adapter_for(of).citations(of, of.records[0], given)
        if isinstance(each, Citations)
    }
    assert found["actions, lines"] == Citations("actions, lines", 1, 2, 1, 1)
    assert found["actions, items"] == Citations("actions, items", 1, 2, 1, 1)


def test_topics(tmp_path: Path) -> None:
    of = make_set(
        tmp_path,
        "messages",
        {"text": "Where is it?", "expected": {"intent": "CardArrival", "in_scope": True}},
        {"text": "Sing!", "expected": {"intent": "out_of_scope", "in_scope": False}},
    )
    adapter = adapter_for(of, "tickets")
    case = adapter.case(of, of.records[0])
    assert [option.name for option in case.material.lists["topics"]] == ["card_arrival"]
    assert case.asked == ("topics",)
    said = adapter.predicted(of, of.records[0], answer(("topics[0]", "card_arrival", ())))
    assert nested(said) == {"intent": "CardArrival", "in_scope": True}
    silent = adapter.predicted(of, of.records[1], answer())
    assert nested(silent) == {"intent": "out_of_scope", "in_scope": False}
    assert [dict(each.values) for each in adapter.examples(of, of.records)] == [
        {"topics": ["card_arrival"]},
        {"topics": []},
    ]
    assert label_name("Administrative rights") == "administrative_rights"


def test_several_topics_actions_and_transactions(tmp_path: Path) -> None:
    several = make_set(tmp_path, "many", {"text": "x", "expected": {"intents": ["a", "b"], "slots": {}}})
    adapter = adapter_for(several)
    given = answer(("topics[0]", "b", ()), ("topics[1]", "a", ()))
    assert nested(adapter.predicted(several, several.records[0], given)) == {"intents": ["b", "a"]}
    asks = make_set(tmp_path, "mails", {"text": "Send it", "expected": {"asks_for_action": True}})
    assert adapter_for(asks).case(asks, asks.records[0]).asked == ("asks_for_action",)
    bank = make_set(
        tmp_path,
        "card",
        {"text": "1 shop GBP 2", "input": {"merchant": "shop"}, "expected": {"category": "Food & drink"}},
    )
    adapter = adapter_for(bank, "transactions")
    given = answer(("transactions[0].category", "food_drink", ()))
    assert nested(adapter.predicted(bank, bank.records[0], given)) == {"category": "Food & drink"}


def test_a_set_for_no_task_says_so(tmp_path: Path) -> None:
    form = make_set(tmp_path, "forms", {"text": "x", "expected": {"form": "W-9", "fields": {"Name": "A"}}})
    with pytest.raises(NoAdapter, match="none of the six tasks"):
        adapter_for(form)
    messages = make_set(tmp_path, "messages", {"text": "x", "expected": {"intent": "a"}})
    with pytest.raises(NoAdapter, match="the task tickets answers, not invoices"):
        adapter_for(messages, "invoices")


def test_a_broken_folder_says_where(tmp_path: Path) -> None:
    with pytest.raises(SetUnreadable, match=r"holds no data\.jsonl"):
        load_set(tmp_path)
    (tmp_path / "data.jsonl").write_text('{"id": "1", "expected": {}}\n{"id": "2"}\n', encoding="utf-8")
    with pytest.raises(SetUnreadable, match="line 2"):
        load_set(tmp_path)
