"""What is believed of an engine, and how it is emptied."""

import asyncio
import time

from lemma_inference.engines.replica import Replica

URL = "http://127.0.0.1:1"


def test_an_engine_is_starting_then_ready_then_down() -> None:
    replica = Replica()
    assert (replica.state, replica.health().ready) == ("starting", False)
    replica.down("Ray has not placed it.")
    assert replica.health().detail == "Ray has not placed it."
    assert replica.state == "starting", "it was never up"
    replica.up(URL, None)
    assert (replica.state, replica.health().ready) == ("ready", True)
    replica.down("It ended.")
    assert (replica.state, replica.health().detail) == ("down", "It ended.")


def test_since_is_when_the_state_began_not_when_its_reason_changed() -> None:
    replica = Replica(since=0.0)
    replica.down("No room.")
    assert replica.health().since == 0.0
    before = time.time()
    replica.up(URL, None)
    assert replica.health().since >= before


def test_who_listens_hears_once_that_it_went_down_and_nothing_of_draining() -> None:
    replica, heard = Replica(), list[str]()
    replica.on_down(lambda: heard.append(replica.detail))
    replica.up(URL, None)
    replica.drain("For an update.")
    replica.resume()
    assert heard == []
    replica.down("It ended.")
    replica.down("It is started again.")
    assert heard == ["It ended."]


async def test_a_draining_engine_takes_nothing_new_and_finishes_what_it_has() -> None:
    replica = Replica()
    replica.up(URL, "key")
    with replica.at_work():
        replica.drain("For an update.")
        assert (replica.state, replica.health().ready) == ("draining", False)
        assert replica.health().detail == "For an update."
        assert replica.url == URL, "what is under way goes on"
        assert not await replica.wait(0.0)
        assert not await replica.drained(0.01)
        emptied = asyncio.create_task(replica.drained(30.0))
        await asyncio.sleep(0)
        assert not emptied.done()
    assert await emptied
    replica.resume()
    assert await replica.wait(0.0)


async def test_an_engine_is_empty_only_when_its_last_request_is_done() -> None:
    replica = Replica()
    replica.up(URL, None)
    with replica.at_work():
        with replica.at_work():
            emptied = asyncio.create_task(replica.drained(30.0))
            await asyncio.sleep(0)
        await asyncio.sleep(0.01)
        assert not emptied.done()
    assert await emptied


def test_draining_outlasts_a_restart_of_the_engine() -> None:
    replica = Replica()
    replica.up(URL, None)
    replica.drain("For an update.")
    replica.down("It ended.")
    assert replica.health().detail == "It ended."
    replica.up(URL, None)
    assert (replica.state, replica.health().detail) == ("draining", "For an update.")
