"""`lemma-inference serve` says why it will not."""

import hashlib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lemma_inference.cli import app
from tests.unit.inference.weights import gguf

CARD = f"""
[[model]]
id = "small"
title = "Small"
repository = "us/small"
licence = "MIT"
parameters = 32
context = 4096
style = "full"
files = [
    {{ path = "small.gguf", role = "gguf", sha256 = "{hashlib.sha256(gguf()).hexdigest()}" }},
]
"""


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
def test_serve_says_why_it_will_not(tmp_path: Path, arguments: list[str], code: int, words: str) -> None:
    (tmp_path / "small.gguf").write_bytes(gguf())
    models = tmp_path / "models.toml"
    models.write_text(CARD, encoding="utf-8")
    options = [] if "--models-file" in arguments else ["--models-file", str(models)]
    result = CliRunner().invoke(app, ["serve", *options, *arguments])
    assert result.exit_code == code
    assert words in result.output
