"""Lists in pages: the newest first, continued by an opaque cursor."""

import base64
import binascii
from typing import Annotated, Generic, TypeVar
from uuid import UUID

from fastapi import Depends, Query
from pydantic import BaseModel, Field

from lemma.core.errors import InvalidInput

Item = TypeVar("Item")


class CursorInvalid(InvalidInput):
    """The cursor is not one that we gave."""

    code = "cursor_invalid"
    title = "The cursor cannot be used"


class Page(BaseModel, Generic[Item]):
    """Some items, and the cursor that continues after them."""

    items: list[Item]
    next_cursor: str | None = Field(description="Give it as `cursor` to get the next page; null on the last.")


class PageRequest:
    """Which part of a list is wanted: `limit` items that come after the id in the cursor.

    Ids are UUIDv7, which sort by the time they were made, so that an id alone says where a page ended:
    rows that arrive meanwhile move nothing.
    """

    def __init__(
        self,
        limit: Annotated[int, Query(ge=1, le=200, description="The most items of a page.")] = 50,
        cursor: Annotated[str | None, Query(max_length=64, description="`next_cursor` of a page.")] = None,
    ) -> None:
        self.limit = limit
        self.after = None if cursor is None else _decode(cursor)


Paging = Annotated[PageRequest, Depends()]


def encode_cursor(last: UUID) -> str:
    """The cursor that continues after this id."""
    return base64.urlsafe_b64encode(last.bytes).decode().rstrip("=")


def _decode(cursor: str) -> UUID:
    try:
        return UUID(bytes=base64.b64decode(cursor + "==", altchars=b"-_", validate=True))
    except (binascii.Error, ValueError) as error:
        raise CursorInvalid("Use the next_cursor of a page as it is, or none to begin anew.") from error
