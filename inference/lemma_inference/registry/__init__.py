"""Which models may be served: `models.toml`, and the check of files against it."""

from lemma_inference.registry.cards import File, ModelCard, load_cards
from lemma_inference.registry.check import Finding, check, require
from lemma_inference.registry.tokenizer import Defuser, special_tokens

__all__ = ["Defuser", "File", "Finding", "ModelCard", "check", "load_cards", "require", "special_tokens"]
