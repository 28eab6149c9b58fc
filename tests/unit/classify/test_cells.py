"""Examples in the cells of a reading: labels, units, clauses and questions, each with words as evidence."""

import random
from collections.abc import Sequence

from lemma.classify import by_example, by_name
from lemma.reading.cell import Cell, Status
from lemma.reading.material import Labelled, Material, with_lists
from lemma.reading.passages import Passage, with_passages
from lemma.reading.schema import Option, Task, parse_task
from lemma.reading.source import Line, Page, Source, Word

TICKETS = parse_task("""
id = "small"
version = 1
title = "Small"

[[field]]
name = "topics"
kind = "choice"
several = true
max_labels = 2
options = ["delivery", "refund"]

[[field]]
name = "asks"
kind = "flag"
""")

OWN_LIST = parse_task("""
id = "tickets"
version = 1
title = "Small"

[[field]]
name = "topics"
kind = "choice"
several = true
max_labels = 2
list = "topics"
options = ["delivery", "refund"]
""")

CONTRACTS = parse_task("""
id = "contracts"
version = 1
title = "Contracts"

[[field]]
name = "audit"
kind = "clause"
""")

QUESTIONS = parse_task("""
id = "questionnaires"
version = 1
title = "Questions"

[[field]]
name = "answers"
kind = "rows"
each = "question"
passages = 2

[[field.column]]
name = "question"
kind = "quote"
given = true

[[field.column]]
name = "verdict"
kind = "choice"
options = ["yes", "no", "not_mentioned"]

[[field.column]]
name = "quote"
kind = "clause"
source = "passages"
""")


def _source(*texts: str) -> Source:
    lines = tuple(Line(number, 1, text, tuple(_words(text))) for number, text in enumerate(texts, 1))
    return Source("text/plain", (Page(1, "plain"),), lines)


def _words(text: str) -> list[Word]:
    found, at = [], 0
    for word in text.split(" "):
        found.append(Word(at, at + len(word)))
        at += len(word) + 1
    return found


def _messages() -> tuple[Labelled, ...]:
    rng = random.Random(1)
    words = {"delivery": "parcel courier late tracking depot", "refund": "money back refund credited bank"}
    return tuple(
        Labelled(
            " ".join(rng.sample(words[topic].split(), 3)),
            {"topics": [topic], "asks": topic == "refund"},
        )
        for topic in ("delivery", "refund") * 15
    )


def _say(task: Task, source: Source, cells: Sequence[Cell], examples: Sequence[Labelled]) -> list[Cell]:
    return list(by_example(Material(examples=tuple(examples)))(task, source, cells))


def test_examples_decide_and_keep_the_models_answer_beside_theirs() -> None:
    source = _source("Hello", "my parcel is late, says the courier")
    model = [Cell("topics[0]", "refund", None, Status.DERIVED, signals={"logprob": -0.5})]
    cells = _say(TICKETS, source, [*model, Cell("asks", None, None, Status.ABSENT)], _messages())
    topic, asks = cells
    assert (topic.path, topic.value, topic.status) == ("topics[0]", "delivery", Status.DERIVED)
    assert topic.signals["by"] == "examples"
    assert topic.signals["second"] == {"by": "model", "value": ["refund"], "logprob": -0.5}
    assert topic.signals["agree"] is False
    assert topic.evidence
    assert topic.raw is not None
    for each, word in zip(topic.evidence, topic.raw.split(), strict=True):
        assert source.line(each.line).text[each.start : each.end] == word
    assert (asks.path, asks.value) == ("asks", False)


def test_few_examples_are_a_second_signal() -> None:
    source = _source("my parcel is late")
    model = [Cell("topics[0]", "refund", None, Status.DERIVED)]
    topic = _say(TICKETS, source, model, _messages()[:10])[0]
    assert topic.value == "refund"
    assert topic.signals["second"]["value"] == ["delivery"]


