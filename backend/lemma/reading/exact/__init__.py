"""Exact values: the XML that an e-invoice carries, read by code and held against what the page shows."""

from lemma.reading.exact.overlay import with_exact

__all__ = ["with_exact"]
