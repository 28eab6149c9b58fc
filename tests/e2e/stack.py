"""The whole product on free ports with a folder of its own: database, worker, web, and the fake engine."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).parents[2]
_BIN = Path(sys.executable).parent
_START_SECONDS = 300
_STOP_SECONDS = 90
_READ_SECONDS = 180


@dataclass(frozen=True, slots=True)
class Stack:
    """A running product."""

    address: str
    http: httpx.Client

    def send(self, path: Path) -> str:
        """Sends a file and gives the id of its run."""
        with path.open("rb") as file:
            answer = self.http.post("/v1/runs", data={"task": "invoices"}, files={"files": (path.name, file)})
        return self._only_run(answer)

    def read_text(self, task: str, text: str) -> dict[str, Any]:
        """The finished run of a text."""
        return self.finished(self._only_run(self.http.post("/v1/runs", json={"task": task, "text": text})))

    def read_sample(self, name: str, task: str = "invoices") -> dict[str, Any]:
        """The finished run of one of our samples, read now if it was not read before."""
        for run in self.http.get("/v1/runs", params={"task": task}).raise_for_status().json()["items"]:
            if run["document"]["name"] == name and run["state"] == "done":
                return self.run(run["id"])
        return self.finished(self._only_run(self.http.post("/v1/runs", json={"task": task, "sample": name})))

    def titles(self) -> dict[str, str]:
        """How the tasks are called, by their ids, in their order."""
        items = self.http.get("/v1/tasks").raise_for_status().json()["items"]
        return {task["id"]: task["title"] for task in items}

    def run(self, run_id: str) -> dict[str, Any]:
        """The run with its cells and lines."""
        answer = self.http.get(f"/v1/runs/{run_id}", params={"include": "source"}).raise_for_status()
        run: dict[str, Any] = answer.json()
        return run

    def finished(self, run_id: str) -> dict[str, Any]:
        """Waits until the run has come to its end."""
        until = time.monotonic() + _READ_SECONDS
        while (run := self.run(run_id))["state"] in ("waiting", "running"):
            assert time.monotonic() < until, f"The run is still {run['state']}: {run['progress']}"
            time.sleep(0.2)
        return run

    def forget_all(self) -> None:
        """Deletes every run."""
        while items := self.http.get("/v1/runs").raise_for_status().json()["items"]:
            for run in items:
                self.http.delete(f"/v1/runs/{run['id']}").raise_for_status()

    @staticmethod
    def _only_run(answer: httpx.Response) -> str:
        assert answer.status_code == 202, answer.text
        run_id: str = answer.json()["items"][0]["id"]
        return run_id


@contextmanager
def running_stack() -> Iterator[Stack]:
    """Starts `lemma up` beside a fake engine, and stops both. Raises AssertionError with the log.

    `LEMMA_E2E_ADDRESS` names a product that runs already; it must have the fake engine, and its runs go.
    """
    given = os.environ.get("LEMMA_E2E_ADDRESS")
    if given:
        with httpx.Client(base_url=given, timeout=60) as http:
            yield Stack(given, http)
        return
    web, engine = _free_port(), _free_port()
    address = f"http://127.0.0.1:{web}"
    env = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("LEMMA_", "DATABASE_"))},
        "LEMMA_INFERENCE_URL": f"http://127.0.0.1:{engine}",
        "LEMMA_MODEL": "fake",
    }
    fake = [_BIN / "lemma-inference", "serve", "--engine", "fake", "--port", str(engine)]
    with tempfile.TemporaryDirectory(prefix="lemma-e2e-", ignore_cleanup_errors=True) as folder:
        up = [_BIN / "lemma", "up", "--no-samples", "--port", str(web), "--data-dir", folder]
        logs = Path(folder) / "e2e.log"
        with logs.open("wb") as log, _child(fake, env, log), httpx.Client(timeout=60) as plain:
            _wait(plain, f"http://127.0.0.1:{engine}/health", logs)
            with _child(up, env, log):
                _wait(plain, f"{address}/readyz", logs)
                with httpx.Client(base_url=address, timeout=60) as http:
                    yield Stack(address, http)


@contextmanager
def _child(command: list[Any], env: dict[str, str], log: Any) -> Iterator[None]:
    child = subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=subprocess.STDOUT)
    try:
        yield
    finally:
        child.terminate()
        try:
            child.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _wait(http: httpx.Client, url: str, log: Path) -> None:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until:
        try:
            if http.get(url).status_code == 200:
                return
        except httpx.TransportError:
            pass  # Nobody listens there yet.
        time.sleep(0.1)
    raise AssertionError(f"{url} did not answer.\n{log.read_text(errors='replace')[-4000:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
