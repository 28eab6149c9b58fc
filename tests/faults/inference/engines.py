"""Fake engines as processes: what can be killed, stopped, and told to fail."""

import asyncio
import json
import os
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import aiohttp

PATIENCE = 60.0
# As the guide says to start vLLM.
FLAGS = (
    "--model", "fake", "--scheduling-policy", "priority", "--enable-force-include-usage",
    "--enable-prompt-tokens-details", "--faults",
)  # fmt: skip
COUNTERS = {
    "prompt": "vllm:prompt_tokens_total",
    "completion": "vllm:generation_tokens_total",
    "running": "vllm:num_requests_running",
    "waiting": "vllm:num_requests_waiting",
}


@dataclass
class Engine:
    """One fake vLLM. It keeps its port, so that a new one stands where the killed one stood."""

    name: str
    flags: tuple[str, ...] = ("--preset", "8b-h100")
    url: str = ""
    _process: asyncio.subprocess.Process | None = field(default=None, repr=False)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    async def start(self) -> None:
        """Returns once it listens."""
        port = self.url.rpartition(":")[2] or "0"
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "lemma_inference.engines.fakevllm",
            *FLAGS,
            *self.flags,
            "--port",
            port,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        assert self._process.stdout is not None
        line = await asyncio.wait_for(self._process.stdout.readline(), PATIENCE)
        if not line:
            raise RuntimeError(f"The engine {self.name} did not start on port {port}.")
        self.url = json.loads(line)["url"]

    async def kill(self) -> None:
        """`kill -9`."""
        assert self._process is not None
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()

    def freeze(self) -> None:
        """The process stands still; its kernel goes on and takes connections for it."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    async def stop(self) -> None:
        """In peace, or not, if it does not go."""
        if self._process is None or self._process.returncode is not None:
            return
        with suppress(ProcessLookupError):
            self.thaw()
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            await asyncio.wait_for(self._process.wait(), 10)
        except TimeoutError:
            await self.kill()

    async def fail(self, **faults: Any) -> None:
        """These faults from now on; none ends all. Over stdin, which reaches an engine that is deaf."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(faults).encode() + b"\n")
        await self._process.stdin.drain()
        if faults.get("half_open"):
            await asyncio.sleep(0.2)
            return
        async with asyncio.timeout(PATIENCE):
            while not _says(await self._get("/fault"), faults):  # noqa: ASYNC110 - in another process
                await asyncio.sleep(0.02)

    async def counters(self) -> dict[str, float]:
        """Tokens of prompts and answers since its start, and requests there now."""
        page = await self._get("/metrics")
        found = dict.fromkeys(COUNTERS, 0.0)
        for line in page.splitlines():
            for name, metric in COUNTERS.items():
                if line.startswith(f"{metric}{{"):
                    found[name] = float(line.rpartition(" ")[2])
        return found

    async def _get(self, path: str) -> str:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=PATIENCE), trust_env=False) as session,
            session.get(self.url + path) as response,
        ):
            return await response.text()


def _says(answer: str, faults: dict[str, Any]) -> bool:
    now = json.loads(answer)
    default = {"share": 1.0}
    return all(
        faults.get(name, default.get(name)) == value or (not faults.get(name) and value in (False, 0.0))
        for name, value in now.items()
    )
