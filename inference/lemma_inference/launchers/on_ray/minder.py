"""The keeper of an engine that must outlive whoever asked for it:
`python -m lemma_inference.launchers.on_ray.minder ENGINE HOST LEASE_SECONDS`.

Ray ends the processes of its actors, and their children, when its head is gone; an engine with requests in
flight must not end with them. So this leaves the actor's session and its family before it starts the engine.
Then it keeps it up: starts it again when it ends, and ends it when it is told to, or when no gateway has
asked for it for so long that it is an orphan.
"""

import asyncio
import os
import sys
import time

import aiohttp

from lemma_inference.launchers.on_ray.folder import Folder
from lemma_inference.launchers.process import LocalLauncher
from lemma_inference.launchers.protocol import Endpoint

LEASE_SECONDS = 600.0
LOOK_SECONDS = 0.5


def main() -> None:
    """Returns at once; the minder itself has another parent by then."""
    engine, host, lease_seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
    if os.fork():
        os._exit(0)
    os.setsid()
    folder = Folder(engine)
    if _first(folder):
        asyncio.run(_mind(folder, host, lease_seconds))


def _first(folder: Folder) -> bool:
    """Whether no other one minds this engine. Who only looks whether one does holds the lock for a moment."""
    for _ in range(20):
        if folder.lock() is not None:
            return True
        time.sleep(0.1)
    return False


async def _mind(folder: Folder, host: str, lease_seconds: float) -> None:
    spec = folder.spec
    if spec is None:
        return
    launcher = LocalLauncher(host)
    timeout = aiohttp.ClientTimeout(total=5.0)
    async with (
        aiohttp.ClientSession(timeout=timeout, trust_env=False) as http,
        launcher.running(),
    ):
        told: Endpoint | None = None
        await launcher.launch(spec)
        while not folder.stopped and folder.lease_age() < lease_seconds:
            (endpoint,) = await launcher.list()
            if endpoint != told:
                folder.endpoint = told = endpoint
            if endpoint.state == "starting" and endpoint.url and await _serves(http, endpoint.url):
                await launcher.serves(spec.id)  # What it prints from now on may be part of a prompt.
            await asyncio.sleep(LOOK_SECONDS)
    folder.endpoint = None


async def _serves(http: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with http.get(f"{url}/health", allow_redirects=False) as response:
            return response.status == 200
    except (aiohttp.ClientError, TimeoutError, ConnectionError):
        return False


if __name__ == "__main__":
    main()
