"""Which models may be served: `models.toml`, the policy, and the check of files against both."""

from lemma_inference.registry.cards import File, ModelCard, Registry, load_cards, load_registry
from lemma_inference.registry.check import Places, check, check_in, local_folder, require, require_in
from lemma_inference.registry.policy import Finding, card_findings, warnings
from lemma_inference.registry.tokenizer import Defuser, special_tokens

__all__ = [
    "Defuser",
    "File",
    "Finding",
    "ModelCard",
    "Places",
    "Registry",
    "card_findings",
    "check",
    "check_in",
    "load_cards",
    "load_registry",
    "local_folder",
    "require",
    "require_in",
    "special_tokens",
    "warnings",
]
