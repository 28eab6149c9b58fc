"""Lists in pages: the newest first, continued by an opaque cursor."""

import base64
from typing import Annotated, Generic, TypeVar
from uuid import UUID

from fastapi import Depends, Query
from pydantic import BaseModel, Field

Item = TypeVar("Item")


class Page(BaseModel, Generic[Item]):
    """Some items, and the cursor that continues after them."""

    items: list[Item]
    next_cursor: str | None = Field(description="Give it as `cursor` to get the next page; null on the last.")


class PageRequest:
    """Which part of a list is wanted: `limit` items that come after the id in the cursor.

    The cursor is that id in base64url, 22 characters. Ids are UUIDv7, which sort by the time they were
    made, so that an id alone says where a page ended: rows that arrive meanwhile move nothing.
    """

    def __init__(
        self,
        limit: Annotated[int, Query(ge=1, le=200, description="The most items of a page.")] = 50,
        cursor: Annotated[
            str | None, Query(pattern=r"^[A-Za-z0-9_-]{22}$", description="`next_cursor` of a page.")
        ] = None,
    ) -> None:
        self.limit = limit
        self.after = None if cursor is None else _decode(cursor)


Paging = Annotated[PageRequest, Depends()]


def encode_cursor(last: UUID) -> str:
    """The cursor that continues after this id."""
    return base64.urlsafe_b64encode(last.bytes).decode().rstrip("=")


def _decode(cursor: str) -> UUID:
    return UUID(bytes=base64.urlsafe_b64decode(cursor + "=="))
