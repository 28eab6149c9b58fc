"""Engines whose gateway and leash were both killed.

The first process of an engine ends with its leash, but vLLM's workers do not end with the first process: they
stay, and keep the graphics card's memory (seen with vLLM 0.32). So the group of each engine is written down,
and whoever starts engines next ends the groups that nobody holds any more.
"""

import os
import signal
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

ALL = "lemma-engines"


def own_folder(*parts: str, root: Path | None = None) -> Path:
    """A folder of this user's, in which nobody else can look or write. Raises `PermissionError` where
    somebody else made it."""
    path = (root or Path(tempfile.gettempdir())) / f"{ALL}-{os.getuid()}"
    for part in ("", *parts):
        path /= part
        path.mkdir(mode=0o700, exist_ok=True)
        found = path.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o022:
            raise PermissionError(f"{path} belongs to somebody else, or others may write to it.")
    return path


class Groups:
    """The groups of processes that engines are, on this machine. Where there is no /proc, nothing is known of
    orphans, and none is ended."""

    def __init__(self, root: Path | None = None) -> None:
        self._folder = own_folder("groups", root=root)

    def add(self, group: int, leash: int) -> None:
        """An engine was started, and this process holds it."""
        fresh = self._folder / f"{group}.new"
        fresh.write_text(f"{_born(group)} {leash} {_born(leash)}", encoding="ascii")
        fresh.rename(self._folder / str(group))

    def end(self, group: int) -> None:
        """Nothing of this engine is left. It had its time to end by itself."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)
        (self._folder / str(group)).unlink(missing_ok=True)

    def end_orphans(self) -> list[int]:
        """Ends all groups that nobody holds; returns them."""
        ended = []
        for path in self._folder.glob("*[0-9]"):
            group, (born, leash, leash_born) = int(path.name), path.read_text(encoding="ascii").split()
            if _born(int(leash)) == leash_born:
                continue
            # A number is not given to another while one of the group lives; its first process may be gone.
            if _born(group) in {born, "-"} and _members(group):
                self.end(group)
                ended.append(group)
            path.unlink(missing_ok=True)
        return ended


def _born(pid: int) -> str:
    """When a process began, in ticks since the machine did; "-" where it is gone (proc_pid_stat(5), 22)."""
    return fields[19] if (fields := _stat(pid)) else "-"


def _members(group: int) -> bool:
    """Whether one of this group, and of the session that it began, is alive (fields 5 and 6)."""
    pids = [int(path.name) for path in Path("/proc").glob("[0-9]*")]
    stats = [fields for pid in pids if (fields := _stat(pid))]
    return any(fields[2] == fields[3] == str(group) for fields in stats)


def _stat(pid: int) -> list[str]:
    """The fields from the third one on: state, parent, group, session and so on. A process that has ended has
    none, even if nobody asked yet how."""
    try:
        line = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return []
    fields = line.rpartition(")")[2].split()
    return [] if fields[0] in {"Z", "X"} else fields
