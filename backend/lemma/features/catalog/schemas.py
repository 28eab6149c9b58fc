"""What the API says about tasks."""

from collections.abc import Iterable
from mimetypes import guess_type

from pydantic import BaseModel, Field

from lemma.reading.schema import Field as TaskField
from lemma.reading.schema import Kind, Task
from lemma.tasks import Sample


class OptionView(BaseModel):
    """One label of a closed list: `name` is the cell's value, `label` is for people."""

    name: str
    label: str


class FieldView(BaseModel):
    """One thing that a task asks for. `columns` belong to the kind `rows`, `options` to `choice`."""

    name: str = Field(examples=["total"])
    kind: Kind
    label: str = Field(examples=["Total"])
    about: str
    group: str = Field(description="The heading under which a person sees it; empty for none.")
    required: bool
    options: list[OptionView]
    columns: list["FieldView"]

    @classmethod
    def of(cls, field: TaskField) -> "FieldView":
        return cls(
            name=field.name,
            kind=field.kind,
            label=field.label,
            about=field.about,
            group=field.group,
            required=field.required,
            options=[OptionView(name=option.name, label=option.label) for option in field.options],
            columns=[cls.of(column) for column in field.columns],
        )


class TaskRuleView(BaseModel):
    """A check that is made on the cells of every run."""

    code: str = Field(examples=["lines_add_up_to_net"])
    label: str


class TaskSummary(BaseModel):
    """A task in a list."""

    id: str = Field(examples=["invoices"])
    version: int
    title: str
    about: str


class TaskView(TaskSummary):
    """A task with what it asks for and what it checks."""

    fields: list[FieldView]
    rules: list[TaskRuleView]

    @classmethod
    def of(cls, task: Task) -> "TaskView":
        return cls(
            id=task.id,
            version=task.version,
            title=task.title,
            about=task.about,
            fields=[FieldView.of(field) for field in task.fields],
            rules=[TaskRuleView(code=rule.code, label=rule.label) for rule in task.rules],
        )


class TaskList(BaseModel):
    """Every task that is offered."""

    items: list[TaskSummary]

    @classmethod
    def of(cls, tasks: Iterable[Task]) -> "TaskList":
        return cls(
            items=[TaskSummary(id=t.id, version=t.version, title=t.title, about=t.about) for t in tasks]
        )


class SampleView(BaseModel):
    """A sample document of a task."""

    name: str = Field(examples=["invoice-german.pdf"])
    media_type: str | None = Field(examples=["application/pdf"])


class SampleList(BaseModel):
    """The sample documents of a task."""

    items: list[SampleView]

    @classmethod
    def of(cls, samples: Iterable[Sample]) -> "SampleList":
        return cls(
            items=[SampleView(name=each.name, media_type=guess_type(each.name)[0]) for each in samples]
        )
