"""How runs begin: bytes are stored first, then one transaction writes documents, runs and their jobs."""

import textwrap
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession

from lemma.features.catalog.service import find_sample, find_task
from lemma.features.documents.models import Document
from lemma.features.documents.service import Intake, find_document
from lemma.features.runs.errors import NothingToRun
from lemma.features.runs.jobs import enqueue_runs
from lemma.features.runs.repository import RunOfDocument, RunRepository
from lemma.features.runs.schemas import RunList, RunRequest
from lemma.http.context import Web
from lemma.http.idempotency import fingerprint, first_answer, keep_answer
from lemma.http.uploads import Received, clean_name, receive_upload
from lemma.reading.schema import Task

AddDocuments = Callable[[AsyncSession], Awaitable[Sequence[Document]]]


@dataclass(frozen=True, slots=True)
class Answer:
    """A `RunList` as JSON, and whether it is the answer to an earlier request under the same key."""

    body: dict[str, Any]
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Submission:
    """Begins runs for one organisation. `key` is the caller's Idempotency-Key, if there is one."""

    parts: Web
    organisation_id: UUID
    key: str | None

    async def of_upload(self, request: Request) -> Answer:
        """A run for each file of a multipart body, which also names the task.

        Raises TaskNotFound, NothingToRun, and what `receive_upload` raises. Nothing is kept then.
        """
        limits = self.parts.settings.limits
        async with Intake(self.parts.storage, self.organisation_id) as intake:
            upload = await receive_upload(
                request,
                most_files=limits.files,
                file_bytes=limits.file_bytes,
                open_file=intake.open,
                close_file=intake.close,
            )
            if not upload.files or "task" not in upload.fields:
                raise NothingToRun("Send at least one file, and the form field `task`.")
            return await self._begin(intake, find_task(upload.fields["task"]))

    async def of_request(self, body: RunRequest) -> Answer:
        """A run of a text, of a document that is here, or of a sample.

        Raises TaskNotFound, DocumentNotFound, SampleNotFound.
        """
        task = find_task(body.task)
        if body.document_id is not None:
            return await self._begin_known(body.document_id, task)
        if body.text is not None:
            name, data = body.name or _first_words(body.text), body.text.encode("utf-8", "replace")
        else:
            sample = find_sample(task.id, body.sample or "")
            name, data = sample.name, sample.path.read_bytes()
        async with Intake(self.parts.storage, self.organisation_id) as intake:
            await intake.take(clean_name(name), data)
            return await self._begin(intake, task)

    async def _begin(self, intake: Intake, task: Task) -> Answer:
        """Runs of what was taken in. A replay forgets the bytes, which are those of the first time."""

        async def add(session: AsyncSession) -> Sequence[Document]:
            return intake.add_rows(session)

        return await self._once([_mark(file) for file in intake.received], task, add, intake.keep)

    async def _begin_known(self, document_id: UUID, task: Task) -> Answer:
        async def find(session: AsyncSession) -> Sequence[Document]:
            return [await find_document(session, self.organisation_id, document_id)]

        return await self._once([str(document_id)], task, find, lambda: None)

    async def _once(
        self, what: list[Any], task: Task, add: AddDocuments, before_commit: Callable[[], None]
    ) -> Answer:
        """The one transaction: documents, runs, their jobs and the answer under the key."""
        mark = fingerprint("runs-create", [task.id, what])
        async with self.parts.database.transaction(self.organisation_id) as session:
            first = await first_answer(session, self.organisation_id, self.key, mark)
            if first is not None:
                return Answer(first, replayed=True)
            runs = RunRepository(session, self.organisation_id)
            begun = [
                RunOfDocument(runs.add(document, task=task.id, task_version=str(task.version)), document)
                for document in await add(session)
            ]
            await session.flush()
            await enqueue_runs(session, self.organisation_id, [each.run for each in begun])
            body = RunList.of(begun).model_dump(mode="json")
            await keep_answer(session, self.organisation_id, self.key, body)
            before_commit()
            return Answer(body)


def _first_words(text: str) -> str:
    """A name for a text without one: the words that it begins with, as its sender would know it again."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    words = " ".join(first.replace("/", " ").replace("\\", " ").split())
    short = textwrap.shorten(words, 60, placeholder="…") if " " in words else words[:60]
    return f"{short.rstrip(' .,:;') or 'text'}.txt"


def _mark(file: Received) -> list[Any]:
    return [file.name, file.size, file.sha256]
