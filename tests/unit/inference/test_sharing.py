"""What research meets of the product: ceilings, prefill, homes, and whom it takes back."""

import asyncio

import pytest

from lemma_inference.admission import Ceilings, Policy
from tests.unit.inference.halls import Clock, hall, replica, yields

SHARE = Policy(
    mode="share", ceilings=Ceilings(1.0, 1.0), prefill_idle=400, prefill_active=200, flights_active=3
)
FREE = Policy(mode="share", ceilings=Ceilings(1.0, 1.0), prefill_idle=None)
STRICT = Policy(mode="strict", ceilings=Ceilings(1.0, 1.0), prefill_idle=400)


async def test_product_prompts_in_prefill_are_bounded_by_their_tokens() -> None:
    async with hall([replica(seats=64)], SHARE) as here:
        guests = [await here.arrives("batch", prompt=150) for _ in range(4)]
        assert [guest.seated for guest in guests] == [True, True, False, False]
        await guests[0].reads()
        assert guests[2].seated
        assert not guests[3].seated


async def test_one_prompt_may_always_be_read_however_long() -> None:
    async with hall([replica(seats=64)], SHARE) as here:
        assert (await here.arrives("batch", prompt=100_000)).seated
        assert not (await here.arrives("interactive", prompt=1)).seated
        assert (await here.arrives("research", prompt=100_000)).seated


async def test_in_share_the_product_goes_on_beside_research_with_less() -> None:
    async with hall([replica(seats=64)], SHARE) as here:
        research = await here.arrives("research")
        first = await here.arrives("batch", prompt=150)
        second = await here.arrives("batch", prompt=150)
        assert (first.seated, second.seated) == (True, False)
        await first.reads()
        assert second.seated
        await second.reads()
        third, fourth = await here.arrives("batch"), await here.arrives("batch")
        await third.reads()
        assert not fourth.seated, "three product requests are enough beside research"
        await research.leave()
        assert fourth.seated
        assert not any(guest.yanked for guest in here.guests)


async def test_in_strict_the_product_starts_nothing_beside_research_and_gives_back_what_it_reads() -> None:
    async with hall([replica(seats=64)], STRICT) as here:
        writing, reading = await here.arrives("batch"), await here.arrives("interactive")
        await writing.reads()
        research = await here.arrives("research")
        assert research.seated
        assert (writing.yanked, reading.yanked) == (0, 1)
        assert not reading.seated
        late = await here.arrives("interactive")
        assert not late.seated
        await research.leave()
        assert reading.seated
        assert late.seated


async def test_what_was_taken_back_comes_first_in_its_class_and_to_the_same_replica() -> None:
    async with hall([replica("a", 4), replica("b", 4)], STRICT) as here:
        taken = await here.arrives("batch", prompt=300)
        home = taken.replica
        other = "b" if home == "a" else "a"
        blocker = await here.arrives("batch", prompt=300)
        assert blocker.replica == other
        researchers = [await here.arrives("research") for _ in range(3)]
        assert {guest.replica for guest in researchers} == {"a", "b"}
        assert (taken.yanked, blocker.yanked) == (1, 1)
        later = await here.arrives("batch")
        for guest in researchers:
            if guest.replica == home:
                await guest.leave()
        assert taken.seated
        assert taken.replica == home
        assert not blocker.seated, "its prompt lies in the cache of the other replica"
        assert later.seated == (later.ticket.prompt + taken.ticket.prompt <= 400)


async def test_nobody_is_taken_back_more_often_than_the_policy_says() -> None:
    policy = Policy(mode="strict", yanks=2)
    async with hall([replica(seats=8)], policy) as here:
        batch = await here.arrives("batch")
        for _ in range(3):
            research = await here.arrives("research")
            assert research.seated
            await research.leave()
        assert batch.yanked == 2
        assert batch.seated


async def test_nothing_is_taken_back_once_its_client_has_seen_a_part() -> None:
    async with hall([replica(seats=1)], STRICT) as here:
        shown = await here.arrives("interactive", whole=False)
        research = await here.arrives("research")
        assert not research.seated
        assert not shown.yanked
        await shown.leave()
        assert research.seated


async def test_research_without_a_seat_takes_back_the_cheapest_request() -> None:
    """Batch before interactive, prefill before answers, short answers before long ones."""
    order = ["reading", "short", "long", "interactive"]
    async with hall([replica(seats=4)], FREE) as here:
        guests = {
            "interactive": await here.arrives("interactive"),
            "long": await here.arrives("batch"),
            "short": await here.arrives("batch"),
            "reading": await here.arrives("batch"),
        }
        await guests["long"].reads(40)
        await guests["short"].reads(2)
        taken = []
        for _ in order:
            assert (await here.arrives("research", whole=False)).seated
            taken += [name for name, guest in guests.items() if guest.yanked and name not in taken]
    assert taken == order


async def test_research_without_cache_room_takes_back_as_much_as_it_needs() -> None:
    async with hall([replica(seats=64, kv_tokens=1000)], FREE) as here:
        guests = [await here.arrives("batch", prompt=200, answer=100) for _ in range(3)]
        research = await here.arrives("research", prompt=500, answer=100)
        assert research.seated
        assert sum(guest.yanked for guest in guests) == 2


