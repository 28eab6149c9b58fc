"""`/v1/runs`: begin runs, follow them, read what they gave."""

from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import ValidationError

from lemma.features.catalog.errors import SampleNotFound, TaskNotFound
from lemma.features.catalog.service import find_task
from lemma.features.documents.errors import DocumentNotFound, DocumentNotRead, PageNotFound
from lemma.features.documents.files import ImageSize
from lemma.features.documents.images import PageImages
from lemma.features.material.schemas import MaterialVersionView
from lemma.features.runs.errors import (
    NothingToRun,
    RunNotCancellable,
    RunNotDone,
    RunNotFound,
    RunNotRetryable,
)
from lemma.features.runs.repository import RunRepository
from lemma.features.runs.schemas import RunList, RunPage, RunRequest, RunState, RunSummary, RunView
from lemma.features.runs.service import export, follow
from lemma.features.runs.service.begin import Submission
from lemma.features.runs.service.manage import RunService, begin_again, stop_run
from lemma.gateways.storage import StorageFull, StoredFileMissing
from lemma.http.auth import Organisation
from lemma.http.context import WebParts
from lemma.http.headers import SANDBOX_POLICY
from lemma.http.idempotency import IdempotencyKeyReused, Key
from lemma.http.pages import Paging, encode_cursor
from lemma.http.problems import BadRequest, RequestTooLarge, UnsupportedMediaType, responses
from lemma.http.sessions import ReadSession, Session
from lemma.http.streams import TooManyStreams
from lemma.http.uploads import FileTooLarge, TooManyFiles
from lemma.reading.sheet import read_by_rows

router = APIRouter(prefix="/v1/runs", tags=["runs"])

RunId = Annotated[UUID, Path(description="The run's id.")]
PageNumber = Annotated[int, Path(ge=1, le=1_000_000, description="Counts from 1.")]
Include = Annotated[
    list[Literal["source"]], Query(max_length=5, description="`source`: the document's lines as well.")
]

_CREATE_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["task", "files"],
                    "properties": {
                        "task": {"type": "string", "examples": ["invoices"]},
                        "files": {
                            "type": "array",
                            "minItems": 1,
                            "items": {"type": "string", "format": "binary"},
                            "description": "One run is made for each file.",
                        },
                    },
                }
            },
            "application/json": {"schema": {"$ref": "#/components/schemas/RunRequest"}},
        },
    }
}


def _service(parts: WebParts, organisation_id: Organisation) -> RunService:
    return RunService(parts, organisation_id)


Service = Annotated[RunService, Depends(_service)]


@router.post(
    "",
    name="create",
    summary="Begin runs",
    status_code=202,
    response_model=RunList,
    openapi_extra=_CREATE_BODY,
    responses=responses(
        BadRequest,
        TaskNotFound,
        DocumentNotFound,
        SampleNotFound,
        FileTooLarge,
        RequestTooLarge,
        UnsupportedMediaType,
        NothingToRun,
        TooManyFiles,
        IdempotencyKeyReused,
        StorageFull,
    ),
)
async def create(request: Request, parts: WebParts, organisation_id: Organisation, key: Key) -> JSONResponse:
    """Send files and get a run for each; or send a text as JSON, or name a document that was sent before, or
    one of our samples.

    Answers as soon as everything is safely stored. Follow a run by its events, or read it again.
    """
    submission = Submission(parts, organisation_id, key)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        answer = await submission.of_upload(request)
    elif kind == "application/json":
        answer = await submission.of_request(_run_request(await request.body()))
    else:
        raise UnsupportedMediaType("Send multipart/form-data with files, or application/json.")
    headers = {"Idempotent-Replayed": "true"} if answer.replayed else None
    return JSONResponse(answer.body, status_code=202, headers=headers)


def _run_request(body: bytes) -> RunRequest:
    try:
        return RunRequest.model_validate_json(body)
    except ValidationError as error:
        raise RequestValidationError(
            [{**each, "loc": ("body", *each["loc"])} for each in error.errors(include_url=False)]
        ) from error


@router.get("", name="list", summary="List runs", responses=responses())
async def list_runs(
    session: ReadSession,
    organisation_id: Organisation,
    paging: Paging,
    state: Annotated[RunState | None, Query(description="Only runs in this state.")] = None,
    task: Annotated[
        str | None, Query(max_length=100, pattern=r"^[a-z0-9_-]*$", description="Only runs of this task.")
    ] = None,
) -> RunPage:
    """The newest first."""
    runs = RunRepository(session, organisation_id)
    found = await runs.list(state=state, task=task, after=paging.after, limit=paging.limit + 1)
    more = len(found) > paging.limit
    kept = found[: paging.limit]
    counts = await runs.counts([each.run.id for each in kept])
    items = [RunSummary.of(each, counts.get(each.run.id)) for each in kept]
    return RunPage(items=items, next_cursor=encode_cursor(items[-1].id) if more else None)


@router.get("/{run_id}", name="get", summary="Read a run", responses=responses(RunNotFound))
async def get_run(run_id: RunId, service: Service, include: Include = []) -> RunView:  # noqa: B006 (FastAPI copies it)
    """The run with its document, cells, rules and pages."""
    return await service.view(run_id, with_source="source" in include)


@router.delete(
    "/{run_id}", name="delete", summary="Delete a run", status_code=204, responses=responses(RunNotFound)
)
async def delete_run(run_id: RunId, service: Service) -> None:
    """Forget the run and all that was read. A document goes with its last run, its files included."""
    await service.delete(run_id)


