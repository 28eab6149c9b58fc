"""Nothing of an engine is left, whoever is killed."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lemma_inference.launchers.orphans import Groups, own_folder
from lemma_inference.launchers.process import LocalLauncher
from lemma_inference.launchers.protocol import EngineSpec

# As vLLM does: the first process has a worker, which does not end with it.
WORKER = "import time; time.sleep(600)"
FIRST = f"""
import subprocess, sys, time
worker = subprocess.Popen([sys.executable, "-c", {WORKER!r}])
open(sys.argv[1], "w").write(str(worker.pid))
time.sleep(600)
"""


def gone(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state == "Z"


async def until(holds: Callable[[], object], seconds: float = 90.0) -> None:
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 - other processes decide
            await asyncio.sleep(0.02)


def spec(tmp_path: Path) -> EngineSpec:
    return EngineSpec("engine", (sys.executable, "-c", FIRST, str(tmp_path / "worker")), "k")


async def worker_of(tmp_path: Path) -> int:
    path = tmp_path / "worker"
    await until(lambda: path.exists() and path.read_text(encoding="ascii"))
    return int(path.read_text(encoding="ascii"))


async def test_an_engines_workers_end_with_its_leash(tmp_path: Path) -> None:
    launcher = LocalLauncher()
    async with launcher.running():
        await launcher.launch(spec(tmp_path))
        worker = await worker_of(tmp_path)
        leash = launcher._engines["engine"].child
        assert leash is not None
        (tmp_path / "worker").unlink()
        leash.kill()
        await until(lambda: gone(worker))
        second = await worker_of(tmp_path)
        assert second != worker, "it is started again"
    assert gone(second)


async def test_what_a_killed_gateway_and_a_killed_leash_left_ends_with_the_next_start(tmp_path: Path) -> None:
    program = f"""
import asyncio
from lemma_inference.launchers.process import LocalLauncher
from lemma_inference.launchers.protocol import EngineSpec

async def main():
    launcher = LocalLauncher()
    await launcher.launch(EngineSpec(**{ {"id": "engine", "argv": spec(tmp_path).argv, "key": "k"}!r}))
    while not launcher._engines["engine"].group:
        await asyncio.sleep(0.01)
    print(launcher._engines["engine"].child.pid, flush=True)
    await asyncio.sleep(600)

asyncio.run(main())
"""
    owner = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE
    )
    assert owner.stdout is not None
    leash = int(await owner.stdout.readline())
    worker = await worker_of(tmp_path)
    owner.send_signal(signal.SIGSTOP)  # So that it cannot see its leash die.
    os.kill(leash, signal.SIGKILL)
    owner.kill()
    await owner.wait()
    assert not gone(worker)
    async with LocalLauncher().running():
        await until(lambda: gone(worker))


def test_an_engine_that_somebody_holds_is_no_orphan(tmp_path: Path) -> None:
    groups = Groups(tmp_path)
    with subprocess.Popen([sys.executable, "-c", WORKER], start_new_session=True) as engine:
        groups.add(engine.pid, os.getpid())
        assert groups.end_orphans() == []
        assert engine.poll() is None
        groups.end(engine.pid)
        assert engine.wait(30) == -signal.SIGKILL
    assert groups.end_orphans() == []


def test_a_number_that_went_to_another_process_is_left_alone(tmp_path: Path) -> None:
    groups = Groups(tmp_path)
    with subprocess.Popen([sys.executable, "-c", WORKER], start_new_session=True) as stranger:
        (own_folder("groups", root=tmp_path) / str(stranger.pid)).write_text("1 999999999 2")
        assert groups.end_orphans() == []
        assert stranger.poll() is None
        stranger.kill()


def test_a_folder_that_others_may_write_to_is_not_used(tmp_path: Path) -> None:
    folder = own_folder(root=tmp_path)
    assert folder.stat().st_mode & 0o777 == 0o700
    folder.chmod(0o777)
    with pytest.raises(PermissionError, match="others may write"):
        own_folder("groups", root=tmp_path)


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    own_folder(root=tmp_path)
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    (own_folder(root=tmp_path) / "groups").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(PermissionError):
        own_folder("groups", root=tmp_path)
