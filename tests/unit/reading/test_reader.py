"""Windows, cut answers, continued tables, merging."""

from collections.abc import Callable

import pytest

from lemma.reading.cell import Status
from lemma.reading.decode import AnswerOutsideGrammar
from lemma.reading.pointers import Rows, point
from lemma.reading.prompt import render_answer
from lemma.reading.reader import Answer, ModelFacts, Reader, Reading, Request
from lemma.reading.schema import Task
from lemma.reading.source import Source
from tests.unit.reading.engine import accepts, answer
from tests.unit.reading.making import by_path, facts, read, source, task

TASK = task(
    """
    [[field]]
    name = "number"
    kind = "quote"
    [[field]]
    name = "lines"
    kind = "rows"
    max_rows = 400
    [[field.column]]
    name = "name"
    kind = "quote"
    [[field.column]]
    name = "amount"
    kind = "amount"
    [[field]]
    name = "total"
    kind = "amount"
    """
)


def invoice(rows: int) -> Source:
    """A document whose rows are alike but for their line, and whose total is at its end."""
    return source("Invoice A-1", *["Same thing  5,00"] * rows, f"Total  {rows * 5},00")


def perfect(request: Request, given: Source, asked: Task = TASK) -> str:
    """What a model that makes no mistake answers: it sees only the lines and fields of the request."""
    names = request.messages[0]["content"].split("\n")[1]
    ids = [int(line.split(" ")[0]) for line in request.messages[-1]["content"].splitlines()]
    lines = [given.line(number) for number in ids]
    said: dict[str, object] = {}
    for line in lines:
        if line.text.startswith("Invoice"):
            said["number"] = point((line.id, "A-1"))
        if line.text.startswith("Total"):
            said["total"] = point((line.id, line.text.split()[-1]))
    rows = [
        {"name": point((line.id, "Same thing")), "amount": point((line.id, "5,00"))}
        for line in lines
        if line.text.startswith("Same")
    ]
    said["lines"] = Rows(tuple(rows))
    fields = tuple(field for field in asked.fields if field.name in names)
    part = Task(asked.id, 1, "", "", fields)
    return render_answer(part, given, {k: v for k, v in said.items() if k in names})  # type: ignore[misc]


def run(
    reader: Reader, respond: Callable[[Request], Answer], most: int = 200
) -> tuple[Reading, list[list[Request]]]:
    rounds: list[list[Request]] = []
    while requests := reader.next_requests():
        rounds.append(requests)
        assert len(rounds) <= most
        for request in requests:
            reader.feed(request.id, respond(request))
    return reader.result(), rounds


def test_an_empty_source_needs_no_model() -> None:
    for given in (Source("text/plain", (), ()), source("", "")):
        reader = Reader(TASK, given, facts())
        assert reader.next_requests() == []
        reading = reader.result()
        assert {cell.status for cell in reading.cells} == {Status.ABSENT}
        assert [cell.path for cell in reading.cells] == ["number", "lines", "total"]


def test_one_window_is_one_request() -> None:
    given = invoice(2)
    reading, rounds = run(Reader(TASK, given, facts()), lambda r: answer(perfect(r, given)))
    assert [len(requests) for requests in rounds] == [1]
    assert by_path(reading)["total"].raw == "10,00"
    assert by_path(reading)["total"].signals["logprobs"] == "masked"
    assert reading.tokens[0] == 10
    assert reading.notes == ()


def test_a_long_source_is_read_in_windows_and_each_row_once() -> None:
    given = invoice(150)
    reader = Reader(TASK, given, facts(context=1500))
    reading, rounds = run(reader, lambda r: answer(perfect(r, given)))
    assert len(rounds) == 1
    assert len(rounds[0]) > 3
    assert all(sum(len(m["content"]) for m in r.messages) + r.max_tokens <= 1500 for r in rounds[0])
    lines = [cell.evidence[0].line for cell in reading.cells if cell.path.endswith(".amount")]
    assert lines == list(range(2, 152))
    assert by_path(reading)["number"].raw == "A-1"
    assert by_path(reading)["total"].raw == "750,00"
    assert "overlapping parts" in reading.notes[0]


@pytest.mark.parametrize("limit", [70, 90, 200, 333, 1000])
def test_a_cut_answer_keeps_its_rows_and_goes_on_after_them(limit: int) -> None:
    given = invoice(40)

    def cut(request: Request) -> Answer:
        text = perfect(request, given)
        assert accepts(request.grammar, text)
        return answer(text[:limit], ended=len(text) <= limit)

    reader = Reader(TASK, given, facts())
    reading, rounds = run(reader, cut)
    amounts = [cell.evidence[0].line for cell in reading.cells if cell.path.endswith(".amount")]
    complete = limit >= 90
    assert amounts == (list(range(2, 42)) if complete else amounts)
    assert by_path(reading)["total"].raw == "200,00"
    assert bool(reading.notes) != complete
    if limit < 1000:
        assert "name amount" in rounds[1][0].messages[0]["content"]
        assert "Invoice" not in rounds[1][0].messages[1]["content"]


