"""A Ray cluster on this machine. Every process of it can be found and killed without touching another's."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RAY = str(Path(sys.executable).with_name("ray"))
# A raylet gives up when its helpers, which are Python, are not there within 15 s, and says nothing. On a busy
# machine they sometimes are not.
TRIES = 8
ENVIRONMENT = {"RAY_raylet_start_wait_time_s": "45"}
SECONDS = 120.0


def matching(pattern: str) -> list[int]:
    """Processes with this in their command line."""
    found = subprocess.run(["pgrep", "-f", pattern], capture_output=True, text=True, check=False).stdout
    return [int(pid) for pid in found.split() if int(pid) != os.getpid()]


def kill(pids: list[int]) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


class Cluster:
    """A head, and machines beside it. Each keeps its files in a folder of its own, as real machines do."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="lemma-ray-"))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start_head(self, *, cpus: int = 2) -> None:
        self._start("head", "--head", f"--port={self.port}", "--include-dashboard=false", cpus=cpus)

    def add_machine(self, name: str, **resources: int) -> None:
        self._start(name, f"--address={self.address}", **resources)

    def machine(self, name: str) -> Path:
        """Where this machine keeps its temporary files."""
        path = self.folder / name
        path.mkdir(exist_ok=True)
        return path

    def kill_head(self) -> None:
        """All of Ray that is not a worker, on all machines; workers find out by themselves."""
        kill(self.processes("gcs_server"))
        kill(self.processes("raylet"))

    def processes(self, name: str) -> list[int]:
        return matching(f"/{name} .*{self.folder}")

    def actors(self) -> list[int]:
        """The processes of our actors."""
        found: list[int] = []
        for raylet in self.processes("raylet"):
            command = ["pgrep", "-P", str(raylet), "-f", "ray::EngineActor"]
            said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
            found += map(int, said.split())
        return found

    def end(self) -> None:
        """Nothing is left of it."""
        until = time.monotonic() + 60.0
        while left := matching(str(self.folder)):
            kill(left)
            assert time.monotonic() < until, f"processes {left} do not end"
            time.sleep(0.1)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _start(self, machine: str, *arguments: str, cpus: int = 2) -> None:
        command = [
            RAY,
            "start",
            *arguments,
            "--node-ip-address=127.0.0.1",
            f"--num-cpus={cpus}",
            "--disable-usage-stats",
            "--object-store-memory=80000000",
        ]
        if machine == "head":
            command.append(f"--temp-dir={self.folder}")
        environment = os.environ | ENVIRONMENT | {"TMPDIR": str(self.machine(machine))}
        said = ""
        for _ in range(TRIES):
            before = self.processes("raylet")
            with contextlib.suppress(subprocess.TimeoutExpired):
                done = subprocess.run(
                    command, capture_output=True, text=True, timeout=SECONDS, check=False, env=environment
                )
                if done.returncode == 0:
                    return
                said = done.stdout + done.stderr
            kill([pid for pid in self.processes("raylet") if pid not in before])
            if machine == "head":
                kill(self.processes("gcs_server"))
        raise AssertionError(f"Ray did not start: {said}")
