"""What the gateway promises research and the product, held to in simulated time on every change of admission.

`make bench-inference` plays the same for longer, and over HTTP. The clock jumps, so a busy machine changes
nothing.
"""

from functools import cache

import pytest

from tests.bench.inference import cases
from tests.bench.inference.client import Reply
from tests.bench.inference.figures import interval, jain, percentile
from tests.bench.inference.outcome import Outcome
from tests.bench.inference.simulated import played

SECONDS = 60.0
BY_NAME = {case.name: case for case in (*cases.CASES, *cases.BATCH_CASES)}


@cache
def outcome(name: str) -> Outcome:
    return played(BY_NAME[name], 1.0, SECONDS, seeds=(1,))


@pytest.mark.parametrize("name", [case.name for case in cases.CASES if case.added is not None])
def test_research_waits_no_longer_than_promised(name: str) -> None:
    found, alone = outcome(name), percentile(outcome(cases.ALONE.name).first, 0.99)
    assert len(found.first) > 0.9 * found.asked
    limit = BY_NAME[name].limit(alone)
    assert limit is not None
    assert percentile(found.first, 0.99) <= limit


def test_without_the_gateway_research_would_wait_ten_times_as_long() -> None:
    """The load is one that hurts; else the test above proved nothing."""
    alone, unprotected = outcome(cases.ALONE.name), outcome("vLLM's priorities only")
    assert percentile(unprotected.first, 0.5) > 10 * percentile(alone.first, 0.5)


def test_the_product_fills_what_is_idle() -> None:
    whole = outcome(cases.BATCH_ONLY.name)
    through = outcome("batch alone, through the gateway")
    # A minute has some twenty answers of 32,000 tokens, so this is coarser than the bench.
    assert through.product >= 0.85 * whole.product


def test_what_is_taken_back_is_found_in_the_cache_again() -> None:
    strict = outcome("gateway, strict")
    assert strict.yanks > 5
    assert strict.reread < 0.02 * strict.yanks * 10_000


def test_figures() -> None:
    values = [float(one) for one in range(1, 101)]
    assert (percentile(values, 0.5), percentile(values, 0.99)) == (50.0, 99.0)
    assert percentile([7.0], 0.99) == 7.0
    low, high = interval(values, 0.5)
    assert low < 50.0 < high
    assert jain([1.0, 1.0, 1.0, 1.0]) == 1.0
    assert jain([1.0, 0.0, 0.0, 0.0]) == 0.25


def test_a_reply_counts_by_its_last_usage() -> None:
    tail = b'{"usage": {"completion_tokens": 3}}\n\ndata: {"usage":{"completion_tokens":12}}'
    reply = Reply(1.0, 200, [1.5, 1.75], 2.0, tail)
    assert (reply.ok, reply.tokens, reply.first, reply.gaps) == (True, 12, 0.5, [0.25])
