"""Clauses over several windows: which counts, what is put together, and rows that are lines and no words."""

from dataclasses import replace

import pytest

from lemma.reading.merge import Reply, anchor, merge_field, merge_rows
from lemma.reading.pointers import Clause, Row, Rows, Said, point
from lemma.reading.reader import Reader
from lemma.reading.schema import Field, Task
from tests.unit.reading.making import facts, source

CAP = Field("cap", "clause", "Cap")
ACTIONS = Field(
    "actions",
    "rows",
    "Actions",
    columns=(Field("what", "clause", "What"), Field("owner", "quote", "Owner")),
    max_rows=50,
)
LINES = source(*[f"Line {number} by Anna or Tom" for number in range(1, 41)])


def reply(window: int, name: str, said: Said | None, logprob: float = -0.1) -> Reply:
    return Reply(window, {name: said} if said else {}, frozenset({name}), {name: {"logprob": logprob}})


def test_the_clause_that_the_model_was_surest_of_counts_and_the_others_are_kept_as_a_signal() -> None:
    heard = merge_field(
        CAP,
        [reply(0, "cap", Clause(3, 4), -0.9), reply(1, "cap", Clause(20, 22), -0.1), reply(2, "cap", None)],
    )
    assert heard.said == Clause(20, 22)
    assert heard.signals["elsewhere"] == ["3-4"]


def test_a_clause_that_a_cut_goes_through_is_put_together() -> None:
    heard = merge_field(CAP, [reply(0, "cap", Clause(14, 16), -0.5), reply(1, "cap", Clause(15, 19), -0.1)])
    assert heard.said == Clause(14, 19)
    assert "elsewhere" not in heard.signals


def test_a_clause_that_runs_backwards_is_joined_with_nothing() -> None:
    heard = merge_field(CAP, [reply(0, "cap", Clause(9, 3), -0.5), reply(1, "cap", Clause(4, 5), -0.1)])
    assert heard.said == Clause(4, 5)


def rows(window: int, *rows: Row) -> Reply:
    return Reply(window, {"actions": Rows(rows)}, frozenset({"actions"}), {})


@pytest.mark.parametrize(
    ("again", "kept"),
    [
        (Clause(12, 13), Clause(12, 13)),
        (Clause(12, 14), Clause(12, 14)),  # The whole row of two that lie across the cut.
        (Clause(11, 12), Clause(12, 13)),
        (Clause(13, 15), Clause(13, 15)),
    ],
)
def test_a_row_that_two_windows_saw_is_there_once(again: Clause, kept: Clause) -> None:
    merged = merge_rows(
        ACTIONS, [rows(0, {"what": Clause(2, 2)}, {"what": Clause(12, 13)}), rows(1, {"what": again})], LINES
    )
    assert [row.row["what"] for row in merged] == [Clause(2, 2), kept]


def test_two_actions_of_one_line_are_two_rows_where_their_owners_differ() -> None:
    anna: Row = {"what": Clause(5, 5), "owner": point((5, "Anna"))}
    tom: Row = {"what": Clause(5, 5), "owner": point((5, "Tom"))}
    assert len(merge_rows(ACTIONS, [rows(0, anna, tom), rows(1, anna)], LINES)) == 2


def test_a_model_that_goes_in_circles_says_a_row_once() -> None:
    merged = merge_rows(ACTIONS, [rows(0, *[{"what": Clause(7, 8)}] * 9, {"what": Clause(9, 9)})], LINES)
    assert [row.row["what"] for row in merged] == [Clause(7, 8), Clause(9, 9)]


def test_rows_stand_in_the_order_of_their_lines_though_an_owner_is_named_later() -> None:
    late: Row = {"what": Clause(3, 3), "owner": point((30, "Tom"))}
    assert anchor(late) == 3
    merged = merge_rows(ACTIONS, [rows(0, late), rows(1, {"what": Clause(10, 11)})], LINES)
    assert [row.row["what"] for row in merged] == [Clause(3, 3), Clause(10, 11)]


def test_a_party_that_signs_at_the_end_is_there_once_with_its_role() -> None:
    parties = replace(ACTIONS, once="owner")
    merged = merge_rows(
        parties,
        [
            rows(0, {"owner": point((1, "Anna"))}, {"owner": point((2, "Tom"))}),
            rows(1, {"owner": point((30, "Anna")), "what": Clause(31, 31)}),
        ],
        LINES,
    )
    assert [dict(row.row) for row in merged] == [
        {"owner": point((1, "Anna")), "what": Clause(31, 31)},
        {"owner": point((2, "Tom"))},
    ]


def test_a_model_is_shown_no_more_at_once_than_it_reads_well() -> None:
    asked = Task("test", 1, "A test", "", (CAP,))
    assert len(Reader(asked, LINES, facts()).next_requests()) == 1
    for request in Reader(asked, LINES, replace(facts(), window=400)).next_requests():
        assert len(request.messages[-1]["content"]) <= 400
