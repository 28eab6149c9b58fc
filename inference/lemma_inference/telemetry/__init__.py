"""What can be seen of the service from outside: metrics and logs, never a word of a prompt or an answer."""

from lemma_inference.telemetry.metrics import Telemetry

__all__ = ["Telemetry"]
