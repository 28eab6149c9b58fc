"""The parent of an engine: `python -m lemma_inference.launchers.leash`.

An engine such as vLLM is a tree of processes, which must end with the gateway, also when that is killed. So
it is started by this small program in a group of its own. The first line of stdin says what to start. When
stdin ends, the gateway is gone, and the group is ended; when the engine ends, so does this, with its exit
code. The first line of stdout is the number of the group: the gateway ends it where this is killed.

What the engine prints is kept, the last lines of it, until the line `quiet` comes: an engine that could not
start says why. From then on it is thrown away, because it may hold parts of prompts.
"""

import ctypes
import json
import os
import signal
import subprocess
import sys
import threading
from collections import deque
from contextlib import suppress

KEPT_LINES = 40
PATIENCE = 5.0
PR_SET_PDEATHSIG = 1


def main() -> None:
    """Runs until the engine or stdin ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    asked = json.loads(sys.stdin.readline())
    engine = subprocess.Popen(
        asked["argv"],
        env=asked["env"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=_die_with_parent,  # noqa: PLW1509 - nothing else runs in this process yet
    )
    say({"group": engine.pid})
    printed = Printed(engine)
    threading.Thread(target=_follow, args=(engine, printed), daemon=True).start()
    code = engine.wait()
    _end(engine)  # What is left of its group.
    say({"code": code, "said": list(printed.lines)})
    os._exit(0)


def say(value: object) -> None:
    """One line to the gateway, if it is there."""
    with suppress(BrokenPipeError):
        sys.stdout.write(json.dumps(value) + "\n")
        sys.stdout.flush()


class Printed:
    """The last lines that the engine printed, while somebody may want them."""

    def __init__(self, engine: "subprocess.Popen[bytes]") -> None:
        self.lines: deque[str] = deque(maxlen=KEPT_LINES)
        self.quiet = False
        self._engine = engine
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self._engine.stdout is not None  # noqa: S101 - a pipe, said where it is started
        for line in self._engine.stdout:
            if not self.quiet:
                self.lines.append(line.decode(errors="replace").rstrip()[:500])


def _follow(engine: "subprocess.Popen[bytes]", printed: Printed) -> None:
    """Orders from the gateway, until it is gone."""
    for line in sys.stdin:
        if line.strip() == "quiet":
            printed.quiet = True
            printed.lines.clear()
    _end(engine)


def _end(engine: "subprocess.Popen[bytes]") -> None:
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(engine.pid, sign)
        except ProcessLookupError:
            return
        try:
            engine.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            continue


def _die_with_parent() -> None:
    """The engine's first process ends with this one, even if this one is killed. Linux only; elsewhere the
    end of stdin has to do."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


if __name__ == "__main__":
    main()
