"""The second reading: words marked as what they are, and whose answer counts."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from random import Random

import numpy as np
import pytest

import lemma.second
from lemma.ingest import ingest
from lemma.reading.cell import Cell, Status
from lemma.reading.prompt import visible_lines
from lemma.reading.schema import Task, load_task
from lemma.reading.source import Source
from lemma.second import second_opinion
from lemma.second.features import describe
from lemma.second.marker import Marker, load_marker
from lemma.second.opinion import decide
from lemma.second.words import rows_of
from starter.lessons import LESSONS
from starter.second.pages import classes, load, page_of, save

TASKS = Path(lemma.second.__file__).parents[1] / "tasks"
INVOICE = b"""Nordwind Handel GmbH
Hafenstrasse 12
20457 Hamburg

Rechnung Nr.: RE-2024-0815          Rechnungsdatum: 14.03.2024

Pos  Beschreibung            Menge    Einzelpreis    Betrag
1    Druckerpapier A4        10       4,50           45,00
2    Ordner breit            4        3,20           12,80

Nettobetrag                                          57,80
MwSt. 19 %                                           10,98
Gesamtbetrag                                         68,78
"""


@pytest.fixture
def task() -> Task:
    return load_task(TASKS / "invoices" / "task.toml")


@pytest.fixture
def source() -> Source:
    return ingest(INVOICE, "rechnung.txt").source


def unsaid(task: Task) -> list[Cell]:
    return [Cell(field.name, None, None, Status.ABSENT) for field in task.fields]


def by_path(cells: Sequence[Cell]) -> dict[str, Cell]:
    return {cell.path: cell for cell in cells}


def test_it_speaks_where_a_small_model_says_nothing(task: Task, source: Source) -> None:
    cells = by_path(second_opinion("compact")(task, source, unsaid(task)))

    assert cells["number"].value == "RE-2024-0815"
    assert cells["total"].value == Decimal("68.78")
    assert [cells[f"lines[{n}].amount"].value for n in (0, 1)] == [Decimal("45.00"), Decimal("12.80")]
    assert cells["number"].signals["by"] == "marks"
    for cell in cells.values():
        words = " ".join(source.line(e.line).text[e.start : e.end] for e in cell.evidence)
        assert cell.raw in (None, words)  # Nothing but words of the source.


@pytest.mark.parametrize(
    ("said", "logprob", "value"),
    [("BRL", -10.9, "EUR"), ("BRL", -0.1, "BRL"), ("EUR", -10.9, "EUR"), (None, 0.0, "EUR")],
)
def test_a_label_that_is_guessed_and_not_printed_gives_way_to_one_that_is(
    task: Task, said: str | None, logprob: float, value: str
) -> None:
    source = ingest(INVOICE + b"Alle Betraege in EUR\n", "rechnung.txt").source
    status = Status.DERIVED if said else Status.ABSENT
    first = Cell("currency", said, None, status, signals={"logprob": logprob})
    others = [cell for cell in unsaid(task) if cell.path != "currency"]

    cells = by_path(second_opinion("compact")(task, source, [*others, first]))

    assert cells["currency"].value == value
    assert by_path(second_opinion("full")(task, source, [*others, first]))["currency"].value == said


def test_it_only_advises_a_model_that_stands_on_its_own(task: Task, source: Source) -> None:
    said = [
        replace(cell, value=Decimal("57.80"), status=Status.FOUND) if cell.path == "total" else cell
        for cell in unsaid(task)
    ]

    cells = by_path(second_opinion("full")(task, source, said))

    assert cells["total"].value == Decimal("57.80")
    assert cells["total"].signals["agree"] is False
    assert cells["total"].signals["second"]["value"] == "68.78"
    assert cells["number"].value is None
    assert "lines[0].amount" not in cells


@pytest.mark.parametrize(
    ("first", "second", "sure", "style", "counts"),
    [
        (None, "a", 0.9, "compact", "second"),
        (None, "a", 0.1, "compact", "first"),
        ("b", "a", 0.9, "compact", "second"),
        ("b", "a", 0.4, "compact", "first"),
        ("b", None, 0.0, "compact", "first"),
        (None, "a", 0.9, "full", "first"),
    ],
)
def test_whose_answer_counts(
    first: str | None, second: str | None, sure: float, style: str, counts: str
) -> None:
    one = Cell("number", first, first, Status.FOUND if first else Status.ABSENT)
    other = None if second is None else Cell("number", second, second, Status.FOUND)

    assert decide(one, other, sure, "compact" if style == "compact" else "full") == counts


def test_in_prose_it_never_takes_a_models_word_away() -> None:
    none, said = Cell("title", None, None, Status.ABSENT), Cell("title", "b", "b", Status.FOUND)
    other = Cell("title", "a", "a", Status.FOUND)

    assert decide(said, other, 1.0, "compact", prose=True) == "first"
    assert decide(none, other, 0.7, "compact", prose=True) == "second"
    assert decide(none, other, 0.5, "compact", prose=True) == "first"


def test_what_an_embedded_file_says_stands(task: Task) -> None:
    exact = Cell("number", "X-1", None, Status.FOUND, signals={"xml": "agrees"})

    assert decide(exact, Cell("number", "a", "a", Status.FOUND), 1.0, "compact") == "first"


def test_a_task_without_weights_is_left_alone(task: Task, source: Source) -> None:
    cells = unsaid(task)

    assert list(second_opinion("compact")(replace(task, id="unheard-of"), source, cells)) == cells


def test_words_keep_their_places(source: Source) -> None:
    lines = [line for line in visible_lines(source) if line.text]

    for word in describe(lines):
        line = source.line(word.line).text
        assert line[word.piece.start : word.piece.end] == word.piece.text
        assert list(word.features) == sorted(set(word.features))
    assert [row.line.id for row in rows_of(lines)] == [line.id for line in lines]


@pytest.mark.parametrize("task_id", ["invoices", "contracts"])
def test_the_weights_fit_the_task(task_id: str) -> None:
    marker = load_marker(Path(lemma.second.__file__).with_name(f"{task_id}.npz"))

    assert marker.classes == classes(load_task(TASKS / task_id / "task.toml"))


def test_weights_of_another_version_are_refused(tmp_path: Path) -> None:
    small = np.zeros((8, 2), np.int8)
    ones = np.ones(2, np.float32)
    Marker(("-",), small, ones, ones, ones, ones, ones, ones).save(tmp_path / "old.npz")

    with pytest.raises(ValueError, match="fitted for 8 features"):
        load_marker(tmp_path / "old.npz")


def test_a_lesson_becomes_a_page_that_marks_its_values(tmp_path: Path) -> None:
    lesson = LESSONS["invoices.whole"](Random("second"))
    page = page_of(lesson)
    assert page is not None
    names = classes(lesson.task)

    marked = {names[label] for label in page.labels if label}
    assert marked
    assert marked <= {
        name
        for name in names
        if name.partition(".")[0] in {*lesson.asked, *lesson.also} or name in lesson.also
    }

    save(tmp_path / "pages.npz", [page, page])
    again = load(tmp_path / "pages.npz")
    assert [list(each.labels) for each in again] == [list(page.labels)] * 2
    assert all((each.features == page.features).all() for each in again)
