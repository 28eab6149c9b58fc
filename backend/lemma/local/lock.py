"""One Lemma for each data directory: a lock that the kernel releases however its holder dies."""

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
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(_who(path, data_dir)) from None
        file.seek(0)
        file.truncate()
        json.dump({"pid": os.getpid(), "address": address}, file)
        file.flush()
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
