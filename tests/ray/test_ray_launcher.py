"""Engines on a real Ray: placed, found again, and alive whatever is killed. `make test-ray` runs it."""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from lemma_inference.engines.replica import Replica
from lemma_inference.launchers.attendant import Attendant
from lemma_inference.launchers.protocol import EngineSpec
from lemma_inference.launchers.ray_cluster import RayLauncher

ray = pytest.importorskip("ray", reason="make test-ray installs it")

RAY = str(Path(sys.executable).with_name("ray"))
PORT = 6399
ADDRESS = f"127.0.0.1:{PORT}"
FAKE = (
    sys.executable,
    "-m",
    "lemma_inference.engines.fakevllm",
    "--foreground",
    "--model",
    "small",
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
SPEC = EngineSpec("small-0", FAKE, "secret", {"VLLM_API_KEY": "secret"})


def head(*arguments: str) -> None:
    # A busy machine needs longer than the half minute that Ray gives itself.
    env = os.environ | {"RAY_raylet_start_wait_time_s": "300"}
    done = subprocess.run(
        [RAY, *arguments], capture_output=True, text=True, timeout=400, check=False, env=env
    )
    assert done.returncode == 0, done.stdout + done.stderr


def start_head() -> None:
    head(
        "start",
        "--head",
        f"--port={PORT}",
        "--node-ip-address=127.0.0.1",
        "--num-cpus=2",
        "--include-dashboard=false",
        "--disable-usage-stats",
        "--object-store-memory=80000000",
    )


def state_folder() -> Path:
    return Path(tempfile.gettempdir()) / f"lemma-engines-{os.getuid()}" / SPEC.id


def pids(name: str) -> list[int]:
    found = subprocess.run(["pgrep", "-f", name], capture_output=True, text=True, check=False).stdout
    return [int(pid) for pid in found.split()]


@pytest.fixture
def cluster() -> Iterator[None]:
    head("stop", "--force")
    start_head()
    yield
    (state_folder() / "stop").touch()
    head("stop", "--force")


class Engine:
    def __init__(self, replica: Replica) -> None:
        self.replica = replica

    async def until(self, holds: Callable[[], object], seconds: float = 120.0) -> None:
        async with asyncio.timeout(seconds):
            while not holds():  # noqa: ASYNC110 - other processes decide
                await asyncio.sleep(0.05)

    async def until_up(self) -> str:
        await self.until(lambda: self.replica.url)
        assert self.replica.url is not None
        return self.replica.url

    async def stream(self, tokens: int, begun: asyncio.Event) -> int:
        """Chunks of one streamed answer, to its end."""
        assert self.replica.url is not None
        body = {
            "model": "small",
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


@asynccontextmanager
async def attended() -> AsyncIterator[Engine]:
    replica = Replica()
    launcher = RayLauncher(ADDRESS, host="127.0.0.1", lease_seconds=600.0)
    async with Attendant(launcher, {SPEC.id: replica}, [SPEC], every=0.2).running():
        yield Engine(replica)


@pytest.mark.usefixtures("cluster")
async def test_an_engine_outlives_its_gateway_its_actor_and_its_head_and_is_found_again() -> None:
    async with attended() as engine:
        first = await engine.until_up()
    async with attended() as engine:
        assert await engine.until_up() == first, "a gateway that is started again finds what runs"

        begun = asyncio.Event()
        stream = asyncio.create_task(engine.stream(600, begun))
        await begun.wait()
        for pid in pids("ray::EngineActor"):
            os.kill(pid, signal.SIGKILL)
        await asyncio.sleep(1.0)
        for name in ("gcs_server", "raylet"):
            for pid in pids(f"ray/core/src/ray/.*{name}"):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        assert await stream == 600, "no request in flight is dropped by a killed head"
        assert engine.replica.url == first

        await asyncio.to_thread(head, "stop", "--force")
        await asyncio.to_thread(start_head)
        lease = state_folder() / "lease"
        before = lease.stat().st_mtime
        await engine.until(lambda: lease.stat().st_mtime > before)
        assert engine.replica.url == first, "once the head is back, a new actor takes the engine over"
        assert len(pids("lemma_inference.launchers.minder")) == 1


@pytest.mark.usefixtures("cluster")
async def test_an_engine_that_is_killed_is_started_again_and_one_that_is_stopped_is_gone() -> None:
    async with attended() as engine:
        first = await engine.until_up()
        (victim,) = pids("engines.fakevllm.*--model small")[-1:]
        for pid in pids("engines.fakevllm.*--model small"):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        await engine.until(lambda: engine.replica.restarts)
        assert await engine.until_up() != first
        assert victim not in pids("engines.fakevllm.*--model small")
        launcher = RayLauncher(ADDRESS, host="127.0.0.1")
        await launcher.launch(SPEC)
        await launcher.stop(SPEC.id)
        await engine.until(lambda: not pids("engines.fakevllm.*--model small"))
