"""The measure of the fault suite: it sees what is billed twice, what is lost, and what was seen of it."""

from typing import Any

import pytest

from tests.faults.inference.books import Finding, compare, unseen
from tests.faults.inference.clients import Reply
from tests.faults.inference.sharing import least_squares


def record(completion: int = 10, finish: str = "stop", customer: str = "a") -> dict[str, Any]:
    return {"customer": customer, "prompt": 100, "completion": completion, "finish": finish}


def whole(**facts: Any) -> Reply:
    fields: dict[str, Any] = {
        "status": 200,
        "usage": (100, 0, 10),
        "tokens": 10,
        "complete": True,
        "first": 1.0,
    }
    return Reply("a", stream=True, began=0.0, **fields | facts)


def broken(tokens: int = 10, **facts: Any) -> Reply:
    return whole(**{"complete": False, "usage": None, "tokens": tokens, "code": "engine_lost"} | facts)


@pytest.mark.parametrize(
    ("reply", "records", "twice", "lost"),
    [
        (whole(), [record()], 0, 0),
        (whole(), [record(), record()], 110, 0),
        (whole(), [record(12)], 2, 0),
        (whole(), [record(7)], 0, 3),
        (whole(), [], 0, 110),
        (broken(), [record(9, "failed")], 0, 0),
        (broken(), [record(5, "failed")], 0, 4),
        (broken(part=5), [record(5, "aborted")], 0, 0),
        (broken(), [], 0, 9),
        (broken(0, first=None), [], 0, 0),
        (broken(0, first=None), [record(0, "failed"), record(0, "failed")], 100, 0),
    ],
)
def test_what_a_client_saw_is_laid_beside_its_records(
    reply: Reply, records: list[dict[str, Any]], twice: int, lost: int
) -> None:
    found = Finding()
    compare([reply], records, found)
    assert (found.requests, found.twice, found.lost) == (1, twice, lost)
    assert found.right == (not twice and not lost)


def test_a_record_of_nobody_and_a_whole_answer_that_is_called_aborted_are_told() -> None:
    found = Finding()
    compare([whole()], [record(finish="aborted"), record(customer="b")], found)
    assert len(found.broken) == 2
    assert found.twice == 110


def test_only_failures_before_the_first_byte_count_and_no_refusals() -> None:
    found = Finding()
    replies = [
        broken(0, first=None, status=503),
        broken(),
        broken(left=True, first=None),
        Reply("a", stream=False, began=0.0, status=429, code="over_budget"),
        Reply("a", stream=False, began=0.0, code="ServerDisconnectedError"),
        whole(),
    ]
    unseen(replies, found)
    assert found.unseen == 2


def test_a_rise_is_a_slope() -> None:
    assert least_squares([(0.0, 10.0), (1.0, 12.0), (2.0, 14.0)]) == pytest.approx(2.0)
    assert least_squares([(0.0, 10.0), (1.0, 9.0), (2.0, 10.0)]) == pytest.approx(0.0)
