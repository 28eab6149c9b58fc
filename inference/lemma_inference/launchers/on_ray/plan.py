"""What the gateway tells the driver."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from lemma_inference.launchers.protocol import EngineSpec


@dataclass(frozen=True, slots=True)
class Plan:
    """What is wanted of Ray. `host` is where engines are to listen, by default at the address by which the
    cluster knows their machine. `known` are addresses of engines that the gateway knows to run."""

    address: str
    namespace: str
    host: str | None
    lease_seconds: float
    specs: tuple[EngineSpec, ...]
    known: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, line: str) -> "Plan":
        """From the driver's first line of stdin."""
        found = json.loads(line)
        specs = tuple(EngineSpec.of(one) for one in found.pop("specs"))
        return cls(**found, specs=specs)

    def line(self) -> str:
        return json.dumps(asdict(self)) + "\n"
