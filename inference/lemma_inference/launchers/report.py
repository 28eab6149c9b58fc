"""What a self-test found."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """One promise. `saw` is what was seen, in a few words."""

    name: str
    passed: bool
    saw: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Report:
    """All of them, in the order in which they were tried."""

    checks: tuple[Check, ...]

    @property
    def wrong(self) -> str | None:
        """The first promise that is not kept, as a sentence; None where all are."""
        failed = next((check for check in self.checks if not check.passed), None)
        return None if failed is None else f"The engine failed its self-test: {failed.name}: {failed.saw}."
