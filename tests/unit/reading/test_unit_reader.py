"""Readings with units and passages: a row for each unit, and evidence that holds in passages too."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from lemma.reading.cell import Status
from lemma.reading.decode import decode
from lemma.reading.grammar import build_grammar
from lemma.reading.material import Material
from lemma.reading.passages import Passage, passage_pages, with_passages
from lemma.reading.pointers import Clause, Label, Labels, Prose, Said, Sentence
from lemma.reading.prompt import messages_of, render_answer, visible_lines
from lemma.reading.reader import ModelFacts, Reader, Reading
from lemma.reading.schema import Option, Task
from lemma.reading.source import Source
from lemma.reading.units import unit_source, unit_task
from lemma.retrieval import Retriever
from tests.unit.reading.engine import accepts, answer, answer_randomly, walk
from tests.unit.reading.making import by_path, facts, source, task
from tests.unit.reading.strategies import sources
from tests.unit.reading.test_evidence_holds import RELAXED, check_cells

PAGES = (
    Passage("keys", "Encryption", ("Data is encrypted at rest.", "We use AES-256.")),
    Passage("staff", "Staff", ("Staff are trained every year.",)),
)
MATERIAL = Material(passages=PAGES)
ANSWERS = task("""
    [[field]]
    name = "title"
    kind = "quote"

    [[field]]
    name = "answers"
    kind = "rows"
    each = "question"
    passages = 1

    [[field.column]]
    name = "question"
    kind = "quote"
    given = true

    [[field.column]]
    name = "verdict"
    kind = "choice"
    options = ["yes", "no", { name = "not_mentioned", blank = true }]

    [[field.column]]
    name = "quote"
    kind = "clause"
    source = "passages"

    [[field.column]]
    name = "answer"
    kind = "text"
    source = "passages"
    free = true
    max_sentences = 2

    [[rule]]
    code = "quoted"
    kind = "backed"
    value = "answers.verdict"
    unless = ["not_mentioned"]
    by = ["answers.quote"]

    [[rule]]
    code = "supported"
    kind = "supported"
    fields = ["answers.answer"]
""")
FORM = source("Form", "1 Are staff trained?", "2 Is data encrypted at rest?", "3 Quo vadis?")
TICKETS = task("""
    [[field]]
    name = "topics"
    kind = "choice"
    several = true
    max_labels = 3
    list = "topics"
    options = ["none"]

    [[field]]
    name = "reply"
    kind = "text"
    source = "passages"
    passages = 2
    free = true
    max_sentences = 3
