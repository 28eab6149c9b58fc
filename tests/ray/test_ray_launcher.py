"""Engines on a real Ray: placed, found again, and alive whatever is killed. `make test-ray` runs it."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager

import aiohttp
import pytest

from lemma_inference.engines.replica import Replica
from lemma_inference.launchers.attendant import Attendant
from lemma_inference.launchers.on_ray import RayLauncher
from lemma_inference.launchers.protocol import EngineSpec
from tests.ray.cluster import Cluster, kill, matching

MODEL = f"on-ray-{os.getpid()}"
FAKE = (
    sys.executable,
    "-m",
    "lemma_inference.engines.fakevllm",
    "--foreground",
    "--model",
    MODEL,
    "--host",
    "{host}",
    "--port",
    "{port}",
    "--preset",
    "8b-h100",
    "--speed",
    "0.5",
    "--enable-force-include-usage",
)
SPEC = EngineSpec(f"{MODEL}-0", FAKE, "secret", {"VLLM_API_KEY": "secret"})
LEASE = 600.0


def engines() -> list[int]:
    return matching(f"engines.fakevllm.*{MODEL}")


def minders() -> list[int]:
    return matching(f"on_ray.minder {MODEL}")


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    made = Cluster()
    try:
        made.start_head()
        yield made
    finally:
        made.end()
        kill(minders())  # Their engines end with them.


class Engine:
    """What a gateway knows of one."""

    def __init__(self, replica: Replica, launcher: RayLauncher) -> None:
        self.replica, self.launcher = replica, launcher

    async def until_up(self) -> str:
        await until(lambda: self.replica.url)
        assert self.replica.url is not None
        return self.replica.url

    async def stream(self, tokens: int, begun: asyncio.Event) -> int:
        """Chunks of one streamed answer, to its end."""
        assert self.replica.url is not None
        body = {
            "model": MODEL,
            "prompt": "hello",
            "max_tokens": tokens,
            "ignore_eos": True,
            "stream": True,
        }
        headers = {"Authorization": "Bearer secret"}
        chunks = 0
        async with (
            aiohttp.ClientSession() as http,
            http.post(f"{self.replica.url}/v1/completions", json=body, headers=headers) as response,
        ):
            async for line in response.content:
                if line.startswith(b"data: {") and json.loads(line[6:])["choices"]:
                    chunks += 1
                    begun.set()
                if line.startswith(b"data: [DONE]"):
                    return chunks
        raise AssertionError("the stream ended without [DONE]")


async def until(holds: Callable[[], object], seconds: float = 180.0) -> None:
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 - other processes decide
            await asyncio.sleep(0.05)


@asynccontextmanager
async def attended(
    cluster: Cluster, spec: EngineSpec = SPEC, lease_seconds: float = LEASE
) -> AsyncIterator[Engine]:
    replica = Replica()
    launcher = RayLauncher(cluster.address, host="127.0.0.1", lease_seconds=lease_seconds)
    async with Attendant(launcher, {spec.id: replica}, [spec], every=0.2).running():
        yield Engine(replica, launcher)


async def test_no_request_is_lost_with_gateway_actor_or_head_and_the_engine_is_found_again(
    cluster: Cluster,
) -> None:
    async with attended(cluster) as engine:
        first = await engine.until_up()
    async with attended(cluster) as engine:
        assert await engine.until_up() == first, "a gateway that is started again finds what runs"

        (before,) = cluster.actors()
        begun = asyncio.Event()
        stream = asyncio.create_task(engine.stream(400, begun))
        await begun.wait()
        kill([before])
        assert await stream == 400
        await until(lambda: cluster.actors() not in ([], [before]))

        begun.clear()
        stream = asyncio.create_task(engine.stream(600, begun))
        await begun.wait()
        cluster.kill_head()
        await until(lambda: not matching("ray::EngineActor") or not cluster.processes("raylet"))
        assert await stream == 600, "no request in flight is dropped by a killed head"
        assert engine.replica.url == first

        await asyncio.to_thread(cluster.start_head)
        await until(cluster.actors)
        begun.clear()
        assert await engine.stream(5, begun) == 5
        assert engine.replica.url == first, "once the head is back, a new actor takes the engine over"
        assert (len(minders()), len(engines())) == (1, 1)


async def test_an_engine_is_kept_up_and_one_that_is_stopped_is_gone(cluster: Cluster) -> None:
    async with attended(cluster) as engine:
        url = await engine.until_up()
        for what, victims, sign in (
            ("a killed engine", engines, signal.SIGKILL),
            ("a frozen engine", engines, signal.SIGSTOP),
            ("an engine without its minder", minders, signal.SIGKILL),
        ):
            restarts = engine.replica.restarts
            for pid in victims():
                os.kill(pid, sign)
            await until(lambda before=restarts: engine.replica.restarts > before)  # type: ignore[misc] # bound now
            again = await engine.until_up()
            assert again != url, what
            assert await engine.stream(5, asyncio.Event()) == 5, what
            url = again
        await engine.launcher.stop(SPEC.id)
        await until(lambda: not engines() and not minders() and not cluster.actors())


async def test_an_engine_without_room_says_so_and_holds_nobody_up(cluster: Cluster) -> None:
    large = EngineSpec(f"{MODEL}-large", FAKE, "secret", {}, gpus=64.0)
    replicas = {SPEC.id: Replica(), large.id: Replica()}
    launcher = RayLauncher(cluster.address, host="127.0.0.1")
    async with Attendant(launcher, replicas, [SPEC, large], every=0.2).running():
        await until(lambda: "64 free GPUs" in replicas[large.id].detail)
        await until(lambda: replicas[SPEC.id].url)


async def test_an_engine_that_nobody_asks_for_ends_and_gives_its_place_back(cluster: Cluster) -> None:
    async with attended(cluster, lease_seconds=8.0) as engine:
        await engine.until_up()
        await asyncio.sleep(10.0)
        assert engine.replica.url is not None, "somebody asks for it"
    await until(lambda: not engines() and not minders() and not cluster.actors())


async def test_an_engine_is_looked_for_on_all_machines_before_it_is_started_again(cluster: Cluster) -> None:
    other = EngineSpec(f"{MODEL}-1", FAKE, "secret", {"VLLM_API_KEY": "secret"})
    for name in ("east", "west"):
        cluster.add_machine(name)
    async with attended(cluster, other) as engine:
        url = await engine.until_up()
        (home,) = [
            name for name in ("head", "east", "west") if any(cluster.machine(name).rglob("endpoint.json"))
        ]
    cluster.kill_head()
    await until(lambda: not cluster.actors())
    # The machine where it runs comes last, so that Ray has others to put it on.
    await asyncio.to_thread(cluster.start_head)
    for name in ("east", "west"):
        await asyncio.to_thread(cluster.add_machine, name)
    async with attended(cluster, other) as engine:
        assert await engine.until_up() == url, f"it runs on {home}"
        assert len(engines()) == 1
