"""What a file of weights says of itself: its format, its numbers, its context. Nothing in it is run.

A name ending in `.safetensors` proves nothing, so the header is read and must account for every byte.
Formats: https://huggingface.co/docs/safetensors and
https://github.com/ggml-org/ggml/blob/master/docs/gguf.md.
"""

import json
import math
import struct
from dataclasses import dataclass, field
from io import BufferedReader
from pathlib import Path
from typing import Any

SAFETENSORS_HEADER_BYTES = 100_000_000  # The format's own bound.
GGUF_ITEMS = 4_000_000  # More tensors, keys or array items than any model has.
GGUF_TEXT_BYTES = 16_000_000
GGUF_NESTING = 4

# Bytes of one element, by dtype of safetensors.
_DTYPES = {
    "BOOL": 1, "U8": 1, "I8": 1, "F8_E4M3": 1, "F8_E5M2": 1, "F8_E8M0": 1, "I16": 2, "U16": 2, "F16": 2,
    "BF16": 2, "I32": 4, "U32": 4, "F32": 4, "I64": 8, "U64": 8, "F64": 8, "C64": 8,
}  # fmt: skip
_FLOATS = {"F8_E4M3", "F8_E5M2", "F16", "BF16", "F32", "F64"}
# GGUF's scalar types, as struct knows them.
_SCALARS = {
    0: "<B",
    1: "<b",
    2: "<H",
    3: "<h",
    4: "<I",
    5: "<i",
    6: "<f",
    7: "<?",
    10: "<Q",
    11: "<q",
    12: "<d",
}
_TEXT, _ARRAY = 8, 9


class HeaderInvalid(ValueError):
    """The file is not what its name says. The text says why."""


@dataclass(frozen=True, slots=True)
class Header:
    """What was read. `parameters` is None where the numbers are packed in a way that cannot be counted."""

    parameters: int | None
    context: int | None = None
    facts: dict[str, Any] = field(default_factory=dict)


def read_safetensors(path: Path) -> Header:
    """The header of a safetensors file. Raises `HeaderInvalid`."""
    size = path.stat().st_size
    with path.open("rb") as stream:
        (length,) = _unpack(stream, "<Q")
        if not 2 <= length <= min(SAFETENSORS_HEADER_BYTES, size - 8):
            raise HeaderInvalid(f"its header would be {length} bytes of a file of {size}")
        raw = stream.read(length)
    try:
        entries = json.loads(raw)
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise HeaderInvalid("its header is not JSON") from error
    if not isinstance(entries, dict):
        raise HeaderInvalid("its header is not an object")
    entries.pop("__metadata__", None)
    return Header(_count_safetensors(entries, size - 8 - length))


def _count_safetensors(entries: dict[str, Any], data_bytes: int) -> int | None:
    """Every tensor's bytes follow the last one's, to the end of the file: no room for anything else."""
    spans = []
    parameters: int | None = 0
    for name, entry in entries.items():
        try:
            dtype, shape, (start, end) = entry["dtype"], entry["shape"], entry["data_offsets"]
            whole = all(type(number) is int and number >= 0 for number in (*shape, start, end))
        except (KeyError, TypeError, ValueError) as error:
            raise HeaderInvalid(f"its tensor {name!r} has no dtype, shape and offsets") from error
        if (
            not isinstance(dtype, str)
            or dtype not in _DTYPES
            or not whole
            or end - start != math.prod(shape) * _DTYPES[dtype]
        ):
            raise HeaderInvalid(f"its tensor {name!r} does not add up")
        spans.append((start, end))
        count = _parameters_of(name, dtype, math.prod(shape))
        parameters = None if parameters is None or count is None else parameters + count
    reached = 0
    for start, end in sorted(spans):
        if start != reached:
            raise HeaderInvalid("its tensors overlap or leave gaps")
        reached = end
    if reached != data_bytes:
        raise HeaderInvalid(f"its tensors are {reached} bytes, its data {data_bytes}")
    return parameters


def _parameters_of(name: str, dtype: str, elements: int) -> int | None:
    """How many weights a tensor stands for. MXFP4 (gpt-oss) packs two into a byte and keeps scales beside
    them; block scales of other formats and buffers are none. Other packings (GPTQ, AWQ) cannot be counted."""
    if name.endswith(("_scales", "_scale", "_scale_inv", ".g_idx")):
        return 0
    if dtype == "U8" and name.endswith("_blocks"):
        return elements * 2
    if dtype in _FLOATS:
        return elements
    return 0 if elements <= 1_000_000 else None


def read_gguf(path: Path) -> Header:
    """The header of a GGUF file. Raises `HeaderInvalid`."""
    with path.open("rb") as stream:
        if stream.read(4) != b"GGUF":
            raise HeaderInvalid("it does not begin with GGUF")
        version, tensors, keys = _unpack(stream, "<IQQ")
        if version not in (2, 3):
            raise HeaderInvalid(f"it is of version {version}, which no engine here reads")
        facts = dict(_gguf_fact(stream) for _ in range(_bounded(keys)))
        parameters = sum(_gguf_tensor(stream) for _ in range(_bounded(tensors)))
    context = facts.get(f"{facts.get('general.architecture')}.context_length")
    return Header(parameters, context if isinstance(context, int) else None, facts)


def _gguf_fact(stream: BufferedReader) -> tuple[str, Any]:
    name = _gguf_text(stream)
    (kind,) = _unpack(stream, "<I")
    return name, _gguf_value(stream, kind, 0)


def _gguf_value(stream: BufferedReader, kind: int, depth: int) -> Any:
    """A value. Long arrays, such as a vocabulary, are passed over."""
    if kind == _TEXT:
        return _gguf_text(stream)
    if kind in _SCALARS:
        return _unpack(stream, _SCALARS[kind])[0]
    if kind != _ARRAY or depth >= GGUF_NESTING:
        raise HeaderInvalid(f"it holds a value of an unknown type {kind}")
    item, length = _unpack(stream, "<IQ")
    if item in _SCALARS:
        form = _SCALARS[item]
        raw = _read(stream, struct.calcsize(form) * _bounded(length))
        return [number for (number,) in struct.iter_unpack(form, raw)] if length <= 1024 else None
    for _ in range(_bounded(length)):
        _gguf_value(stream, item, depth + 1)
    return None


def _gguf_tensor(stream: BufferedReader) -> int:
    _gguf_text(stream)
    (dimensions,) = _unpack(stream, "<I")
    if dimensions > 8:
        raise HeaderInvalid(f"it has a tensor of {dimensions} dimensions")
    shape = _unpack(stream, f"<{dimensions}Q")
    _unpack(stream, "<IQ")  # Its quantisation, and where it begins.
    return math.prod(shape)


def _gguf_text(stream: BufferedReader) -> str:
    (length,) = _unpack(stream, "<Q")
    if length > GGUF_TEXT_BYTES:
        raise HeaderInvalid(f"it holds a text of {length} bytes")
    return _read(stream, length).decode("utf-8", errors="replace")


def _bounded(items: int) -> int:
    if items > GGUF_ITEMS:
        raise HeaderInvalid(f"it claims to hold {items} items")
    return items


def _unpack(stream: BufferedReader, form: str) -> tuple[Any, ...]:
    return struct.unpack(form, _read(stream, struct.calcsize(form)))


def _read(stream: BufferedReader, length: int) -> bytes:
    raw = stream.read(length)
    if len(raw) != length:
        raise HeaderInvalid("it ends within its header")
    return raw