def test_a_list_without_examples_is_read_by_its_names() -> None:
    material = Material(
        lists={"topics": (Option("card_arrival", "Card arrival"), Option("pin", "Change the PIN"))}
    )
    task = with_lists(OWN_LIST, material)
    source = _source("When does my new card arrive?")
    model = [Cell("topics[0]", "pin", None, Status.DERIVED)]
    (cell,) = by_name("compact", material)(task, source, model)
    assert (cell.path, cell.value, cell.signals["second"]["value"]) == ("topics[0]", "card_arrival", ["pin"])
    assert by_name("full", material)(task, source, model) == model
    assert by_name("compact", Material())(task, source, model) == model
    assert by_name("compact", material)(task, _source("Zzz"), model) == model


def test_without_examples_nothing_changes() -> None:
    source = _source("my parcel")
    model = [Cell("topics", None, None, Status.ABSENT)]
    assert _say(TICKETS, source, model, ()) == model


_OTHERS = (
    "This agreement is made between the parties named above with their seats in the towns named there.",
    "Payment is due within thirty days of the date of each invoice, in the currency in which it is written.",
    "Neither party is liable for delay caused by force majeure, by acts of nature or by acts of states.",
    "Notices under this agreement are to be given in writing, to the address below the signatures of each.",
    "The term begins on the day of the last signature and goes on for two years; then the agreement ends.",
)
_AUDIT = "{} may audit the books and records of the other party once a year, at its own cost, by day."


def _contract(number: int, *, audit: bool) -> Labelled:
    quoted = _AUDIT.format(("Licensor", "The supplier", "The owner")[number % 3])
    lines = [*_OTHERS, *([quoted] if audit else [])]
    random.Random(number).shuffle(lines)
    return Labelled("\n".join(lines), {"audit": quoted if audit else None})


def test_a_clause_is_quoted_by_example() -> None:
    examples = [_contract(number, audit=number % 2 == 0) for number in range(24)]
    source = _source(_OTHERS[1], _OTHERS[3], _AUDIT.format("The publisher"), _OTHERS[0])
    blank = [Cell("audit", None, None, Status.ABSENT)]
    cell = _say(CONTRACTS, source, blank, examples)[0]
    assert cell.status is Status.FOUND
    assert [each.line for each in cell.evidence] == [3]
    assert cell.value == cell.raw == source.line(3).text
    silent = _source(*_OTHERS[:4])
    assert _say(CONTRACTS, silent, blank, examples)[0].status is Status.ABSENT


_SAID = {
    "yes": "The receiver shall return all confidential documents and all copies when the agreement ends.",
    "no": "The receiving party need not return any confidential documents or copies when the agreement ends.",
}


def _asked(number: int, verdict: str) -> Labelled:
    lines = [*_OTHERS, *filter(None, [_SAID.get(verdict)])]
    random.Random(number).shuffle(lines)
    values = {"answers.verdict": verdict} | ({"answers.quote": _SAID[verdict]} if verdict in _SAID else {})
    return Labelled("\n".join(["Must documents be returned?", *lines]), values)


def test_a_question_that_was_answered_before() -> None:
    verdicts = ("yes", "yes", "no", "not_mentioned")
    examples = [_asked(number, verdicts[number % 4]) for number in range(40)]
    said = "Party B shall return all confidential documents, and all copies, when the agreement ends."
    passage = Passage("p#1", "Agreement", (_OTHERS[2], said))
    source = with_passages(_source("Must documents be returned?"), [passage])
    cells = [
        Cell("answers[0].question", "Must documents be returned?", None, Status.FOUND),
        Cell("answers[0].verdict", "not_mentioned", None, Status.DERIVED),
        Cell("answers[0].quote", None, None, Status.ABSENT),
    ]
    _, verdict, quote = _say(QUESTIONS, source, cells, examples)
    assert verdict.value == "yes"
    assert [each.line for each in quote.evidence] == [3]
    other = with_passages(_source("Must documents be returned?"), [Passage("p#1", "A", _OTHERS[:3])])
    _, verdict, quote = _say(QUESTIONS, other, cells, examples)
    assert (verdict.value, quote.status) == ("not_mentioned", Status.ABSENT)
