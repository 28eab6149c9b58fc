"""When a replica is left alone, and how often requests are made again."""

from lemma_inference.admission import Policy
from lemma_inference.engines.fake import FakeEngine
from lemma_inference.fleet import House, Member, Served
from lemma_inference.fleet.breaker import FAILURES, LONGEST_PAUSE, SHORTEST_PAUSE, Breaker, RetryBudget
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
    assert str(breaker.state) == "closed"


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


def test_what_was_under_way_when_a_replica_died_is_one_event() -> None:
    clock = Clock()
    breaker = Breaker(clock)
    for _ in range(64):
        breaker.failed()
    clock.now += SHORTEST_PAUSE * 1.3
    assert breaker.allows()


def test_late_news_does_not_let_a_second_request_try() -> None:
    clock = Clock()
    breaker = broken(clock)
    breaker.failed()
    clock.now += 0.7
    breaker.sent()
    assert not breaker.allows()


def test_a_replica_that_fails_now_and_then_is_not_well_though_its_breaker_stays_closed() -> None:
    breaker = Breaker(Clock())
    assert breaker.well
    for _ in range(20):
        breaker.failed()
        breaker.succeeded()
    assert breaker.state == "closed"
    assert not breaker.well
    for _ in range(60):
        breaker.succeeded()
    assert breaker.well


def test_second_tries_are_a_tenth_of_what_is_answered_beyond_a_burst() -> None:
    budget = RetryBudget(burst=5)
    assert [budget.spend() for _ in range(6)] == [True] * 5 + [False]
    for _ in range(20):
        budget.earn()
    assert [budget.spend() for _ in range(3)] == [True, True, False]
    for _ in range(1000):
        budget.earn()
    assert sum(budget.spend() for _ in range(100)) == 5


def test_a_second_try_is_free_where_a_replica_is_well_and_costs_where_none_is() -> None:
    engine = FakeEngine()
    members = [Member(name, engine) for name in ("a", "b")]
    served = Served("fake", engine.context, "compact", engine.logprobs, engine.name)
    house = House(served, members, Policy.alone(8), lambda text: text)
    assert all(house.may_retry({"a"}) for _ in range(500))
    members[1].breaker.failed()
    assert sum(house.may_retry({"a"}) for _ in range(500)) == 64
