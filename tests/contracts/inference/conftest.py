"""The gateways and services that the contracts hold for."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from lemma.gateways.inference import FakeInference, HttpInference, InferenceGateway
from lemma_inference.engines.fake import FakeEngine
from tests.contracts.inference.service import Running, registry, serving_embedded, serving_fake
from tests.contracts.inference.vllm_engine import PYTHON, serving_vllm


@pytest.fixture(scope="session")
def tiny_registry(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return registry(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="session")
async def embedded(tiny_registry: Path) -> AsyncIterator[Running]:
    async with serving_embedded(tiny_registry) as running:
        yield running


@pytest.fixture(scope="session")
async def fake_service() -> AsyncIterator[Running]:
    async with serving_fake(FakeEngine(slots=2, pace=0.0002)) as running:
        yield running


@pytest.fixture(scope="session")
async def vllm(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    async with serving_vllm(tmp_path_factory.mktemp("vllm")) as running:
        yield running


SERVICES = {"service-fake": "fake_service", "service-llama.cpp": "embedded"}
if PYTHON is not None:
    SERVICES["service-vllm"] = "vllm"


@pytest.fixture(params=["fake", *SERVICES])
def behind(request: pytest.FixtureRequest) -> Running | None:
    """What a gateway speaks to; None for the gateway that is itself a fake."""
    fixture = SERVICES.get(request.param)
    return request.getfixturevalue(fixture) if fixture else None


@pytest.fixture
async def gateway(behind: Running | None) -> AsyncIterator[InferenceGateway]:
    """Every implementation of the protocol: the fake, and the real client before real services."""
    if behind is None:
        yield FakeInference()
        return
    async with HttpInference(behind.url) as client:
        yield client


@pytest.fixture(params=SERVICES)
def service(request: pytest.FixtureRequest) -> Running:
    """The service over each engine that can run here."""
    running: Running = request.getfixturevalue(SERVICES[request.param])
    return running
