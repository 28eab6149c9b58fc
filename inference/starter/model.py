"""The starter model: a plain Llama decoder, small enough for a CPU, whose weights fit stock Llama loaders.

Parameter names are those of the Hugging Face layout, so that export is a rename-free dump. Sequences
come in equal-length batches without a mask tensor: attention is causal, padding stands at the end and
carries no loss.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor, nn


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of the model. `rope_theta` is the base of the rotary angles; `context` is what we claim.

    Heads are few and wide, and the base is high: to find a word again, however far away, a head needs many
    pairs of dimensions that hardly turn over that distance.
    """

    vocab: int
    width: int = 256
    layers: int = 6
    heads: int = 4
    kv_heads: int = 4
    hidden: int = 704
    rope_theta: float = 500_000.0
    context: int = 4096
    eps: float = 1e-5

    @property
    def head(self) -> int:
        return self.width // self.heads

    def as_dict(self) -> dict[str, float | int]:
        return asdict(self)


def rope_tables(shape: Shape, length: int) -> tuple[Tensor, Tensor]:
    """Cosines and sines, each (length, head), in the half-split order of Hugging Face Llama."""
    inverse = shape.rope_theta ** (-torch.arange(0, shape.head, 2, dtype=torch.float32) / shape.head)
    angles = torch.outer(torch.arange(length, dtype=torch.float32), inverse)
    angles = torch.cat((angles, angles), dim=-1)
    return angles.cos(), angles.sin()


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Rotary positions on x (batch, heads, length, head)."""
    first, second = x.chunk(2, dim=-1)
    return x * cos + torch.cat((-second, first), dim=-1) * sin


class Attention(nn.Module):
    """Causal self-attention with rotary positions and optional grouped keys."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        kv = shape.kv_heads * shape.head
        self.q_proj = nn.Linear(shape.width, shape.width, bias=False)
        self.k_proj = nn.Linear(shape.width, kv, bias=False)
        self.v_proj = nn.Linear(shape.width, kv, bias=False)
        self.o_proj = nn.Linear(shape.width, shape.width, bias=False)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        batch, length, _ = x.shape
        s = self.shape
        q = self.q_proj(x).view(batch, length, s.heads, s.head).transpose(1, 2)
        k = self.k_proj(x).view(batch, length, s.kv_heads, s.head).transpose(1, 2)
        v = self.v_proj(x).view(batch, length, s.kv_heads, s.head).transpose(1, 2)
        q, k = rotate(q, cos, sin), rotate(k, cos, sin)
        out = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=s.kv_heads != s.heads)
        return self.o_proj(out.transpose(1, 2).reshape(batch, length, s.width))


class FeedForward(nn.Module):
    """SwiGLU."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.gate_proj = nn.Linear(shape.width, shape.hidden, bias=False)
        self.up_proj = nn.Linear(shape.width, shape.hidden, bias=False)
        self.down_proj = nn.Linear(shape.hidden, shape.width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class Block(nn.Module):
    """One layer: normalise, attend, normalise, feed forward."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.input_layernorm = nn.RMSNorm(shape.width, eps=shape.eps)
        self.self_attn = Attention(shape)
        self.post_attention_layernorm = nn.RMSNorm(shape.width, eps=shape.eps)
        self.mlp = FeedForward(shape)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        x = x + self.self_attn(self.input_layernorm(x), cos, sin)
        return x + self.mlp(self.post_attention_layernorm(x))


class Starter(nn.Module):
    """The whole model; input and output embeddings are one matrix."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.embed_tokens = nn.Embedding(shape.vocab, shape.width)
        self.layers = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.norm = nn.RMSNorm(shape.width, eps=shape.eps)
        cos, sin = rope_tables(shape, shape.context)
        self.register_buffer("cos", cos, persistent=False)
        self.register_buffer("sin", sin, persistent=False)
        self._initialise()

    def _initialise(self) -> None:
        """Layers begin as nothing beside the embeddings, so that the identity of a token reaches the end.

        Input and output embeddings are one matrix: they are large for the residual stream, and the last
        gain is small for the logits.
        """
        for name, parameter in self.named_parameters():
            if "embed" in name:
                nn.init.normal_(parameter, std=0.3)
            elif name.endswith(("o_proj.weight", "down_proj.weight")):
                nn.init.zeros_(parameter)
            elif parameter.dim() == 2:
                nn.init.normal_(parameter, std=0.7 * parameter.shape[1] ** -0.5)
        nn.init.constant_(self.norm.weight, 0.06)

    def streams(self, ids: Tensor) -> list[Tensor]:
        """What enters each layer, and what leaves the last: (batch, length, width) each."""
        length = ids.shape[1]
        cos, sin = self.cos[:length], self.sin[:length]
        passed = [self.embed_tokens(ids)]
        for layer in self.layers:
            passed.append(layer(passed[-1], cos, sin))
        return passed

    def logits(self, states: Tensor) -> Tensor:
        """Logits of what left the last layer."""
        return F.linear(self.norm(states), self.embed_tokens.weight)

    def forward(self, ids: Tensor) -> Tensor:
        """Logits (batch, length, vocab)."""
        return self.logits(self.streams(ids)[-1])


def load_stock(folder: Path) -> Starter:
    """The model from its exported safetensors."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    shape = Shape(
        config["vocab_size"],
        config["hidden_size"],
        config["num_hidden_layers"],
        config["num_attention_heads"],
        config["num_key_value_heads"],
        config["intermediate_size"],
        config["rope_theta"],
        config["max_position_embeddings"],
    )
    model = Starter(shape)
    weights = load_file(str(folder / "model.safetensors"))
    model.load_state_dict({name.removeprefix("model."): tensor.float() for name, tensor in weights.items()})
    return model
