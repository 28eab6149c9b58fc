"""The gateway as a process of its own, started by its command line over files as an operator writes them."""

import asyncio
import os
import re
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import psutil

from lemma_inference.keys import digest
from tests.faults.inference.engines import PATIENCE, Engine

KEYS = {"research": "key-of-research", "product": "key-of-the-product", "metered": "key-of-the-metered"}
ADMIN = "key-of-operations"


@dataclass
class Gateway:
    """`lemma-inference serve` over these engines. `policy`, `deployment` and `budget` are lines of TOML."""

    folder: Path
    engines: Sequence[Engine]
    policy: str = ""
    deployment: str = "seats = 32"
    budget: str = ""
    homes: frozenset[str] = frozenset()
    environment: dict[str, str] = field(default_factory=dict)
    journal: Path | None = None
    # Addresses under which the gateway is to know engines, where these are not their own.
    instead: dict[str, str] = field(default_factory=dict)
    url: str = ""
    _process: asyncio.subprocess.Process | None = field(default=None, repr=False)

    async def start(self) -> None:
        """Returns once it says that it is ready."""
        if not self.url:
            self.url = f"http://127.0.0.1:{_free_port()}"
            self._write_files()
        log = (self.folder / "gateway.log").open("ab")
        with log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "lemma_inference",
                "serve",
                "--host",
                "127.0.0.1",
                "--port",
                self.url.rpartition(":")[2],
                "--gateway-file",
                str(self.folder / "gateway.toml"),
                "--keys-file",
                str(self.folder / "keys.toml"),
                "--journal-folder",
                str(self.journal or self.folder / "journal"),
                stderr=log,
                env={**os.environ, "LEMMA_INFERENCE_CACHE_SECRET": "faults", **self.environment},
            )
        async with asyncio.timeout(PATIENCE):
            while not await self._answers():
                if self._process.returncode is not None:
                    said = (self.folder / "gateway.log").read_text()
                    raise RuntimeError(f"The gateway did not start: {said[-2000:]}")
                await asyncio.sleep(0.05)

    async def kill(self) -> None:
        """`kill -9`."""
        assert self._process is not None
        self._process.kill()
        await self._process.wait()

    async def stop(self) -> None:
        """As an operator does."""
        if self._process is None or self._process.returncode is not None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(self._process.wait(), 20)
        except TimeoutError:
            await self.kill()

    @property
    def resident(self) -> float:
        """Its memory in MB."""
        assert self._process is not None
        return float(psutil.Process(self._process.pid).memory_info().rss) / 1e6

    @property
    def connections(self) -> int:
        """Sockets that it has open, of clients and to engines."""
        assert self._process is not None
        return len(psutil.Process(self._process.pid).net_connections())

    async def health(self) -> dict[str, Any]:
        async with self._session() as session, session.get("/health") as response:
            body: dict[str, Any] = await response.json()
            return body

    async def until(self, holds: Callable[[dict[str, Any]], object], seconds: float = PATIENCE) -> None:
        """Returns once the health report satisfies this."""
        async with asyncio.timeout(seconds):
            while not holds(await self.health()):  # noqa: ASYNC110 - in another process
                await asyncio.sleep(0.02)

    async def until_idle(self, seconds: float = PATIENCE) -> None:
        """Nobody has a seat and nobody waits for one."""
        await self.until(lambda now: not now["running"] and not any(now["waiting"].values()), seconds)

    async def until_whole(self, seconds: float = PATIENCE) -> None:
        """Every replica takes requests again."""
        await self.until(lambda now: all(one["ready"] for one in replicas(now).values()), seconds)

    async def records(self) -> list[dict[str, Any]]:
        """The journal as whoever bills reads it, once nothing more is added to it."""
        found = await self._records()
        while True:
            await asyncio.sleep(0.4)
            again = await self._records()
            if len(again) == len(found):
                return again
            found = again

    async def metrics(self) -> str:
        async with self._session() as session, session.get("/metrics") as response:
            return await response.text()

    async def in_flight(self, replica: str) -> float:
        """Requests that wait for this one."""
        pattern = rf'^lemma_inference_replica_in_flight{{.*replica="{replica}".*}} (\S+)$'
        found = re.search(pattern, await self.metrics(), re.MULTILINE)
        assert found is not None
        return float(found[1])

    async def _records(self) -> list[dict[str, Any]]:
        records: list[dict[str, Any]] = []
        after = 0
        async with self._session() as session:
            while True:
                async with session.get("/v1/usage", params={"after": after, "limit": 1000}) as response:
                    response.raise_for_status()
                    page = await response.json()
                if page["missing"]:
                    raise AssertionError(f"The journal has holes: {page['missing']}")
                records += page["data"]
                if page["next"] == after:
                    return records
                after = page["next"]

    async def _answers(self) -> bool:
        try:
            return bool((await self.health())["models"])
        except (aiohttp.ClientError, OSError):
            return False

    def _session(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            self.url,
            headers={"Authorization": f"Bearer {ADMIN}"},
            timeout=aiohttp.ClientTimeout(total=PATIENCE),
            trust_env=False,
        )

    def _write_files(self) -> None:
        lines = ["[[deployment]]", 'model = "fake"', 'engine = "fake"', "context = 8192", self.deployment]
        for engine in self.engines:
            url = self.instead.get(engine.name, engine.url)
            lines += ["[[deployment.replica]]", f'id = "{engine.name}"', f'url = "{url}"']
            lines += ["home = true"] if engine.name in self.homes else []
        lines += ["[deployment.policy]", self.policy]
        (self.folder / "gateway.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
        lines = []
        for tenant, key in {**KEYS, "operations": ADMIN}.items():
            classes = ["research"] if tenant == "research" else ["batch", "interactive"]
            lines += ["[[tenant]]", f'id = "{tenant}"', "customers = true"]
            lines += [self.budget] if tenant == "metered" else []
            lines += ["[[tenant.key]]", f'id = "{tenant}"', f'sha256 = "{digest(key)}"']
            lines += [f"classes = {classes}".replace("'", '"')]
            lines += ["admin = true"] if tenant == "operations" else []
        (self.folder / "keys.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def replicas(health: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What the health report says of each."""
    found: dict[str, dict[str, Any]] = health["models"]["fake"]["replicas"]
    return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
