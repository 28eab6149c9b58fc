"""From settings and files to what is served: models with their cards checked, replicas, launchers."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from lemma_inference.admission import Policy
from lemma_inference.deployments import Deployment, ReplicaEntry, load_deployments
from lemma_inference.engines.fake import FakeEngine
from lemma_inference.engines.llamacpp import LlamaCpp
from lemma_inference.engines.protocol import Engine
from lemma_inference.engines.replica import Replica
from lemma_inference.engines.upstream import Dialect, Upstream
from lemma_inference.engines.vllm import Vllm
from lemma_inference.errors import ModelRefused, SettingsWrong
from lemma_inference.fleet import House, Member, Served
from lemma_inference.launchers.local import LocalProcess, require_openmp
from lemma_inference.launchers.spec import Spec
from lemma_inference.registry import (
    Defuser,
    ModelCard,
    load_cards,
    local_folder,
    require_in,
    special_tokens,
)
from lemma_inference.settings import Settings


class Beside(Protocol):
    """What must run for as long as the service does."""

    def running(self) -> AbstractAsyncContextManager[None]: ...


@dataclass(frozen=True, slots=True)
class Built:
    """What is served, and what must run beside it: connections, and launchers of engines."""

    houses: tuple[House, ...]
    beside: tuple[Beside, ...] = ()

    @classmethod
    def single(cls, engine: Engine, served: Served, waiting: int = 512) -> "Built":
        """One model on one engine that runs already."""
        return cls((House(served, [Member("1", engine)], Policy.alone(waiting), defuser(served)),))


def build(settings: Settings) -> Built:
    """What the settings name. Raises `ModelRefused` and `SettingsWrong`."""
    if settings.gateway_file is not None:
        parts = [_deployed(settings, one) for one in load_deployments(settings.gateway_file)]
        return Built(
            tuple(house for part in parts for house in part.houses),
            tuple(beside for part in parts for beside in part.beside),
        )
    if settings.engine == "fake":
        fake = FakeEngine(slots=settings.slots)
        served = Served("fake", fake.context, "compact", fake.logprobs, fake.name)
        return Built.single(fake, served, settings.waiting)
    card = approved(settings, settings.model)
    if settings.engine == "vllm":
        return _single_vllm(settings, card)
    return _embedded(settings, card)


def approved(settings: Settings, model: str) -> ModelCard:
    """The card of a model to serve, its files compared with their hashes. Raises `ModelRefused`."""
    cards = load_cards(settings.models_file)
    if model not in cards:
        known = ", ".join(sorted(cards)) or "none"
        raise ModelRefused(
            f"Model {model!r} is not in {settings.models_file.name}; approved are: {known}.",
            rule="registry",
            model=model,
        )
    require_in(cards[model], settings)
    return cards[model]


def defuser(served: Served) -> Defuser:
    """Keeps documents from forging turns of this model's template."""
    return Defuser(special_tokens(served.tokenizer) if served.tokenizer else ())


def _embedded(settings: Settings, card: ModelCard) -> Built:
    weights = card.file("gguf")
    if weights is None:
        raise ModelRefused(
            f"Model {card.id!r} has no GGUF file, which the embedded engine needs.",
            rule="format",
            model=card.id,
        )
    require_openmp()
    path = local_folder(card, settings) / weights.path

    def spec(key: str) -> Spec:
        return Spec(str(path), card.context, settings.slots, settings.threads, key)

    replica = Replica()
    upstream = Upstream(replica, LlamaCpp(), slots=settings.slots)
    single = Built.single(upstream, _served(settings, card, upstream), settings.waiting)
    return Built(single.houses, (upstream, LocalProcess(spec, replica)))


def _single_vllm(settings: Settings, card: ModelCard) -> Built:
    if settings.upstream_url is None:
        raise SettingsWrong("The settings promise an upstream_url for this engine.")
    key = settings.upstream_key.get_secret_value() if settings.upstream_key else None
    upstream = _upstream(settings.upstream_url, key, Vllm(card.id), settings.upstream_slots)
    single = Built.single(upstream, _served(settings, card, upstream), settings.waiting)
    return Built(single.houses, (upstream,))


def _deployed(settings: Settings, deployment: Deployment) -> Built:
    card = None if deployment.engine == "fake" else approved(settings, deployment.model)
    members: list[Member] = []
    for entry in deployment.replica:
        name = entry.id or urlsplit(entry.url).netloc
        engine = _upstream(entry.url, _key(settings, entry), _dialect(deployment), deployment.seats)
        members.append(Member(name, engine, entry.home, deployment.kv_tokens))
    first = members[0].engine
    served = _served(settings, card, first) if card else _fake_served(deployment, first)
    policy = deployment.policy.policy(deployment.batched_tokens)
    house = House(served, members, policy, defuser(served))
    return Built((house,), tuple(member.engine for member in members if isinstance(member.engine, Upstream)))


def _dialect(deployment: Deployment) -> Dialect:
    return LlamaCpp() if deployment.engine == "llamacpp" else Vllm(deployment.model)


def _upstream(url: str, key: str | None, dialect: Dialect, slots: int) -> Upstream:
    replica = Replica()
    replica.up(url.rstrip("/"), key)
    return Upstream(replica, dialect, slots=slots)


def _key(settings: Settings, entry: ReplicaEntry) -> str | None:
    """The engine's key: of its own file, else the one for all."""
    if entry.key_file is None:
        return settings.upstream_key.get_secret_value() if settings.upstream_key else None
    try:
        return entry.key_file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SettingsWrong(f"{entry.key_file} cannot be read: {error.strerror}.") from error


def _fake_served(deployment: Deployment, engine: Engine) -> Served:
    if deployment.context is None:
        raise SettingsWrong("The deployment promises a context for the fake engine.")
    return Served(deployment.model, deployment.context, "compact", engine.logprobs, "fake")


def _served(settings: Settings, card: ModelCard, engine: Engine) -> Served:
    tokenizer = card.file("tokenizer")
    weights = card.file("safetensors" if engine.name == "vllm" else "gguf")
    return Served(
        id=card.id,
        context=card.context,
        style=card.style,
        logprobs=engine.logprobs,
        engine=engine.name,
        tokenizer=local_folder(card, settings) / tokenizer.path if tokenizer else None,
        weights=weights.sha256 if weights else "",
        window=card.window,
    )
