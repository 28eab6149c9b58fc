"""`/v1/tasks`: what can be done with a document."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from lemma.features.catalog.errors import TaskNotFound
from lemma.features.catalog.schemas import SampleList, TaskList, TaskView
from lemma.features.catalog.service import Catalog
from lemma.http.problems import responses

router = APIRouter(prefix="/v1/tasks", tags=["tasks"])


def catalog(request: Request) -> Catalog:
    """The catalog that `main.py` read."""
    tasks: Catalog = request.app.state.catalog
    return tasks


TaskCatalog = Annotated[Catalog, Depends(catalog)]


@router.get("", summary="List the tasks", responses=responses())
async def list_(tasks: TaskCatalog) -> TaskList:
    """Every business task that can be applied to a document."""
    return TaskList.of(tasks.offers())


@router.get("/{task_id}", summary="Read a task", responses=responses(TaskNotFound))
async def get(task_id: str, tasks: TaskCatalog) -> TaskView:
    """A task with its fields, in the order in which they are read, and its rules."""
    return TaskView.of(tasks.task(task_id))


@router.get("/{task_id}/samples", summary="List a task's samples", responses=responses(TaskNotFound))
async def samples(task_id: str, tasks: TaskCatalog) -> SampleList:
    """Documents of our own making, to try a task with: give a sample's name to `POST /v1/runs`."""
    return SampleList.of(tasks.offer(task_id).samples)
