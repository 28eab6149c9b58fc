"""Virtual token counters: equal service to those that wait, whatever each of them sends."""

import asyncio
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lemma_inference.admission import Admission, Policy
from lemma_inference.admission.fairness import MOST_REMEMBERED, VirtualTokens
from lemma_inference.engines.protocol import Usage
from tests.unit.inference.halls import Guest, hall, replica, ticket, yields


def jain(shares: list[float]) -> float:
    """Jain's index of fairness (DEC-TR-301, 1984): 1 for equal shares, 1/n where one has all."""
    return sum(shares) ** 2 / (len(shares) * sum(share * share for share in shares))


async def backlog(
    weights: dict[str, float], sizes: dict[str, tuple[int, int]], turns: int
) -> dict[str, float]:
    """Service by account, in tokens by cost, while all of them always have requests waiting."""
    async with hall([replica(seats=4)], Policy.alone(10_000)) as here:
        rng = random.Random(7)

        async def keep_waiting(name: str) -> None:
            prompt, answer = sizes[name]
            for _ in range(turns):
                mine = ticket("batch", name, weight=weights[name], prompt=prompt, answer=answer)
                guest = Guest(here.admission, mine).sit()
                here.guests.append(guest)
            await yields()

        for name in weights:
            await keep_waiting(name)
        for _ in range(turns):
            seated = [guest for guest in here.guests if guest.seated]
            guest = rng.choice(seated)
            guest.seats[-1].progress(Usage(guest.ticket.prompt, 0, guest.ticket.answer))
            await guest.leave()
            await yields(3)
        return {name: here.admission.served(name) * weights[name] for name in weights}


@pytest.mark.parametrize("seed", range(3))
async def test_backlogged_customers_get_equal_service_whatever_they_send(seed: int) -> None:
    rng = random.Random(seed)
    sizes = {f"c{n}": (rng.choice([50, 400, 3000]), rng.choice([10, 100, 300])) for n in range(6)}
    served = await backlog(dict.fromkeys(sizes, 1.0), sizes, 400)
    assert jain(list(served.values())) > 0.98


async def test_weights_share_in_their_proportion() -> None:
    weights = {"small": 1.0, "large": 3.0}
    served = await backlog(weights, dict.fromkeys(weights, (100, 50)), 400)
    assert served["large"] / served["small"] == pytest.approx(3.0, rel=0.1)


async def test_a_customer_that_was_away_has_saved_nothing_up() -> None:
    counters = VirtualTokens()
    counters.enter("busy")
    counters.charge("busy", 10_000.0, 1.0)
    counters.enter("back")
    assert counters["back"] == 10_000.0


async def test_a_customer_in_an_empty_house_starts_where_the_last_one_was() -> None:
    counters = VirtualTokens()
    counters.enter("first")
    counters.charge("first", 500.0, 1.0)
    counters.chosen("first")
    counters.leave("first")
    counters.enter("second")
    assert counters["second"] == 500.0


async def test_cached_tokens_cost_a_tenth_and_a_yank_costs_nothing() -> None:
    async with hall([replica(seats=2)], Policy(mode="strict")) as here:
        guest = await here.arrives("batch", prompt=1000)
        assert here.admission.served("shop") == 1000.0
        guest.seats[-1].progress(Usage(prompt=1000, cached=800, completion=10))
        assert here.admission.served("shop") == pytest.approx(200 + 80 + 20)
        await guest.leave()
        assert here.admission.served("shop") == pytest.approx(300)
        taken = await here.arrives("batch", prompt=1000)
        await here.arrives("research", tenant="lab")
        assert taken.yanked
        assert here.admission.served("shop") == pytest.approx(300)


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.integers(1, 500)), min_size=1, max_size=200))
@settings(max_examples=50, deadline=None)
def test_who_waits_all_the_time_is_never_behind_by_more_than_a_request(events: list[tuple[str, int]]) -> None:
    """The bound of the paper, for accounts that all wait: no two differ by more than the largest request."""
    counters = VirtualTokens()
    for name in "abcd":
        counters.enter(name)
    for _, cost in events:
        name = min("abcd", key=counters.__getitem__)
        counters.chosen(name)
        counters.charge(name, cost, 1.0)
    values = [counters[name] for name in "abcd"]
    assert max(values) - min(values) <= max(cost for _, cost in events)


def test_counters_of_those_who_left_do_not_pile_up() -> None:
    counters = VirtualTokens()
    for number in range(3 * MOST_REMEMBERED):
        counters.enter(f"c{number}")
        counters.charge(f"c{number}", float(number), 1.0)
        counters.leave(f"c{number}")
    assert len(counters._served) <= MOST_REMEMBERED + 1


async def test_a_thousand_waiting_customers_are_no_burden() -> None:
    admission = Admission([replica(seats=1)], Policy.alone(2000))
    guests = [Guest(admission, ticket("batch", f"c{n}")).sit() for n in range(1000)]
    await yields()
    for guest in list(guests):
        assert guest.seated
        await guest.leave()
        await yields(3)
    assert admission.running == 0
    await asyncio.gather(*(guest.task for guest in guests if guest.task))
