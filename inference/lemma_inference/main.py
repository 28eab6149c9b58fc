"""The composition root: settings in, application out. Every part is built here and passed down."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.metadata import version

from fastapi import Depends, FastAPI

from lemma_inference.apis import openapi, problems
from lemma_inference.apis.answers import SHAPES
from lemma_inference.apis.chat.router import chat_router
from lemma_inference.apis.completions.router import completions_router
from lemma_inference.apis.embeddings.router import embeddings_router
from lemma_inference.apis.guards import Admins, BodyLimit, Callers
from lemma_inference.apis.health.router import health_router
from lemma_inference.apis.metrics.router import metrics_router
from lemma_inference.apis.models.router import models_router
from lemma_inference.apis.replicas.router import replicas_router
from lemma_inference.apis.serving import Serving
from lemma_inference.apis.tokenize.router import tokenize_router
from lemma_inference.apis.usage.router import usage_router
from lemma_inference.assembly import Built, build
from lemma_inference.gauges import Gauges
from lemma_inference.keys import CacheSalt, Keys
from lemma_inference.metering import Metering
from lemma_inference.reconciling import Reconciling
from lemma_inference.settings import Settings
from lemma_inference.telemetry import Follow, Telemetry, tracing_to


def create_app(settings: Settings) -> FastAPI:
    """The application. Raises `ModelRefused` where a model may not be served, and `SettingsWrong` where a
    file of settings cannot be used."""
    return app_for(settings, build(settings))


def app_for(settings: Settings, built: Built) -> FastAPI:
    """The application over what is built already."""
    houses = {house.served.id: house for house in built.houses}
    keys = keys_of(settings)
    metering = Metering(settings.journal_folder)
    tracing = tracing_to(settings.otlp_endpoint, settings.trace_part, version("lemma-inference"))
    telemetry = Telemetry(settings.research_slo_seconds, tracing)
    telemetry.observe(Gauges(built.houses, metering))
    reconciling = Reconciling(built.houses, metering, telemetry)
    secret = settings.cache_secret.get_secret_value().encode() if settings.cache_secret else None
    serving = Serving(houses, metering, telemetry, CacheSalt(secret))

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            stack.push_async_callback(asyncio.to_thread, telemetry.close)
            await stack.enter_async_context(metering.running())
            for beside in (*built.beside, reconciling):
                await stack.enter_async_context(beside.running())
            yield

    app = FastAPI(
        title="Lemma inference",
        version=version("lemma-inference"),
        lifespan=lifespan,
        docs_url=None,  # Their pages load scripts from other hosts.
        redoc_url=None,
    )
    problems.install(app)
    app.add_middleware(BodyLimit, max_bytes=settings.max_body_bytes)
    app.add_middleware(Follow, telemetry=telemetry)  # The outermost: it sees every response.
    caller_of = Callers(keys)
    keyed, admins = [Depends(caller_of)], [Depends(Admins(keys))]
    app.include_router(health_router(built.houses, metering))
    app.include_router(chat_router(serving, caller_of))
    app.include_router(completions_router(serving, caller_of))
    app.include_router(embeddings_router(serving, caller_of))
    app.include_router(models_router(houses), dependencies=keyed)
    app.include_router(tokenize_router(houses), dependencies=keyed)
    app.include_router(usage_router(metering), dependencies=admins)
    app.include_router(metrics_router(telemetry), dependencies=admins)
    app.include_router(replicas_router(houses), dependencies=admins)
    openapi.describe(app, *SHAPES, keyed=bool(settings.api_key or settings.keys_file))
    return app


def keys_of(settings: Settings) -> Keys:
    """Who may ask. Raises `SettingsWrong`."""
    if settings.keys_file is not None:
        return Keys.load(settings.keys_file)
    return Keys.single(settings.api_key.get_secret_value() if settings.api_key else None)
