"""One process for a folder: a lock that the kernel lets go of when its holder ends, however it ends."""

import os
import sys
from pathlib import Path

from lemma_inference.errors import SettingsWrong

if sys.platform != "win32":
    import fcntl


class FolderLock:
    """Held from its making to `release`. Raises `SettingsWrong` where another process has it."""

    def __init__(self, folder: Path) -> None:
        if sys.platform == "win32":
            raise SettingsWrong("The journal of usage needs Linux or macOS. Leave the folder for it out.")
        self._handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.pread(self._handle, 20, 0).decode("ascii", "replace").strip()
            os.close(self._handle)
            raise SettingsWrong(
                f"Another gateway (process {holder or 'unknown'}) keeps its journal in {folder}. "
                "Stop it, or give this one a folder of its own."
            ) from error
        os.ftruncate(self._handle, 0)
        os.pwrite(self._handle, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        os.close(self._handle)
