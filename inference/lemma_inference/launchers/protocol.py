"""Starting engines is three verbs: launch, stop, list. Who does it is a local process, Ray, or somebody
else."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

State = Literal["starting", "ready", "down"]


@dataclass(frozen=True, slots=True)
class EngineSpec:
    """An engine to be started. `{host}` and `{port}` in `argv` are replaced by where it is to listen.

    `env` is added to a small environment of the launcher's own; the operator's is not passed on. `key` guards
    the engine's port and is in `env` where the engine reads it from, never in `argv`, which others on the
    machine can read. `gpus` are what it needs of the machine's, 0 for none. `optional` are options in `argv`
    that are left out where the engine does not know them.
    """

    id: str
    argv: tuple[str, ...]
    key: str
    env: Mapping[str, str] = field(default_factory=dict)
    gpus: float = 0.0
    optional: tuple[str, ...] = ()

    @classmethod
    def of(cls, found: Mapping[str, Any]) -> "EngineSpec":
        """From what `dataclasses.asdict` made of it, and JSON of that."""
        known: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in found.items()
        }
        return cls(**known)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where an engine is, and how. `lives` counts how often it was started; `detail` is a sentence."""

    id: str
    url: str | None
    key: str | None
    state: State
    detail: str
    lives: int = 1


class Launcher(Protocol):
    """Starts engines, starts those again that end, and says where they are."""

    async def launch(self, spec: EngineSpec) -> Endpoint:
        """Starts it, or takes over one of this id that runs. Does not wait until it serves."""
        ...

    async def stop(self, engine: str) -> None:
        """Ends it, whatever state it is in. One that is not there is no error."""
        ...

    async def list(self) -> list[Endpoint]:
        """All that are there."""
        ...

    def running(self) -> AbstractAsyncContextManager[None]:
        """On leaving, what it started is gone, unless it is meant to outlive the gateway."""
        ...
