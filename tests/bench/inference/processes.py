"""What is measured, as processes of its own: fake engines, our gateway, and peers."""

import asyncio
import os
import re
import socket
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import aiohttp
import psutil

from lemma_inference.keys import digest

ROOT = Path(__file__).parents[3]
START_SECONDS = 900.0
KEYS = {"research": "key-of-research", "product": "key-of-the-product", "operations": "key-of-operations"}
MODEL = "fake"
LITELLM_KEY = "sk-key-of-the-bench"
LITELLM = ROOT / ".venv-litellm" / "bin" / "litellm"
ROUTER = ROOT / ".venv-vllm-router" / "bin" / "vllm-router"
KV_TOKENS = 430_080


@dataclass
class Child:
    """A process that listens. It is ready when its `ready` path answers with 200. `key` is what it wants of
    those who ask it."""

    name: str
    command: Sequence[str]
    folder: Path
    ready: str = "/health"
    headers: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    url: str = ""
    key: str = ""
    _process: asyncio.subprocess.Process | None = field(default=None, repr=False)
    _log: IO[bytes] | None = field(default=None, repr=False)

    async def start(self) -> "Child":
        self._log = (self.folder / f"{self.name}.log").open("wb")
        self._process = await asyncio.create_subprocess_exec(
            *self.command,
            stdin=asyncio.subprocess.PIPE,
            stdout=self._log,
            stderr=self._log,
            env={**os.environ, **self.environment},
            cwd=self.folder,
        )
        try:
            async with asyncio.timeout(START_SECONDS):
                while not await self._answers():
                    if self._process.returncode is not None:
                        raise RuntimeError(f"{self.name} ended: {self.said()}")
                    await asyncio.sleep(0.1)
        except BaseException:
            await self.stop()
            raise
        return self

    async def stop(self) -> None:
        """As an operator does; by force after ten seconds."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        family = self._family()
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), 10)
        except TimeoutError:
            process.kill()
            await process.wait()
        for orphan in family[1:]:
            with suppress(psutil.Error):
                orphan.kill()
        if self._log is not None:
            self._log.close()

    def said(self) -> str:
        """The end of its log."""
        return (self.folder / f"{self.name}.log").read_text(errors="replace")[-2000:]

    @property
    def processor_seconds(self) -> float:
        """Used so far, with its children."""
        used = 0.0
        for process in self._family():
            with suppress(psutil.Error):
                times = process.cpu_times()
                used += times.user + times.system
        return used

    @property
    def resident(self) -> float:
        """Memory in MB, with its children."""
        total = 0.0
        for process in self._family():
            with suppress(psutil.Error):
                total += process.memory_info().rss / 1e6
        return total

    async def metrics(self) -> dict[str, float]:
        """Its Prometheus figures, summed over labels."""
        found: dict[str, float] = {}
        async with (
            aiohttp.ClientSession(self.url, headers=self.headers, trust_env=False) as session,
            session.get("/metrics") as response,
        ):
            for line in (await response.text()).splitlines():
                if named := re.match(r"([a-z_:]+)(?:\{.*\})? ([0-9.e+-]+)$", line):
                    found[named[1]] = found.get(named[1], 0.0) + float(named[2])
        return found

    async def _answers(self) -> bool:
        try:
            async with (
                aiohttp.ClientSession(self.url, headers=self.headers, trust_env=False) as session,
                session.get(self.ready, timeout=aiohttp.ClientTimeout(total=5)) as response,
            ):
                return response.status == 200
        except (aiohttp.ClientError, OSError, TimeoutError):
            return False

    def _family(self) -> list[psutil.Process]:
        assert self._process is not None
        try:
            one = psutil.Process(self._process.pid)
            return [one, *one.children(recursive=True)]
        except psutil.Error:
            return []


def engine(folder: Path, name: str, *flags: str) -> Child:
    """A fake vLLM with priorities and running usage."""
    port = free_port()
    command = [
        sys.executable, "-m", "lemma_inference.engines.fakevllm", "--model", MODEL, "--port", str(port),
        "--scheduling-policy", "priority", "--enable-force-include-usage", "--enable-prompt-tokens-details",
        *flags,
    ]  # fmt: skip
    return Child(name, command, folder, url=f"http://127.0.0.1:{port}")


def gateway(
    folder: Path,
    engines: Sequence[Child],
    *,
    model: str = MODEL,
    kind: str = "fake",
    policy: str = "",
    home: bool = False,
    deployment: str = "",
) -> Child:
    """Ours, with keys and a journal on disk. The first engine is research's home, if `home`."""
    port = free_port()
    lines = ["[[deployment]]", f'model = "{model}"', f'engine = "{kind}"', deployment]
    for number, one in enumerate(engines):
        lines += ["[[deployment.replica]]", f'id = "{one.name}"', f'url = "{one.url}"']
        lines += ["home = true"] if home and not number else []
        if one.key:
            (folder / f"{one.name}.key").write_text(one.key)
            lines.append(f'key_file = "{folder / one.name}.key"')
    (folder / "gateway.toml").write_text("\n".join([*lines, "[deployment.policy]", policy]) + "\n")
    lines = []
    for tenant, key in KEYS.items():
        classes = '["research"]' if tenant == "research" else '["interactive", "batch"]'
        lines += ["[[tenant]]", f'id = "{tenant}"', "customers = true"]
        lines += ["[[tenant.key]]", f'id = "{tenant}"', f'sha256 = "{digest(key)}"', f"classes = {classes}"]
        lines += ["admin = true"] if tenant == "operations" else []
    (folder / "keys.toml").write_text("\n".join(lines) + "\n")
    command = [
        sys.executable, "-m", "lemma_inference", "serve", "--host", "127.0.0.1", "--port", str(port),
        "--gateway-file", str(folder / "gateway.toml"), "--keys-file", str(folder / "keys.toml"),
        "--journal-folder", str(folder / "journal"),
    ]  # fmt: skip
    admin = {"Authorization": f"Bearer {KEYS['operations']}"}
    return Child("gateway", command, folder, headers=admin, url=f"http://127.0.0.1:{port}")


