"""The keeper of an engine that must outlive whoever asked for it: `python -m lemma_inference.launchers.minder
DIR`.

Ray ends the processes of its actors when its head is gone; an engine with requests in flight must not end
with them. So an actor starts this, in a session of its own, and this keeps one engine up. They speak by files
in a folder that only this user can read:

* `spec.json`: what to start, written by the actor;
* `endpoint.json`: where it is and how, written here;
* `lease`: touched by the actor; when nobody has touched it for `LEASE_SECONDS`, the engine is an orphan and
ends; * `stop`: when it appears, the engine ends now.
"""

import asyncio
import contextlib
import fcntl
import json
import os
import sys
import time
from dataclasses import asdict
from pathlib import Path

from lemma_inference.launchers.process import LocalLauncher
from lemma_inference.launchers.protocol import Endpoint, EngineSpec

LEASE_SECONDS = 600.0
LOOK_SECONDS = 0.5


def main() -> None:
    """Runs until it is told to stop, or nobody wants it any more."""
    folder, host = Path(sys.argv[1]), sys.argv[2]
    lease_seconds = float(sys.argv[3]) if len(sys.argv) > 3 else LEASE_SECONDS
    lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    with contextlib.suppress(BlockingIOError):  # Another one minds this engine already.
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        asyncio.run(_mind(folder, host, lease_seconds))


async def _mind(folder: Path, host: str, lease_seconds: float) -> None:
    spec = EngineSpec(**json.loads((folder / "spec.json").read_text(encoding="utf-8")))
    launcher = LocalLauncher(host)
    async with launcher.running():
        await launcher.launch(spec)
        told: Endpoint | None = None
        while not (folder / "stop").exists() and _lease_age(folder) < lease_seconds:
            (endpoint,) = await launcher.list()
            if endpoint != told:
                write(folder / "endpoint.json", asdict(endpoint))
                told = endpoint
            await asyncio.sleep(LOOK_SECONDS)
    (folder / "endpoint.json").unlink(missing_ok=True)


def _lease_age(folder: Path) -> float:
    try:
        return time.time() - (folder / "lease").stat().st_mtime
    except FileNotFoundError:
        return float("inf")


def write(path: Path, value: object) -> None:
    """All of it or nothing, and for nobody else's eyes: it holds the engine's key."""
    fresh = path.with_suffix(".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
        json.dump(value, stream)
    fresh.rename(path)


if __name__ == "__main__":
    main()
