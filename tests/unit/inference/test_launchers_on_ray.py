"""What stands beside an engine on Ray, without Ray: its actor, its minder, its folder. The rest is in
`make test-ray`."""

import asyncio
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lemma_inference.errors import EngineMissing
from lemma_inference.launchers.on_ray import RayLauncher
from lemma_inference.launchers.on_ray.actor import EngineActor
from lemma_inference.launchers.on_ray.folder import CardsTaken, Folder, runs_here
from lemma_inference.launchers.on_ray.plan import Plan
from lemma_inference.launchers.protocol import Endpoint, EngineSpec

ENGINE = (
    *(sys.executable, "-m", "lemma_inference.engines.fakevllm", "--foreground", "--model", "small"),
    *("--host", "{host}", "--port", "{port}"),
)


async def until(holds: Callable[[], object], seconds: float = 120.0) -> None:
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 - other processes decide
            await asyncio.sleep(0.05)


def minders(engine: str) -> list[int]:
    command = ["pgrep", "-f", f"on_ray.minder {engine}"]
    return list(map(int, subprocess.run(command, capture_output=True, check=False).stdout.split()))


@pytest.fixture
def engine() -> Iterator[EngineSpec]:
    """One of a name that no other test has; nothing is left of it."""
    spec = EngineSpec(f"test-{uuid.uuid4().hex}", ENGINE, "first-key")
    yield spec
    for pid in minders(spec.id):
        os.kill(pid, signal.SIGKILL)


def actor_of(spec: EngineSpec, lease_seconds: float = 600.0) -> EngineActor:
    return EngineActor(
        {"id": spec.id, "argv": spec.argv, "key": spec.key}, "127.0.0.1", lease_seconds, lambda: None
    )


async def ready(actor: EngineActor, but: str | None = None) -> Endpoint:
    found: list[Endpoint] = []

    def is_ready() -> bool:
        found[:] = [Endpoint(**actor.endpoint())]
        return found[0].state == "ready" and found[0].url != but

    await until(is_ready)
    return found[0]


async def test_an_actor_that_comes_later_takes_over_what_runs_with_its_key(engine: EngineSpec) -> None:
    first = await ready(actor_of(engine))
    assert first.key == "first-key"
    assert runs_here(engine.id)
    later = actor_of(EngineSpec(engine.id, engine.argv, "second-key"))
    assert await ready(later) == first
    assert len(minders(engine.id)) == 1


async def test_an_engine_of_another_command_is_replaced(engine: EngineSpec) -> None:
    first = await ready(actor_of(engine))
    other = EngineSpec(engine.id, (*engine.argv, "--max-num-seqs", "2"), "second-key")
    second = await ready(actor_of(other))
    assert second.key == "second-key"
    assert second.url != first.url
    assert len(minders(engine.id)) == 1


async def test_a_minder_that_is_killed_is_replaced_and_its_engine_is_gone(engine: EngineSpec) -> None:
    actor = actor_of(engine)
    first = await ready(actor)
    (minder,) = minders(engine.id)
    os.kill(minder, signal.SIGKILL)
    await until(lambda: not runs_here(engine.id))
    second = await ready(actor_of(engine), but=first.url)
    assert second.url != first.url


async def test_an_engine_that_is_stopped_is_gone(engine: EngineSpec) -> None:
    actor = actor_of(engine)
    await ready(actor)
    actor.stop()
    await until(lambda: not minders(engine.id))
    assert actor.endpoint()["url"] is None
    assert not minders(engine.id), "looking does not start it"


async def test_an_engine_that_nobody_asks_for_ends_and_its_actor_leaves(engine: EngineSpec) -> None:
    left: list[bool] = []
    actor = EngineActor(
        {"id": engine.id, "argv": engine.argv, "key": "k"}, "127.0.0.1", 5.0, lambda: left.append(True)
    )
    await ready(actor)
    await until(lambda: left)
    assert not minders(engine.id)


def test_a_card_that_an_engine_outlived_its_head_on_is_given_to_no_other(tmp_path: Path) -> None:
    """Engine a runs on card 0 and b on 1. The head is killed; Ray then gives 1 to a, 2 to b and 0 to c."""
    a, b, c = (Folder(name, tmp_path) for name in "abc")
    assert a.cards(("0",)) == ("0",)
    assert b.cards(("1",)) == ("1",)
    held = [a.lock(), b.lock()]
    with pytest.raises(CardsTaken, match="0"):
        c.cards(("0",))
    assert a.cards(("1",)) == ("0",)
    assert b.cards(("2",)) == ("1",)
    assert c.cards(("0",)) == ("2",)
    for one in held:
        assert one is not None
        os.close(one)


def test_cards_of_engines_that_are_gone_are_free(tmp_path: Path) -> None:
    a, b = Folder("a", tmp_path), Folder("b", tmp_path)
    assert a.cards(("0", "1")) == ("0", "1")
    assert b.cards(("1", "2")) == ("1", "2")
    assert b.cards(()) == ()


def test_a_folder_keeps_what_was_written(tmp_path: Path) -> None:
    folder = Folder("a", tmp_path)
    assert (folder.spec, folder.endpoint, folder.lease_age()) == (None, None, float("inf"))
    folder.spec = spec = EngineSpec("a", ("vllm", "{port}"), "key", {"A": "b"}, 1.0)
    folder.endpoint = endpoint = Endpoint("a", "http://127.0.0.1:1", "key", "ready", "It is.", 3)
    folder.renew_lease()
    assert (folder.spec, folder.endpoint) == (spec, endpoint)
    assert folder.lease_age() < 60.0
    assert all(path.stat().st_mode & 0o077 == 0 for path in folder.path.iterdir())
    folder.endpoint = None
    assert folder.endpoint is None


def test_one_minder_holds_the_lock(tmp_path: Path) -> None:
    folder = Folder("a", tmp_path)
    assert not folder.minded
    held = folder.lock()
    assert held is not None
    assert folder.minded
    assert Folder("a", tmp_path).lock() is None
    os.close(held)
    assert not folder.minded


def test_a_plan_is_one_line() -> None:
    plan = Plan("auto", "lemma", None, 600.0, (EngineSpec("a", ("x", "\n"), "k", {"A": "b"}, 0.5),))
    assert plan.line().count("\n") == 1
    assert Plan.of(plan.line()) == plan


def test_without_ray_it_is_said_how_to_get_it() -> None:
    with pytest.raises(EngineMissing, match="uv sync --extra ray"):
        RayLauncher()
