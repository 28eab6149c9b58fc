"""The gateways and services that the contracts hold for."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from lemma.gateways.inference import FakeInference, HttpInference, InferenceGateway
from lemma_inference.engines.fake import FakeEngine
from tests.contracts.inference.service import Running, registry, serving_embedded, serving_fake


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


@pytest.fixture(params=["fake", "service-fake", "service-llama.cpp"])
def behind(request: pytest.FixtureRequest) -> Running | None:
    """What a gateway speaks to; None for the gateway that is itself a fake."""
    fixture = {"service-fake": "fake_service", "service-llama.cpp": "embedded"}.get(request.param)
    return request.getfixturevalue(fixture) if fixture else None


@pytest.fixture
async def gateway(behind: Running | None) -> AsyncIterator[InferenceGateway]:
    """Every implementation of the protocol: the fake, and the real client before real services."""
    if behind is None:
        yield FakeInference()
        return
    async with HttpInference(behind.url) as client:
        yield client


@pytest.fixture(params=["service-fake", "service-llama.cpp"])
def service(request: pytest.FixtureRequest) -> Running:
    """The service over each engine that can run here."""
    fixture = "fake_service" if request.param == "service-fake" else "embedded"
    running: Running = request.getfixturevalue(fixture)
    return running
