"""What was used: tokens by class, for finished, broken-off and failed requests alike."""

from lemma_inference.metering.meter import Measured, Meter, Totals

__all__ = ["Measured", "Meter", "Totals"]
