"""A first guess at the copying circuit, so that training need not discover it.

Transformers copy by a pair of heads: one that tells each position what stood before it, and one that looks
for the place that was preceded by the word at hand and repeats what follows ("In-context Learning and
Induction Heads", Olsson et al., 2022). Finding that pair by chance takes most of a small training budget.
Here both are written into the first two layers; training is free to change every number of it.
"""

import torch
from torch import Tensor

from starter.model import Shape, Starter

CONSTANT = 0
"""A dimension that is the same in every token: what makes attention to a fixed distance possible."""
FAST, SLOW = 6, 10
"""Rotary pairs below FAST turn quickly and tell distances; those from SLOW on hardly turn and tell words."""


def write_copying(model: Starter, seed: int = 0) -> None:
    """Writes previous-token heads into layer 0 and the heads that use them into layer 1."""
    shape = model.shape
    generator = torch.Generator().manual_seed(seed)
    weight = model.embed_tokens.weight.data
    weight[:, CONSTANT] = float(weight.norm(dim=1).mean())
    bases = _bases(shape, generator)
    first, second = model.layers[0].self_attn, model.layers[1].self_attn
    for head in range(2):
        _look_back(first, shape, head, distance=1, words=bases[head], slot=bases[2 + head])
        _match_and_copy(second, shape, head, words=bases[head], slot=bases[2 + head], copied=bases[head])


def _bases(shape: Shape, generator: torch.Generator) -> list[Tensor]:
    """Orthonormal bases (head, width) of subspaces of the residual stream, none using CONSTANT."""
    free = shape.width - 1
    square, _ = torch.linalg.qr(torch.randn(free, free, generator=generator))
    bases = []
    for number in range(4):
        rows = square[number * shape.head : (number + 1) * shape.head]
        if len(rows) < shape.head:
            rows = torch.nn.functional.pad(rows, (0, 0, 0, shape.head - len(rows)))
        bases.append(torch.cat((torch.zeros(shape.head, 1), rows), dim=1))
    return bases


def _rows(shape: Shape, head: int) -> slice:
    return slice(head * shape.head, (head + 1) * shape.head)


def _look_back(
    attention: torch.nn.Module, shape: Shape, head: int, *, distance: int, words: Tensor, slot: Tensor
) -> None:
    """A head that attends `distance` tokens back and puts those words into another subspace."""
    rows, half = _rows(shape, head), shape.head // 2
    inverse = shape.rope_theta ** (-torch.arange(0, shape.head, 2, dtype=torch.float32) / shape.head)
    query, key = torch.zeros(shape.head, shape.width), torch.zeros(shape.head, shape.width)
    strength = 0.75
    for pair in range(FAST):
        angle = float(inverse[pair]) * distance
        # A query turned back by `distance` meets keys of that distance head on.
        query[pair, CONSTANT] = strength * torch.cos(torch.tensor(-angle))
        query[pair + half, CONSTANT] = strength * torch.sin(torch.tensor(-angle))
        key[pair, CONSTANT] = strength
    attention.q_proj.weight.data[rows] = query
    attention.k_proj.weight.data[rows] = key
    attention.v_proj.weight.data[rows] = words
    attention.o_proj.weight.data[:, rows] = slot.T * 0.5


def _match_and_copy(
    attention: torch.nn.Module, shape: Shape, head: int, *, words: Tensor, slot: Tensor, copied: Tensor
) -> None:
    """A head that attends to places preceded by the word at hand, and says the word that stands there."""
    rows, half = _rows(shape, head), shape.head // 2
    kept = torch.ones(shape.head, 1)
    kept[:SLOW] = 0.0
    kept[half : half + SLOW] = 0.0
    attention.q_proj.weight.data[rows] = words * kept * 1.5
    attention.k_proj.weight.data[rows] = slot * kept * 1.5
    attention.v_proj.weight.data[rows] = copied
    attention.o_proj.weight.data[:, rows] = copied.T * 1.0
