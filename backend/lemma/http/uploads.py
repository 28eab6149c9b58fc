"""Multipart bodies, streamed: each file goes to its writer as it arrives, never whole in memory.

Files are measured and hashed on the way. What kind of file it is, is for the content to show, later.
"""

import hashlib
import unicodedata
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

from fastapi import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from lemma.core.errors import InvalidInput
from lemma.gateways.storage import Writer
from lemma.http.problems import BadRequest, RequestTooLarge

_FIELD_BYTES = 4096
_MOST_FIELDS = 20
_NAME_LENGTH = 200
_UNPRINTABLE = {"Cc", "Cs", "Zl", "Zp"}
_MARKS = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
"""Marks of direction, by which `fdp.exe` can be made to look like `exe.pdf`."""


class TooManyFiles(InvalidInput):
    """More files in one upload than are taken at once."""

    code = "too_many_files"
    title = "Too many files at once"


class FileTooLarge(RequestTooLarge):
    """One of the files is larger than a file may be."""

    code = "file_too_large"
    title = "The file is too large"


@dataclass(slots=True)
class Received:
    """One file of an upload: its name as metadata, its size in bytes, its SHA-256."""

    name: str
    size: int = 0
    sha256: str = ""


@dataclass(slots=True)
class Upload:
    """What a multipart body held."""

    fields: dict[str, str] = field(default_factory=dict)
    files: list[Received] = field(default_factory=list)


@dataclass(slots=True)
class _Part:
    """A part while it arrives. `name` is the form field's; `file` is set where it is a file."""

    headers: dict[bytes, bytes] = field(default_factory=dict)
    name: str = ""
    file: Received | None = None
    text: bytearray = field(default_factory=bytearray)


_Event = tuple[str, bytes]


async def receive_upload(
    request: Request,
    *,
    most_files: int,
    file_bytes: int,
    open_file: Callable[[Received], Awaitable[Writer]],
    close_file: Callable[[Received], Awaitable[None]],
) -> Upload:
    """Read the body to its end, giving each file's bytes to the writer that `open_file` makes for it.

    Raises BadRequest where the body is no multipart, TooManyFiles, FileTooLarge, or what the writer
    raises. Files that were begun are the caller's to forget.
    """
    upload = Upload()
    part, writer, digest = _Part(), None, hashlib.sha256()
    async for event, data in _events(request):
        if event == "part":
            part, writer = _begin(data, upload), None
            if part.file is not None:
                if len(upload.files) == most_files:
                    raise TooManyFiles(f"Send at most {most_files} files at once.", limit=most_files)
                upload.files.append(part.file)
                writer, digest = await open_file(part.file), hashlib.sha256()
        elif event == "data" and part.file is not None and writer is not None:
            part.file.size += len(data)
            if part.file.size > file_bytes:
                raise FileTooLarge(
                    f"A file can have at most {file_bytes:,} bytes. Send a smaller one.",
                    limit=file_bytes,
                    file=part.file.name,
                )
            digest.update(data)
            await writer.write(data)
        elif event == "data":
            part.text += data
            if len(part.text) > _FIELD_BYTES:
                raise BadRequest(f"A form field can have at most {_FIELD_BYTES} bytes.")
        elif part.file is not None:
            part.file.sha256 = digest.hexdigest()
            await close_file(part.file)
        else:
            upload.fields[part.name] = part.text.decode("utf-8", "replace")
            if len(upload.fields) > _MOST_FIELDS:
                raise BadRequest(f"Send at most {_MOST_FIELDS} form fields.")
    return upload


async def _events(request: Request) -> AsyncIterator[_Event]:
    """The body as `("part", headers)`, `("data", bytes)` and `("end", b"")`, in order."""
    _, options = parse_options_header(request.headers.get("content-type"))
    boundary = options.get(b"boundary")
    if not boundary:
        raise BadRequest("Content-Type must be multipart/form-data with a boundary.")
    events: list[_Event] = []
    header, value, headers = bytearray(), bytearray(), bytearray()
    ended = False

    def header_end() -> None:
        if header.lower() == b"content-disposition":
            headers[:] = value
        header.clear()
        value.clear()

    def headers_finished() -> None:
        events.append(("part", bytes(headers)))
        headers.clear()

    def finished() -> None:
        nonlocal ended
        ended = True

    try:
        parser = MultipartParser(
            boundary,
            {
                "on_header_field": lambda data, start, end: header.extend(data[start:end]),
                "on_header_value": lambda data, start, end: value.extend(data[start:end]),
                "on_header_end": header_end,
                "on_headers_finished": headers_finished,
                "on_part_data": lambda data, start, end: events.append(("data", data[start:end])),
                "on_part_end": lambda: events.append(("end", b"")),
                "on_end": finished,
            },
            max_header_count=16,
            max_header_size=4096,
        )
        async for chunk in request.stream():
            parser.write(chunk)
            for event in events:
                yield event
            events.clear()
        parser.finalize()
    except FormParserError as error:
        raise BadRequest("The multipart body is broken. Send it again.") from error
    if not ended:
        raise BadRequest("The multipart body ends too early. Send it again.")


def _begin(disposition: bytes, upload: Upload) -> _Part:
    """A part by its Content-Disposition."""
    kind, options = parse_options_header(disposition)
    name = options.get(b"name")
    if kind != b"form-data" or name is None:
        raise BadRequest("Each part needs Content-Disposition: form-data with a name.")
    part = _Part(name=name.decode("utf-8", "replace")[:60])
    if b"filename" in options:
        part.file = Received(name=clean_name(options[b"filename"].decode("utf-8", "replace")))
    return part


def clean_name(name: str) -> str:
    """A file's name as it may be shown and stored: no folders, no control or direction marks, not long.

    The ending is kept when a long name is cut, since people tell files apart by it.
    """
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    name = "".join(c for c in name if c not in _MARKS and unicodedata.category(c) not in _UNPRINTABLE)
    name = " ".join(name.split())
    if len(name) > _NAME_LENGTH:
        stem, dot, ending = name.rpartition(".")
        keep = f"{dot}{ending}" if stem and len(ending) <= 10 else ""
        name = name[: _NAME_LENGTH - len(keep)] + keep
    return name or "document"
