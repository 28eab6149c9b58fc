"""What keys and tenants may use: windows of the clock, reservations, refusals that say what to do."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lemma_inference.callers import Budget, Caller
from lemma_inference.errors import BeyondBudget, OverBudget
from lemma_inference.metering.budgets import Budgets, Reservation, headers
from lemma_inference.metering.record import Record

MIDNIGHT = 20_000 * 86_400.0


class Clock:
    """A clock that is set by hand."""

    def __init__(self, now: float = MIDNIGHT) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def caller(key: Budget = Budget(), tenant: Budget = Budget()) -> Caller:  # noqa: B008 - frozen
    return Caller("t", "k", "interactive", key_budget=key, tenant_budget=tenant)


def record(at: float, tokens: int, key: str = "k", tenant: str = "t") -> Record:
    return Record(
        id="x", at=at, end=at, tenant=tenant, customer="", key=key, request_class="batch", model="m",
        replica="", prompt=tokens, cached=0, completion=0, wasted_prompt=50, wasted_completion=50,
        attempts=2, finish="stop",
    )  # fmt: skip


def test_without_a_budget_all_is_allowed() -> None:
    budgets = Budgets(Clock())
    for _ in range(100):
        budgets.reserve(caller(), 10**9, 10**9)
    assert budgets.standings(caller()) == []


def test_what_is_reserved_counts_until_it_is_settled() -> None:
    clock = Clock(MIDNIGHT + 12)
    budgets = Budgets(clock)
    who = caller(Budget(tokens_per_minute=1000))
    held = budgets.reserve(who, 400, 400)
    with pytest.raises(OverBudget) as refused:
        budgets.reserve(who, 100, 101)
    assert refused.value.retry_after == 1  # The request under way may give back enough.
    assert refused.value.extra == {
        "retry_after": 1, "limit": "tokens a minute", "subject": "key k", "most": 1000, "used": 0,
        "reserved": 800,
    }  # fmt: skip
    assert refused.value.detail == (
        "The key k may use 1,000 tokens a minute. Used are 0, reserved by requests under way 800, "
        "and this one may take 201."
    )
    held.shrink(700)
    budgets.reserve(who, 100, 101).settle(201)
    held.settle(690)
    [standing] = budgets.standings(who)
    assert (standing.used, standing.reserved, standing.remaining, standing.reset) == (891, 0, 109, 48.0)
    with pytest.raises(OverBudget) as refused:
        budgets.reserve(who, 10, 100)
    assert refused.value.retry_after == 48


def test_a_minute_ends_with_the_clocks() -> None:
    clock = Clock(MIDNIGHT + 59.999)
    budgets = Budgets(clock)
    who = caller(Budget(requests_per_minute=2, tokens_per_minute=100))
    late = budgets.reserve(who, 50, 50)
    clock.now = MIDNIGHT + 60
    budgets.reserve(who, 100).settle(60)
    late.settle(100)  # It began in the minute before, and counts there.
    assert [(one.used, one.reserved) for one in budgets.standings(who)] == [(1, 0), (60, 0)]
    budgets.reserve(who, 40).settle(40)
    with pytest.raises(OverBudget, match=r"2 requests a minute\. Used are 2") as refused:
        budgets.reserve(who, 1)
    assert refused.value.retry_after == 60
    clock.now = MIDNIGHT + 120
    budgets.reserve(who, 100)


def test_a_day_ends_at_midnight_utc() -> None:
    clock = Clock(MIDNIGHT - 0.5)
    budgets = Budgets(clock)
    who = caller(tenant=Budget(tokens_per_day=100))
    budgets.reserve(who, 100).settle(100)
    with pytest.raises(OverBudget, match="tenant t may use 100 tokens a day") as refused:
        budgets.reserve(who, 1)
    assert refused.value.retry_after == 1
    clock.now = MIDNIGHT
    budgets.reserve(who, 100)


def test_the_longest_wait_is_told() -> None:
    budgets = Budgets(Clock(MIDNIGHT + 30))
    who = caller(Budget(requests_per_minute=1), Budget(tokens_per_day=10))
    budgets.reserve(who, 10).settle(10)
    with pytest.raises(OverBudget) as refused:
        budgets.reserve(who, 1)
    assert (refused.value.extra["limit"], refused.value.retry_after) == ("tokens a day", 86_370)


def test_a_refusal_takes_nothing_from_either() -> None:
    budgets = Budgets(Clock())
    who = caller(Budget(requests_per_minute=10, tokens_per_minute=1000), Budget(tokens_per_minute=100))
    with pytest.raises(BeyondBudget):
        budgets.reserve(who, 101)
    budgets.reserve(who, 100)
    with pytest.raises(OverBudget, match="tenant t"):
        budgets.reserve(who, 1)
    assert [(one.used, one.reserved) for one in budgets.standings(who)] == [(1, 0), (0, 100), (0, 100)]


def test_what_can_never_run_is_told_so_with_its_numbers() -> None:
    budgets = Budgets(Clock())
    with pytest.raises(BeyondBudget) as refused:
        budgets.reserve(caller(Budget(tokens_per_minute=5000)), 1000, 8000)
    assert refused.value.status == 400
    assert refused.value.detail == (
        "This request may take 9,000 tokens (1,000 of the prompt, 8,000 of the answer), and the key k may "
        "use 5,000 tokens a minute, so it could never run. Ask for a shorter answer with max_tokens, or "
        "send less."
    )


def test_a_clock_that_is_put_back_gives_no_budget_twice() -> None:
    clock = Clock(MIDNIGHT + 61)
    budgets = Budgets(clock)
    who = caller(Budget(tokens_per_minute=100))
    budgets.reserve(who, 100).settle(100)
    clock.now = MIDNIGHT + 59
    with pytest.raises(OverBudget) as refused:
        budgets.reserve(who, 1)
    assert refused.value.retry_after == 61
    clock.now = MIDNIGHT + 62
    with pytest.raises(OverBudget):
        budgets.reserve(who, 1)


def test_records_of_the_present_windows_are_found_again() -> None:
    clock = Clock(MIDNIGHT + 7200)
    budgets = Budgets(clock)
    budgets.restore(
        [
            record(MIDNIGHT - 1, 1),
            record(MIDNIGHT, 10),
            record(MIDNIGHT + 7199.9, 100),
            record(MIDNIGHT + 7200, 1000),
            record(MIDNIGHT + 7200, 10_000, key="other"),
            record(MIDNIGHT + 7200, 100_000, tenant="other"),
        ]
    )
    budget = Budget(5, 10**6, 10**6)
    used = [one.used for one in budgets.standings(caller(budget, budget))]
    assert used == [2, 101_000, 101_110, 2, 11_000, 11_110]


def test_who_was_away_for_days_is_forgotten() -> None:
    clock = Clock()
    budgets = Budgets(clock)
    for n in range(100):
        budgets.reserve(replace(caller(), key=f"k{n}"), 1).settle(1)
    clock.now += 5 * 86_400
    budgets.reserve(replace(caller(), key="fresh"), 1).settle(1)
    assert {subject for subject, *_ in budgets.saved()} == {"tenant t", "key fresh"}


def test_each_limit_is_told_to_whoever_watches() -> None:
    budgets = Budgets(Clock())
    budgets.reserve(caller(Budget(5, 100), Budget(tokens_per_day=1000)), 10, 20)
    told = {(one.subject, one.name(), one.most, used, reserved) for one, used, reserved in budgets.state()}
    assert told == {
        ("key k", "requests a minute", 5, 1, 0),
        ("key k", "tokens a minute", 100, 0, 30),
        ("tenant t", "tokens a day", 1000, 0, 30),
    }


def test_headers_tell_of_the_tightest_limit() -> None:
    budgets = Budgets(Clock(MIDNIGHT + 0.5))
    who = caller(Budget(5, 100), Budget(9, 1000, 80))
    budgets.reserve(who, 10, 20)
    assert headers(budgets.standings(who)) == {
        "x-ratelimit-limit-requests": "5",
        "x-ratelimit-remaining-requests": "4",
        "x-ratelimit-reset-requests": "60s",
        "x-ratelimit-limit-tokens": "80",
        "x-ratelimit-remaining-tokens": "50",
        "x-ratelimit-reset-tokens": "86400s",
    }
    assert headers(budgets.standings(caller())) == {}


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["reserve", "settle", "shrink", "wait", "restart"]),
        st.integers(0, 150),
        st.integers(0, 3),
    ),
    max_size=60,
)


@given(STEPS)
def test_no_order_of_events_overshoots(steps: list[tuple[str, int, int]]) -> None:
    """Whatever happens, restarts included, no window is given more than its limit."""
    clock = Clock()
    budgets = Budgets(clock)
    limit = Budget(requests_per_minute=8, tokens_per_minute=300, tokens_per_day=900)
    under_way: list[Reservation] = []
    records: list[Record] = []

    def end(held: Reservation, tokens: int) -> None:
        took = min(tokens, held.tokens)
        records.append(record(held.at, took))
        held.settle(took)

    for what, amount, which in steps:
        if what == "reserve":
            key = f"k{which % 2}"
            who = Caller("t", key, "batch", key_budget=limit, tenant_budget=limit)
            try:
                under_way.append(budgets.reserve(who, amount, which))
            except OverBudget as refused:
                assert 1 <= refused.retry_after <= 86_400  # noqa: PT017
        elif what == "wait":
            clock.now += amount
        elif what == "restart":
            records.extend(record(held.at, held.tokens) for held in under_way)
            under_way.clear()
            budgets = Budgets(clock)
            budgets.restore(records)
        elif under_way and what == "settle":
            end(under_way.pop(which % len(under_way)), amount)
        elif under_way:
            under_way[which % len(under_way)].shrink(amount)
        minutes: dict[float, list[int]] = {}
        begun = [(one.at, one.tokens) for one in records] + [(one.at, one.tokens) for one in under_way]
        for at, tokens in begun:
            minutes.setdefault(at // 60, []).append(tokens)
        assert all(sum(tokens) <= 300 and len(tokens) <= 8 for tokens in minutes.values())
        assert sum(sum(tokens) for tokens in minutes.values()) <= 900
