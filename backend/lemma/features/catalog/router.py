"""`/v1/tasks`: what can be done with a document."""

from fastapi import APIRouter

from lemma.features.catalog import service
from lemma.features.catalog.errors import TaskNotFound
from lemma.features.catalog.schemas import SampleList, TaskList, TaskView
from lemma.features.material.service import task_for
from lemma.http.auth import Organisation
from lemma.http.problems import responses
from lemma.http.sessions import ReadSession

router = APIRouter(prefix="/v1/tasks", tags=["tasks"])


@router.get("", name="list", summary="List the tasks", responses=responses())
async def list_tasks(_: Organisation) -> TaskList:
    """Every business task that can be applied to a document."""
    return TaskList.of(service.offered())


@router.get("/{task_id}", name="get", summary="Read a task", responses=responses(TaskNotFound))
async def get_task(task_id: str, session: ReadSession, organisation_id: Organisation) -> TaskView:
    """A task with its fields, in the order in which they are read, your own labels in it, and its rules."""
    return TaskView.of(await task_for(session, organisation_id, task_id))


@router.get(
    "/{task_id}/samples",
    name="list_samples",
    summary="List a task's samples",
    responses=responses(TaskNotFound),
)
async def list_samples(task_id: str, _: Organisation) -> SampleList:
    """Documents of our own making, to try a task with: give a sample's name to `POST /v1/runs`."""
    return SampleList.of(service.samples_of(task_id))
