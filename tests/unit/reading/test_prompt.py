"""The prompt's two styles, and answers written for training and examples."""

import pytest

from lemma.reading.pointers import (
    Clause,
    Flagged,
    Label,
    Pointer,
    Prose,
    Rows,
    Said,
    Sentence,
    Unreadable,
    point,
)
from lemma.reading.prompt import build_messages, render_answer, visible_lines
from lemma.reading.schema import Example
from tests.unit.reading.making import source
from tests.unit.reading.strategies import every_kind

TASK = every_kind()
SOURCE = source("Invoice  4711", "", "{x} 2 h  5,00", "signed by A", xml=["Invoice/ID  4711"])
SAID: dict[str, Said] = {
    "document_kind": Label("invoice"),
    "title": point((1, "Invoice"), (3, "{x}")),
    "net": Unreadable(3),
    "signed": Flagged(True, Pointer(4, "signed by")),
    "law": Clause(3, 4),
    "lines": Rows(({"quantity": point((3, "2")), "amount": point((3, "5,00"))}, {"free": Flagged(False)})),
    "reply": Prose((Sentence('He said "no".', (1, 4)), Sentence("\\", ()))),
}
ANSWER = """\
document_kind: invoice
title: 1 Invoice\t3 {x}
net: ? 3
issued: -
count: -
iban: -
signed: yes 4 signed by
law: 3-4
lines:
- quantity: 3 2
  amount: 3 5,00
- free: no
reply: "He said \\"no\\"." [1,4] "\\\\" []
"""


def test_compact_names_the_fields_and_shows_the_lines() -> None:
    system, user = build_messages(TASK, visible_lines(SOURCE), style="compact")
    assert system == {
        "role": "system",
        "content": "every_kind\ndocument_kind title net issued count iban signed law "
        "lines(description unit quantity amount free) reply",
    }
    assert user == {"role": "user", "content": "1 Invoice  4711\n3 {x} 2 h  5,00\n4 signed by A\n"}


def test_full_explains_itself_and_puts_what_never_changes_first() -> None:
    example = Example(SOURCE, SAID)
    fields = (TASK.field("title"), TASK.field("lines"))
    messages = build_messages(
        TASK, SOURCE.lines[:1], style="full", fields=fields, examples=[example], note="Lines 1 to 1:"
    )
    assert [message["role"] for message in messages] == ["system", "user", "assistant", "user"]
    assert "title (words as they stand, up to 3 pointers): Title." in messages[0]["content"]
    assert "  unit (one of h | kg): Unit." in messages[0]["content"]
    assert messages[2]["content"].startswith("title: 1 Invoice\t3 {x}\nlines:\n- quantity: 3 2\n")
    assert messages[3]["content"] == "Lines 1 to 1:\n1 Invoice  4711\n"


def test_an_answer_is_written_in_the_order_of_the_fields() -> None:
    assert render_answer(TASK, SOURCE, SAID) == ANSWER


def test_what_the_grammar_would_refuse_is_not_written() -> None:
    for said in (
        {"title": point((1, "Rechnung"))},
        {"title": point((1, " 4711"))},
        {"title": point((1, ""))},
        {"title": point(*[(1, "Invoice")] * 4)},
        {"document_kind": Label("bill")},
        {"lines": Rows(({},))},
        {"lines": Rows(({"nothing": Label("h")},))},
        {"nothing": Label("h")},
        {"reply": Prose(())},
        {"reply": Prose((Sentence("a"),) * 3)},
        {"reply": Prose((Sentence(""),))},
        {"reply": Prose((Sentence("two\nlines"),))},
        {"reply": Prose((Sentence("a" * 601),))},
        {"reply": Prose((Sentence("a", (1,) * 9),))},
    ):
        with pytest.raises(ValueError, match=r"hold|takes|option|must|no field|no sentence"):
            render_answer(TASK, SOURCE, said)
    with pytest.raises(KeyError):
        render_answer(TASK, SOURCE, {"title": point((99, "Invoice"))})
