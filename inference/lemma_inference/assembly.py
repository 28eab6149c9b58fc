"""From settings and files to what is served: models with their cards checked, replicas, launchers."""

import os
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from typing import Protocol
from urllib.parse import urlsplit

from lemma_inference.admission import Policy
from lemma_inference.deployments import Deployment, ReplicaEntry, load_deployments
from lemma_inference.engines.fake import FakeEngine
from lemma_inference.engines.llamacpp import LlamaCpp
from lemma_inference.engines.protocol import Engine
from lemma_inference.engines.replica import Replica
from lemma_inference.engines.upstream import Upstream
from lemma_inference.engines.vllm import Vllm
from lemma_inference.errors import ModelRefused, SettingsWrong
from lemma_inference.fleet import House, Member, Served
from lemma_inference.launchers.attendant import LISTED_EVERY, LISTED_WITHIN, Attendant, Test, no_test
from lemma_inference.launchers.cards import Cards
from lemma_inference.launchers.llamacpp_command import llamacpp_spec
from lemma_inference.launchers.local import LocalProcess, require_openmp
from lemma_inference.launchers.on_ray import RayLauncher
from lemma_inference.launchers.process import LocalLauncher
from lemma_inference.launchers.protocol import Endpoint, EngineSpec
from lemma_inference.launchers.selftest import SelfTest
from lemma_inference.launchers.selftest_llamacpp import llamacpp_test
from lemma_inference.launchers.spec import Spec
from lemma_inference.launchers.static import StaticLauncher
from lemma_inference.launchers.vllm_command import VllmNumbers, operators, vllm_spec
from lemma_inference.registry import (
    Defuser,
    File,
    ModelCard,
    load_cards,
    local_folder,
    require_in,
    special_tokens,
)
from lemma_inference.settings import CARDS, Settings, engine_environment


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
        cards = Cards(engine_environment().get(CARDS))
        parts = [_deployed(settings, one, cards) for one in load_deployments(settings.gateway_file)]
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
    require_openmp()
    path = local_folder(card, settings) / _gguf(card).path

    def spec(key: str) -> Spec:
        return Spec(str(path), card.context, settings.slots, settings.threads, key)

    replica = Replica()
    upstream = Upstream(replica, LlamaCpp(), slots=settings.slots)
    single = Built.single(upstream, _served(settings, card, upstream), settings.waiting)
    return Built(single.houses, (upstream, LocalProcess(spec, replica)))


def _gguf(card: ModelCard) -> File:
    """Raises `ModelRefused` where there is none."""
    weights = card.file("gguf")
    if weights is None:
        raise ModelRefused(
            f"Model {card.id!r} has no GGUF file, which llama.cpp needs.", rule="format", model=card.id
        )
    return weights


def _single_vllm(settings: Settings, card: ModelCard) -> Built:
    if settings.upstream_url is None:
        raise SettingsWrong("The settings promise an upstream_url for this engine.")
    key = settings.upstream_key.get_secret_value() if settings.upstream_key else None
    replica = Replica()
    replica.up(settings.upstream_url.rstrip("/"), key)
    upstream = Upstream(replica, Vllm(card.id), slots=settings.upstream_slots)
    single = Built.single(upstream, _served(settings, card, upstream), settings.waiting)
    return Built(single.houses, (upstream,))


