"""Engines that somebody else starts: a list of addresses."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from lemma_inference.errors import SettingsWrong
from lemma_inference.launchers.protocol import Endpoint, EngineSpec


class StaticLauncher:
    """Says where engines are. It cannot start one, nor stop it."""

    def __init__(self, endpoints: Sequence[Endpoint]) -> None:
        self._endpoints = list(endpoints)

    async def launch(self, spec: EngineSpec) -> Endpoint:
        """Raises `SettingsWrong`."""
        raise SettingsWrong(f"Engine {spec.id!r} is not in the list, and nobody here starts one.")

    async def stop(self, engine: str) -> None:
        """Takes it off the list; it runs on."""
        self._endpoints = [endpoint for endpoint in self._endpoints if endpoint.id != engine]

    async def list(self) -> list[Endpoint]:
        return list(self._endpoints)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Nothing is started, so nothing has to be ended."""
        yield
