"""What may be served: each rule broken once, and the reason that is given."""

import hashlib
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lemma_inference.cli import app
from lemma_inference.errors import ModelRefused
from lemma_inference.registry import check, load_cards, require

WEIGHTS = b"weights"
CARD = """
[[model]]
id = "small"
title = "Small"
repository = "us/small"
licence = "MIT"
parameters = 1_000
context = 4096
style = "full"
files = [
    { path = "small.gguf", role = "gguf", sha256 = "SHA" },
]
"""


@pytest.fixture
def models(tmp_path: Path) -> Path:
    (tmp_path / "small.gguf").write_bytes(WEIGHTS)
    path = tmp_path / "models.toml"
    path.write_text(CARD.replace("SHA", hashlib.sha256(WEIGHTS).hexdigest()), encoding="utf-8")
    return path


def rewrite(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_model_that_keeps_every_rule_may_be_served(models: Path) -> None:
    card = load_cards(models)["small"]
    assert check(card, models.parent) == []
    require(card, models.parent)


@pytest.mark.parametrize(
    ("old", "new", "rule", "words"),
    [
        ('licence = "MIT"', 'licence = "llama3.1"', "licence", "llama3.1 is not one of"),
        ('licence = "MIT"', 'licence = ""', "licence", "none is not one of"),
        ('path = "small.gguf"', 'path = "absent.gguf"', "missing", "absent.gguf is not there"),
        ('path = "small.gguf"', 'path = "../small.gguf"', "path", "lies outside"),
        ('path = "small.gguf"', 'path = "/etc/passwd"', "path", "lies outside"),
        ('path = "small.gguf"', 'path = "small.bin"', "format", "only holds numbers"),
        ('role = "gguf"', 'role = "safetensors"', "format", "only holds numbers"),
    ],
)
def test_each_rule_is_told_with_its_value(models: Path, old: str, new: str, rule: str, words: str) -> None:
    rewrite(models, old, new)
    card = load_cards(models)["small"]
    with pytest.raises(ModelRefused, match=words) as refused:
        require(card, models.parent)
    assert refused.value.extra["rule"] == rule


def test_an_altered_file_is_refused_with_both_hashes(models: Path) -> None:
    (models.parent / "small.gguf").write_bytes(WEIGHTS[:-1] + b"S")
    [finding] = check(load_cards(models)["small"], models.parent)
    assert finding.rule == "sha256"
    assert len(re.findall(r"[0-9a-f]{64}", finding.detail)) == 2


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
def test_a_registry_that_says_nonsense_names_the_place(models: Path, old: str, new: str, words: str) -> None:
    rewrite(models, old, new)
    with pytest.raises(ModelRefused, match=words):
        load_cards(models)


def test_a_model_cannot_be_named_twice(models: Path) -> None:
    models.write_text(models.read_text(encoding="utf-8") * 2, encoding="utf-8")
    with pytest.raises(ModelRefused, match="twice"):
        load_cards(models)


def test_the_command_line_checks_and_pins(models: Path) -> None:
    run = CliRunner()
    assert run.invoke(app, ["models", "check", "--models-file", str(models)]).exit_code == 0
    (models.parent / "small.gguf").write_bytes(b"new weights")
    refused = run.invoke(app, ["models", "check", "small", "--models-file", str(models)])
    assert refused.exit_code == 1
    assert "small: refused" in refused.output
    assert run.invoke(app, ["models", "pin", "small", "--models-file", str(models)]).exit_code == 0
    approved = run.invoke(app, ["models", "check", "small", "--models-file", str(models)])
    assert "small: approved" in approved.output
    listed = run.invoke(app, ["models", "list", "--models-file", str(models)])
    assert "MIT" in listed.output


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--model", "gpt-9"], 1, "approved are: small"),
        (["--engine", "vllm"], 2, "upstream_url"),
        (["--engine", "magic"], 2, "engine"),
        (["--host", "192.0.2.1", "--engine", "fake"], 2, "api_key"),
        (["--model", "small", "--models-file", "/nowhere/models.toml"], 1, "cannot be read"),
    ],
)
def test_serve_says_why_it_will_not(models: Path, arguments: list[str], code: int, words: str) -> None:
    options = [] if "--models-file" in arguments else ["--models-file", str(models)]
    result = CliRunner().invoke(app, ["serve", *options, *arguments])
    assert result.exit_code == code
    assert words in result.output
