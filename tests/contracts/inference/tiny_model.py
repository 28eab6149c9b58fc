"""A Llama with random weights and a byte-level tokenizer, written as GGUF.

It knows nothing, which is what a test of the engine needs: whatever comes out right came from the grammar,
the counting or the plumbing, not from the model.
"""

from dataclasses import dataclass
from pathlib import Path

import gguf
import numpy as np
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

# A few merges, so that tokens are of different lengths and some end inside a character.
MERGES = [("Ġ", "a"), ("e", "r"), ("1", "2"), ("Ã", "¼")]
SPECIAL = ("<|system|>", "<|user|>", "<|assistant|>", "<|end|>")
TEMPLATE = (
    "{% for message in messages %}<|{{ message['role'] }}|>\n{{ message['content'] }}"
    "{% if message['role'] == 'assistant' %}<|end|>{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>\n{% endif %}"
)


@dataclass(frozen=True)
class Shape:
    """Sizes of the model. The default loads in a few milliseconds."""

    width: int = 64
    layers: int = 2
    heads: int = 4
    kv_heads: int = 2
    feed_forward: int = 128
    context: int = 2048
    extra_tokens: int = 0


def byte_characters() -> list[str]:
    """The printable character that stands for each byte in byte-level BPE (GPT-2's table)."""
    plain = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    spare = iter(range(256, 512))
    return [chr(byte) if byte in plain else chr(next(spare)) for byte in range(256)]


def write_tiny_model(path: Path, shape: Shape | None = None, seed: int = 0) -> Path:
    """Writes the model to `path` and returns it. The same arguments give the same bytes."""
    s = shape or Shape()
    rng = np.random.default_rng(seed)
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("tiny")
    writer.add_context_length(s.context)
    writer.add_embedding_length(s.width)
    writer.add_block_count(s.layers)
    writer.add_feed_forward_length(s.feed_forward)
    writer.add_head_count(s.heads)
    writer.add_head_count_kv(s.kv_heads)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_freq_base(10_000.0)
    writer.add_rope_dimension_count(s.width // s.heads)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    tokens = _add_tokenizer(writer, s)

    def tensor(name: str, *dimensions: int) -> None:
        scale = 1.0 if len(dimensions) == 1 else 1.5 / np.sqrt(dimensions[-1])
        values = np.ones(dimensions) if len(dimensions) == 1 else rng.normal(0.0, scale, dimensions)
        writer.add_tensor(name, values.astype(np.float32 if len(dimensions) == 1 else np.float16))

    kv_width = s.width * s.kv_heads // s.heads
    tensor("token_embd.weight", tokens, s.width)
    tensor("output.weight", tokens, s.width)
    tensor("output_norm.weight", s.width)
    for layer in range(s.layers):
        tensor(f"blk.{layer}.attn_norm.weight", s.width)
        tensor(f"blk.{layer}.attn_q.weight", s.width, s.width)
        tensor(f"blk.{layer}.attn_k.weight", kv_width, s.width)
        tensor(f"blk.{layer}.attn_v.weight", kv_width, s.width)
        tensor(f"blk.{layer}.attn_output.weight", s.width, s.width)
        tensor(f"blk.{layer}.ffn_norm.weight", s.width)
        tensor(f"blk.{layer}.ffn_gate.weight", s.feed_forward, s.width)
        tensor(f"blk.{layer}.ffn_up.weight", s.feed_forward, s.width)
        tensor(f"blk.{layer}.ffn_down.weight", s.width, s.feed_forward)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def write_tokenizer(path: Path) -> Tokenizer:
    """The same tokenizer as a tokenizer.json, without fillers."""
    pieces = [*byte_characters(), *(a + b for a, b in MERGES)]
    tokenizer = Tokenizer(models.BPE(vocab={p: n for n, p in enumerate(pieces)}, merges=MERGES))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(token, special=True) for token in SPECIAL])
    tokenizer.save(str(path))
    return tokenizer


def _add_tokenizer(writer: gguf.GGUFWriter, shape: Shape) -> int:
    letters = byte_characters()
    made = [a + b for a, b in MERGES]
    filler = [f"unused{n:06d}" for n in range(shape.extra_tokens)]
    tokens = [*letters, *made, *filler, *SPECIAL]
    normal, control = gguf.TokenType.NORMAL, gguf.TokenType.CONTROL
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(tokens)
    writer.add_token_types([normal] * (len(tokens) - len(SPECIAL)) + [control] * len(SPECIAL))
    writer.add_token_merges([f"{a} {b}" for a, b in MERGES])
    writer.add_eos_token_id(len(tokens) - 1)
    writer.add_add_bos_token(False)
    writer.add_chat_template(TEMPLATE)
    return len(tokens)
