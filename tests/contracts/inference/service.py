"""The real service on a real port, in the test's own event loop, so that tests can look into its engine."""

import asyncio
import hashlib
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from lemma_inference.assembly import Built, build
from lemma_inference.engines.fake import FakeEngine
from lemma_inference.fleet import Served
from lemma_inference.main import app_for
from lemma_inference.settings import Settings
from tests.contracts.inference.tiny_model import Shape, write_tiny_model, write_tokenizer


@dataclass(frozen=True)
class Running:
    """A service that answers at `url`; `built` is what it is made of."""

    url: str
    model: str
    built: Built

    def client(self, **options: Any) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self.url, timeout=120.0, trust_env=False, **options)

    async def health(self) -> dict[str, Any]:
        async with self.client() as client:
            body: dict[str, Any] = (await client.get("/health")).json()
            return body

    async def until(self, holds: Callable[[dict[str, Any]], object], seconds: float = 20.0) -> None:
        """Returns once the health report satisfies this; raises TimeoutError where it takes too long."""
        async with asyncio.timeout(seconds):
            while not holds(await self.health()):  # noqa: ASYNC110 - another process changes it
                await asyncio.sleep(0.02)

    async def until_ready(self, seconds: float = 90.0) -> None:
        await self.until(lambda health: health["status"] == "ready", seconds)

    async def replica(self) -> dict[str, Any]:
        """What the health report says of the one replica."""
        replicas: dict[str, dict[str, Any]] = (await self.health())["models"][self.model]["replicas"]
        (only,) = replicas.values()
        return only

    async def until_idle(self) -> None:
        await self.until(lambda health: not health["running"])


@asynccontextmanager
async def serving(settings: Settings, built: Built, ready_seconds: float = 90.0) -> AsyncIterator[Running]:
    """Runs the service until the block is left."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(
        app_for(settings, built), log_level="critical", access_log=False, timeout_graceful_shutdown=2
    )
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    task = asyncio.create_task(server.serve(sockets=[listener]))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    running = Running(url, built.houses[0].served.id, built)
    try:
        async with asyncio.timeout(60.0):
            while not server.started:  # noqa: ASYNC110 - uvicorn offers no event
                await asyncio.sleep(0.01)
        await running.until_ready(ready_seconds)
        yield running
    finally:
        server.should_exit = True
        await task
        listener.close()


@asynccontextmanager
async def serving_fake(engine: FakeEngine, **options: Any) -> AsyncIterator[Running]:
    """The service over the fake engine."""
    settings = Settings(engine="fake", **options)
    served = Served("fake", engine.context, "compact", engine.logprobs, engine.name)
    async with serving(settings, Built.single(engine, served, settings.waiting)) as running:
        yield running


def registry(folder: Path, shape: Shape | None = None) -> Path:
    """A `models.toml` that approves a model with random weights, which is written beside it."""
    shape = shape or Shape()
    weights = write_tiny_model(folder / "tiny.gguf", shape)
    write_tokenizer(folder / "tokenizer.json")
    digest = hashlib.sha256(weights.read_bytes()).hexdigest()
    tokenizer_digest = hashlib.sha256((folder / "tokenizer.json").read_bytes()).hexdigest()
    path = folder / "models.toml"
    path.write_text(
        f"""
[[model]]
id = "tiny"
title = "Random weights"
repository = "tests"
licence = "Apache-2.0"
parameters = 100_000
context = {shape.context}
style = "compact"
files = [
    {{ path = "tiny.gguf", role = "gguf", sha256 = "{digest}" }},
    {{ path = "tokenizer.json", role = "tokenizer", sha256 = "{tokenizer_digest}" }},
]
""",
        encoding="utf-8",
    )
    return path


@asynccontextmanager
async def serving_embedded(models_file: Path, **options: Any) -> AsyncIterator[Running]:
    """The service over llama.cpp with random weights."""
    settings = Settings(models_file=models_file, model="tiny", **{"slots": 2, "threads": 1} | options)
    async with serving(settings, build(settings)) as running:
        yield running
