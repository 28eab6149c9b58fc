"""What the API says about documents."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from lemma.features.documents.models import Document
from lemma.http.problems import Problem
from lemma.reading.source import Page, PageKind

DocumentState = Literal["received", "ready", "failed"]


class DocumentView(BaseModel):
    """A file or a message that was sent. `media_type` is what its content showed, null until then."""

    id: UUID
    name: str = Field(examples=["invoice-4711.pdf"])
    state: DocumentState
    media_type: str | None = Field(examples=["application/pdf"])
    size: int = Field(description="Bytes.")
    sha256: str
    page_count: int | None
    error: Problem | None
    created_at: datetime

    @classmethod
    def of(cls, document: Document) -> "DocumentView":
        return cls.model_validate(document, from_attributes=True)


class PageView(BaseModel):
    """A page. `width` and `height` are in points; `has_image` says whether it can be shown as an image."""

    number: int
    kind: PageKind
    name: str | None
    width: float
    height: float
    has_image: bool

    @classmethod
    def of(cls, page: Page) -> "PageView":
        return cls(
            number=page.number,
            kind=page.kind,
            name=page.name,
            width=page.width,
            height=page.height,
            has_image=has_image(page),
        )


def has_image(page: Page) -> bool:
    """Whether a page has a geometry, and so an image."""
    return page.width > 0 and page.height > 0
