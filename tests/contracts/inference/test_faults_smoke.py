"""Two scenarios of `make faults-inference`, a round of each, so that CI keeps what they prove."""

from collections.abc import Awaitable, Callable

import pytest

from tests.faults.inference import faulty_engines, lost_engines
from tests.faults.inference.books import Finding
from tests.faults.inference.stage import Plan


@pytest.mark.parametrize("play", [lost_engines.kill_an_engine, faulty_engines.closed_midway])
async def test_a_lost_engine_costs_no_answer_and_no_count(
    play: Callable[[Plan], Awaitable[Finding]],
) -> None:
    found = await play(Plan(rounds=1, at_once=6, quiet=0.5))
    assert found.right, (found.broken, found.notes)
    assert found.requests