def litellm(folder: Path, engines: Sequence[Child]) -> Child:
    """LiteLLM's proxy as its page on production says: one worker, a key, little in the log."""
    port = free_port()
    entries = [
        f"  - model_name: {MODEL}\n    litellm_params:\n      model: hosted_vllm/{MODEL}\n"
        f"      api_base: {one.url}/v1\n      api_key: none\n"
        for one in engines
    ]
    config = folder / "litellm.yaml"
    config.write_text(
        f"model_list:\n{''.join(entries)}general_settings:\n  master_key: {LITELLM_KEY}\n"
        "litellm_settings:\n  request_timeout: 600\n  set_verbose: false\n"
    )
    command = [str(LITELLM), "--config", str(config), "--host", "127.0.0.1", "--port", str(port)]
    environment = {
        "LITELLM_MODE": "PRODUCTION",
        "LITELLM_LOG": "ERROR",
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    }
    return Child(
        "litellm",
        [*command, "--num_workers", "1", "--telemetry", "False"],
        folder,
        ready="/health/readiness",
        environment=environment,
        url=f"http://127.0.0.1:{port}",
    )


def router(folder: Path, engines: Sequence[Child]) -> Child:
    """The Rust vllm-router, which has neither keys nor a journal."""
    port = free_port()
    command = [
        str(ROUTER), "--host", "127.0.0.1", "--port", str(port), "--policy", "round_robin",
        "--log-level", "error", "--prometheus-port", str(free_port()),
        "--worker-urls", *(one.url for one in engines),
    ]  # fmt: skip
    return Child("vllm-router", command, folder, url=f"http://127.0.0.1:{port}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
