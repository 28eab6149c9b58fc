"""May this model be served, by what its files are? Every byte is read, at about 1 GB/s."""

import hashlib
import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lemma_inference.registry.cards import WEIGHTS, File, ModelCard, Role
from lemma_inference.registry.headers import Header, HeaderInvalid, read_gguf, read_safetensors
from lemma_inference.registry.policy import Finding, is_toy, memory_findings, safe_path

# Formats that hold numbers and nothing that runs. Pickles (.bin, .pt, .pkl) run code when they are loaded.
SAFE_SUFFIXES: dict[Role, frozenset[str]] = {
    "gguf": frozenset({".gguf"}),
    "safetensors": frozenset({".safetensors"}),
    "adapter": frozenset({".safetensors"}),
    "tokenizer": frozenset({".json"}),
    "config": frozenset({".json", ".jinja"}),
}

# What may lie unpinned in a model's folder, because no engine opens it.
DOCUMENTS = (
    "readme",
    "license",
    "licence",
    "notice",
    "model_card",
    "use_policy",
    "usage_policy",
    ".gitattributes",
)

# What an engine or a script would load if it lay beside `models.toml`, where other things lie too.
LOADABLE = frozenset(
    {".bin", ".ckpt", ".h5", ".msgpack", ".pickle", ".pkl", ".pt", ".pth", ".py", ".safetensors", ".so"}
)

# JSON whose keys are words of a vocabulary, "auto_map" perhaps among them.
VOCABULARIES = frozenset({"tokenizer.json", "vocab.json", "added_tokens.json"})

# Keys by which a configuration asks for code: https://huggingface.co/docs/transformers/custom_models.
# PEFT's `auto_mapping` names a library to import.
CODE_KEYS = frozenset({"auto_map", "auto_mapping", "trust_remote_code", "custom_code", "custom_pipelines"})

# Where a configuration says how many tokens it takes.
CONTEXT_KEYS = ("max_position_embeddings", "n_positions", "seq_length", "max_sequence_length")


def file_findings(card: ModelCard, folder: Path) -> list[Finding]:
    """All breaches of the files in `folder`."""
    findings: list[Finding] = []
    headers: dict[Role, list[Header]] = {}
    for file in card.files:
        found = list(_place(file, folder) if safe_path(file.path) else _outside(file, folder))
        if not found:
            found = list(_content(file, folder / file.path, headers))
            # By its name, not by the role that the card gives it: engines look for names.
            if not found and file.path.endswith(".json"):
                found = list(_configuration(card, file, folder / file.path))
        findings.extend(found)
    findings.extend(_counted(card, headers))
    if card.own and not findings:  # Of fetched files the card states the bytes, and is judged by them.
        findings.extend(
            memory_findings(card, {file.path: (folder / file.path).stat().st_size for file in card.files})
        )
    findings.extend(_strays(card, folder))
    return findings


