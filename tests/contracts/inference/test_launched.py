"""A gateway that starts its engines itself, from its file to an answer: two llama.cpp with random weights."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from lemma_inference.assembly import build
from lemma_inference.engines.upstream import Upstream
from lemma_inference.launchers.attendant import Attendant
from lemma_inference.launchers.process import LocalLauncher
from lemma_inference.settings import Settings
from tests.contracts.inference.service import Running, serving

GATEWAY = """
[[deployment]]
model = "tiny"
engine = "llamacpp"
launcher = "local"
count = 2
gpus = 0.0
seats = 2
"""
SHORT = {"structured_outputs": {"grammar": 'start: "yes" | "no"'}, "max_tokens": 5}
LONG = {"structured_outputs": {"grammar": "start: /[a-z]{1500}/"}, "max_tokens": 1500}


@asynccontextmanager
async def launched(models_file: Path, folder: Path) -> AsyncIterator[Running]:
    gateway = folder / "gateway.toml"
    gateway.write_text(GATEWAY, encoding="utf-8")
    settings = Settings(models_file=models_file, gateway_file=gateway, threads=2)
    async with serving(settings, build(settings)) as running:
        await running.until(lambda health: all(one["ready"] for one in replicas(health).values()), 90.0)
        yield running


def replicas(health: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = health["models"]["tiny"]["replicas"]
    return found


def groups(running: Running) -> dict[str, int]:
    """The engines' groups of processes."""
    (attendant,) = [beside for beside in running.built.beside if isinstance(beside, Attendant)]
    launcher = attendant._launcher
    assert isinstance(launcher, LocalLauncher)
    return {name: engine.group for name, engine in launcher._engines.items() if engine.group is not None}


async def until_both_work(running: Running) -> None:
    engines = [member.engine for member in running.built.houses[0].members.values()]
    async with asyncio.timeout(60):
        while not all(isinstance(one, Upstream) and one.replica.working for one in engines):  # noqa: ASYNC110
            await asyncio.sleep(0.005)


async def ask(running: Running, **fields: Any) -> str:
    body = {"model": "tiny", "messages": [{"role": "user", "content": "hello"}], **fields}
    async with running.client() as client:
        answer = await client.post("/v1/chat/completions", json=body)
        assert answer.status_code == 200, answer.text
        text: str = answer.json()["choices"][0]["message"]["content"]
        return text


async def operate(running: Running, verb: str, **fields: Any) -> tuple[int, dict[str, Any]]:
    async with running.client() as client:
        answer = await client.post(f"/v1/replicas/{verb}", json={"model": "tiny", **fields})
        return answer.status_code, answer.json()


async def test_a_replica_is_taken_out_without_losing_a_request(tiny_registry: Path, tmp_path: Path) -> None:
    async with launched(tiny_registry, tmp_path) as running:
        asked = [asyncio.create_task(ask(running, **LONG)) for _ in range(2)]
        await until_both_work(running)
        status, found = await operate(running, "drain", replica="tiny-0", seconds=0)
        assert (status, found["state"], found["working"]) == (200, "draining", 1)
        assert replicas(await running.health())["tiny-0"]["state"] == "draining"
        status, found = await operate(running, "drain", replica="tiny-0", seconds=120)
        assert (status, found["working"]) == (200, 0)
        assert [len(text) for text in await asyncio.gather(*asked)] == [1500, 1500]
        asked = [asyncio.create_task(ask(running, **SHORT)) for _ in range(4)]
        assert {await one for one in asked} <= {"yes", "no"}
        books = running.built.houses[0].admission.replicas
        assert [one.flights for one in books if one.id == "tiny-0"] == [set()]
        status, found = await operate(running, "resume", replica="tiny-0")
        assert (status, found["state"]) == (200, "ready")


async def test_only_replicas_that_are_there_are_taken_out(tiny_registry: Path, tmp_path: Path) -> None:
    async with launched(tiny_registry, tmp_path) as running:
        status, problem = await operate(running, "drain", replica="tiny-9")
        assert (status, problem["param"]) == (400, "replica")
        assert "tiny-0, tiny-1" in problem["detail"]
        status, problem = await operate(running, "resume", replica="tiny-0", model="other")
        assert (status, problem["code"]) == (404, "model_unknown")
        status, problem = await operate(running, "drain", replica="tiny-0", seconds=-1)
        assert (status, problem["param"]) == (400, "seconds")


async def test_requests_outlive_an_engine_that_the_gateway_started(
    tiny_registry: Path, tmp_path: Path
) -> None:
    async with launched(tiny_registry, tmp_path) as running:
        assert set(replicas(await running.health())) == {"tiny-0", "tiny-1"}
        assert await ask(running, **SHORT) in {"yes", "no"}
        asked = [asyncio.create_task(ask(running, **LONG)) for _ in range(4)]
        await until_both_work(running)
        os.killpg(groups(running)["tiny-0"], signal.SIGKILL)
        assert [len(text) for text in await asyncio.gather(*asked)] == [1500] * 4
        await running.until(lambda health: replicas(health)["tiny-0"]["restarts"], 90.0)
        await running.until(lambda health: replicas(health)["tiny-0"]["ready"], 90.0)
        left = groups(running).values()
    assert len(left) == 2
    for group in left:
        with pytest.raises(ProcessLookupError):
            os.killpg(group, 0)
