"""A fake vLLM for a test: in this process, where its insides can be read, or in one that can be killed."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx

from lemma_inference.engines.fakevllm.server import Server
from lemma_inference.engines.fakevllm.settings import read

PATIENCE = 30.0
HELLO = {"messages": [{"role": "user", "content": "hello"}]}


class Fake:
    """A running server and a client of it."""

    def __init__(self, server: Server, url: str, client: httpx.AsyncClient) -> None:
        self.server, self.url, self.client = server, url, client

    async def chat(self, headers: Any = None, **body: Any) -> httpx.Response:
        return await self.client.post("/v1/chat/completions", json=HELLO | body, headers=headers)

    async def complete(self, prompt: Any = "hello", **body: Any) -> httpx.Response:
        return await self.client.post("/v1/completions", json={"prompt": prompt} | body)

    async def stream(self, path: str = "/v1/chat/completions", **body: Any) -> list[dict[str, Any]]:
        """All chunks but the last line, which must be DONE."""
        asked = (HELLO if "chat" in path else {"prompt": "hello"}) | {"stream": True} | body
        async with self.client.stream("POST", path, json=asked) as response:
            assert response.status_code == 200
            lines = [line async for line in response.aiter_lines() if line]
        assert lines.pop() == "data: [DONE]"
        return [json.loads(line.removeprefix("data: ")) for line in lines]

    async def metrics(self) -> dict[str, float]:
        """By name, without the labels that are always the same."""
        page = (await self.client.get("/metrics")).text
        values = {}
        for line in page.splitlines():
            if not line.startswith("#"):
                name, value = line.rsplit(" ", 1)
                values[name.replace('engine="0",model_name="fake"', "").replace("{}", "")] = float(value)
        return values

    async def idle(self) -> None:
        """Waits until nothing runs and no block is in use."""
        scheduler = self.server.scheduler
        await until(lambda: not scheduler.unfinished and scheduler.pool.free == scheduler.pool.count)


@asynccontextmanager
async def fake(*arguments: str) -> AsyncIterator[Fake]:
    """Fails afterwards if anything went wrong inside that no answer told of."""
    loop = asyncio.get_running_loop()
    mistakes: list[dict[str, Any]] = []
    before = loop.get_exception_handler()
    loop.set_exception_handler(lambda _, context: mistakes.append(context))
    server = Server(read(arguments))
    url = await server.serve()
    try:
        async with httpx.AsyncClient(base_url=url, timeout=PATIENCE, trust_env=False) as client:
            yield Fake(server, url, client)
    finally:
        await server.close()
        loop.set_exception_handler(before)
    assert not mistakes


@asynccontextmanager
async def process(*arguments: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """A process of its own and its address. It ends with its stdin."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "lemma_inference.engines.fakevllm",
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        line = await asyncio.wait_for(child.stdout.readline(), PATIENCE)
        yield child, json.loads(line)["url"]
    finally:
        child.stdin.close()
        await asyncio.wait_for(child.wait(), PATIENCE)


async def until(true: Callable[[], bool] | Callable[[], Awaitable[bool]]) -> None:
    """Waits for it, however slow the machine is."""
    async with asyncio.timeout(PATIENCE):
        while True:
            value = true()
            if value if isinstance(value, bool) else await value:
                return
            await asyncio.sleep(0.002)


def told(chunks: list[dict[str, Any]]) -> str:
    """The text that a stream's chunks make."""
    deltas = [choice for chunk in chunks for choice in chunk["choices"]]
    return "".join(one["delta"]["content"] if "delta" in one else one["text"] for one in deltas)


def address(url: str) -> tuple[str, int]:
    host, port = url.removeprefix("http://").split(":")
    return host, int(port)


def raw(body: dict[str, Any], path: str = "/v1/chat/completions", version: str = "1.1") -> bytes:
    """A request as bytes."""
    data = json.dumps(body).encode()
    head = f"POST {path} HTTP/{version}\r\nhost: fake\r\ncontent-length: {len(data)}\r\n\r\n"
    return head.encode() + data