def _deployed(settings: Settings, deployment: Deployment, cards: Cards) -> Built:
    """One deployment: its replicas with the attendant that keeps them true."""
    card = None if deployment.engine == "fake" else approved(settings, deployment.model)
    listed = _listed(settings, deployment)
    specs = _specs(settings, deployment, card) if deployment.launcher != "static" else ()
    if deployment.launcher == "local":
        specs = tuple(_with_cards(spec, cards) for spec in specs)
    homes = {endpoint.id for endpoint, entry in zip(listed, deployment.replica, strict=True) if entry.home}
    homes |= {spec.id for spec in specs[: deployment.home]}
    replicas = {name: Replica() for name in [one.id for one in listed] + [spec.id for spec in specs]}
    dialect = LlamaCpp() if deployment.engine == "llamacpp" else Vllm(deployment.model)
    engines = {name: Upstream(replica, dialect, slots=deployment.seats) for name, replica in replicas.items()}
    first = next(iter(engines.values()))
    served = _served(settings, card, first) if card else _fake_served(deployment, first)
    members = [Member(name, engine, name in homes, deployment.kv_tokens) for name, engine in engines.items()]
    policy = deployment.policy.policy(deployment.batched_tokens)
    attendant = _attendant(deployment, replicas, listed, specs)
    return Built((House(served, members, policy, defuser(served)),), (*engines.values(), attendant))


def _listed(settings: Settings, deployment: Deployment) -> list[Endpoint]:
    """The replicas that somebody else started."""
    return [
        Endpoint(
            entry.id or urlsplit(entry.url).netloc, entry.url, _key(settings, entry), "ready", "It is listed."
        )
        for entry in deployment.replica
    ]


def _specs(settings: Settings, deployment: Deployment, card: ModelCard | None) -> tuple[EngineSpec, ...]:
    """The engines to be started."""
    if card is None:
        raise SettingsWrong(f"launcher = {deployment.launcher} starts models; list fake engines as static.")
    make = _llamacpp_spec if deployment.engine == "llamacpp" else _vllm_spec
    return tuple(make(settings, deployment, card, f"{card.id}-{n}") for n in range(deployment.count))


def _vllm_spec(settings: Settings, deployment: Deployment, card: ModelCard, name: str) -> EngineSpec:
    weights = card.file("safetensors")
    if weights is None:
        raise ModelRefused(f"{card.id!r} has no safetensors, which vLLM needs.", rule="format", model=card.id)
    numbers = VllmNumbers(
        deployment.seats,
        deployment.batched_tokens,
        deployment.context or card.context,
        extra=card.vllm | operators(deployment.vllm),
        otlp_endpoint=settings.otlp_endpoint,
    )
    return vllm_spec(
        name,
        card.id,
        (local_folder(card, settings) / weights.path).parent.resolve(),
        numbers,
        environ=os.environ,
        gpus=deployment.gpus,
        python=settings.vllm_python,
    )


def _llamacpp_spec(settings: Settings, deployment: Deployment, card: ModelCard, name: str) -> EngineSpec:
    """On the processor, whose cores the engines of a deployment share."""
    require_openmp()
    return llamacpp_spec(
        name,
        (local_folder(card, settings) / _gguf(card).path).resolve(),
        context=deployment.context or card.context,
        slots=deployment.seats,
        threads=max(1, settings.threads // deployment.count),
    )


def _with_cards(spec: EngineSpec, cards: Cards) -> EngineSpec:
    """On this machine nobody else deals out graphics cards."""
    taken = cards.take(spec.gpus, spec.id)
    return replace(spec, env={**spec.env, CARDS: ",".join(taken)}) if taken else spec


def _attendant(
    deployment: Deployment,
    replicas: dict[str, Replica],
    listed: Sequence[Endpoint],
    specs: tuple[EngineSpec, ...],
) -> Attendant:
    if deployment.launcher == "static":
        test = _self_test(deployment) if deployment.engine != "fake" and deployment.self_test else no_test
        return Attendant(
            StaticLauncher(listed), replicas, test=test, every=LISTED_EVERY, within=LISTED_WITHIN
        )
    if deployment.launcher == "ray":
        return Attendant(RayLauncher(), replicas, specs, test=_self_test(deployment))
    local = LocalLauncher()
    return Attendant(local, replicas, specs, test=_self_test(deployment), on_serving=local.serves)


def _self_test(deployment: Deployment) -> Test:
    async def test(url: str, key: str | None) -> str | None:
        if deployment.engine == "llamacpp":
            return (await llamacpp_test(url, key)).wrong
        return (await SelfTest(url, key, deployment.model, deployment.seats).run()).wrong

    return test


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
