"""What the API says about material."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from lemma.features.material.content import content_of
from lemma.features.material.models import PassageFile
from lemma.features.material.shelf import Counting
from lemma.reading.schema import Task

Words = Annotated[str, Field(pattern=r"^[^\x00]*$")]
"""Any text without NUL, which PostgreSQL cannot hold."""
Name = Annotated[Words, Field(max_length=60)]
Right = Words | bool | None | list[Words]


class LabelView(BaseModel):
    """One label of a list: `name` is the cell's value, `label` is for people, `words` are what documents
    print for it, `about` says when it applies."""

    name: str = Field(examples=["refund"])
    label: str = Field(examples=["Refund"])
    about: str
    words: list[str]


class ListView(BaseModel):
    """The labels that count for the fields that name this list."""

    name: str = Field(examples=["topics"])
    fields: list[str] = Field(description="The paths of the fields that take a label of it.")
    own: bool = Field(description="False for the task's own labels, which count until you bring yours.")
    labels: list[LabelView]


class PlaybookView(BaseModel):
    """Positions, as TOML."""

    own: bool
    text: str | None


class PassageFileView(BaseModel):
    """A file that was cut into passages. `id` is null for those of the task's own material."""

    id: UUID | None
    name: str = Field(examples=["returns.md"])
    size: int = Field(description="Bytes of the file.")
    passages: int
    created_at: datetime | None

    @classmethod
    def of(cls, file: PassageFile) -> "PassageFileView":
        return cls(
            id=file.id,
            name=file.name,
            size=file.size,
            passages=len(file.passages),
            created_at=file.created_at,
        )


class PassageFileList(BaseModel):
    """Files of passages, by name. `own` is false for the task's own, which count until you send yours."""

    own: bool
    items: list[PassageFileView]


class PassageView(BaseModel):
    """A part of a file, as it is searched and shown: its title, and its lines, which answers cite."""

    id: str = Field(examples=["returns.md#3"])
    title: str
    lines: list[str]


class PassageFileDetail(PassageFileView):
    """A file with its passages."""

    items: list[PassageView]


class LabelledView(BaseModel):
    """A text with right values: by field, a text, true, false, null, or a list of labels."""

    model_config = ConfigDict(extra="forbid")

    text: Words
    values: dict[Name, Right] = Field(examples=[{"topics": ["refund"], "urgency": "low"}])


class UsesView(BaseModel):
    """What of material this task has a use for."""

    lists: list[str]
    passages: bool
    playbook: bool
    examples: bool


class MaterialView(BaseModel):
    """What a task is read with for you. `version` names it; a run says which one it was read with."""

    task: str
    version: str
    uses: UsesView
    lists: list[ListView]
    playbook: PlaybookView
    passages: int = Field(description="How many there are; their files are at `/passages`.")
    own_passages: bool
    examples: int
    own_examples: bool


class MaterialVersionView(BaseModel):
    """Material as a run was read with it, whole."""

    version: str
    lists: dict[str, list[LabelView]]
    playbook: str | None
    passages: list[PassageView]
    examples: list[LabelledView]

    @classmethod
    def of(cls, version: str, content: dict[str, Any]) -> "MaterialVersionView":
        return cls(version=version, **content)


class LabelIn(BaseModel):
    """A label that you bring. `label` is made of the name where you leave it out."""

    model_config = ConfigDict(extra="forbid")

    name: Words
    label: Words = ""
    about: Words = ""
    words: list[Words] = []


class MaterialUpdate(BaseModel):
    """A part that you leave out stays as it is; one that is null is no longer yours, so that the task's own
    counts again. A list that `lists` does not name is not yours."""

    model_config = ConfigDict(extra="forbid")

    lists: dict[Name, list[Words | LabelIn]] | None = Field(
        default=None, examples=[{"topics": ["delivery", {"name": "refund", "words": ["money back"]}]}]
    )
    playbook: Words | None = Field(default=None, description="TOML.")
    examples: list[LabelledView] | None = None


def uses(task: Task, *, playbook: bool) -> UsesView:
    """What the task's fields have a use for. Whether it has a playbook its own material tells."""
    fields = [field for _, field in task.all_fields()]
    return UsesView(
        lists=sorted({field.list_name for field in fields if field.list_name}),
        passages=any(field.passages for field in fields),
        playbook=playbook,
        examples=any(field.kind == "choice" for field in fields),
    )


def material_view(task: Task, found: Counting, *, own: set[str], playbook: bool) -> MaterialView:
    """`own` names the organisation's own parts: `passages`, `playbook`, `examples`, `lists.<name>`."""
    content = content_of(found.stock)
    can = uses(task, playbook=playbook)
    return MaterialView(
        task=task.id,
        version=found.version,
        uses=can,
        lists=[
            _list(task, name, content["lists"].get(name), own=f"lists.{name}" in own) for name in can.lists
        ],
        playbook=PlaybookView(own="playbook" in own, text=content["playbook"]),
        passages=len(content["passages"]),
        own_passages="passages" in own,
        examples=len(content["examples"]),
        own_examples="examples" in own,
    )


def _list(task: Task, name: str, labels: list[dict[str, Any]] | None, *, own: bool) -> ListView:
    fields = [(path, field) for path, field in task.all_fields() if field.list_name == name]
    shown: Sequence[Any] = labels if labels is not None else fields[0][1].options
    return ListView(
        name=name,
        fields=[path for path, _ in fields],
        own=own,
        labels=[LabelView.model_validate(each, from_attributes=True) for each in shown],
    )