def test_a_table_that_reaches_its_bound_is_continued() -> None:
    given = invoice(7)
    asked = task(
        """
        [[field]]
        name = "lines"
        kind = "rows"
        max_rows = 3
        [[field.column]]
        name = "name"
        kind = "quote"
        [[field.column]]
        name = "amount"
        kind = "amount"
        """
    )

    def bounded(request: Request) -> Answer:
        rows = perfect(request, given, asked).split("- name")
        text = "- name".join(rows[:4])
        assert accepts(request.grammar, text)
        return answer(text)

    reading, rounds = run(Reader(asked, given, facts()), bounded)
    assert len(rounds) == 3
    assert sum(cell.path.endswith("amount") for cell in reading.cells) == 7


def test_a_model_that_never_gets_anywhere_is_given_up_with_a_note() -> None:
    given = invoice(3)
    reading, rounds = run(Reader(TASK, given, facts()), lambda _: answer("number: 1 Inv", ended=False))
    assert len(rounds) == 1
    assert "number, lines, total may be incomplete" in reading.notes[0]
    assert {cell.status for cell in reading.cells} == {Status.ABSENT}


def test_a_model_that_repeats_itself_without_end_is_stopped() -> None:
    given = invoice(3)

    def stuck(request: Request) -> Answer:
        names, shown = (message["content"] for message in request.messages)
        head = "number: -\n" if "number" in names else ""
        if "lines" not in names:
            return answer("total: ", ended=False)
        line = next((line.split()[0] for line in shown.splitlines() if "Same" in line), None)
        row = f"- name: {line} Same\n  amount: {line} 5,00\n" if line else ""
        return answer(f"{head}lines:\n" + row * 5, ended=False)

    reading, rounds = run(Reader(TASK, given, facts()), stuck)
    assert len(rounds) <= 5
    assert any("may be incomplete" in note for note in reading.notes)


def test_rows_on_the_very_same_words_are_one_row() -> None:
    given = source("Tea 5,00", "Tea 5,00", "Pot 7,00  Pot 7,00")
    tea = {"name": point((1, "Tea")), "amount": point((1, "5,00"))}
    same = {"name": point((2, "Tea")), "amount": point((2, "5,00"))}
    pot = {"name": point((3, "Pot")), "amount": point((3, "7,00"))}
    reading = read(TASK, given, {"lines": Rows((tea, tea, tea, same, pot, pot, pot))})
    places = [c.evidence[0].line for c in reading.cells if c.path.endswith(".name")]
    assert places == [1, 2, 3, 3]


def test_of_several_windows_the_surest_counts_and_the_others_are_noted() -> None:
    given = source("Total  1,00", *["filler text of the document"] * 60, "Total  2,00")
    reader = Reader(TASK, given, facts(context=1200))

    def respond(request: Request) -> Answer:
        shown = request.messages[1]["content"]
        total = "1 1,00" if "1,00" in shown else "62 2,00" if "2,00" in shown else "-"
        sure = -0.01 if "2,00" in shown else -0.4
        return answer(f"number: -\nlines: -\ntotal: {total}\n", logprob=sure)

    reading, rounds = run(reader, respond)
    assert len(rounds[0]) > 2
    total = by_path(reading)["total"]
    assert total.raw == "2,00"
    assert total.signals["elsewhere"] == ["1,00"]


def test_full_style_models_are_told_which_part_they_see() -> None:
    given = invoice(150)
    reader = Reader(TASK, given, facts(context=6000, style="full"))
    requests = reader.next_requests()
    assert len(requests) > 1
    assert requests[1].messages[-1]["content"].startswith("Lines ")


def test_wrong_use_is_told() -> None:
    given = invoice(1)
    reader = Reader(TASK, given, facts())
    with pytest.raises(RuntimeError, match="not finished"):
        reader.result()
    (request,) = reader.next_requests()
    with pytest.raises(RuntimeError, match="not answered"):
        reader.next_requests()
    with pytest.raises(KeyError):
        reader.feed("other", answer(""))
    with pytest.raises(AnswerOutsideGrammar):
        reader.feed(request.id, answer("hello\n"))
    reader.feed(request.id, answer(perfect(request, given)))
    with pytest.raises(KeyError):
        reader.feed(request.id, answer(perfect(request, given)))
    assert reader.next_requests() == []


def test_a_line_longer_than_the_window_is_read_in_slices() -> None:
    words = " ".join(f"w{number}" for number in range(600)) + " Total 9,99"
    given = source(words)

    def respond(request: Request) -> Answer:
        found = "9,99" in request.messages[1]["content"]
        return answer(f"number: -\nlines: -\ntotal: {'1 9,99' if found else '-'}\n")

    reading, rounds = run(Reader(TASK, given, ModelFacts("m", "compact", 900, len)), respond)
    assert len(rounds[0]) > 3
    cell = by_path(reading)["total"]
    assert given.line(1).text[cell.evidence[0].start : cell.evidence[0].end] == "9,99"