""")
TOPICS = {"topics": (Option("late delivery", "Late"), Option("refund", "Refund"), Option("late", "L"))}


def reader_of(asked: Task, given_: Source, model: ModelFacts | None = None) -> Reader:
    material = Material(lists=TOPICS, passages=PAGES)
    return Reader(asked, given_, model or facts(), material=material, retrieve=Retriever(PAGES))


def read_form(answers: dict[str, str]) -> Reading:
    """The reading in which each unit gets the answer that its question is a key for."""
    reader = reader_of(ANSWERS, FORM)
    while requests := reader.next_requests():
        for request in requests:
            document = request.messages[-1]["content"].partition("\n\n")[0]
            unit = "title" not in request.messages[0]["content"]
            last = document.splitlines()[-1] if unit else "Form"
            text = next(said for key, said in answers.items() if key in last)
            assert accepts(request.grammar, text), text
            reader.feed(request.id, answer(text))
    return reader.result()


def test_each_question_is_asked_by_itself_with_its_own_passages() -> None:
    document, first, second = reader_of(ANSWERS, FORM).next_requests()
    assert (
        document.messages[-1]["content"]
        == "1 Form\n2 1 Are staff trained?\n3 2 Is data encrypted at rest?\n4 3 Quo vadis?\n"
    )
    assert document.messages[0]["content"] == "test\ntitle"
    assert first.messages[0]["content"] == "test\nverdict quote answer"
    assert (
        first.messages[-1]["content"] == "1 Form\n2 1 Are staff trained?\n\n3 Staff are trained every year.\n"
    )
    assert second.messages[-1]["content"].endswith("\n\n3 Data is encrypted at rest.\n4 We use AES-256.\n")


def test_it_sends_what_training_shows() -> None:
    _, first, _ = reader_of(ANSWERS, FORM).next_requests()
    lesson = unit_source(FORM.lines[:2], [PAGES[1]])
    small = unit_task(ANSWERS, ANSWERS.field("answers"))
    assert first.messages == messages_of(small, lesson, style="compact")


def test_answers_become_rows_whose_evidence_lies_in_passages() -> None:
    reading = read_form(
        {
            "staff": "verdict: yes\nquote: 3\nanswer: 3\n",
            "encrypted": "verdict: no\nquote: 3-4\nanswer: 4\t3\n",
            "Form": "title: 1 Form\n",
        }
    )
    cells = by_path(reading)
    assert [page.name for page in reading.source.pages if page.kind == "passage"] == ["Staff", "Encryption"]
    assert cells["answers[0].question"].raw == "1 Are staff trained?"
    assert cells["answers[0].quote"].raw == "Staff are trained every year."
    assert [e.line for e in cells["answers[1].quote"].evidence] == [6, 7]
    assert cells["answers[1].answer"].value == "We use AES-256. Data is encrypted at rest."
    assert cells["answers[1].answer"].signals["generated"] is False
    blank = cells["answers[2].verdict"]
    assert (blank.value, blank.status) == ("not_mentioned", Status.DERIVED)
    assert blank.reason == "No passage of the material has words in common with it."
    assert cells["answers[2].quote"].status is Status.ABSENT
    assert [rule.passed for rule in reading.rules] == [True, True]


def test_an_answer_without_a_quote_is_told() -> None:
    reading = read_form(
        {
            "staff": "verdict: yes\nquote: -\nanswer: -\n",
            "encrypted": "verdict: not_mentioned\nquote: -\nanswer: -\n",
            "Form": "title: -\n",
        }
    )
    quoted, supported = reading.rules
    assert (quoted.passed, quoted.paths) == (False, ("answers[0].verdict",))
    assert supported.passed is None


def test_pointers_stay_where_their_field_points() -> None:
    shown = unit_source(source("1 What?").lines, PAGES)
    lines, pages = visible_lines(shown), passage_pages(shown)
    fields = unit_task(ANSWERS, ANSWERS.field("answers")).fields
    grammar = build_grammar(fields, lines, pages)
    right = "verdict: yes\nquote: 2-3\nanswer: 2\tquote\n".replace("quote\n", '"It is." [2,3]\n')
    assert accepts(grammar, right.replace("quote:", "quote:"))
    for wrong in ("quote: 1", "quote: 3-4", "quote: 2-4"):
        text = f"verdict: yes\n{wrong}\nanswer: -\n"
        assert not accepts(grammar, text), wrong
    assert not accepts(grammar, "verdict: yes\nquote: 2\nanswer: 1\n")
    document = task('[[field]]\nname = "title"\nkind = "quote"')
    only = build_grammar(document.fields, lines, pages)
    assert accepts(only, "title: 1 What\n")
    assert not accepts(only, "title: 2 Data\n")


def test_labels_of_the_customers_own_list_are_a_cell_each() -> None:
    reader = reader_of(TICKETS, source("Where is my parcel of encrypted data? I want my money back."))
    topics, reply = reader.next_requests()
    assert "late" in topics.grammar
    assert accepts(topics.grammar, "topics: refund\tlate delivery\n")
    assert not accepts(topics.grammar, "topics: none\n")
    assert not accepts(reply.grammar, 'reply: "Free words." [2]\n')  # A compact model writes none.
    reader.feed(topics.id, answer("topics: refund\tlate\trefund\n"))
    reader.feed(reply.id, answer("reply: 3\t2\n"))
    cells = by_path(reader.result())
    assert [cells[f"topics[{n}]"].value for n in range(2)] == ["refund", "late"]
    assert cells["topics[0]"].signals["logprob"] <= 0
    assert "topics[2]" not in cells
    assert cells["reply"].value == "We use AES-256. Data is encrypted at rest."


def test_a_model_that_reads_instructions_may_write_its_own_sentences() -> None:
    reader = reader_of(TICKETS, source("Is data encrypted?"), facts(style="full"))
    topics, reply = reader.next_requests()
    assert "Passage: Encryption" in reply.messages[-1]["content"]
    text = 'reply: 2\t"That is all." []\n'
    assert accepts(reply.grammar, text)
    reader.feed(topics.id, answer("topics: -\n"))
    reader.feed(reply.id, answer(text))
    cells = by_path(reader.result())
    assert cells["topics"].status is Status.ABSENT
    assert [s["supported"] for s in cells["reply"].signals["sentences"]] == [True, False]
    assert cells["reply"].signals["generated"] is True


def test_without_passages_nothing_is_asked_of_them() -> None:
    reader = Reader(TICKETS, source("Is data encrypted?"), facts())
    (topics,) = reader.next_requests()
    reader.feed(topics.id, answer("topics: none\n"))
    cells = by_path(reader.result())
    assert cells["reply"].status is Status.ABSENT
    assert cells["reply"].reason


def test_passages_that_do_not_fit_are_left_out() -> None:
    long = tuple(Passage(str(n), "Encryption", (f"Encrypted data {n}. " * 20,)) for n in range(9))
    asked = task("""
        [[field]]
        name = "answers"
        kind = "rows"
        each = "question"
        passages = 9
        [[field.column]]
        name = "quote"
        kind = "clause"
        source = "passages"
    """)
    reader = Reader(asked, FORM, facts(1500), material=Material(passages=long), retrieve=Retriever(long))
    for request in reader.next_requests():
        assert sum(len(message["content"]) for message in request.messages) < 1500
        assert request.messages[-1]["content"].count("Encrypted data") >= 20


def test_a_thousand_rows_come_back_in_order() -> None:
    asked = task("""
        [[field]]
        name = "entries"
        kind = "rows"
        each = "line"
        [[field.column]]
        name = "entry"
        kind = "quote"
        given = true
        [[field.column]]
        name = "shop"
        kind = "quote"
        [[field.column]]
        name = "amount"
        kind = "amount"
    """)
    rows = [f"{n % 28 + 1:02}.03.2026  SHOP{n}  {n}.50" for n in range(1000)]
    reader = Reader(asked, source(*rows), facts())
    requests = reader.next_requests()
    assert len(requests) == 1000
    for request in reversed(requests):
        shop, amount = request.messages[-1]["content"].split()[2:]
        said = "shop: -\namount: -\n" if shop.endswith("7") else f"shop: 1 {shop}\namount: 1 {amount}\n"
        reader.feed(request.id, answer(said))
    assert not reader.next_requests()
    cells = by_path(reader.result())
    assert len(cells) == 3000
    assert cells["entries[412].shop"].value == "SHOP412"
    assert cells["entries[412].amount"].evidence[0].line == 413
    assert cells["entries[417].shop"].status is Status.ABSENT
    assert cells["entries[417].entry"].raw == rows[417]


@RELAXED
@given(sources(), st.integers())
def test_whatever_a_model_does_evidence_holds(document: Source, seed: int) -> None:
    chooser = random.Random(seed)
    pages = [
        Passage(str(at), line.text, (line.text,)) for at, line in enumerate(document.lines[:4]) if line.text
    ]
    for asked in (ANSWERS, TICKETS):
        reader = Reader(
            asked, document, facts(4096), material=Material(TOPICS, tuple(pages)), retrieve=Retriever(pages)
        )
        while requests := reader.next_requests():
            for request in requests:
                reader.feed(request.id, answer_randomly(request, chooser, chooser.choice([40, 4000])))
        reading = reader.result()
        check_cells(reading.source, reader)
        pages_of_passages = passage_pages(reading.source)
        for cell in reading.cells:
            inside = cell.path.endswith((".quote", ".answer", "reply"))
            free = bool(cell.signals.get("generated"))
            assert free or all((e.page in pages_of_passages) == inside for e in cell.evidence)


@settings(RELAXED, max_examples=60)
@given(st.integers())
def test_what_the_grammar_allows_decodes_and_renders_to_itself(seed: int) -> None:
    shown = with_passages(source("1 Is it so?", "really"), PAGES)
    lines, pages = visible_lines(shown), passage_pages(shown)
    small = unit_task(ANSWERS, ANSWERS.field("answers"))
    text, ended = walk(build_grammar(small.fields, lines, pages), random.Random(seed))
    decoded = decode(text, small.fields, lines, finished=ended, passages=pages)
    if ended:
        again = render_answer(small, shown, decoded.said)
        assert decode(again, small.fields, lines, passages=pages).said == decoded.said


def test_rendering_is_held_to_the_same_rules() -> None:
    shown = with_passages(source("1 Is it so?"), PAGES)
    small = unit_task(ANSWERS, ANSWERS.field("answers"))
    said: dict[str, Said] = {
        "verdict": Label("yes"),
        "quote": Clause(2, 3),
        "answer": Prose((Sentence("We use AES-256.", (3,), copied=True),)),
    }
    assert render_answer(small, shown, said) == "verdict: yes\nquote: 2-3\nanswer: 3\n"
    topics = TICKETS.field("topics")
    listed = Task("t", 1, "T", "", (topics,))
    assert render_answer(listed, shown, {"topics": Labels(("none",))}) == "topics: none\n"
