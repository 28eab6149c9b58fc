"""What the API says about runs."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.json_schema import SkipJsonSchema

from lemma.features.catalog.service import field_at
from lemma.features.documents.schemas import DocumentView, PageView
from lemma.features.runs.models import CellRow, Run
from lemma.features.runs.repository import Counts, RunOfDocument
from lemma.http.pages import Page
from lemma.http.problems import Problem
from lemma.reading.cell import Status
from lemma.reading.schema import Kind, Task
from lemma.reading.source import Page as SourcePage
from lemma.reading.source import Source

RunState = Literal["waiting", "running", "done", "failed", "cancelled"]
FINAL: frozenset[str] = frozenset({"done", "failed", "cancelled"})


def _without_default(schema: dict[str, Any]) -> None:
    """A member that may be left out, and may not be null."""
    schema.pop("default", None)


class RunRequest(BaseModel):
    """A run of a text, or of something that is here already: a document that was sent before, or one of our
    samples."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "oneOf": [{"required": ["document_id"]}, {"required": ["sample"]}, {"required": ["text"]}]
        },
    )

    task: str = Field(max_length=100, examples=["invoices"])
    document_id: UUID | SkipJsonSchema[None] = Field(default=None, json_schema_extra=_without_default)
    sample: Annotated[str, Field(max_length=200)] | SkipJsonSchema[None] = Field(
        default=None, examples=["nordlicht-rechnung.pdf"], json_schema_extra=_without_default
    )
    text: Annotated[str, Field(min_length=1)] | SkipJsonSchema[None] = Field(
        default=None,
        description="A message, a transcript, a statement: read as a text file would be.",
        examples=["My order 4711 has not come. Where is it?"],
        json_schema_extra=_without_default,
    )
    name: Annotated[str, Field(min_length=1, max_length=200)] | SkipJsonSchema[None] = Field(
        default=None,
        description="What to call the text; else its first words.",
        examples=["ticket-4711.txt"],
        json_schema_extra=_without_default,
    )

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        given = self.model_fields_set & {"document_id", "sample", "text"}
        if len(given) != 1 or getattr(self, min(given)) is None:
            raise ValueError("give one of text, document_id and sample")
        if "name" in self.model_fields_set and "text" not in given:
            raise ValueError("name is for a text; documents and samples have theirs")
        return self


class ProgressView(BaseModel):
    """How far a run is: at `stage`, `done` of `of` steps; all null before it began."""

    model_config = ConfigDict(extra="ignore")

    stage: str | None = Field(default=None, examples=["reading"])
    done: int | None = None
    of: int | None = None


class CountsView(BaseModel):
    """What a run gave, in numbers: `doubtful` values are unreadable or conflicting; `absent` counts the
    fields that the document does not hold, not the gaps within rows."""

    found: int
    doubtful: int
    absent: int
    rules_failed: int

    @classmethod
    def of(cls, counts: Counts) -> "CountsView":
        return cls.model_validate(counts, from_attributes=True)


class RunSummary(BaseModel):
    """A run in a list: one task applied to one document."""

    id: UUID
    task: str = Field(examples=["invoices"])
    task_version: str
    state: RunState
    attempt: int = Field(description="How often it was begun.")
    document: DocumentView
    progress: ProgressView
    counts: CountsView | None = Field(description="Null until the run is done.")
    error: Problem | None = Field(description="Why it failed.")
    model: str | None = Field(description="The model that read, null until then.")
    material: str | None = Field(description="The version of the material that it was read with.")
    prompt_tokens: int
    completion_tokens: int
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @classmethod
    def of(cls, found: RunOfDocument, counts: Counts | None = None) -> "RunSummary":
        return cls(**_summary(found, counts))


class RunList(BaseModel):
    """The runs that were made, in the order of the documents."""

    items: list[RunSummary]

    @classmethod
    def of(cls, runs: Iterable[RunOfDocument]) -> "RunList":
        return cls(items=[RunSummary.of(run) for run in runs])


class RunPage(Page[RunSummary]):
    """Runs, the newest first."""


class EvidenceView(BaseModel):
    """Where a value stands: characters `start` to `end` of a line, in code points. `boxes` are
    `[x0, y0, x1, y1]` as fractions of the upright page, from its top left."""

    page: int
    line: int
    start: int
    end: int
    boxes: list[list[float]]


