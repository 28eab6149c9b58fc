"""When a replica is left alone, and how often requests are made again."""

from lemma_inference.fleet.breaker import FAILURES, LONGEST_PAUSE, Breaker, RetryBudget
from tests.unit.inference.halls import Clock


def broken(clock: Clock, failures: int = FAILURES) -> Breaker:
    breaker = Breaker(clock)
    for _ in range(failures):
        assert breaker.allows() or failures > FAILURES
        breaker.sent()
        breaker.failed()
    return breaker


def test_it_opens_after_failures_in_a_row_and_not_before() -> None:
    breaker = broken(Clock(), FAILURES - 1)
    assert breaker.state == "closed"
    breaker.succeeded()
    breaker.failed()
    assert breaker.state == "closed"
    assert broken(Clock()).state == "open"


def test_after_a_pause_one_request_at_a_time_tries_again() -> None:
    clock = Clock()
    breaker = broken(clock)
    assert not breaker.allows()
    clock.now += 0.7
    assert breaker.state == "half-open"
    assert breaker.allows()
    breaker.sent()
    assert not breaker.allows()
    breaker.abandoned()
    assert breaker.allows()
    breaker.sent()
    breaker.succeeded()
    assert breaker.state == "closed"


def test_the_pause_grows_with_each_further_failure_up_to_a_limit() -> None:
    clock = Clock()
    breaker = broken(clock)
    pauses = []
    for _ in range(8):
        before = clock.now
        while not breaker.allows():
            clock.now += 0.05
        pauses.append(clock.now - before)
        breaker.sent()
        breaker.failed()
    assert pauses[1] > pauses[0]
    assert LONGEST_PAUSE * 0.7 < pauses[-1] < LONGEST_PAUSE * 1.3


def test_second_tries_are_a_tenth_of_what_is_answered_beyond_a_burst() -> None:
    budget = RetryBudget(burst=5)
    assert [budget.spend() for _ in range(6)] == [True] * 5 + [False]
    for _ in range(20):
        budget.earn()
    assert [budget.spend() for _ in range(3)] == [True, True, False]
    for _ in range(1000):
        budget.earn()
    assert sum(budget.spend() for _ in range(100)) == 5
