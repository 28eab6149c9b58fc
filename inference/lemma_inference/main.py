"""The composition root: settings in, application out. Every part is built here and passed down."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import version

from fastapi import Depends, FastAPI

from lemma_inference.admission import Admission
from lemma_inference.apis import problems
from lemma_inference.apis.chat.router import chat_router
from lemma_inference.apis.chat.serving import ChatServing
from lemma_inference.apis.guards import BodyLimit, KeyCheck
from lemma_inference.apis.health.router import health_router
from lemma_inference.apis.models.router import Served, models_router
from lemma_inference.apis.tokenize.router import tokenize_router
from lemma_inference.engines.fake import FakeEngine
from lemma_inference.engines.llamacpp import LlamaCpp
from lemma_inference.engines.protocol import Engine
from lemma_inference.engines.replica import Replica
from lemma_inference.engines.upstream import Upstream
from lemma_inference.engines.vllm import Vllm
from lemma_inference.errors import ModelRefused
from lemma_inference.launchers.local import LocalProcess, require_openmp
from lemma_inference.launchers.spec import Spec
from lemma_inference.metering import Meter
from lemma_inference.registry import Defuser, ModelCard, load_cards, require, special_tokens
from lemma_inference.settings import Settings


@dataclass(frozen=True, slots=True)
class Built:
    """An engine, what it serves, the texts of its control tokens, and what must run beside it."""

    engine: Engine
    served: Served
    specials: tuple[str, ...] = ()
    launcher: LocalProcess | None = None
    upstream: Upstream | None = None


def create_app(settings: Settings) -> FastAPI:
    """The application. Raises `ModelRefused` where the model may not be served."""
    return app_for(settings, build(settings))


def app_for(settings: Settings, built: Built) -> FastAPI:
    """The application over an engine that is built already."""
    admission = Admission(built.engine.slots, settings.waiting)
    meter = Meter()
    serving = ChatServing(built.served.id, built.engine, admission, meter, Defuser(built.specials))

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            if built.upstream:
                stack.push_async_callback(built.upstream.aclose)
            if built.launcher:
                await stack.enter_async_context(built.launcher.running())
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
    keyed = [Depends(KeyCheck(settings.api_key))]
    app.include_router(health_router(built.engine, admission, meter))
    app.include_router(chat_router(serving), dependencies=keyed)
    app.include_router(models_router(built.served), dependencies=keyed)
    app.include_router(tokenize_router(built.engine), dependencies=keyed)
    return app


def build(settings: Settings) -> Built:
    """The engine that the settings name. Raises `ModelRefused`."""
    if settings.engine == "fake":
        fake = FakeEngine(slots=settings.slots)
        return Built(fake, Served("fake", fake.context, "compact", fake.logprobs, fake.name))
    card = approved(settings)
    if settings.engine == "vllm":
        return _build_vllm(settings, card)
    return _build_embedded(settings, card)


def approved(settings: Settings) -> ModelCard:
    """The card of the model to serve, its files compared with their hashes. Raises `ModelRefused`."""
    cards = load_cards(settings.models_file)
    if settings.model not in cards:
        known = ", ".join(sorted(cards)) or "none"
        raise ModelRefused(
            f"Model {settings.model!r} is not in {settings.models_file.name}; approved are: {known}.",
            rule="registry",
            model=settings.model,
        )
    require(cards[settings.model], settings.models_file.parent)
    return cards[settings.model]


def _build_embedded(settings: Settings, card: ModelCard) -> Built:
    weights = card.file("gguf")
    if weights is None:
        raise ModelRefused(
            f"Model {card.id!r} has no GGUF file, which the embedded engine needs.",
            rule="format",
            model=card.id,
        )
    require_openmp()
    path = settings.models_file.parent / weights.path

    def spec(key: str) -> Spec:
        return Spec(str(path), card.context, settings.slots, settings.threads, key)

    replica = Replica()
    upstream = Upstream(replica, LlamaCpp(), slots=settings.slots)
    served = _served(settings, card, upstream)
    return Built(upstream, served, _specials(served), LocalProcess(spec, replica), upstream)


def _build_vllm(settings: Settings, card: ModelCard) -> Built:
    if settings.upstream_url is None:
        raise ValueError("the settings promise an upstream_url for this engine")
    replica = Replica()
    key = settings.upstream_key.get_secret_value() if settings.upstream_key else None
    replica.up(settings.upstream_url.rstrip("/"), key)
    upstream = Upstream(replica, Vllm(card.id), slots=settings.upstream_slots)
    served = _served(settings, card, upstream)
    return Built(upstream, served, _specials(served), None, upstream)


def _specials(served: Served) -> tuple[str, ...]:
    return special_tokens(served.tokenizer) if served.tokenizer else ()


def _served(settings: Settings, card: ModelCard, engine: Engine) -> Served:
    tokenizer = card.file("tokenizer")
    weights = card.file("safetensors" if engine.name == "vllm" else "gguf")
    return Served(
        id=card.id,
        context=card.context,
        style=card.style,
        logprobs=engine.logprobs,
        engine=engine.name,
        tokenizer=settings.models_file.parent / tokenizer.path if tokenizer else None,
        weights=weights.sha256 if weights else "",
        window=card.window,
    )
