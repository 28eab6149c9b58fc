"""May this model be served? Every rule is checked, every breach is told with its value."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lemma_inference.errors import ModelRefused
from lemma_inference.registry.cards import File, ModelCard

# SPDX names of licences that allow a paid service. Others are refused until somebody has read them.
LICENCES = frozenset({"Apache-2.0", "MIT", "BSD-2-Clause", "BSD-3-Clause", "CC-BY-4.0"})

# Formats that hold numbers and nothing that runs. Pickles (.bin, .pt, .pkl) run code when they are loaded.
SAFE_SUFFIXES = {
    "gguf": {".gguf"},
    "safetensors": {".safetensors"},
    "tokenizer": {".json"},
    "config": {".json", ".jinja"},
}


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that the model breaks, and the value that breaks it."""

    rule: str
    detail: str


def check(card: ModelCard, folder: Path) -> list[Finding]:
    """All breaches; empty where the model may be served. `folder` is that of `models.toml`. Reads every byte
    of every file, at about 1 GB/s."""
    findings = []
    if card.licence not in LICENCES:
        allowed = ", ".join(sorted(LICENCES))
        findings.append(Finding("licence", f"{card.licence or 'none'} is not one of {allowed}"))
    for file in card.files:
        findings.extend(_check_file(file, folder))
    return findings


def require(card: ModelCard, folder: Path) -> None:
    """Raises `ModelRefused` with the first breach where there is one."""
    for finding in check(card, folder):
        raise ModelRefused(f"Model {card.id!r}: {finding.detail}.", rule=finding.rule, model=card.id)


def _check_file(file: File, folder: Path) -> Iterator[Finding]:
    path = (folder / file.path).resolve()
    if not path.is_relative_to(folder.resolve()):
        yield Finding("path", f"{file.path} lies outside {folder}")
    elif path.suffix not in SAFE_SUFFIXES[file.role]:
        yield Finding("format", f"{file.path} is not a format that only holds numbers")
    elif not path.is_file():
        yield Finding("missing", f"{file.path} is not there")
    else:
        found = sha256(path)
        if found != file.sha256:
            yield Finding("sha256", f"{file.path} has SHA-256 {found}, pinned is {file.sha256}")


def sha256(path: Path) -> str:
    """The file's SHA-256 in lower-case hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
