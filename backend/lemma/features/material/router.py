"""`/v1/tasks/{task_id}/material` and `/passages`: what you bring to a task."""

import asyncio
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request
from sqlalchemy.ext.asyncio import AsyncSession

from lemma.features.material.errors import (
    MaterialRefused,
    PassagesNotFound,
    TaskNotFound,
    TooMuchMaterial,
)
from lemma.features.material.limits import LIMITS
from lemma.features.material.passages import Cut, OpenFile, cut
from lemma.features.material.schemas import (
    MaterialUpdate,
    MaterialView,
    PassageFileDetail,
    PassageFileList,
)
from lemma.features.material.service import MaterialService
from lemma.gateways.storage import Writer
from lemma.http.auth import Organisation
from lemma.http.context import WebParts
from lemma.http.problems import BadRequest, RequestTooLarge, UnsupportedMediaType, responses
from lemma.http.sessions import ReadSession, Session
from lemma.http.uploads import FileTooLarge, Received, TooManyFiles, receive_upload
from lemma.ingest.errors import UnusableFile
from lemma.tasks import task as find_task

router = APIRouter(prefix="/v1/tasks/{task_id}", tags=["material"])

TaskId = Annotated[str, Path(max_length=100, description="The task's id.")]
FileId = Annotated[UUID, Path(description="The file's id.")]

_FILES_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["files"],
                    "properties": {
                        "files": {
                            "type": "array",
                            "minItems": 1,
                            "items": {"type": "string", "format": "binary"},
                            "description": "Help pages, policies, manuals: Markdown, text, HTML, PDF, Word.",
                        }
                    },
                }
            }
        },
    }
}


def _service(session: AsyncSession, organisation_id: UUID, task_id: str) -> MaterialService:
    return MaterialService(session, organisation_id, find_task(task_id))


async def _read(session: ReadSession, organisation_id: Organisation, task_id: TaskId) -> MaterialService:
    return _service(session, organisation_id, task_id)


async def _write(session: Session, organisation_id: Organisation, task_id: TaskId) -> MaterialService:
    return _service(session, organisation_id, task_id)


Read = Annotated[MaterialService, Depends(_read, scope="function")]
Write = Annotated[MaterialService, Depends(_write, scope="function")]


@router.get("/material", name="get", summary="Read a task's material", responses=responses(TaskNotFound))
async def get_material(service: Read) -> MaterialView:
    """What the task is read with for you: your lists, playbook, passages and examples, or else its own."""
    return await service.view()


@router.put(
    "/material",
    name="update",
    summary="Change a task's material",
    responses=responses(TaskNotFound, MaterialRefused, TooMuchMaterial, RequestTooLarge),
)
async def update_material(wanted: MaterialUpdate, service: Write) -> MaterialView:
    """Replace the parts that are given. Runs that begin from now on are read with it; what is wrong is said
    with the line or the label that it stands in, and then nothing is changed."""
    return await service.update(wanted)


@router.get(
    "/passages", name="list_passages", summary="List files of passages", responses=responses(TaskNotFound)
)
async def list_passages(service: Read) -> PassageFileList:
    """Your files of passages, by name; the task's own where you have sent none."""
    return await service.files()


@router.post(
    "/passages",
    name="add_passages",
    summary="Send files of passages",
    status_code=201,
    openapi_extra=_FILES_BODY,
    responses=responses(
        BadRequest,
        TaskNotFound,
        TooManyFiles,
        FileTooLarge,
        RequestTooLarge,
        UnsupportedMediaType,
        UnusableFile,
        TooMuchMaterial,
    ),
)
async def add_passages(
    request: Request, parts: WebParts, organisation_id: Organisation, task_id: TaskId
) -> PassageFileList:
    """Cut files into passages and keep them: all of them, or none where one cannot be used. A file of a name
    that is there takes its place."""
    find_task(task_id)
    cuts = await _cut_all(request, parts.settings.limits.files)
    async with parts.database.transaction(organisation_id) as session:
        return await _service(session, organisation_id, task_id).add_files(cuts)


@router.get(
    "/passages/{file_id}",
    name="get_passages",
    summary="Read a file of passages",
    responses=responses(TaskNotFound, PassagesNotFound),
)
async def get_passages(file_id: FileId, service: Read) -> PassageFileDetail:
    """A file as it was cut: what is searched, shown, and cited."""
    return await service.file(file_id)


@router.delete(
    "/passages/{file_id}",
    name="delete_passages",
    summary="Delete a file of passages",
    status_code=204,
    responses=responses(TaskNotFound, PassagesNotFound),
)
async def delete_passages(file_id: FileId, service: Write) -> None:
    """Forget the file. Runs that were read with it keep the version that they were read with."""
    await service.delete_file(file_id)


class _InMemory:
    """Keeps a small file as a whole, to be cut."""

    def __init__(self) -> None:
        self.data = bytearray()

    async def write(self, chunk: bytes) -> None:
        self.data += chunk


async def _cut_all(request: Request, most_files: int) -> list[Cut]:
    """The files of a multipart body, cut one after the other outside any transaction."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "multipart/form-data":
        raise UnsupportedMediaType("Send multipart/form-data with files.")
    kept: list[_InMemory] = []

    async def open_file(_: Received) -> Writer:
        kept.append(_InMemory())
        return kept[-1]

    async def close_file(_: Received) -> None:
        return None

    upload = await receive_upload(
        request,
        most_files=most_files,
        file_bytes=LIMITS.file_bytes,
        open_file=open_file,
        close_file=close_file,
    )
    if not upload.files:
        raise BadRequest("Send at least one file, as the form field `files`.")
    open_it: OpenFile = request.app.state.open_file
    return [
        await asyncio.to_thread(cut, file.name, bytes(held.data), open_it)
        for file, held in zip(upload.files, kept, strict=True)
    ]
