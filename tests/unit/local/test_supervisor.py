"""The supervisor on real processes: they start, come back when killed, and leave nobody behind."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from lemma.local.supervisor import Service, ServiceFailed, Supervisor

MARK_AND_WAIT = """
import pathlib, os, sys, time
pathlib.Path(sys.argv[1]).write_text(str(os.getpid()))
time.sleep(600)
"""


@pytest.fixture
async def supervisor(tmp_path: Path) -> AsyncIterator[Supervisor]:
    made = Supervisor(tmp_path / "logs", lambda words: None)
    yield made
    await made.stop()


def _pid(mark: Path) -> int:
    """The process id that a child left, 0 while it has not."""
    return int(mark.read_text() or 0) if mark.exists() else 0


def _service(mark: Path, code: str = MARK_AND_WAIT, limit: float = 120.0) -> Service:
    async def ready() -> bool:
        return _pid(mark) > 0

    return Service("clerk", [sys.executable, "-c", code, str(mark)], ready, start_limit=limit)


async def _other_pid(mark: Path, than: int) -> int:
    for _ in range(6000):
        pid = _pid(mark)
        if pid not in {0, than}:
            return pid
        await asyncio.sleep(0.02)
    raise AssertionError("the child did not come back")


async def test_a_killed_child_is_started_again(supervisor: Supervisor, tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    await supervisor.start(_service(mark))
    first = _pid(mark)
    os.kill(first, signal.SIGKILL)
    second = await _other_pid(mark, first)
    assert psutil.pid_exists(second)
    await supervisor.stop()
    assert not psutil.pid_exists(second)


async def test_a_child_that_cannot_start_says_its_last_words(supervisor: Supervisor, tmp_path: Path) -> None:
    service = _service(tmp_path / "never", "raise SystemExit('no ink left')")
    with pytest.raises(ServiceFailed, match=r"(?s)clerk ended with exit code 1.*no ink left"):
        await supervisor.start(service)


async def test_a_child_that_is_never_ready_is_not_waited_for_for_ever(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    service = _service(tmp_path / "never", "import time; time.sleep(600)", limit=0.3)
    with pytest.raises(ServiceFailed, match="not ready within"):
        await supervisor.start(service)


async def test_a_child_that_ignores_the_request_to_stop_is_killed(tmp_path: Path) -> None:
    code = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n{MARK_AND_WAIT}"
    mark = tmp_path / "pid"
    service = _service(mark, code)
    stubborn = Supervisor(tmp_path / "logs", lambda words: None)
    await stubborn.start(Service(service.name, service.argv, service.ready, stop_limit=0.2))
    pid = _pid(mark)
    await stubborn.stop()
    assert not psutil.pid_exists(pid)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of their parent's death")
async def test_children_end_with_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    code = f"""
import asyncio, sys
from pathlib import Path
from lemma.local.supervisor import Service, Supervisor
async def main():
    async def ready():
        return Path({str(mark)!r}).exists()
    supervisor = Supervisor(Path({str(tmp_path)!r}) / "logs", print)
    await supervisor.start(Service("clerk", [sys.executable, "-c", {MARK_AND_WAIT!r}, {str(mark)!r}], ready))
    print("up", flush=True)
    await asyncio.sleep(600)
asyncio.run(main())
"""
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdout=subprocess.PIPE)
    try:
        assert parent.stdout is not None
        assert await parent.stdout.readline() == b"up\n"
        child = psutil.Process(_pid(mark))
        parent.kill()
        gone, _ = await asyncio.to_thread(psutil.wait_procs, [child], 120)
        assert gone
    finally:
        if parent.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                parent.kill()
        await parent.wait()
