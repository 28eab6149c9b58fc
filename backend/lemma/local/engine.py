"""The inference service as a child of a command that needs it for a while."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from lemma.local.ports import free_port
from lemma.local.supervisor import Service, Supervisor


def inference_service(host: str, port: int, journal: Path | None = None) -> Service:
    """How to start the inference service with the embedded engine on this address. `journal` is the folder
    where it writes down what was used; None is for a while whose use nobody counts."""
    url = f"http://{host}:{port}"
    keep = ["--journal-folder", str(journal)] if journal else []
    return Service(
        name="inference service",
        argv=[sys.executable, "-m", "lemma_inference", "serve", "--host", host, "--port", str(port), *keep],
        ready=lambda: answers(f"{url}/health"),
    )


async def answers(url: str) -> bool:
    """Whether this address answers with a success."""
    try:
        async with httpx.AsyncClient(trust_env=False, timeout=2.0) as client:
            return (await client.get(url)).is_success
    except httpx.HTTPError:
        return False


@asynccontextmanager
async def borrowed_engine(url: str | None, log_dir: Path, say: Callable[[str], None]) -> AsyncIterator[str]:
    """The address of an inference service: the one at `url` where given, else one started for the while."""
    if url is not None:
        yield url
        return
    supervisor = Supervisor(log_dir, say)
    port = free_port()
    try:
        await supervisor.start(inference_service("127.0.0.1", port))
        yield f"http://127.0.0.1:{port}"
    finally:
        await asyncio.shield(supervisor.stop())
