"""Fetches a model's pinned files, and no others: resumed where it broke off, hashed as it flows.

A file appears under its name only when every byte is there and its SHA-256 is the pinned one. Until then it
lies in a folder beside the model's (`.fetch-...`), which a later attempt takes up again.
"""

import fcntl
import hashlib
import os
import random
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import httpx

from lemma_inference.errors import ModelRefused
from lemma_inference.registry.cards import File, ModelCard
from lemma_inference.registry.files import sha256
from lemma_inference.registry.hub import Hub
from lemma_inference.registry.policy import origin, safe_path

CHUNK = 1 << 20
SPARE_BYTES = 256 << 20  # What a disk should have left when all is there.
PATIENT_STATUS = frozenset({408, 425, 429, 500, 502, 503, 504})
LONGEST_PAUSE = 60.0
TIMEOUT = httpx.Timeout(30.0, connect=15.0)


class FetchFailed(ModelRefused):
    """A file could not be fetched; the sentence says what to do."""


class Progress(Protocol):
    """Told how far a file is; a bar on a terminal, or nothing."""

    def begin(self, path: str, done: int, total: int) -> None: ...
    def advance(self, amount: int) -> None: ...
    def end(self, verdict: str) -> None: ...


class Quiet:
    """Progress that nobody sees."""

    def begin(self, path: str, done: int, total: int) -> None:
        pass

    def advance(self, amount: int) -> None:
        pass

    def end(self, verdict: str) -> None:
        pass


class _BrokenOff(Exception):
    """The connection ended, or the server was busy: worth another try, after `pause` if it asked for one."""

    def __init__(self, reason: str, pause: float = 0.0) -> None:
        super().__init__(reason)
        self.pause = pause


@dataclass
class Fetcher:
    """Fetches from one hub. `attempts` are those in a row that bring no byte."""

    client: httpx.Client
    hub: Hub
    progress: Progress = field(default_factory=Quiet)
    attempts: int = 6
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = random.random
    free_bytes: Callable[[Path], int] = lambda folder: shutil.disk_usage(folder).free

    def fetch(self, card: ModelCard, folder: Path) -> dict[str, str]:
        """Fetches what is not in `folder` yet; returns the SHA-256 of every file by path. A second call does
        nothing but read. Raises `FetchFailed`."""
        for file in card.files:
            _require_inside(file, folder)
        folder.mkdir(parents=True, exist_ok=True)
        work = folder.parent / f".fetch-{folder.name}"
        with _alone(work):
            digests = {file.path: digest for file in card.files if (digest := self._there(file, folder))}
            absent = [file for file in card.files if file.path not in digests]
            self._require_space(card, absent, work)
            for file in absent:
                digests[file.path] = self._file(card, file, folder, work)
        return digests

    def _there(self, file: File, folder: Path) -> str | None:
        """The SHA-256 of a file that is there already and is the right one."""
        path = folder / file.path
        if not path.is_file() or path.is_symlink():
            return None
        digest = sha256(path)
        if file.sha256 and digest != file.sha256:
            return None
        self.progress.begin(file.path, path.stat().st_size, path.stat().st_size)
        self.progress.end("is there")
        return digest

    def _require_space(self, card: ModelCard, absent: list[File], work: Path) -> None:
        begun = sum(part.stat().st_size for part in work.iterdir() if part.suffix == ".part")
        needed = sum(file.bytes for file in absent) - begun
        free = self.free_bytes(work)
        if needed > 0 and free < needed + SPARE_BYTES:
            raise FetchFailed(
                f"{card.id} needs {needed / 1e9:.1f} GB more, {work.parent} has {free / 1e9:.1f} GB free:"
                " make room, or name another disk with --to.",
                rule="space",
            )

    def _file(self, card: ModelCard, file: File, folder: Path, work: Path) -> str:
        repository, revision = origin(card, file)
        part = _Part(work, file, f"{repository}@{revision}")
        url = self.hub.url(repository, revision, file.path)
        self.progress.begin(file.path, part.size, file.bytes)
        self._to_the_end(url, file, part)
        if file.sha256 not in ("", part.hexdigest()) and part.pieces > 1:
            # Two pieces of different files, perhaps: only one that came in one piece proves anything.
            self.progress.advance(-part.size)
            part.restart()
            self._to_the_end(url, file, part)
        found = part.hexdigest()
        if file.sha256 not in ("", found):
            part.restart()
            self.progress.end("wrong")
            raise FetchFailed(
                f"{url} gave a file of SHA-256 {found}; pinned is {file.sha256}. It was thrown away: this is"
                " another file than the one that was approved. Try another source with --from.",
                rule="sha256",
            )
        part.keep_as(folder / file.path)
        self.progress.end("fetched")
        return found

    def _to_the_end(self, url: str, file: File, part: "_Part") -> None:
        """Asks again until the file is whole, or `attempts` in a row brought nothing."""
        barren = 0
        while True:
            before = part.size
            try:
                return self._stream(url, file, part)
            except _BrokenOff as broken:
                barren = 0 if part.size > before else barren + 1
                if barren >= self.attempts:
                    self.progress.end("failed")
                    raise FetchFailed(
                        f"{url}: {broken}, {barren} times in a row. What came so far is kept: try again.",
                        rule="network",
                    ) from broken
                pause = max(2.0**barren * (0.5 + self.jitter() / 2), broken.pause)
                self.sleep(min(pause, LONGEST_PAUSE))

    def _stream(self, url: str, file: File, part: "_Part") -> None:
        """One request, from where the part ends. Raises `_BrokenOff` where another may help."""
        if file.bytes and part.size == file.bytes:
            return
        headers = self.hub.headers() | part.resume_headers()
        try:
            with self.client.stream(
                "GET", url, headers=headers, timeout=TIMEOUT, follow_redirects=True
            ) as answer:
                self._take(url, file, part, answer)
        except httpx.TransportError as error:
            raise _BrokenOff(f"the connection broke ({type(error).__name__})") from error
        if file.bytes and part.size < file.bytes:
            raise _BrokenOff(f"the connection ended after {part.size} of {file.bytes} bytes")

    def _take(self, url: str, file: File, part: "_Part", answer: httpx.Response) -> None:
        status = answer.status_code
        if status == 416 and part.size:
            # The part is as long as the file, or longer: only the hash can tell which.
            if file.bytes and part.size == file.bytes:
                return
            part.restart()
            raise _BrokenOff("the server has no such range")
        if status in PATIENT_STATUS:
            raise _BrokenOff(f"the server answers {status}", _retry_after(answer))
        if status not in (200, 206):
            raise FetchFailed(f"{url} answers {status}{_advice(status)}.", rule="hub")
        if status == 206 and not part.continues(answer.headers.get("content-range", "")):
            part.restart()
            raise _BrokenOff("the server sent another range than was asked for")
        if status == 200 and part.size:
            self.progress.advance(-part.size)
            part.restart()  # It knows no ranges, or the file behind the address has changed.
        part.remember(answer.headers.get("etag", ""))
        with part.writing() as write:
            for block in answer.iter_raw():
                if file.bytes and part.size + len(block) > file.bytes:
                    part.restart()
                    raise FetchFailed(
                        f"{url} sends more than the {file.bytes} bytes of {file.path}: it is another file.",
                        rule="bytes",
                    )
                write(block)
                self.progress.advance(len(block))


