"""Two Lemmas on one folder, and ports that are taken: clear sentences, and nothing left behind."""

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from lemma.local.lock import AlreadyRunning, only_one
from lemma.local.ports import free_port, holder, is_taken

HOLD = """
import sys, time
from pathlib import Path
from lemma.local.lock import only_one
with only_one(Path(sys.argv[1]), "http://127.0.0.1:8000"):
    print("held", flush=True)
    time.sleep(600)
"""


def test_a_second_one_is_told_where_the_first_is_and_gets_the_folder_after_its_kill(tmp_path: Path) -> None:
    other = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE)
    assert other.stdout is not None
    try:
        assert other.stdout.readline() == b"held\n"
        sentence = re.escape(f"at http://127.0.0.1:8000 (pid {other.pid})")
        with pytest.raises(AlreadyRunning, match=sentence), only_one(tmp_path, "http://127.0.0.1:9000"):
            pass
    finally:
        other.kill()
        other.wait()
        other.stdout.close()
    with only_one(tmp_path, "http://127.0.0.1:9000"):
        assert str(os.getpid()) in (tmp_path / "lemma.lock").read_text()


def test_a_taken_port_names_who_holds_it() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        assert is_taken("127.0.0.1", port)
        if sys.platform == "linux":
            assert f"(pid {os.getpid()})" in str(holder(port))


def test_a_free_port_is_free() -> None:
    port = free_port()
    assert not is_taken("127.0.0.1", port)
    assert holder(port) is None
