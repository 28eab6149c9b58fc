"""What the gateway tells the driver."""

import json
from dataclasses import asdict, dataclass

from lemma_inference.launchers.protocol import EngineSpec


@dataclass(frozen=True, slots=True)
class Plan:
    """What is wanted of Ray. `host` is where engines are to listen, by default at the address by which the
    cluster knows their machine."""

    address: str
    namespace: str
    host: str | None
    lease_seconds: float
    specs: tuple[EngineSpec, ...]

    @classmethod
    def of(cls, line: str) -> "Plan":
        """From the driver's first line of stdin."""
        found = json.loads(line)
        specs = tuple(EngineSpec(**one | {"argv": tuple(one["argv"])}) for one in found.pop("specs"))
        return cls(**found, specs=specs)

    def line(self) -> str:
        return json.dumps(asdict(self)) + "\n"
