"""What inference used is kept once, whatever is repeated, raced or killed."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from lemma.db.addresses import Addresses
from lemma.features.usage.inference import PAGE, InferenceUsage, Used, used
from lemma.gateways.inference import FakeUsage, InferenceUnavailable, UsageFeed, UsagePage
from lemma.jobs import Queue


@pytest.fixture
async def queue(addresses: Addresses) -> AsyncIterator[Queue]:
    async with Queue.open(addresses.jobs, connections=4) as open_queue:
        await open_queue.rows("DELETE FROM jobs.inference_usage RETURNING 1")
        await open_queue.rows("DELETE FROM jobs.inference_cursor RETURNING 1")
        yield open_queue


async def total(queue: Queue) -> Used | None:
    (only, *others) = [*await used(queue, 2), None]
    assert others in ([], [None])
    return only


def feed(records: int) -> FakeUsage:
    fake = FakeUsage()
    for number in range(records):
        fake.used(prompt=100 + number, customer=f"org-{number % 3}")
    return fake


async def test_all_pages_are_kept_and_acknowledged(queue: Queue) -> None:
    fake = feed(2 * PAGE + 7)
    await InferenceUsage(queue, fake)()
    kept = await total(queue)
    assert kept is not None
    assert kept.requests == 2 * PAGE + 7
    assert kept.prompt == sum(record["prompt"] for record in fake.records)
    assert fake.kept[-1] == ("fake", 2 * PAGE + 7)
    rows = await queue.rows(
        "SELECT count(*) AS n FROM jobs.inference_usage WHERE customer = %(who)s", who="org-1"
    )
    assert rows[0]["n"] == sum(record["customer"] == "org-1" for record in fake.records)


async def test_the_next_time_begins_where_the_last_one_ended(queue: Queue) -> None:
    fake = feed(3)
    await InferenceUsage(queue, fake)()
    fake.used(prompt=1)
    asked: list[int] = []

    class Noting:
        async def usage(self, gateway: str | None, after: int, limit: int = 500) -> UsagePage | None:
            asked.append(after)
            return await fake.usage(gateway, after, limit)

        async def usage_kept(self, gateway: str, seq: int) -> None:
            await fake.usage_kept(gateway, seq)

    await InferenceUsage(queue, Noting())()
    assert asked[0] == 3
    kept = await total(queue)
    assert kept is not None
    assert kept.requests == 4


async def test_many_readers_at_once_count_each_record_once(queue: Queue) -> None:
    fake = feed(PAGE + 30)
    await asyncio.gather(*(InferenceUsage(queue, fake)() for _ in range(6)))
    kept = await total(queue)
    assert kept is not None
    assert kept.requests == PAGE + 30


class Killed(Exception):
    """The worker is gone at this point."""


class DiesAfterKeeping:
    """Its reader is killed between what it kept and what it would say of it."""

    def __init__(self, fake: FakeUsage) -> None:
        self._fake = fake

    async def usage(self, gateway: str | None, after: int, limit: int = 500) -> UsagePage | None:
        return await self._fake.usage(gateway, 0, limit)  # As if nothing had been acknowledged.

    async def usage_kept(self, gateway: str, seq: int) -> None:
        raise Killed


async def test_a_page_that_comes_again_is_counted_once(queue: Queue) -> None:
    fake = feed(20)
    dying: UsageFeed = DiesAfterKeeping(fake)
    for _ in range(3):
        with pytest.raises(Killed):
            await InferenceUsage(queue, dying)()
    await InferenceUsage(queue, fake)()
    kept = await total(queue)
    assert kept is not None
    assert kept.requests == 20


async def test_another_gateways_numbers_are_its_own(queue: Queue) -> None:
    await InferenceUsage(queue, feed(5))()
    other = feed(3)
    other.gateway = "other"
    await InferenceUsage(queue, other)()
    kept = await total(queue)
    assert kept is not None
    assert kept.requests == 8


async def test_a_gateway_that_is_away_or_keeps_nothing_is_asked_again_later(queue: Queue) -> None:
    fake = feed(2)
    fake.failures.append(InferenceUnavailable("away"))
    await InferenceUsage(queue, fake)()
    assert await total(queue) is None
    await InferenceUsage(queue, FakeUsage(gateway=None))()
    assert await total(queue) is None
    await InferenceUsage(queue, fake)()
    kept = await total(queue)
    assert kept is not None
    assert kept.requests == 2