class CellView(BaseModel):
    """One value with its proof. `raw` is the words at the evidence, joined by single spaces."""

    path: str = Field(examples=["lines[2].amount"])
    label: str = Field(examples=["Amount"])
    kind: Kind
    group: str = Field(description="The heading under which a person sees it; empty for none.")
    value: str | bool | None = Field(
        description="Amounts and numbers as decimal strings, dates as ISO 8601, flags as booleans."
    )
    raw: str | None
    status: Status
    evidence: list[EvidenceView]
    signals: dict[str, Any]
    reason: str | None = Field(description="Why it is unreadable, conflicting or derived.")

    @classmethod
    def of(cls, cell: CellRow, task: Task) -> "CellView":
        field = field_at(task, cell.path)
        rows = field_at(task, cell.path.partition("[")[0])
        return cls(
            path=cell.path,
            label=field.label if field else cell.path,
            kind=cell.kind,
            group=(rows.group if rows else ""),
            value=cell.value,
            raw=cell.raw,
            status=Status(cell.status),
            evidence=[EvidenceView(**each) for each in cell.evidence],
            signals=cell.signals,
            reason=cell.reason,
        )


class RuleView(BaseModel):
    """What a check said. `passed` is null where a value that it needs is missing."""

    code: str = Field(examples=["lines_add_up_to_net"])
    label: str
    passed: bool | None
    detail: str
    paths: list[str]
    run_id: UUID | None = Field(
        default=None, description="Another run that the check speaks of: the first one of a duplicate."
    )
    severity: Literal["high", "medium", "low"] | None = Field(
        default=None, description="How much a departure from the customer's playbook matters."
    )
    advice: str | None = Field(default=None, description="What the playbook says to whoever looks at it.")

    @classmethod
    def of(cls, rule: dict[str, Any], task: Task) -> "RuleView":
        labels = {each.code: each.label for each in task.rules}
        code = rule["code"]
        return cls(**{"label": labels.get(code) or code.replace("_", " "), **rule})


class LineView(BaseModel):
    """A line of the source, as the evidence counts its characters."""

    id: int
    page: int
    text: str


class SourceView(BaseModel):
    """The document's text in reading order."""

    media_type: str
    lines: list[LineView]

    @classmethod
    def of(cls, source: Source) -> "SourceView":
        return cls(
            media_type=source.media_type,
            lines=[LineView(id=line.id, page=line.page, text=line.text) for line in source.lines],
        )


class RunView(RunSummary):
    """A run with all that it gave. `cells`, `rules` and `notes` are empty until it is done."""

    cells: list[CellView]
    rules: list[RuleView]
    notes: list[str] = Field(description="Sentences about the document that a reader should know.")
    pages: list[PageView]
    source: SourceView | None = Field(description="Only with `include=source`.")


def run_view(
    found: RunOfDocument,
    task: Task,
    *,
    counts: Counts | None,
    cells: Iterable[CellRow],
    rules: Iterable[dict[str, Any]],
    notes: list[str],
    pages: Iterable[SourcePage],
    source: Source | None,
) -> RunView:
    """A run with its result. A task that has changed since lends its labels where they still fit."""
    return RunView(
        **_summary(found, counts),
        cells=[CellView.of(cell, task) for cell in cells],
        rules=[RuleView.of(rule, task) for rule in rules],
        notes=notes,
        pages=[PageView.of(page) for page in pages],
        source=None if source is None else SourceView.of(source),
    )


def _summary(found: RunOfDocument, counts: Counts | None) -> dict[str, Any]:
    run: Run = found.run
    return {
        "id": run.id,
        "task": run.task,
        "task_version": run.task_version,
        "state": run.state,
        "attempt": run.attempt,
        "document": DocumentView.of(found.document),
        "progress": run.progress,
        "counts": CountsView.of(counts) if counts and run.state == "done" else None,
        "error": run.error,
        "model": run.model,
        "material": run.material,
        "prompt_tokens": run.prompt_tokens,
        "completion_tokens": run.completion_tokens,
        "created_at": run.created_at,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
    }
