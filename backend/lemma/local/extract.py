"""`lemma extract`: the whole path of a document on local files, without a database.

The same ingest, prompt, grammar, evidence and rules as the service; only storage and jobs are left out.
"""

import asyncio
import hashlib
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lemma.core.errors import InvalidInput, LemmaError
from lemma.gateways.inference import InferenceGateway, ModelInfo
from lemma.gateways.inference.drive import read
from lemma.ingest import Limits, ingest
from lemma.reading.material import NO_MATERIAL, Material
from lemma.reading.reader import Reading
from lemma.reading.schema import Task
from lemma.reading.serialise import cell_json, lines_json, rule_json
from lemma.reading.source import Source
from lemma.tasks.known import Known, applies_to, same_file, seen_before, values_of

AT_ONCE = 2  # Files under way: one is ingested while another is read.


class FileUnreadable(InvalidInput):
    """The operating system does not give us this file."""

    code = "file_unreadable"
    title = "The file cannot be read"


@dataclass(frozen=True, slots=True)
class FileResult:
    """What became of one file. Either `reading` and `source`, or `error`."""

    file: Path
    task: str
    model: str
    seconds: float
    reading: Reading | None = None
    source: Source | None = None
    error: LemmaError | None = None
    sha256: str = ""

    @property
    def done(self) -> bool:
        return self.error is None

    def json(self, *, with_source: bool) -> dict[str, Any]:
        """One line of `--format json`."""
        reading = self.reading
        prompt, completion = reading.tokens if reading else (0, 0)
        body: dict[str, Any] = {
            "file": str(self.file),
            "task": self.task,
            "status": "done" if self.done else "failed",
            "error": self.error.problem() if self.error else None,
            "model": self.model,
            "seconds": round(self.seconds, 3),
            "tokens": {"prompt": prompt, "completion": completion},
            "cells": [cell_json(cell) for cell in reading.cells] if reading else [],
            "rules": [rule_json(rule) for rule in reading.rules] if reading else [],
            "notes": [*self.source.notes, *reading.notes] if reading and self.source else [],
        }
        if with_source:
            body["source"] = {"lines": lines_json(self.source) if self.source else []}
        return body


async def extract(
    files: Sequence[Path],
    task: Task,
    gateway: InferenceGateway,
    model: ModelInfo,
    *,
    limits: Limits,
    step: Callable[[Path, str], None],
    material: Material = NO_MATERIAL,
) -> AsyncGenerator[FileResult]:
    """Reads files and yields their results in the given order. A file that fails does not stop the others.

    `step` is told what is being done to which file, for a progress bar.
    """
    places = asyncio.Semaphore(AT_ONCE)

    async def one(file: Path) -> FileResult:
        async with places:
            return await _extract_one(file, task, gateway, model, material, limits, step)

    under_way = [asyncio.create_task(one(file)) for file in files]
    known = Duplicates(task)
    try:
        for result in under_way:
            yield known.judged(await result)
    finally:
        for result in under_way:
            result.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)


async def _extract_one(
    file: Path,
    task: Task,
    gateway: InferenceGateway,
    model: ModelInfo,
    material: Material,
    limits: Limits,
    step: Callable[[Path, str], None],
) -> FileResult:
    began = time.monotonic()
    try:
        step(file, "opening")
        data = await asyncio.to_thread(_bytes_of, file, limits)
        ingested = await asyncio.to_thread(ingest, data, file.name, limits)
        step(file, "reading")
        reading = await read(gateway, model, task, ingested.source, material=material)
    except LemmaError as error:
        return FileResult(file, task.id, model.id, time.monotonic() - began, error=error)
    finally:
        step(file, "finished")
    seconds = time.monotonic() - began
    digest = hashlib.sha256(data).hexdigest()
    return FileResult(file, task.id, model.id, seconds, reading=reading, source=reading.source, sha256=digest)


class Duplicates:
    """Notices files of one call that hold the same document, by the rule that the service has."""

    def __init__(self, task: Task) -> None:
        self._applies = applies_to(task)
        self._files: dict[str, str] = {}
        self._known: list[Known] = []

    def judged(self, result: FileResult) -> FileResult:
        """The result with what the rule says of it; the file is known from now on."""
        if not self._applies or result.reading is None:
            return result
        values, same = values_of(result.reading.cells), self._files.get(result.sha256)
        rule = same_file(same) if same else seen_before(values, self._known)
        self._files.setdefault(result.sha256, result.file.name)
        self._known.append(Known(result.file.name, values))
        return replace(result, reading=replace(result.reading, rules=(*result.reading.rules, rule)))


def _bytes_of(file: Path, limits: Limits) -> bytes:
    try:
        if not file.is_file():
            raise FileUnreadable(
                f"{file} is a folder or a device. Name the files themselves."
                if file.exists()
                else f"There is no file {file}. Check the path."
            )
        with file.open("rb") as opened:
            return opened.read(limits.bytes + 1)
    except OSError as error:
        raise FileUnreadable(f"{file} cannot be opened: {error.strerror or error}.") from error