@router.post(
    "/{run_id}/cancel",
    name="cancel",
    summary="Cancel a run",
    responses=responses(RunNotFound, RunNotCancellable),
)
async def cancel(run_id: RunId, session: Session, organisation_id: Organisation) -> RunSummary:
    """Stop a run that waits or is at work. Cancelling it twice is no error."""
    return RunSummary.of(await stop_run(session, organisation_id, run_id))


@router.post(
    "/{run_id}/retry",
    name="retry",
    summary="Try a run again",
    responses=responses(RunNotFound, RunNotRetryable),
)
async def retry(run_id: RunId, session: Session, organisation_id: Organisation) -> RunSummary:
    """Begin a failed or cancelled run anew."""
    return RunSummary.of(await begin_again(session, organisation_id, run_id))


async def _follower(
    run_id: RunId,
    parts: WebParts,
    organisation_id: Organisation,
    last_event_id: Annotated[
        int,
        Header(
            alias="Last-Event-ID",
            ge=0,
            le=2**31 - 1,
            description="The `id` of the last event that was seen.",
        ),
    ] = 0,
) -> AsyncIterator[ServerSentEvent]:
    """Everything that can still answer with a problem happens here, before the stream begins."""
    parts.streams.check_room()
    await follow.check(parts, organisation_id, run_id)
    return follow.follow(parts, organisation_id, run_id, last_event_id)


@router.get(
    "/{run_id}/events",
    name="events",
    summary="Follow a run",
    response_class=EventSourceResponse,
    responses=responses(RunNotFound, TooManyStreams),
)
async def events(
    stream: Annotated[AsyncIterator[ServerSentEvent], Depends(_follower)],
) -> AsyncIterator[ServerSentEvent]:
    """Server-sent events from the run's beginning, or from after `Last-Event-ID`.

    `state` (data: `state`) and `progress` (data: `stage`, `done`, `of`) as they happen; the stream closes
    after `end`; or after `reconnect` or `problem`, where the server is about to restart or cannot go on: come
    back then with the last `id`.
    """
    async for event in stream:
        yield event


@router.get(
    "/{run_id}/pages/{number}/image",
    name="page_image",
    summary="See a page",
    response_class=Response,
    responses={
        200: {"content": {"image/webp": {}}, "description": "The page, upright."},
        **responses(RunNotFound, DocumentNotRead, PageNotFound, StoredFileMissing),
    },
)
async def page_image(
    run_id: RunId, number: PageNumber, request: Request, service: Service, size: ImageSize = "large"
) -> Response:
    """The image of a page, as WebP. It never changes, and may be kept by the browser for ever."""
    found = await service.run(run_id)
    if found.document.state != "ready":
        raise DocumentNotRead("The document has not been taken apart yet. Ask again when the run is done.")
    tag = f'"{found.document.sha256[:32]}-{number}-{size}"'
    headers = {"Cache-Control": "private, max-age=31536000, immutable", "ETag": tag}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    images: PageImages = request.app.state.page_images
    webp = await images.get(service.files(found), found.document.name, number, size)
    return Response(webp, media_type="image/webp", headers=headers)


@router.get(
    "/{run_id}/material",
    name="material",
    summary="See what a run was read with",
    responses=responses(RunNotFound, RunNotDone),
)
async def run_material(run_id: RunId, service: Service) -> MaterialVersionView:
    """The lists, passages, playbook and examples that counted when the run was read, whole."""
    return await service.material(run_id)


@router.get(
    "/{run_id}/original",
    name="original",
    summary="Get the document back",
    response_class=Response,
    responses={
        200: {"content": {"application/octet-stream": {}}, "description": "The file, byte for byte."},
        **responses(RunNotFound, StoredFileMissing),
    },
)
async def original(run_id: RunId, service: Service) -> Response:
    """The file as it was sent. Always a download: what a customer sent is never shown by a browser here."""
    found = await service.run(run_id)
    headers = {**_attachment(found.document.name), "Content-Security-Policy": SANDBOX_POLICY}
    data = await service.files(found).original()
    return Response(data, media_type="application/octet-stream", headers=headers)


@router.get(
    "/{run_id}/export",
    name="export",
    summary="Get the result as a file",
    response_class=Response,
    responses={
        200: {"content": {"text/csv": {}, "application/json": {}}, "description": "The cells of the run."},
        **responses(RunNotFound, RunNotDone),
    },
)
async def export_run(
    run_id: RunId,
    service: Service,
    format: Annotated[Literal["csv", "json"], Query()] = "csv",  # noqa: A002  (the name of the parameter)
    layout: Annotated[
        Literal["cells", "rows"] | None,
        Query(
            description="CSV: a line for each cell, or for each row of the tables. Else as the task reads."
        ),
    ] = None,
    include: Include = [],  # noqa: B006  (FastAPI copies it)
) -> Response:
    """CSV, safe to open in a spreadsheet; or the JSON of `lemma extract`."""
    run = await service.view(run_id, with_source="source" in include)
    if run.state != "done":
        raise RunNotDone("Only a run that is done has a result to export.")
    name = f"{run.document.name.rpartition('.')[0] or run.document.name}.{format}"
    if format == "csv":
        task = find_task(run.task)
        by_rows = layout == "rows" if layout else read_by_rows(task)
        text = export.as_sheet([run], task) if by_rows else export.as_csv([run])
        return Response(text, media_type="text/csv", headers=_attachment(name))
    return Response(export.as_json(run), media_type="application/json", headers=_attachment(name))


def _attachment(name: str) -> dict[str, str]:
    """A download under this name, in ASCII and in full (RFC 6266)."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "._- ") else "_" for c in name)
    full = quote(name, safe="")
    return {"Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{full}"}
