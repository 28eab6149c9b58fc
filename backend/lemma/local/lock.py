"""One Lemma for each data directory: a lock that the kernel releases however its holder dies."""

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lemma.core.errors import Conflict


class AlreadyRunning(Conflict):
    """Another Lemma runs on this data directory."""

    code = "already_running"
    title = "Lemma is already running here"


@contextmanager
def only_one(data_dir: Path, address: str) -> Iterator[None]:
    """Holds the data directory for this process. Raises AlreadyRunning, naming the other's address."""
    path = data_dir / "lemma.lock"
    with path.open("ab", buffering=0) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(_who(path, data_dir)) from None
        file.truncate(0)
        with contextlib.suppress(OSError):  # The lock holds; on a full disk it only does not say whose it is.
            file.write(json.dumps({"pid": os.getpid(), "address": address}).encode())
        yield


def _who(path: Path, data_dir: Path) -> str:
    try:
        other = json.loads(path.read_text())
        return (
            f"Lemma already runs on {data_dir} at {other['address']} (pid {other['pid']}). "
            "Use it there, stop it, or give another --data-dir."
        )
    except (OSError, ValueError, KeyError):
        return f"Another Lemma runs on {data_dir}. Stop it, or give another --data-dir."
