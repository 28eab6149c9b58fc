"""Greedy answers in plain PyTorch, one document at a time; for checks, not for serving."""

import torch
import torch.nn.functional as F
from tokenizers import Tokenizer
from torch import Tensor

from starter.model import Starter, rotate

Cache = list[tuple[Tensor, Tensor]]


def _forward(model: Starter, ids: Tensor, cache: Cache, at: int) -> Tensor:
    """Logits of the last position, extending the cache of keys and values."""
    s = model.shape
    length = ids.shape[1]
    x = model.embed_tokens(ids)
    cos, sin = model.cos[at : at + length], model.sin[at : at + length]
    for number, layer in enumerate(model.layers):
        attention = layer.self_attn
        h = layer.input_layernorm(x)
        q, k, v = (
            proj(h).view(1, length, -1, s.head).transpose(1, 2)
            for proj in (attention.q_proj, attention.k_proj, attention.v_proj)
        )
        q, k = rotate(q, cos, sin), rotate(k, cos, sin)
        if number < len(cache):
            k, v = torch.cat((cache[number][0], k), 2), torch.cat((cache[number][1], v), 2)
            cache[number] = (k, v)
        else:
            cache.append((k, v))
        out = F.scaled_dot_product_attention(q, k, v, is_causal=length > 1, enable_gqa=s.kv_heads != s.heads)
        x = x + attention.o_proj(out.transpose(1, 2).reshape(1, length, s.width))
        x = x + layer.mlp(layer.post_attention_layernorm(x))
    return F.linear(model.norm(x[:, -1]), model.embed_tokens.weight)[0]


@torch.no_grad()
def greedy(model: Starter, tokenizer: Tokenizer, prompt: str, most: int) -> str:
    """The most likely answer token by token, up to `most` tokens or the end token."""
    end = tokenizer.token_to_id("<|end|>")
    ids = tokenizer.encode(prompt).ids
    cache: Cache = []
    logits = _forward(model, torch.tensor([ids]), cache, 0)
    at = len(ids)
    said: list[int] = []
    while len(said) < most:
        token = int(logits.argmax())
        if token == end:
            break
        said.append(token)
        logits = _forward(model, torch.tensor([[token]]), cache, at)
        at += 1
    text: str = tokenizer.decode(said, skip_special_tokens=False)
    return text
