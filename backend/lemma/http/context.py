"""What a request may use: made once by `main.py`, kept on the app, reached by dependencies alone."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request

from lemma.core.clock import Clock
from lemma.db.edge import Database
from lemma.gateways.storage import Storage
from lemma.http.streams import Streams
from lemma.settings import Settings


@dataclass(frozen=True, slots=True)
class Web:
    """The parts of the web process that requests share."""

    settings: Settings
    database: Database
    storage: Storage
    clock: Clock
    streams: Streams
    local_organisation: UUID


def web(request: Request) -> Web:
    """The parts that `main.py` put together."""
    parts: Web = request.app.state.web
    return parts


WebParts = Annotated[Web, Depends(web)]
