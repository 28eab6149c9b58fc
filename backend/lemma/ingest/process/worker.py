"""The program of the child processes: `python -m lemma.ingest.process.worker read|recognise`.

Reads requests from standard input until it ends. `read` opens files; `recognise` gets raw pixels only,
so that the recognition engine, which needs far more memory, never meets a hostile file.
"""

import gc
import os
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any, cast

from lemma.core.errors import LemmaError
from lemma.ingest.errors import FileBroken
from lemma.ingest.process.confine import confine
from lemma.ingest.process.wire import pack, read_frame

_MEMORY = {"read": 2 * 1024**3, "recognise": 8 * 1024**3}

_MODULES = {"read": "reading", "recognise": "recognising"}

Answer = Callable[[dict[str, Any], bytes], Iterator[bytes]]


def main(role: str) -> None:
    """Answers requests; each answer is frames that end with an "end" or "error" frame."""
    # Libraries may print: what they print must not mix with frames.
    output = os.fdopen(os.dup(1), "wb", buffering=0)
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    try:
        confine(_MEMORY[role])
        answer = _answers(role)
    except Exception as error:  # noqa: BLE001 - The edge of the process: the caller learns the reason.
        output.write(pack({"is": "failed", "detail": f"{type(error).__name__}: {error}"}))
        return
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)  # Words are many, live for one page, and never refer to each other.
    output.write(pack({"is": "ready"}))
    while (frame := read_frame(sys.stdin.buffer)) is not None:
        try:
            for piece in answer(*frame):
                _write(output, piece)
            last = pack({"is": "end"})
        except LemmaError as error:
            last = pack({"is": "error", "code": error.code, "detail": error.detail, **error.extra})
        except Exception:  # noqa: BLE001 - The edge of the process: a parser's bug on a hostile file.
            last = _failure()
        _write(output, last)


def _answers(role: str) -> Answer:
    """The role's module is imported only now: inside the limits, and only the one that is needed."""
    module = import_module(f"lemma.ingest.process.{_MODULES[role]}")
    return cast("Answer", module.answer)


def _failure() -> bytes:
    error = FileBroken(
        "This file is damaged or of an unusual kind and cannot be read. Print it to a new PDF and send "
        "that copy."
    )
    return pack({"is": "error", "code": error.code, "detail": error.detail, "undeclared": True})


def _write(output: Any, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[output.write(view) :]


if __name__ == "__main__":
    main(sys.argv[1])
