"""Who is next: the rules of the line, without an engine."""

import asyncio
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lemma_inference.admission import Admission, Policy
from lemma_inference.classes import CLASSES, RequestClass
from lemma_inference.errors import Busy, EngineUnavailable
from tests.unit.inference.halls import Guest, hall, replica, ticket, yields


async def order_of(arrivals: list[RequestClass]) -> list[tuple[RequestClass, int]]:
    """The order in which arrivals are seated while one seat is taken by somebody else."""
    seated: list[tuple[RequestClass, int]] = []
    async with hall([replica()]) as here:
        first = await here.arrives("batch", whole=False)

        async def arrive(request_class: RequestClass, number: int) -> None:
            mine = ticket(request_class)
            with here.admission.visit(mine):
                async with here.admission.seat(mine):
                    seated.append((request_class, number))

        tasks = [asyncio.create_task(arrive(name, number)) for number, name in enumerate(arrivals)]
        await yields()
        await first.leave()
        await asyncio.gather(*tasks)
    return seated


@given(st.lists(st.sampled_from(CLASSES), max_size=12))
@settings(max_examples=50, deadline=None)
def test_classes_come_in_order_and_within_a_class_who_came_first(arrivals: list[RequestClass]) -> None:
    seated = asyncio.run(order_of(arrivals))
    assert seated == sorted(seated, key=lambda entry: (CLASSES.index(entry[0]), entry[1]))
    assert len(seated) == len(arrivals)


async def test_a_free_seat_is_given_at_once() -> None:
    async with hall([replica(seats=2)], Policy.alone(0)) as here:
        assert (await here.arrives("batch")).seated
        assert (await here.arrives("interactive")).seated
        assert here.admission.running == 2


async def test_a_full_line_refuses_the_product_and_never_research() -> None:
    async with hall([replica()], Policy.alone(1)) as here:
        await here.arrives("interactive", whole=False)
        await here.arrives("batch")
        with pytest.raises(Busy) as refused:
            await _sit(here.admission, "interactive")
        assert 1 <= refused.value.retry_after <= 60
        assert not (await here.arrives("research")).done
        assert here.admission.waiting("research") == 1


async def test_one_customer_cannot_fill_the_line_for_all() -> None:
    policy = Policy(waiting=10, waiting_account=2)
    async with hall([replica()], policy) as here:
        await here.arrives("batch", whole=False)
        for _ in range(2):
            await here.arrives("batch", tenant="greedy")
        greedy = await here.arrives("batch", tenant="greedy")
        modest = await here.arrives("batch", tenant="modest")
        assert greedy.done
        assert not modest.done
        with pytest.raises(Busy, match="2 of your requests"):
            await greedy.leave()


async def test_a_seat_comes_back_after_a_failure() -> None:
    async with hall([replica()]) as here:
        mine = ticket()
        with pytest.raises(ZeroDivisionError), here.admission.visit(mine):
            async with here.admission.seat(mine):
                raise ZeroDivisionError
        assert here.admission.running == 0


async def test_whoever_gives_up_in_the_moment_of_being_seated_passes_the_seat_on() -> None:
    async with hall([replica()]) as here:
        holder = await here.arrives("batch", whole=False)
        first, second = await here.arrives("interactive"), await here.arrives("interactive")
        assert first.task is not None
        await holder.leave()
        first.task.cancel()
        await yields()
        assert first.task.cancelled()
        assert second.seated


@pytest.mark.parametrize("seed", range(20))
async def test_no_seat_is_lost_or_made_up_whoever_gives_up_when(seed: int) -> None:
    rng = random.Random(seed)
    most = 0
    policy = Policy(mode=rng.choice(["share", "strict"]), prefill_idle=250, prefill_active=120)
    replicas = [replica("a", 3, kv_tokens=2000), replica("b", 2, home=True)]
    async with hall(replicas, policy) as here:
        for _ in range(60):
            guest = Guest(here.admission, ticket(rng.choice(CLASSES), tenant=rng.choice("abc"))).sit()
            here.guests.append(guest)
        while not all(guest.done for guest in here.guests):
            guest = rng.choice(here.guests)
            if guest.seated and rng.random() < 0.7:
                await guest.reads()
            elif guest.task and not guest.done:
                guest.task.cancel()
            await yields(rng.randrange(3) + 1)
            most = max(most, here.admission.running)
            assert all(len(books.flights) <= books.seats for books in replicas)
    assert most == 5
    assert here.admission.running == 0
    assert sum(here.admission.waiting(name) for name in CLASSES) == 0
    for books in replicas:
        assert (books.product_prefill, books.kv_reserved, books.research) == (0, 0, 0)


async def test_batch_with_the_earliest_deadline_is_next() -> None:
    async with hall([replica()]) as here:
        holder = await here.arrives("interactive", whole=False)
        late = await here.arrives("batch", deadline=2000.0)
        early = await here.arrives("batch", deadline=1100.0)
        never = await here.arrives("batch")
        await holder.leave()
        await yields()
        assert (early.seated, late.seated, never.seated) == (True, False, False)
        await early.leave()
        await yields()
        assert (late.seated, never.seated) == (True, False)


async def test_a_deadline_makes_nobody_more_urgent_than_an_earlier_class() -> None:
    async with hall([replica()]) as here:
        holder = await here.arrives("interactive", whole=False)
        batch = await here.arrives("batch", deadline=1000.0)
        interactive = await here.arrives("interactive", deadline=9000.0)
        await holder.leave()
        await yields()
        assert interactive.seated
        assert not batch.seated


async def test_research_beyond_its_reservation_stands_in_line_with_interactive() -> None:
    policy = Policy(reserved=2, waiting=1)
    async with hall([replica()], policy) as here:
        await here.arrives("research", tenant="lab", whole=False)
        within = await here.arrives("research", tenant="lab")
        beyond = await here.arrives("research", tenant="lab")
        other = await here.arrives("research", tenant="other-lab")
        assert within.ticket.level == other.ticket.level == "research"
        assert beyond.ticket.level == "interactive"
        assert here.admission.waiting("interactive") == 1
        refused = await here.arrives("research", tenant="lab")
        with pytest.raises(Busy):
            await refused.leave()


async def test_a_reservation_is_free_again_when_its_request_is_done() -> None:
    async with hall([replica(seats=4)], Policy(reserved=1)) as here:
        first = await here.arrives("research", tenant="lab")
        await first.leave()
        assert (await here.arrives("research", tenant="lab")).ticket.level == "research"


async def test_requests_wait_for_a_replica_and_in_the_end_hear_that_there_is_none() -> None:
    up = False
    async with hall([replica(up=lambda: up)], Policy(patience=0.05)) as here:
        lost = await here.arrives("research")
        assert lost.task is not None
        with pytest.raises(EngineUnavailable, match="No engine"):
            await asyncio.wait_for(lost.task, 10)
        patient = await here.arrives("interactive")
        up = True
        here.admission.changed()
        await yields()
        assert patient.seated


async def test_a_replica_that_comes_back_by_itself_is_noticed() -> None:
    """A breaker that closes with time says so to nobody."""
    up = False
    async with hall([replica(up=lambda: up)], Policy(patience=30.0)) as here:
        patient = await here.arrives("interactive")
        up = True
        async with asyncio.timeout(10):
            while not patient.seated:  # noqa: ASYNC110 - the admission's own timer seats it
                await asyncio.sleep(0.01)


async def _sit(admission: Admission, request_class: RequestClass) -> None:
    mine = ticket(request_class)
    with admission.visit(mine):
        async with admission.seat(mine):
            await asyncio.sleep(0)
