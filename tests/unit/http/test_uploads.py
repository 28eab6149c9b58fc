"""Multipart bodies arrive in any pieces, and broken or hostile ones are refused with a known error."""

import contextlib
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from fastapi import Request
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.types import Message

from lemma.http.problems import BadRequest
from lemma.http.uploads import (
    FileTooLarge,
    Received,
    TooManyFiles,
    Upload,
    clean_name,
    receive_upload,
)

BOUNDARY = b"lemma-test"
KIND = "multipart/form-data; boundary=lemma-test"


@dataclass
class Shelf:
    """Takes files as a storage would, and remembers which were closed."""

    open: dict[str, bytearray] = field(default_factory=dict)
    closed: list[str] = field(default_factory=list)

    async def begin(self, file: Received) -> "_Slot":
        self.open[file.name] = bytearray()
        return _Slot(self.open[file.name])

    async def end(self, file: Received) -> None:
        self.closed.append(file.name)


@dataclass
class _Slot:
    data: bytearray

    async def write(self, chunk: bytes) -> None:
        self.data += chunk


def part(disposition: str, data: bytes, more: str = "") -> bytes:
    head = f"Content-Disposition: {disposition}\r\n{more}\r\n"
    return b"--" + BOUNDARY + b"\r\n" + head.encode() + data + b"\r\n"


END = b"--" + BOUNDARY + b"--\r\n"


def request_of(chunks: list[bytes], kind: str = KIND) -> Request:
    messages = [*chunks]

    async def receive() -> Message:
        body = messages.pop(0) if messages else b""
        return {"type": "http.request", "body": body, "more_body": bool(messages)}

    headers = [(b"content-type", kind.encode("latin-1"))]
    return Request({"type": "http", "method": "POST", "headers": headers}, receive)


async def read(chunks: list[bytes], shelf: Shelf, *, files: int = 5, size: int = 1000) -> Upload:
    return await receive_upload(
        request_of(chunks), most_files=files, file_bytes=size, open_file=shelf.begin, close_file=shelf.end
    )


@given(cuts=st.lists(st.integers(0, 400), max_size=30))
@settings(max_examples=60, deadline=None)
async def test_any_cut_of_the_body_gives_the_same(cuts: list[int]) -> None:
    body = (
        part('form-data; name="task"', b"invoices")
        + part('form-data; name="files"; filename="a.pdf"', b"one\r\n--lemma-tes", "Content-Type: x/y\r\n")
        + part('form-data; name="files"; filename="b.pdf"', b"")
        + END
    )
    edges = [0, *sorted(min(cut, len(body)) for cut in cuts), len(body)]
    shelf = Shelf()
    upload = await read([body[a:b] for a, b in pairwise(edges)], shelf)
    assert upload.fields == {"task": "invoices"}
    assert [(file.name, file.size) for file in upload.files] == [("a.pdf", 16), ("b.pdf", 0)]
    assert upload.files[0].sha256 == hashlib.sha256(b"one\r\n--lemma-tes").hexdigest()
    assert shelf.open["a.pdf"] == b"one\r\n--lemma-tes"
    assert shelf.closed == ["a.pdf", "b.pdf"]


@given(body=st.binary(max_size=300))
@settings(max_examples=200, deadline=None)
async def test_no_bytes_give_an_unknown_error(body: bytes) -> None:
    for whole in (body, b"--lemma-test\r\n" + body + b"\r\n--lemma-test--"):
        with contextlib.suppress(BadRequest, FileTooLarge, TooManyFiles):
            await read([whole], Shelf())


@pytest.mark.parametrize(
    "kind",
    ["multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=" + "x" * 5000],
)
async def test_a_boundary_is_needed(kind: str) -> None:
    with pytest.raises(BadRequest):
        await receive_upload(
            request_of([END], kind),
            most_files=1,
            file_bytes=1,
            open_file=Shelf().begin,
            close_file=Shelf().end,
        )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no multipart at all",
        part('form-data; name="files"; filename="a"', b"cut off"),
        part("attachment", b"x") + END,
        part("form-data", b"x") + END,
        part('form-data; name="task"', b"x" * 5000) + END,
        part('form-data; name="a"', b"x", "A: b\r\n" * 40) + END,
        part('form-data; name="' + "a" * 9000 + '"', b"x") + END,
        b"".join(part(f'form-data; name="f{n}"', b"x") for n in range(50)) + END,
    ],
)
async def test_what_is_no_upload_is_refused(body: bytes) -> None:
    with pytest.raises(BadRequest):
        await read([body], Shelf())


async def test_the_limit_holds_while_bytes_arrive() -> None:
    async def endless() -> AsyncIterator[bytes]:
        yield part('form-data; name="files"; filename="a"', b"")[:-2]
        while True:
            yield b"x" * 100

    source = endless()

    async def receive() -> Message:
        return {"type": "http.request", "body": await anext(source), "more_body": True}

    request = Request({"type": "http", "headers": [(b"content-type", KIND.encode())]}, receive)
    shelf = Shelf()
    with pytest.raises(FileTooLarge) as refused:
        await receive_upload(
            request, most_files=1, file_bytes=1000, open_file=shelf.begin, close_file=shelf.end
        )
    assert refused.value.extra == {"limit": 1000, "file": "a"}
    assert len(shelf.open["a"]) <= 1000
    assert shelf.closed == []


async def test_so_many_files_and_no_more() -> None:
    body = b"".join(part(f'form-data; name="files"; filename="{n}"', b"x") for n in range(6)) + END
    with pytest.raises(TooManyFiles):
        await read([body], Shelf(), files=5)


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("Rechnung März.pdf", "Rechnung März.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\invoice.pdf", "invoice.pdf"),
        ("a\0b\x1b[31m.pdf", "ab[31m.pdf"),
        ("\u202efdp.exe", "fdp.exe"),
        ("", "document"),
        ("...", "..."),
        ("/", "document"),
        ("x" * 500 + ".pdf", "x" * 196 + ".pdf"),
        ("請求書\u3000①.pdf", "請求書 ①.pdf"),
        ("e\u0301.pdf", "é.pdf"),
    ],
)
def test_names_are_cleaned(sent: str, shown: str) -> None:
    assert clean_name(sent) == shown


@given(st.text(max_size=600))
def test_any_name_can_be_stored(name: str) -> None:
    cleaned = clean_name(name)
    assert 0 < len(cleaned) <= 200
    assert not set("\0/\\\n") & set(cleaned)
    cleaned.encode()
