"""Who is next: the rules of the queue, without an engine."""

import asyncio
import random
from contextlib import AsyncExitStack

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lemma_inference.admission import Admission
from lemma_inference.classes import CLASSES, RequestClass
from lemma_inference.errors import Busy


async def yields(times: int = 5) -> None:
    for _ in range(times):
        await asyncio.sleep(0)


async def order_of(arrivals: list[RequestClass]) -> list[tuple[RequestClass, int]]:
    """The order in which arrivals are seated while one seat is taken by somebody else."""
    admission = Admission(1, 100)
    seated: list[tuple[RequestClass, int]] = []

    async def arrive(request_class: RequestClass, number: int) -> None:
        async with admission.seat(request_class):
            seated.append((request_class, number))

    async with AsyncExitStack() as stack:
        await stack.enter_async_context(admission.seat("batch"))
        tasks = [asyncio.create_task(arrive(name, number)) for number, name in enumerate(arrivals)]
        await yields()
    await asyncio.gather(*tasks)
    return seated


@given(st.lists(st.sampled_from(CLASSES), max_size=12))
@settings(max_examples=50, deadline=None)
def test_classes_come_in_order_and_within_a_class_who_came_first(arrivals: list[RequestClass]) -> None:
    seated = asyncio.run(order_of(arrivals))
    assert seated == sorted(seated, key=lambda entry: (CLASSES.index(entry[0]), entry[1]))
    assert len(seated) == len(arrivals)


async def test_a_free_seat_is_given_at_once() -> None:
    admission = Admission(2, 0)
    async with admission.seat("batch"), admission.seat("interactive"):
        assert admission.running == 2
    assert admission.running == 0


async def test_a_full_queue_refuses_the_product_and_never_research() -> None:
    admission = Admission(1, 1)
    async with admission.seat("interactive"):
        waiting = asyncio.create_task(_sit(admission, "batch"))
        await yields()
        with pytest.raises(Busy) as refused:
            await _sit(admission, "interactive")
        assert 1 <= refused.value.retry_after <= 60
        research = asyncio.create_task(_sit(admission, "research"))
        await yields()
        assert admission.waiting("research") == 1
    await asyncio.gather(waiting, research)


async def test_a_seat_comes_back_after_a_failure() -> None:
    admission = Admission(1, 0)
    with pytest.raises(ZeroDivisionError):
        async with admission.seat("batch"):
            raise ZeroDivisionError
    assert admission.running == 0


async def test_whoever_gives_up_in_the_moment_of_being_seated_passes_the_seat_on() -> None:
    admission = Admission(1, 10)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(admission.seat("batch"))
        first = asyncio.create_task(_sit(admission, "interactive"))
        second = asyncio.create_task(_sit(admission, "interactive"))
        await yields()
    first.cancel()
    await asyncio.gather(first, second, return_exceptions=True)
    assert first.cancelled()
    assert not second.cancelled()
    assert admission.running == 0


@pytest.mark.parametrize("seed", range(20))
async def test_no_seat_is_lost_or_made_up_whoever_gives_up_when(seed: int) -> None:
    rng = random.Random(seed)
    admission = Admission(3, 1000)
    most = 0

    async def guest() -> None:
        nonlocal most
        async with admission.seat(rng.choice(CLASSES)):
            most = max(most, admission.running)
            await yields(rng.randrange(4))

    tasks = [asyncio.create_task(guest()) for _ in range(60)]
    while not all(task.done() for task in tasks):
        rng.choice(tasks).cancel()
        await yields(rng.randrange(3) + 1)
    await asyncio.gather(*tasks, return_exceptions=True)
    assert most == 3
    assert admission.running == 0
    assert sum(admission.waiting(name) for name in CLASSES) == 0


async def _sit(admission: Admission, request_class: RequestClass) -> None:
    async with admission.seat(request_class):
        await asyncio.sleep(0)
