"""The registry that we ship: every card of it keeps the policy, and says where its facts come from."""

from datetime import date
from pathlib import Path

import pytest

from lemma_inference.errors import ModelRefused
from lemma_inference.registry import ModelCard, card_findings, check, load_registry, require, warnings
from lemma_inference.registry.policy import LICENCES, frontier, memory_needed
from lemma_inference.settings import MODELS_FILE

REGISTRY = load_registry(MODELS_FILE)
TODAY = date(2026, 11, 28)
APPROVED = [card for card in REGISTRY.model if not card.known]
KNOWN = [card for card in REGISTRY.model if card.known]
OTHERS = [card for card in APPROVED if not card.own]


@pytest.mark.parametrize("card", APPROVED, ids=lambda card: card.id)
def test_every_approved_card_keeps_every_rule(card: ModelCard) -> None:
    assert card_findings(card, TODAY) == []


@pytest.mark.parametrize("card", KNOWN, ids=lambda card: card.id)
def test_what_is_only_known_is_refused_and_says_why(card: ModelCard, tmp_path: Path) -> None:
    with pytest.raises(ModelRefused, match="known and not approved") as refused:
        require(card, tmp_path)
    assert refused.value.extra["rule"] == "known"


def test_there_are_ten_open_models_beside_ours_of_all_sizes() -> None:
    sizes = sorted(card.parameters for card in OTHERS)
    assert len(sizes) >= 10
    assert 500_000_000 < sizes[0] < 1_000_000_000
    assert 30_000_000_000 < sizes[-1] < 36_000_000_000
    assert {card.kind for card in OTHERS} == {"chat", "embedding"}
    assert {engine for card in OTHERS for engine in card.engines} == {"llamacpp", "vllm"}


@pytest.mark.parametrize("card", OTHERS, ids=lambda card: card.id)
def test_models_of_others_are_pinned_to_the_last_file(card: ModelCard) -> None:
    assert card.licence in LICENCES
    assert card.memory == memory_needed(card)
    assert card.pinned_from
    assert card.file("tokenizer") is not None or card.kind == "embedding"
    for file in card.files:
        assert len(file.sha256) == 64
        assert file.bytes or file.role == "config"
    assert all(score.source.startswith("https://") for score in card.scores)


def test_ours_are_the_bytes_that_are_here() -> None:
    assert check(REGISTRY.cards["starter"], MODELS_FILE.parent) == []


def test_the_frontier_is_sourced_and_of_this_time() -> None:
    assert {"GPQA Diamond", "MMLU-Pro", "SWE-bench Verified"} <= {name for _, name in frontier(REGISTRY)}
    assert all(entry.source.startswith("https://") for entry in REGISTRY.frontier)
    assert all(entry.date <= TODAY for entry in REGISTRY.frontier)
    assert warnings(REGISTRY, TODAY) == []
