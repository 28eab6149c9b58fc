"""The application over the fake engine without a network, for tests of what goes in and comes out."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from fastapi import FastAPI

from lemma_inference.assembly import Built
from lemma_inference.engines.fake import FakeEngine
from lemma_inference.fleet import Served
from lemma_inference.main import app_for
from lemma_inference.settings import Settings


def application(model: str = "fake", **settings: Any) -> FastAPI:
    engine = FakeEngine()
    served = Served(model, engine.context, "compact", engine.logprobs, engine.name)
    return app_for(Settings(engine="fake", **settings), Built.single(engine, served))


@asynccontextmanager
async def client(model: str = "fake", **settings: Any) -> AsyncIterator[httpx.AsyncClient]:
    """A client of it. What the application fails at is answered, not raised."""
    transport = httpx.ASGITransport(application(model, **settings), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as http:
        yield http
