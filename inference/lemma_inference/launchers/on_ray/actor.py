"""What runs on a machine of the cluster: an actor for each engine, which sees to it that its minder lives.

The actor holds the graphics cards that Ray gave it and carries no token. It may die, and its head may die,
and the engine goes on; whoever comes next takes it over.
"""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict
from importlib import import_module
from typing import Any

from lemma_inference.launchers.on_ray.folder import Folder
from lemma_inference.launchers.on_ray.minder import LEASE_SECONDS
from lemma_inference.launchers.protocol import Endpoint, EngineSpec
from lemma_inference.settings import CARDS, engine_environment

STOP_SECONDS = 60.0
# A minder says within a second or so that it is there; on a machine without time, within this.
PATIENCE = 30.0


class EngineActor:
    """One engine. Every call is short; the driver asks every second or so, and that renews the lease."""

    def __init__(
        self,
        spec: dict[str, Any],
        host: str | None = None,
        lease_seconds: float = LEASE_SECONDS,
        leave: Callable[[], None] = lambda: os._exit(0),
    ) -> None:
        """`host` is where the engine listens; by default the address by which the cluster knows this machine.
        `leave` ends the actor, once nobody has asked for the engine for so long that it ended."""
        self._spec = EngineSpec.of(spec)
        self._host = host or str(import_module("ray").util.get_node_ip_address())
        self._lease = lease_seconds
        self._leave = leave
        self._folder = Folder(self._spec.id)
        self._asked = -PATIENCE
        self._take_over()
        threading.Thread(target=self._until_orphaned, daemon=True).start()

    def endpoint(self) -> dict[str, Any]:
        """Where the engine is now, after a look whether its minder lives."""
        self._folder.renew_lease()
        if not self._folder.stopped:
            self._keep_minded()
        found = self._folder.endpoint
        if found is None:
            found = Endpoint(self._spec.id, None, None, "starting", "The engine is starting.", lives=0)
        return asdict(found)

    def stop(self) -> None:
        """Ends the engine."""
        self._folder.stop()

    def _take_over(self) -> None:
        """An engine with the same command runs on, with the key that it has; any other is ended first."""
        self._folder.renew_lease()
        there = self._folder.spec
        if there is not None and there.argv == self._spec.argv and not self._folder.stopped:
            self._spec = there
        else:
            self._folder.stop()
            self._await_end()
            self._folder.unstop()
            self._folder.spec = self._spec
        self._keep_minded()

    def _await_end(self) -> None:
        """Raises `TimeoutError` where the engine that is there does not end."""
        until = time.monotonic() + STOP_SECONDS
        while self._folder.minded:
            if time.monotonic() > until:
                raise TimeoutError(f"Engine {self._spec.id} was told to stop and does not.")
            time.sleep(0.1)

    def _keep_minded(self) -> None:
        """Starts a minder where none is there. Of two that are started, the second one sees the first and
        ends at once. Raises `CardsTaken`."""
        environment = engine_environment()
        given = tuple(card for card in environment.get(CARDS, "").split(",") if card)
        if self._spec.gpus != int(self._spec.gpus) or not self._spec.gpus:
            given = ()  # Parts of a card are shared, so whoever has one takes it from nobody.
        if self._folder.minded or time.monotonic() - self._asked < PATIENCE:
            return
        cards = self._folder.cards(given)
        self._asked = time.monotonic()
        subprocess.run(
            [
                sys.executable,
                "-m",
                "lemma_inference.launchers.on_ray.minder",
                self._spec.id,
                self._host,
                str(self._lease),
            ],
            env=environment | ({CARDS: ",".join(cards)} if cards else {}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            check=True,
        )

    def _until_orphaned(self) -> None:
        """Without a gateway the engine ends after a while, and then the actor must not keep its cards."""
        while self._folder.lease_age() < self._lease or self._folder.minded:
            time.sleep(min(5.0, self._lease / 10))
        self._leave()