def sha256(path: Path) -> str:
    """The file's SHA-256 in lower-case hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _outside(file: File, folder: Path) -> Iterator[Finding]:
    yield Finding("path", f"{file.path} lies outside {folder}, or has odd characters")


def _place(file: File, folder: Path) -> Iterator[Finding]:
    """Nothing on the way may be a link: what it points to could be changed after the check."""
    if Path(file.path).suffix not in SAFE_SUFFIXES[file.role]:
        yield Finding("format", f"{file.path} is not a format that only holds numbers")
        return
    path = folder
    for part in file.path.split("/"):
        path /= part
        if path.is_symlink():
            yield Finding("path", f"{path.relative_to(folder)} is a symbolic link")
            return
    try:
        mode = path.stat().st_mode
    except OSError:
        yield Finding("missing", f"{file.path} is not there")
        return
    if not stat.S_ISREG(mode):
        yield Finding("path", f"{file.path} is no regular file")
    elif not os.access(path, os.R_OK):
        yield Finding("missing", f"{file.path} cannot be read")


def _content(file: File, path: Path, headers: dict[Role, list[Header]]) -> Iterator[Finding]:
    size = path.stat().st_size
    if file.bytes and size != file.bytes:
        yield Finding("bytes", f"{file.path} has {size} bytes, pinned are {file.bytes}")
    found = sha256(path)
    if file.sha256 and found != file.sha256:
        yield Finding("sha256", f"{file.path} has SHA-256 {found}, pinned is {file.sha256}")
    try:
        if file.role == "gguf":
            headers.setdefault("gguf", []).append(read_gguf(path))
        elif file.role in WEIGHTS:
            headers.setdefault(file.role, []).append(read_safetensors(path))
        elif path.suffix == ".json":
            json.loads(path.read_bytes())
    except HeaderInvalid as error:
        yield Finding("format", f"{file.path} is not what its name says: {error}")
    except (ValueError, RecursionError):
        yield Finding("format", f"{file.path} is not JSON")


def _configuration(card: ModelCard, file: File, path: Path) -> Iterator[Finding]:
    """A configuration that asks for code or for other files, or claims less than the card."""
    if path.name in VOCABULARIES:
        return
    content = json.loads(path.read_bytes())
    for key, value in _walk(content):
        if key in CODE_KEYS and value not in (None, False, {}, []):
            yield Finding("code", f"{file.path} asks for code: {key} = {json.dumps(value)[:80]}")
    if not isinstance(content, dict):
        return
    if path.name == "config.json":
        context = _context(content)
        if context is not None and card.context > context:
            yield Finding("context", f"{card.context} tokens are more than the {context} of {file.path}")
    if path.name == "adapter_config.json":
        yield from _adapter(card, file, content)
    if isinstance(parts := content.get("weight_map"), dict):
        around = Path(file.path).parent
        pinned = {other.path for other in card.files}
        for part in sorted({str(part) for part in parts.values()}):
            if (around / part).as_posix() not in pinned:
                yield Finding("unpinned", f"{file.path} points to {part}, which is not pinned")


def _adapter(card: ModelCard, file: File, content: dict[str, Any]) -> Iterator[Finding]:
    base = card.registry.cards.get(card.base)
    claimed = content.get("base_model_name_or_path")
    if base is not None and claimed not in (base.id, base.repository):
        yield Finding("base", f"{file.path} was tuned from {claimed!r}, the card says {base.id!r}")
    if base is not None and content.get("revision") not in (None, "", base.revision):
        yield Finding("base", f"{file.path} was tuned from revision {content['revision']!r} of the base")


def _context(content: dict[str, Any]) -> int | None:
    """The most tokens that any part of the configuration claims."""
    parts = [
        content,
        *(content[name] for name in ("text_config", "llm_config") if isinstance(content.get(name), dict)),
    ]
    claims = [part[key] for part in parts for key in CONTEXT_KEYS if type(part.get(key)) is int]
    return max(claims, default=None)


def _walk(content: Any) -> Iterator[tuple[str, Any]]:
    """Every key at every depth, with its value."""
    pending = [content]
    while pending:
        here = pending.pop()
        if isinstance(here, dict):
            yield from here.items()
            pending.extend(here.values())
        elif isinstance(here, list):
            pending.extend(here)


def _counted(card: ModelCard, headers: dict[Role, list[Header]]) -> Iterator[Finding]:
    """The parameters and the context, as the files themselves say."""
    tolerance = card.registry.policy.parameter_tolerance
    for role, found in headers.items():
        if len(found) < sum(file.role == role for file in card.files):
            continue  # A part is missing or broken, which is told already.
        counts = [header.parameters for header in found if header.parameters is not None]
        if len(counts) < len(found):
            yield Finding("parameters", f"the {role} files pack their numbers so that they cannot be counted")
            continue
        counted = sum(counts)
        toys = is_toy(card) and counted < card.registry.policy.toy_parameters
        if not toys and abs(card.parameters - counted) > tolerance * counted:
            yield Finding("parameters", f"{card.parameters:,} are stated, the {role} files hold {counted:,}")
        contexts = [header.context for header in found if header.context is not None]
        if contexts and card.context > max(contexts):
            yield Finding(
                "context", f"{card.context} tokens are more than the {max(contexts)} of the {role} file"
            )


def _strays(card: ModelCard, folder: Path) -> Iterator[Finding]:
    """Files beside the pinned ones that an engine would load too: it takes a folder, not a list."""
    cards = card.registry.model if card.own else (card,)
    pinned = {file.path for other in cards if other.own == card.own for file in other.files}
    for path in _beside(card, folder):
        name = path.relative_to(folder).as_posix()
        document = path.name.lower().startswith(DOCUMENTS) and path.suffix.lower() in ("", ".md", ".txt")
        if name in pinned or document:
            continue
        if path.is_symlink():
            yield Finding("unpinned", f"{name} lies in the model's folder and is a symbolic link")
        elif path.is_file():
            yield Finding("unpinned", f"{name} lies in the model's folder and is not pinned")


def _beside(card: ModelCard, folder: Path) -> list[Path]:
    """What lies where an engine is pointed at: all of a fetched model's folder, and of ours the folders with
    a configuration, since llama.cpp opens one file and vLLM whatever lies there."""
    if not card.own:
        return sorted(folder.rglob("*"))
    found: set[Path] = set()
    for file in card.files:
        around = (folder / file.path).parent
        if file.role in ("gguf", "tokenizer") or not safe_path(file.path) or not around.is_dir():
            continue
        if around == folder:
            found |= {path for path in folder.iterdir() if path.suffix.lower() in LOADABLE}
        else:
            found |= set(around.rglob("*"))
    return sorted(found)