class _Part:
    """The beginning of a file, its hash so far, and the mark by which the server knows the file again."""

    def __init__(self, work: Path, file: File, origin: str) -> None:
        name = hashlib.sha256(f"{origin}/{file.path}/{file.sha256}".encode()).hexdigest()[:24]
        self._path, self._mark = work / f"{name}.part", work / f"{name}.etag"
        self._digest = hashlib.sha256()
        self.size = self.pieces = 0
        if file.bytes and self._path.exists() and self._path.stat().st_size > file.bytes:
            self._path.unlink()
        if self._path.exists():
            with self._path.open("rb") as stream:
                while block := stream.read(CHUNK):
                    self._digest.update(block)
                    self.size += len(block)
                self.pieces = 1

    def resume_headers(self) -> dict[str, str]:
        """Asks for the rest, but only if the file is still the same (RFC 9110, 13.1.5)."""
        if not self.size:
            return {}
        mark = self._mark.read_text(encoding="utf-8") if self._mark.exists() else ""
        return {"range": f"bytes={self.size}-"} | ({"if-range": mark} if mark else {})

    def continues(self, content_range: str) -> bool:
        """Whether an answer's range begins where this part ends."""
        return content_range.replace(" ", "").startswith(f"bytes{self.size}-")

    def remember(self, etag: str) -> None:
        """Only a strong mark promises the same bytes."""
        if etag.startswith('"'):
            self._mark.write_text(etag, encoding="utf-8")
        else:
            self._mark.unlink(missing_ok=True)

    @contextmanager
    def writing(self) -> Iterator[Callable[[bytes], None]]:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW
        with os.fdopen(os.open(self._path, flags, 0o644), "ab") as stream:

            def write(block: bytes) -> None:
                stream.write(block)
                self._digest.update(block)
                self.size += len(block)

            self.pieces += 1
            yield write

    def hexdigest(self) -> str:
        return self._digest.hexdigest()

    def restart(self) -> None:
        """Throws away what is there."""
        self._path.unlink(missing_ok=True)
        self._mark.unlink(missing_ok=True)
        self._digest = hashlib.sha256()
        self.size = self.pieces = 0

    def keep_as(self, path: Path) -> None:
        """Puts the whole file in its place, in one step, after it has reached the disk."""
        if not self._path.exists():
            self._path.touch(0o644)
        with self._path.open("rb") as stream:
            os.fsync(stream.fileno())
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path.replace(path)
        self._mark.unlink(missing_ok=True)


def _require_inside(file: File, folder: Path) -> None:
    """A link within the model's folder would lead what is written out of it."""
    path = folder / file.path
    links = [above for above in path.parents if above.is_relative_to(folder) and above != folder]
    if not safe_path(file.path) or any(above.is_symlink() for above in links):
        raise FetchFailed(f"{file.path} would lie outside the model's folder.", rule="path")


@contextmanager
def _alone(work: Path) -> Iterator[None]:
    """One fetch of a model at a time; the lock goes with the process."""
    work.mkdir(parents=True, exist_ok=True)
    with (work / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise FetchFailed(f"Another process fetches into {work}: wait for it.", rule="busy") from error
        yield


def _retry_after(answer: httpx.Response) -> float:
    text = answer.headers.get("retry-after", "")
    return float(text) if text.isascii() and text.isdigit() else 0.0


def _advice(status: int) -> str:
    if status in (401, 403):
        return ": the owner asks for a name; accept the terms there and set HF_TOKEN"
    return ": the repository, the revision or the file is not there" if status == 404 else ""
