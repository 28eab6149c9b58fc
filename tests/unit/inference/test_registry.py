"""What may be served: each rule broken once, and the reason that is given."""

import hashlib
import re
from datetime import date
from pathlib import Path

import pytest

from lemma_inference.errors import ModelRefused
from lemma_inference.registry import card_findings, check, load_cards, load_registry, require, warnings
from tests.unit.inference.weights import REVISION, gguf, write_registry

OWN = """
[[model]]
id = "small"
title = "Small"
repository = "us/small"
licence = "MIT"
parameters = 32
context = 4096
style = "full"
files = [
    { path = "small.gguf", role = "gguf", sha256 = "SHA" },
]
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A registry of one model with few numbers, whose file lies beside it."""
    (tmp_path / "small.gguf").write_bytes(gguf())
    path = tmp_path / "models.toml"
    path.write_text(OWN.replace("SHA", hashlib.sha256(gguf()).hexdigest()), encoding="utf-8")
    return path


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """A registry of one fetched model that keeps every rule."""
    return write_registry(tmp_path)


def rewrite(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def breaches(path: Path) -> dict[str, str]:
    return {
        finding.rule: finding.detail
        for finding in card_findings(load_cards(path)["small"], date(2026, 11, 28))
    }


def test_a_model_that_keeps_every_rule_may_be_served(own: Path) -> None:
    card = load_cards(own)["small"]
    assert check(card, own.parent) == []
    require(card, own.parent)


def test_a_card_that_keeps_every_rule_has_no_breach(models: Path) -> None:
    assert breaches(models) == {}


@pytest.mark.parametrize(
    ("old", "new", "rule", "words"),
    [
        ('licence = "MIT"', 'licence = "llama3.1"', "licence", "llama3.1 is not one of"),
        ('licence = "MIT"', 'licence = ""', "licence", "none is not one of"),
        ('path = "small.gguf"', 'path = "absent.gguf"', "missing", "absent.gguf is not there"),
        ('path = "small.gguf"', 'path = "../small.gguf"', "path", "leaves the model's folder"),
        ('path = "small.gguf"', 'path = "/etc/passwd"', "path", "is absolute"),
        ('path = "small.gguf"', 'path = "small.bin"', "format", "only holds numbers"),
        ('role = "gguf"', 'role = "safetensors"', "format", "only holds numbers"),
    ],
)
def test_each_rule_is_told_with_its_value(own: Path, old: str, new: str, rule: str, words: str) -> None:
    rewrite(own, old, new)
    card = load_cards(own)["small"]
    with pytest.raises(ModelRefused, match=words) as refused:
        require(card, own.parent)
    assert refused.value.extra["rule"] == rule


@pytest.mark.parametrize(
    ("old", "new", "rule", "words"),
    [
        (
            f'revision = "{REVISION}"',
            'revision = "main"',
            "revision",
            "main of us/small is not a commit of 40",
        ),
        (f'revision = "{REVISION}"', f'revision = "{REVISION[:-1]}"', "revision", "40 hex digits"),
        (f'revision = "{REVISION}"', f'revision = "{REVISION.upper()}"', "revision", "40 hex digits"),
        ('repository = "us/small"', 'repository = "https://evil.example/x"', "repository", "owner/name"),
        ("released = 2026-01-02", "released = 2026-11-29", "released", "2026-11-29 lies in the future"),
        ("released = 2026-01-02", "", "released", "no release date"),
        ('dtype = "F32"', "", "dtype", "none"),
        ("memory = 100_000", "memory = 64_000", "memory", "64000 bytes are fewer than the 64"),
        ("kv_bytes_per_token = 64", "", "memory", "no kv_bytes_per_token"),
        ("value = 85.0", "value = 85.1", "frontier", "GPQA Diamond = 85.1 is not 5 below the 90 of Closed 9"),
        (
            "margin = 5.0",
            'margin = 5.0\nmargins = { "GPQA Diamond" = 6 }',
            "frontier",
            "is not 6 below the 90",
        ),
        (
            '[{ benchmark = "GPQA Diamond", value = 85.0',
            '[{ benchmark = "MMLU", value = 85.0',
            "frontier",
            "no score on a benchmark of the frontier (GPQA Diamond)",
        ),
        ('title = "Small"', 'title = "Small"\nkind = "embedding"', "frontier", "frontier (Embeddings)"),
        (
            'source = "https://example.com/small"',
            'source = "a friend"',
            "scores",
            "has no source: 'a friend'",
        ),
        (
            "vllm = { tool_call_parser",
            "vllm = { trust_remote_code = 1, tool_call_parser",
            "code",
            "trust_remote_code",
        ),
        ('engines = ["vllm"]', 'engines = ["vllm", "llamacpp"]', "engine", "llamacpp has no file"),
        ('title = "Small"', 'title = "Small"\nknown = "not read yet"', "known", "not approved: not read yet"),
        ('title = "Small"', 'title = "Small"\ndummy = true', "weights", "is no dummy"),
        ('title = "Small"', 'title = "Small"\nbase = "other"', "base", "other is not in the registry"),
        ('title = "Small"', 'title = "Small"\nbase = "small"', "base", "itself tuned"),
        ('path = "config.json"', 'path = "Model.Safetensors"', "path", "named twice"),
        ('path = "config.json"', 'path = ".git/config"', "path", "odd characters"),
        ('role = "tokenizer"', 'role = "config"', "tokenizer", "no tokenizer.json"),
        ('role = "safetensors"', 'role = "config"', "weights", "no file of weights"),
    ],
)
def test_each_rule_of_cards_is_told_with_its_value(
    models: Path, old: str, new: str, rule: str, words: str
) -> None:
    rewrite(models, old, new)
    found = breaches(models)
    assert rule in found
    assert words in found[rule]


def test_a_file_without_a_hash_is_not_pinned(models: Path) -> None:
    text = models.read_text(encoding="utf-8")
    models.write_text(re.sub(r' sha256 = "[0-9a-f]{64}",', "", text, count=1), encoding="utf-8")
    assert breaches(models) == {"unpinned": "model.safetensors has no SHA-256"}


def test_scores_are_asked_of_all_but_toys(models: Path) -> None:
    text = re.sub(r"scores = .*", "", models.read_text(encoding="utf-8"))
    models.write_text(text, encoding="utf-8")
    assert breaches(models)["scores"] == "none"
    rewrite(models, "toy_parameters = 10", "toy_parameters = 100")
    assert breaches(models) == {}


def test_a_small_model_needs_scores_of_its_own_and_no_shared_benchmark(models: Path) -> None:
    rewrite(models, '[{ benchmark = "GPQA Diamond"', '[{ benchmark = "Ours"')
    rewrite(models, "small_parameters = 50", "small_parameters = 65")
    assert breaches(models) == {}


def test_our_own_weights_say_what_they_were_trained_on(own: Path) -> None:
    rewrite(own, "[[model]]", "[policy]\ntoy_parameters = 10\n\n[[model]]")
    assert "does not say what it was trained on" in breaches(own)["data"]


def test_all_breaches_are_told_and_not_the_first_alone(models: Path) -> None:
    rewrite(models, 'licence = "MIT"', 'licence = "other"')
    rewrite(models, f'revision = "{REVISION}"', 'revision = "main"')
    card = load_cards(models)["small"]
    with pytest.raises(
        ModelRefused, match=r"other is not one of.*revision: main.*missing: config\.json"
    ) as refused:
        require(card, models.parent / "models" / "small" / "main")
    rules = [finding["rule"] for finding in refused.value.extra["findings"]]
    assert rules[:2] == ["licence", "revision"]
    assert rules.count("missing") == 3


def test_an_altered_file_is_refused_with_both_hashes(own: Path) -> None:
    (own.parent / "small.gguf").write_bytes(gguf()[:-1] + b"S")
    [finding] = check(load_cards(own)["small"], own.parent)
    assert finding.rule == "sha256"
    assert len(re.findall(r"[0-9a-f]{64}", finding.detail)) == 2


def test_an_old_frontier_is_a_warning(models: Path) -> None:
    registry = load_registry(models)
    assert warnings(registry, date(2026, 11, 28)) == []
    old = warnings(registry, date(2027, 11, 28))
    assert len(old) == 2
    assert "GPQA Diamond is of 2026-06-01" in old[0]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('style = "full"', 'style = "chatty"', "model.0.style"),
        ('id = "small"', 'id = "../small"', "model.0.id"),
        ("context = 4096", 'context = "long"', "model.0.context"),
        ('title = "Small"', 'titel = "Small"', "model.0.tit"),
        ("[[model]]", "[[model", "line 2"),
    ],
)
def test_a_registry_that_says_nonsense_names_the_place(own: Path, old: str, new: str, words: str) -> None:
    rewrite(own, old, new)
    with pytest.raises(ModelRefused, match=words):
        load_cards(own)


@pytest.mark.parametrize("margin", ["margin = -1", 'margins = { "GPQA Diamond" = -20 }'])
def test_no_margin_lies_above_the_frontier(models: Path, margin: str) -> None:
    rewrite(models, "margin = 5.0", margin)
    with pytest.raises(ModelRefused, match=r"policy\.margin"):
        load_cards(models)


def test_a_model_cannot_be_named_twice(own: Path) -> None:
    text = own.read_text(encoding="utf-8")
    own.write_text(text + text.replace('id = "small"', 'id = "SMALL"'), encoding="utf-8")
    with pytest.raises(ModelRefused, match="twice"):
        load_cards(own)


def test_cards_that_were_read_twice_are_equal(models: Path) -> None:
    assert load_cards(models) == load_cards(models)
