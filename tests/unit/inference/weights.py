"""Small files of weights, and a registry of one model that keeps every rule."""

import hashlib
import json
import struct
from pathlib import Path
from typing import Any

REVISION = "0123456789abcdef0123456789abcdef01234567"


def safetensors(shape: tuple[int, ...] = (4, 8), dtype: str = "F32", name: str = "weight") -> bytes:
    """A safetensors file of one tensor."""
    width = {"F32": 4, "BF16": 2, "U8": 1, "I32": 4}[dtype]
    count = 1
    for size in shape:
        count *= size
    entry = {name: {"dtype": dtype, "shape": list(shape), "data_offsets": [0, count * width]}}
    header = json.dumps({"__metadata__": {"format": "pt"}, **entry}).encode()
    return struct.pack("<Q", len(header)) + header + bytes(count * width)


def gguf(shape: tuple[int, ...] = (4, 8), context: int = 4096) -> bytes:
    """A GGUF header that names one tensor, a context, and a vocabulary of two words."""

    def text(value: str) -> bytes:
        return struct.pack("<Q", len(value.encode())) + value.encode()

    facts = [
        text("general.architecture") + struct.pack("<I", 8) + text("llama"),
        text("llama.context_length") + struct.pack("<II", 4, context),
        text("tokenizer.ggml.tokens") + struct.pack("<IIQ", 9, 8, 2) + text("a") + text("b"),
        text("tokenizer.ggml.scores") + struct.pack("<IIQ", 9, 6, 2) + struct.pack("<2f", 0.5, 1.5),
    ]
    tensor = text("w") + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, 0, 0)
    return b"GGUF" + struct.pack("<IQQ", 3, 1, len(facts)) + b"".join(facts) + tensor + bytes(64)


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def as_json(**content: Any) -> bytes:
    return json.dumps(content).encode()


REGISTRY = """
[policy]
margin = 5.0
small_parameters = 50
toy_parameters = 10
kv_tokens = 1000

[[frontier]]
benchmark = "GPQA Diamond"
model = "Closed 9"
value = 90.0
date = 2026-06-01
source = "https://example.com/closed-9"

[[frontier]]
benchmark = "GPQA Diamond"
model = "Closed 8"
value = 80.0
date = 2025-06-01
source = "https://example.com/closed-8"

[[frontier]]
benchmark = "Embeddings"
kind = "embedding"
model = "Closed E"
value = 70.0
date = 2026-06-01
source = "https://example.com/closed-e"

[[model]]
id = "small"
title = "Small"
repository = "us/small"
revision = "REVISION"
licence = "MIT"
parameters = 64
context = 4096
style = "full"
dtype = "F32"
memory = 100_000
kv_bytes_per_token = 64
released = 2026-01-02
engines = ["vllm"]
vllm = { tool_call_parser = "hermes" }
scores = [{ benchmark = "GPQA Diamond", value = 85.0, source = "https://example.com/small" }]
files = [
    FILES
]
"""

CONTENT = {
    "model.safetensors": safetensors((8, 8)),
    "config.json": as_json(model_type="llama", max_position_embeddings=4096),
    "tokenizer.json": as_json(added_tokens=[], model={"vocab": {"auto_map": 1}}),
}
ROLES = {"model.safetensors": "safetensors", "config.json": "config", "tokenizer.json": "tokenizer"}


def line(path: str, data: bytes) -> str:
    role = ROLES.get(path, "config")
    return f'{{ path = "{path}", role = "{role}", sha256 = "{sha(data)}", bytes = {len(data)} }},'


def registry_text(content: dict[str, bytes]) -> str:
    files = "\n    ".join(line(path, data) for path, data in content.items())
    return REGISTRY.replace("REVISION", REVISION).replace("FILES", files)


def write_registry(folder: Path, content: dict[str, bytes] | None = None, fetched: bool = True) -> Path:
    """`models.toml`, and the files of its model where `local_folder` looks for them."""
    content = CONTENT if content is None else content
    path = folder / "models.toml"
    path.write_text(registry_text(content), encoding="utf-8")
    if fetched:
        for name, data in content.items():
            target = folder / "models" / "small" / REVISION / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
    return path
