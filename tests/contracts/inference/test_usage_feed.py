"""What the real gateway writes down is what the backend reads, and the fake keeps the same promises."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from lemma.gateways.inference import Call, FakeUsage, HttpInference, UsageFeed
from lemma_inference.engines.fake import FakeEngine
from tests.contracts.inference.service import serving_fake

FIELDS = {
    "seq",
    "end",
    "tenant",
    "customer",
    "class",
    "model",
    "prompt",
    "cached",
    "completion",
    "wasted_prompt",
    "wasted_completion",
    "finish",
}
ORGANISATION = "0f8fad5b-d9cb-469f-a165-70867728950e"


@pytest.fixture(params=["fake", "gateway"])
async def feed(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[UsageFeed]:
    """Each with five requests for one organisation."""
    if request.param == "fake":
        fake = FakeUsage()
        for _ in range(5):
            fake.used(customer=ORGANISATION)
        yield fake
        return
    async with (
        serving_fake(FakeEngine(), journal_folder=tmp_path) as running,
        HttpInference(running.url) as client,
    ):
        for number in range(5):
            call = Call("fake", [{"role": "user", "content": f"hello {number}"}], 10, customer=ORGANISATION)
            await client.complete(call)
        yield client


async def everything(feed: UsageFeed, count: int) -> list[int]:
    """The numbers of so many records, which the gateway shows once its disk has them."""
    page = await feed.usage(None, 0)
    while page is None or len(page.records) < count:
        page = await feed.usage(None, 0)
    return [record["seq"] for record in page.records]


async def test_records_come_in_pages_by_their_numbers(feed: UsageFeed) -> None:
    numbers = await everything(feed, 5)
    assert numbers == sorted(set(numbers))
    first = await feed.usage(None, 0, 2)
    assert first is not None
    second = await feed.usage(first.gateway, first.after, 2)
    assert second is not None
    assert [record["seq"] for record in (*first.records, *second.records)] == numbers[:4]
    for record in first.records:
        assert set(record) >= FIELDS
        assert record["customer"] == ORGANISATION
        assert record["prompt"] > 0
    await feed.usage_kept(first.gateway, numbers[-1])
    last = await feed.usage(first.gateway, numbers[-1])
    assert last is not None
    assert (list(last.records), last.after) == ([], numbers[-1])


async def test_another_gateways_number_is_not_taken_for_ones_own(feed: UsageFeed) -> None:
    numbers = await everything(feed, 5)
    page = await feed.usage("another", numbers[-1])
    assert page is not None
    assert [record["seq"] for record in page.records] == numbers


async def test_a_gateway_without_a_journal_says_that_it_has_none() -> None:
    async with serving_fake(FakeEngine()) as running, HttpInference(running.url) as client:
        assert await client.usage(None, 0) is None
    assert await FakeUsage(gateway=None).usage(None, 0) is None
