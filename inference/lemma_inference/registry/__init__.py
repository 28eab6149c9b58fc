"""Which models may be served: `models.toml`, and the check of files against it."""

from lemma_inference.registry.cards import File, ModelCard, load_cards
from lemma_inference.registry.check import Finding, check, require

__all__ = ["File", "Finding", "ModelCard", "check", "load_cards", "require"]
