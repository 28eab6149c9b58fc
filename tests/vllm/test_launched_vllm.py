"""A gateway that starts a real vLLM on this machine's processor, with the starter's weights, from its file to
an answer. `make test-vllm` runs it; nothing here is a stand-in."""

import asyncio
import json
import logging
import os
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from lemma_inference.assembly import build
from lemma_inference.engines.replica import Replica
from lemma_inference.engines.upstream import Upstream
from lemma_inference.launchers.attendant import Attendant
from lemma_inference.launchers.process import LocalLauncher
from lemma_inference.launchers.selftest import SelfTest
from lemma_inference.settings import Settings
from tests.contracts.inference.service import Running, serving

log = logging.getLogger(__name__)
logging.getLogger("httpx").setLevel(logging.WARNING)

SEATS = 8
START_SECONDS = 1800.0
GATEWAY = f"""
[[deployment]]
model = "starter"
engine = "vllm"
launcher = "local"
gpus = 0.0
seats = {SEATS}
batched_tokens = 512

[deployment.vllm]
dtype = "float32"
enforce-eager = true
"""
PROMPT = "Invoice 4711 of 3 May 2024. Total 119.00 EUR. " * 40


@pytest.fixture(scope="session")
async def vllm(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    gateway = tmp_path_factory.mktemp("gateway") / "gateway.toml"
    gateway.write_text(GATEWAY, encoding="utf-8")
    settings = Settings(gateway_file=gateway, vllm_python=os.environ["LEMMA_VLLM_PYTHON"])
    began = time.monotonic()
    async with serving(settings, build(settings), START_SECONDS) as running:
        log.info("vLLM was started and tested within %.0f s", time.monotonic() - began)
        yield running


def replica(running: Running) -> Replica:
    (member,) = running.built.houses[0].members.values()
    assert isinstance(member.engine, Upstream)
    return member.engine.replica


def launcher(running: Running) -> LocalLauncher:
    (attendant,) = [beside for beside in running.built.beside if isinstance(beside, Attendant)]
    assert isinstance(attendant._launcher, LocalLauncher)
    return attendant._launcher


def engine(running: Running, key: str | None = None) -> aiohttp.ClientSession:
    """The engine itself, past the gateway."""
    there = replica(running)
    headers = {"Authorization": f"Bearer {key or there.key}"}
    return aiohttp.ClientSession(there.url, headers=headers, timeout=aiohttp.ClientTimeout(total=120))


async def ask(running: Running, path: str = "/v1/chat/completions", **fields: Any) -> dict[str, Any]:
    body: dict[str, Any] = {"model": "starter", "max_tokens": 20, "temperature": 0, **fields}
    if path.endswith("chat/completions"):
        body.setdefault("messages", [{"role": "user", "content": "hello"}])
    async with running.client() as client:
        answer = await client.post(path, json=body)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


async def running_in(http: aiohttp.ClientSession) -> float:
    """How many requests the engine says that it works on."""
    async with http.get("/metrics") as response:
        lines = (await response.text()).splitlines()
    return sum(
        float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith("vllm:num_requests_running")
    )


async def test_it_knows_all_that_it_was_started_with(vllm: Running) -> None:
    assert all(not one.unknown for one in launcher(vllm)._engines.values())
    assert (await vllm.replica())["state"] == "ready"
    assert (await vllm.replica())["restarts"] == 0


async def test_it_keeps_every_promise_of_the_self_test(vllm: Running) -> None:
    there = replica(vllm)
    assert there.url is not None
    report = await SelfTest(there.url, there.key, "starter", SEATS).run()
    for check in report.checks:
        log.info("%-9s %6.2f s  %s", check.name, check.seconds, check.saw)
    assert report.wrong is None
    assert len(report.checks) == 7


async def test_a_self_test_of_too_few_seats_says_that_nobody_had_to_wait(vllm: Running) -> None:
    there = replica(vllm)
    assert there.url is not None
    report = await SelfTest(there.url, there.key, "starter", 1).run()
    assert report.wrong is not None
    assert "found a seat" in report.wrong


async def test_chats_completions_and_grammars_come_through(vllm: Running) -> None:
    chat = await ask(
        vllm, structured_outputs={"grammar": 'start: "yes" | "no"'}, logprobs=True, top_logprobs=2
    )
    assert chat["choices"][0]["message"]["content"] in {"yes", "no"}
    assert chat["choices"][0]["logprobs"]["content"]
    schema = {"name": "n", "schema": {"enum": ["x", "y"]}}
    by_schema = await ask(vllm, response_format={"type": "json_schema", "json_schema": schema})
    assert json.loads(by_schema["choices"][0]["message"]["content"]) in {"x", "y"}
    whole = await ask(vllm, "/v1/completions", prompt="Total:")
    assert whole["usage"]["completion_tokens"] > 0


async def test_a_model_that_writes_does_not_embed(vllm: Running) -> None:
    async with vllm.client() as client:
        answer = await client.post("/v1/embeddings", json={"model": "starter", "input": "x"})
    assert (answer.status_code, answer.json()["code"]) == (400, "not_offered")


async def test_the_engines_port_is_closed_to_neighbours(vllm: Running) -> None:
    assert str(replica(vllm).url).startswith("http://127.0.0.1:")
    async with engine(vllm, key="wrong") as stranger, stranger.get("/v1/models") as response:
        assert response.status == 401


async def test_the_same_prompt_is_read_once_by_one_tenant_and_never_across_salts(vllm: Running) -> None:
    async def cached(http: aiohttp.ClientSession, salt: str) -> int:
        body = {"model": "starter", "prompt": PROMPT, "max_tokens": 1, "cache_salt": salt}
        async with http.post("/v1/completions", json=body) as response:
            usage = (await response.json())["usage"]
        return int((usage.get("prompt_tokens_details") or {}).get("cached_tokens") or 0)

    async with engine(vllm) as http:
        assert await cached(http, "one") == 0
        assert await cached(http, "one") > 0
        assert await cached(http, "another") == 0
    first = await ask(vllm, "/v1/completions", prompt=f"By the gateway. {PROMPT}")
    again = await ask(vllm, "/v1/completions", prompt=f"By the gateway. {PROMPT}")
    assert not (first["usage"].get("prompt_tokens_details") or {}).get("cached_tokens")
    assert again["usage"]["prompt_tokens_details"]["cached_tokens"] > 0


async def test_each_part_of_a_stream_says_what_was_used(vllm: Running) -> None:
    body = {"model": "starter", "prompt": "Total:", "max_tokens": 8, "ignore_eos": True, "stream": True}
    async with engine(vllm) as http, http.post("/v1/completions", json=body) as response:
        lines = [line async for line in response.content if line.startswith(b"data: {")]
    chunks = [chunk for line in lines if (chunk := json.loads(line[6:]))["choices"]]
    counts = [chunk["usage"]["completion_tokens"] for chunk in chunks]
    assert counts == sorted(counts)
    assert counts[-1] == 8


async def test_a_client_that_leaves_frees_the_engine(vllm: Running) -> None:
    body = {"model": "starter", "prompt": "x", "max_tokens": 3500, "ignore_eos": True, "stream": True}
    async with engine(vllm) as http:
        async with vllm.client() as client, client.stream("POST", "/v1/completions", json=body) as response:
            await anext(response.aiter_lines())
            assert await running_in(http) >= 1
        left = time.monotonic()
        async with asyncio.timeout(30):
            while await running_in(http):  # noqa: ASYNC110 - another process decides
                await asyncio.sleep(0.02)
        log.info("freed %.0f ms after the client left", 1000 * (time.monotonic() - left))
    await vllm.until_idle()


async def test_answers_per_second(vllm: Running) -> None:
    """No target: a figure for the guide, of this machine as busy as it is."""
    fields = {"prompt": "Total:", "max_tokens": 128, "ignore_eos": True}
    for together in (1, SEATS):
        began = time.monotonic()
        headers = {"X-Lemma-Class": "research"}
        async with vllm.client(headers=headers) as client:
            body = {"model": "starter", **fields}
            asked = [client.post("/v1/completions", json=body) for _ in range(together)]
            answers = await asyncio.gather(*asked)
        tokens = sum(answer.json()["usage"]["completion_tokens"] for answer in answers)
        assert tokens == 128 * together
        log.info("%d at once: %.0f tokens/s", together, tokens / (time.monotonic() - began))


async def test_a_killed_worker_is_noticed_and_nothing_of_the_old_engine_is_left(vllm: Running) -> None:
    """The last one here: the engine takes its time to start again."""
    (running,) = launcher(vllm)._engines.values()
    group = running.group
    assert group is not None
    before = members(group)
    assert len(before) > 1, "vLLM is several processes"
    os.kill(max(before), signal.SIGKILL)
    await vllm.until(lambda health: health["status"] != "ready", 120.0)
    async with asyncio.timeout(120):
        while members(group):  # noqa: ASYNC110 - other processes decide
            await asyncio.sleep(0.2)
    await vllm.until(lambda health: health["status"] == "ready", START_SECONDS)
    assert (await vllm.replica())["restarts"] >= 1
    assert await ask(vllm)


def members(group: int) -> list[int]:
    """The living processes of a group."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if fields[2] == str(group) and fields[0] not in {"Z", "X"}:
            found.append(int(path.parent.name))
    return found
