"""Whose data a request may touch: the one place that decides it."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from lemma.http.context import WebParts


async def current_organisation(parts: WebParts) -> UUID:
    """Whose data this request may touch: the one place that decides it.

    With access `local` that is the one organisation of this machine; who may come this far was decided
    by `lemma.http.access`.
    """
    return parts.local_organisation


Organisation = Annotated[UUID, Depends(current_organisation)]
