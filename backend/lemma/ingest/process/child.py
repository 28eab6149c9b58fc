"""A child process as its caller sees it: ask it something, get frames back, or a clear error."""

import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import IO, Any

from lemma.ingest.errors import BY_CODE, FileBroken, IngestTimeout, IngestUnavailable
from lemma.ingest.process.wire import HEAD, MAX_BYTES, MAX_JSON, pack

_START_SECONDS = 60.0


class ChildDied(Exception):
    """The child ended, or spoke nonsense, in the middle of an answer."""


class Child:
    """One child process. Not for use by two threads at a time; `Pool` sees to that."""

    def __init__(self, role: str) -> None:
        self.served = 0
        environment = {"PATH": os.defpath, "LANG": "C.UTF-8", "OMP_NUM_THREADS": "1"}
        environment["OPENBLAS_NUM_THREADS"] = "1"
        command = [sys.executable, "-I", "-B", "-X", "utf8", "-W", "ignore"]
        try:
            self._process = subprocess.Popen(
                [*command, "-m", "lemma.ingest.process.worker", role],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment,
                start_new_session=True,
                bufsize=0,
            )
        except OSError as error:
            raise IngestUnavailable(
                f"The process that reads files could not be started ({error.strerror}). Free memory or "
                "processes on this machine, then try again."
            ) from error
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._stdout, selectors.EVENT_READ)
        self._ready = False

    @property
    def _stdin(self) -> IO[bytes]:
        if self._process.stdin is None:
            raise ChildDied
        return self._process.stdin

    @property
    def _stdout(self) -> IO[bytes]:
        if self._process.stdout is None:
            raise ChildDied
        return self._process.stdout

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def ask(
        self, request: dict[str, Any], data: bytes, *, seconds: float, step: float
    ) -> Iterator[tuple[dict[str, Any], bytes]]:
        """Frames of the answer, without the last one that only ends it.

        `seconds` is for all waiting together, `step` for the wait for each frame. Raises the error that the
        child reports, IngestTimeout, or ChildDied. `served` has grown if the child may be used again.
        """
        self._wait_until_ready()
        self._write(pack(request, data), time.monotonic() + step)
        while True:
            begun = time.monotonic()
            message, payload = self._read(begun + min(step, seconds))
            seconds -= time.monotonic() - begun
            if message.get("is") == "end":
                self.served += 1
                return
            if message.get("is") == "error":
                # A declared error is an answer like any other; after an undeclared one nothing is sure.
                self.served += not message.get("undeclared")
                raise _reported(message)
            yield message, payload

    def close(self) -> None:
        """Ends the child and whatever it may have started, at once."""
        if self._process.poll() is None:
            try:
                os.killpg(self._process.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                self._process.kill()
        self._process.wait()
        self._selector.close()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                try:
                    stream.close()
                except OSError:
                    continue

    def _wait_until_ready(self) -> None:
        if self._ready:
            return
        try:
            message, _ = self._read(time.monotonic() + _START_SECONDS)
        except (ChildDied, IngestTimeout) as error:
            raise IngestUnavailable(
                "The process that reads files did not start. Check that the installation is complete and "
                "that there is free memory, then try again."
            ) from error
        if message.get("is") != "ready":
            raise IngestUnavailable(
                f"The process that reads files could not start: {message.get('detail', 'no reason given')}."
            )
        self._ready = True

    def _write(self, data: bytes, end: float) -> None:
        view = memoryview(data)
        descriptor = self._stdin.fileno()
        os.set_blocking(descriptor, False)
        with selectors.DefaultSelector() as selector:
            selector.register(descriptor, selectors.EVENT_WRITE)
            while view:
                if not selector.select(max(0.0, end - time.monotonic())):
                    raise _timeout()
                try:
                    view = view[os.write(descriptor, view[: 1 << 20]) :]
                except BlockingIOError:
                    continue
                except OSError as error:
                    raise ChildDied from error

    def _read(self, end: float) -> tuple[dict[str, Any], bytes]:
        text_size, data_size = HEAD.unpack(self._exactly(HEAD.size, end))
        if text_size > MAX_JSON or data_size > MAX_BYTES:
            raise ChildDied
        return _object(self._exactly(text_size, end)), self._exactly(data_size, end)

    def _exactly(self, size: int, end: float) -> bytes:
        data = bytearray()
        descriptor = self._stdout.fileno()
        while len(data) < size:
            if not self._selector.select(max(0.0, end - time.monotonic())):
                raise _timeout()
            piece = os.read(descriptor, min(size - len(data), 1 << 20))
            if not piece:
                raise ChildDied
            data += piece
        return bytes(data)


def _object(text: bytes) -> dict[str, Any]:
    try:
        message = json.loads(text)
    except ValueError as error:
        raise ChildDied from error
    if not isinstance(message, dict):
        raise ChildDied
    return message


def _reported(message: dict[str, Any]) -> Exception:
    """The error that the child reports, as one of ours; nothing else can be named over the wire."""
    kind = BY_CODE.get(str(message.get("code")), FileBroken)
    limit = message.get("limit")
    return kind(str(message.get("detail")), **({"limit": limit} if isinstance(limit, int) else {}))


def _timeout() -> IngestTimeout:
    return IngestTimeout(
        "Reading the file took too long and was stopped. Split it, or print it to a new PDF, and send that."
    )
