"""What runs on a machine of the cluster: an actor for each engine, which sees to it that its minder lives.

The actor holds the GPUs that Ray gave it and carries no token. It may die, and its head may die, and the
engine goes on; whoever comes next takes it over, because the state is in files beside the engine.
"""

import fcntl
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Any

from lemma_inference.launchers.minder import LEASE_SECONDS, write
from lemma_inference.launchers.protocol import Endpoint, EngineSpec

# The engine's name would be a path; it is made of letters that the registry allows.
FOLDER = "lemma-engines"
STOP_SECONDS = 60.0


class EngineActor:
    """One engine. Every call is short; the actor is asked every second or so, and each call renews the
    lease."""

    def __init__(
        self, spec: dict[str, Any], host: str | None = None, lease_seconds: float = LEASE_SECONDS
    ) -> None:
        """`host` is where the engine listens; by default the address of the machine that Ray chose, in the
        network that the cluster uses."""
        self._spec = EngineSpec(**spec)
        self._host = host or str(import_module("ray").util.get_node_ip_address())
        self._lease = lease_seconds
        self._folder = Path(tempfile.gettempdir()) / f"{FOLDER}-{os.getuid()}" / self._spec.id
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self._folder.stat().st_uid != os.getuid():
            raise PermissionError(f"{self._folder} belongs to somebody else.")
        self._take_over()

    def endpoint(self) -> dict[str, Any]:
        """Where the engine is now, after a look whether its minder lives."""
        (self._folder / "lease").touch()
        self._keep_minded()
        try:
            found: dict[str, Any] = json.loads((self._folder / "endpoint.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return asdict(Endpoint(self._spec.id, None, None, "starting", "The engine is starting.", lives=0))
        return found

    def stop(self) -> None:
        """Ends the engine."""
        (self._folder / "stop").touch()

    def _take_over(self) -> None:
        """An engine with the same command runs on, with the key that it has; any other is ended first."""
        path = self._folder / "spec.json"
        (self._folder / "lease").touch()
        if path.exists():
            there = EngineSpec(**json.loads(path.read_text(encoding="utf-8")))
            if tuple(there.argv) == tuple(self._spec.argv) and not (self._folder / "stop").exists():
                self._spec = there
                self._keep_minded()
                return
            (self._folder / "stop").touch()
            self._await_end()
        (self._folder / "stop").unlink(missing_ok=True)
        write(path, asdict(self._spec))
        self._keep_minded()

    def _await_end(self) -> None:
        """The lock is free once the minder and its engine are gone."""
        until = time.monotonic() + STOP_SECONDS
        while _locked(self._folder / "lock") and time.monotonic() < until:
            time.sleep(0.1)

    def _keep_minded(self) -> None:
        """Starts a minder. Where one is there already, the new one sees that and ends at once."""
        if _locked(self._folder / "lock"):
            return
        log = subprocess.DEVNULL
        subprocess.Popen(
            [
                sys.executable,
                "-m",
                "lemma_inference.launchers.minder",
                str(self._folder),
                self._host,
                str(self._lease),
            ],
            stdin=log,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def _locked(path: Path) -> bool:
    """Whether a minder holds it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        return False
    finally:
        os.close(descriptor)
