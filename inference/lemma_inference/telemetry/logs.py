"""Logs without content: lines for people, or JSON for machines, on stderr.

What may be said is listed, and everything else is not. Our own loggers say constant sentences with names and
numbers in them, and uvicorn tells how it starts and stops. Of every other library only the place in its
source is told, since nobody can vouch for what it puts into a message: asyncio prints the arguments of a
callback, httpx whole addresses. An exception is told by its kind and where it was raised; its message may
quote what a client sent (a pydantic error does), so it is never printed.
"""

import json
import logging
import os
import sys
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Literal, TextIO

Form = Literal["text", "json"]
Level = Literal["debug", "info", "warning", "error"]

OWN = "lemma_inference"
SERVER = "uvicorn.error"
# The only fields that a line may have beside its sentence.
FIELDS = (
    "request",
    "trace",
    "tenant",
    "class",
    "model",
    "replica",
    "status",
    "code",
    "seconds",
    "waited",
    "first_token",
    "input_tokens",
    "cached_tokens",
    "output_tokens",
    "yanks",
    "failovers",
)
LONGEST = 1000
FRAMES = 12


def configure(form: Form = "text", level: Level = "info", stream: TextIO | None = None) -> logging.Handler:
    """Lets the process log this way and no other; the handler, for tests to take off again."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(Json() if form == "json" else Text())
    handler.addFilter(worth_a_line)
    root = logging.getLogger()
    for other in (root, *root.manager.loggerDict.values()):
        if isinstance(other, logging.Logger):  # Who brought a handler of its own, as uvicorn does, loses it.
            other.handlers.clear()
            other.propagate = True
    root.addHandler(handler)
    root.setLevel(level.upper())
    # A line that cannot be written is lost. Otherwise logging would print it with its arguments.
    logging.raiseExceptions = False
    return handler


def worth_a_line(record: logging.LogRecord) -> bool:
    """Ours are; of others, what may need somebody's attention."""
    if _is_ours(record.name):
        return True
    return record.levelno >= (logging.INFO if record.name == SERVER else logging.WARNING)


class Text(logging.Formatter):
    """For people: the time in UTC, the level, who says it, the sentence, the fields that are not empty."""

    def format(self, record: logging.LogRecord) -> str:
        fields = "".join(
            f" {name}={_plain(str(value))}" for name, value in _fields(record) if value not in {"", 0}
        )
        lines = [f"{_at(record)} {record.levelname.lower()} {_plain(record.name)} {sentence(record)}{fields}"]
        return "\n    ".join([*lines, *_raised(record)])


class Json(logging.Formatter):
    """For machines: one object a line."""

    def format(self, record: logging.LogRecord) -> str:
        body: dict[str, Any] = {
            "at": _at(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": sentence(record),
            **dict(_fields(record)),
        }
        if raised := list(_raised(record)):
            body["raised"] = raised
        return json.dumps(body)


def sentence(record: logging.LogRecord) -> str:
    """What the record says, as far as it may be said; always one line."""
    if not (_is_ours(record.name) or record.name == SERVER):
        return f"Said something, which is withheld, at {_place(record.pathname, record.lineno)}."
    said, args = str(record.msg), record.args
    if isinstance(args, tuple):
        args = tuple(_kind(one) if isinstance(one, BaseException) else one for one in args)
    try:
        return _plain(said % args if args else said)
    except (TypeError, ValueError):  # Ours do not; but logging would print the arguments in its complaint.
        return _plain(said)


def _kind(error: BaseException) -> str:
    """An exception without its message; what the operating system says of a number is its own."""
    if isinstance(error, OSError) and error.errno:
        return f"{type(error).__name__} ({os.strerror(error.errno)})"
    return type(error).__name__


def _is_ours(name: str) -> bool:
    return name == OWN or name.startswith(f"{OWN}.")


def _fields(record: logging.LogRecord) -> Iterator[tuple[str, Any]]:
    given = getattr(record, "fields", None)
    if _is_ours(record.name) and isinstance(given, dict):
        yield from ((name, given[name]) for name in FIELDS if name in given)


def _raised(record: logging.LogRecord) -> Iterator[str]:
    """The kinds of the exception and of those that led to it, with their way; the first one first."""
    error = record.exc_info[1] if record.exc_info else None
    chain: list[BaseException] = []
    while error is not None and error not in chain:
        chain.append(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    for one in reversed(chain):
        yield f"{_kind(one)} at {_path(one.__traceback__)}"


def _path(raised: TracebackType | None) -> str:
    frames = traceback.extract_tb(raised)[-FRAMES:]
    return " > ".join(f"{_place(frame.filename, frame.lineno)} {frame.name}" for frame in frames) or "nowhere"


def _place(path: str, line: int | None) -> str:
    """Where in which file, by the last parts of its path."""
    return f"{'/'.join(path.replace(chr(92), '/').split('/')[-3:])}:{line}"


def _at(record: logging.LogRecord) -> str:
    return (
        datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    )


def _plain(text: str) -> str:
    """On one line, and not endless, so that no value can look like a line of its own."""
    text = "".join(one if one.isprintable() else " " for one in text.strip())
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."