async def test_ceilings_keep_seats_and_cache_for_earlier_classes() -> None:
    policy = Policy(ceilings=Ceilings(interactive=0.75, batch=0.5), prefill_idle=None)
    async with hall([replica(seats=8, kv_tokens=8000)], policy) as here:
        batch = [await here.arrives("batch") for _ in range(5)]
        assert [guest.seated for guest in batch] == [True] * 4 + [False]
        interactive = [await here.arrives("interactive") for _ in range(3)]
        assert [guest.seated for guest in interactive] == [True, True, False]
        research = [await here.arrives("research") for _ in range(2)]
        assert all(guest.seated for guest in research)
    async with hall([replica(seats=64, kv_tokens=1000)], policy) as here:
        assert (await here.arrives("batch", prompt=300, answer=100)).seated
        assert not (await here.arrives("batch", prompt=100, answer=50)).seated
        assert (await here.arrives("interactive", prompt=100, answer=50)).seated


async def test_a_later_class_does_not_fill_what_an_earlier_one_waits_for() -> None:
    async with hall([replica(seats=64)], SHARE) as here:
        await here.arrives("interactive", prompt=400)
        assert not (await here.arrives("interactive", prompt=300)).seated
        assert not (await here.arrives("batch", prompt=1)).seated


async def test_research_goes_home_and_elsewhere_when_home_is_full() -> None:
    async with hall([replica("shared", 8), replica("home", 1, home=True)], SHARE) as here:
        assert (await here.arrives("research")).replica == "home"
        assert (await here.arrives("research")).replica == "shared"


async def test_a_home_is_never_given_to_the_product_where_it_is_not_lent() -> None:
    policy = Policy(lend=False)
    async with hall([replica("home", 8, home=True)], policy) as here:
        assert not (await here.arrives("batch")).seated
        assert not (await here.arrives("interactive")).seated


async def test_a_quiet_home_is_lent_to_batch_one_short_prompt_at_a_time() -> None:
    clock = Clock()
    policy = Policy(lend_prompt=1000)
    async with hall([replica("home", 8, home=True)], policy, clock) as here:
        research = await here.arrives("research")
        await research.leave()
        clock.now += 1.9
        batch = await here.arrives("batch")
        assert not batch.seated
        clock.now += 0.1
        here.admission.changed()
        await yields()
        assert batch.seated
        assert not (await here.arrives("interactive")).seated
    async with hall([replica("home", 8, home=True)], policy, clock) as here:
        first, second = await here.arrives("batch"), await here.arrives("batch")
        assert (first.seated, second.seated) == (True, False)
        await first.reads()
        assert second.seated
        await second.reads()
        assert not (await here.arrives("batch", prompt=1001)).seated


async def test_nobody_who_cannot_borrow_a_home_holds_back_those_who_can() -> None:
    async with hall([replica("shared", 8), replica("home", 8, home=True)], Policy(lend_prompt=1000)) as here:
        reading = await here.arrives("interactive", prompt=5000)
        chatting = await here.arrives("interactive", prompt=50)
        long = await here.arrives("batch", prompt=2000)
        assert reading.replica == "shared"
        assert not chatting.seated
        assert not long.seated
        first, second = await here.arrives("batch"), await here.arrives("batch")
        assert first.replica == "home"
        assert not second.seated, "one prompt at a time"
        await first.reads()
        assert second.replica == "home"
        await reading.reads()
        assert (chatting.seated, long.seated) == (True, True)


async def test_research_takes_its_home_back_at_once() -> None:
    clock = Clock()
    async with hall([replica("home", 8, home=True)], Policy(mode="share"), clock) as here:
        writing = await here.arrives("batch")
        await writing.reads(30)
        reading = await here.arrives("batch")
        research = await here.arrives("research")
        assert research.seated
        assert (writing.yanked, reading.yanked) == (1, 1)
        assert not reading.seated
        await research.leave()
        clock.now += 2.0
        here.admission.changed()
        await yields()
        assert writing.seated != reading.seated, "one prompt at a time"


async def test_a_quiet_time_that_ends_is_noticed_by_itself() -> None:
    async with hall([replica("home", 8, home=True)], Policy(quiet=0.05), None) as here:
        here.admission._clock = asyncio.get_running_loop().time
        research = await here.arrives("research")
        await research.leave()
        batch = await here.arrives("batch")
        async with asyncio.timeout(10):
            while not batch.seated:  # noqa: ASYNC110 - the admission's own timer seats it
                await asyncio.sleep(0.01)


@pytest.mark.parametrize("whole", [True, False])
async def test_a_replica_that_lost_a_request_does_not_get_it_again_while_another_lives(whole: bool) -> None:
    async with hall([replica("a", 8), replica("b", 8)]) as here:
        first = await here.arrives("batch", whole=whole, avoid={"a"})
        assert first.replica == "b"
    async with hall([replica("a", 8)]) as here:
        assert (await here.arrives("batch", whole=whole, avoid={"a"})).replica == "a"


async def test_equal_beginnings_meet_on_one_replica_unless_it_is_too_full() -> None:
    replicas = [replica(name, 10) for name in "abc"]
    async with hall(replicas) as here:
        guests = [await here.arrives("interactive", prefix=77) for _ in range(8)]
        favourite = guests[0].replica
        assert guests[1].replica == favourite
        assert {guest.replica for guest in guests} != {favourite}, "balance wins in the end"
        loads = sorted(len(books.flights) for books in replicas)
        assert loads[-1] - loads[0] <= 2
