"""Labelled sets of text become lessons: their labels stand in lines, and what nobody knows is not asked."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from lemma.reading.pointers import Clause, Flagged, Label, Labels, Pointers, Rows
from starter.extra.messages import SETS
from starter.lesson import Lesson
from starter.texts import as_text

NOWHERE = Path("/nowhere")
PARTIES = (
    'This Supply Agreement is made as of March 3, 2020 between Alder Inc. ("Seller") and Birch LLC ("Buyer").'
)
CONTRACT = "\n".join(
    (
        "SUPPLY AGREEMENT",
        PARTIES,
        "1. Seller shall deliver the goods to the warehouse of Buyer without delay.",
        "2. Neither party may assign this Agreement without the consent of the other party.",
        "3. This Agreement is governed by the laws of the State of Ohio, without its conflict rules.",
    )
)


def lessons(name: str, record: Mapping[str, Any]) -> list[Lesson]:
    """The lessons of a record; each can be written down."""
    made = list(SETS[name](NOWHERE, {"id": f"{name}-1", "meta": {}, **record}))
    for lesson in made:
        prompt, answer = as_text(lesson)
        assert prompt.endswith("<|assistant|>\n")
        assert answer.endswith("<|end|>")
    return made


def words_at(lesson: Lesson, clause: Clause) -> str:
    return " ".join(lesson.source.line(n).text for n in range(clause.first, clause.last + 1))


def test_a_contract_gives_its_marked_clauses_and_values() -> None:
    record = {
        "text": CONTRACT,
        "expected": {
            "parties": ['Alder Inc. ("Seller")', 'Birch LLC ("Buyer")'],
            "governing_law": "Ohio",
        },
        "evidence": {
            "document_name": ["SUPPLY AGREEMENT"],
            "agreement_date": ["March 3, 2020"],
            "anti_assignment": [
                "Neither party may assign this Agreement without the consent of the other party."
            ],
            "governing_law": ["This Agreement is governed by the laws of the State of Ohio"],
        },
    }
    (lesson,) = lessons("contracts_cuad", record)
    clause = lesson.said["anti_assignment"]
    assert isinstance(clause, Clause)
    assert "may assign this Agreement" in words_at(lesson, clause)
    parties = lesson.said["parties"]
    assert isinstance(parties, Rows)
    assert len(parties.rows) == 2
    law, day = lesson.said["governing_law"], lesson.said["agreement_date"]
    assert isinstance(law, Pointers)
    assert isinstance(day, Pointers)
    assert (law.runs[0].text, day.runs[0].text) == ("Ohio", "March 3, 2020")
    assert "exclusivity" not in lesson.said
    assert not {"confidentiality", "termination_for_cause"} & set(lesson.asked)


def test_a_meeting_gives_rows_where_they_were_said_and_the_owner_who_is_named() -> None:
    record = {
        "text": "[1] 00:01 Chair: Good morning.\n[2] 00:09 Chair: The Engineer will test the pump."
        "\n[3] 00:15 Engineer: Yes.",
        "expected": {
            "action_items": [{"text": "test", "owners": ["Engineer"], "evidence_lines": [2]}],
            "decisions": [{"text": "nothing marked"}],
            "open_problems": [],
        },
    }
    (lesson,) = lessons("meetings_ami", record)
    actions = lesson.said["actions"]
    assert isinstance(actions, Rows)
    (row,) = actions.rows
    assert row["what"] == Clause(2, 2)
    owner = row["owner"]
    assert isinstance(owner, Pointers)
    assert owner.runs[0].line == 2
    assert "decisions" not in lesson.said
    assert lesson.asked == ("decisions", "actions", "open_questions")


def test_a_statement_on_an_agreement_is_quoted_or_said_to_be_missing() -> None:
    sentence = "The Recipient shall return all documents at the end of this agreement."
    record = {
        "text": f"Confidentiality agreement\n{sentence}\nThe Recipient may not copy any of the documents.",
        "expected": {"answers": {"nda-16": "yes", "nda-18": "not_mentioned"}},
        "evidence": {"nda-16": [sentence]},
    }
    yes, missing = lessons("contracts_nda_questionnaire", record)
    assert yes.said["verdict"] == Label("yes")
    quote = yes.said["quote"]
    assert isinstance(quote, Clause)
    assert words_at(yes, quote) == sentence
    assert missing.said["verdict"] == Label("not_mentioned")
    assert "quote" not in missing.said


def test_a_section_answers_its_question_from_its_own_lines() -> None:
    text = "# Widget\n\n## Backups\n\nBackups of the whole database are made every single night.\n"
    record = {
        "text": text,
        "expected": {"answers": {"backups": {"question": "Are backups made?", "evidence_lines": [5, 5]}}},
    }
    (lesson,) = lessons("questionnaire_security", record)
    assert lesson.said["verdict"] == Label("stated")


def test_topics_are_named_as_evaluation_names_them_and_shown_in_more_than_one_wording() -> None:
    record = {"text": "I am still waiting for my new card to come", "expected": {"intent": "CardArrival"}}
    made = lessons("support_banking77", record)
    assert [lesson.said["topics"] for lesson in made] == [Labels(("card_arrival",))] * len(made)
    assert made[0].source.line(1).text == record["text"]
    assert len(made) > 1


def test_what_is_out_of_scope_has_no_topic() -> None:
    made = lessons(
        "support_clinc150", {"text": "why is the sky blue", "expected": {"intent": "out_of_scope"}}
    )
    assert all(lesson.said == {} and lesson.asked == ("topics",) for lesson in made)


@pytest.mark.parametrize("asks", [True, False])
def test_sentences_of_mails_ask_or_do_not(asks: bool) -> None:
    made = lessons("email_action_intent", {"text": "Please call me.", "expected": {"asks_for_action": asks}})
    assert {lesson.said["asks_for_action"] for lesson in made} == {Flagged(asks)}


def test_a_card_line_is_asked_for_its_category_but_not_for_what_nobody_labelled() -> None:
    record = {
        "text": "2020-02-03  green grocer 12  GBP 4.5",
        "input": {"date": "2020-02-03", "merchant": "green grocer 12", "amount": 4.5},
        "expected": {"category": "food_groceries"},
    }
    whole, alone = lessons("transactions_pcard", record)
    assert whole.asked == ("category", "merchant", "date", "amount")
    assert alone.asked == ("category",)
    merchant = whole.said["merchant"]
    assert isinstance(merchant, Pointers)
    assert merchant.runs[0].text == "green grocer 12"
