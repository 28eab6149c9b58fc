"""What training asks of the model beside the next token. None of it is exported.

The words of the answer alone say little to a model that begins from nothing: a hundred labels a document.
The generator knows far more, and says it all: from a middle layer's stream, what each word of the document is
and in which line it stands; and of one attention head in each of two late layers, where to look while writing
the answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from starter.model import Block, Starter, rotate

KINDS = 384
"""How many kinds of words can be told apart: fields and columns of all tasks, twice each."""
DIGITS = 3
AFTER_LINES, AFTER_KINDS = 1 / 3, 2 / 3
"""After what part of the layers lines and kinds have to be known."""
WORTH = {"answer": 1.0, "kinds": 0.4, "lines": 0.15, "looks": 0.5}


@dataclass(slots=True)
class Batch:
    """Sequences padded at the end: ids (batch, length). The rest are flat positions in them, and what is true
    there: the next token `labels` at `where`; the kind of word and the line at `words`; at `lookers` the
    position in the same row to be looked at."""

    ids: Tensor
    where: Tensor
    labels: Tensor
    words: Tensor
    kinds: Tensor
    lines: Tensor
    lookers: Tensor
    looks: Tensor
    tokens: int

    def to(self, device: str) -> "Batch":
        return self if device == "cpu" else Batch(*(_moved(getattr(self, n), device) for n in self.__slots__))


def _moved(value: Tensor | int, device: str) -> Tensor | int:
    return value.to(device, non_blocking=True) if isinstance(value, Tensor) else value


class Teacher(nn.Module):
    """The heads that training needs, and all losses."""

    def __init__(self, model: Starter) -> None:
        super().__init__()
        shape = model.shape
        self.lines_at = max(1, round(shape.layers * AFTER_LINES))
        self.kinds_at = max(1, round(shape.layers * AFTER_KINDS))
        self.lookers_at = sorted({min(self.kinds_at, shape.layers - 1), shape.layers - 1})
        self.norm_lines = nn.RMSNorm(shape.width)
        self.norm_kinds = nn.RMSNorm(shape.width)
        self.lines = nn.Linear(shape.width, DIGITS * 11)
        self.kinds = nn.Linear(shape.width, KINDS)

    def losses(self, model: Starter, batch: Batch) -> dict[str, Tensor]:
        """Mean cross entropies, by what is asked."""
        streams = model.streams(batch.ids)
        width = model.shape.width
        said = model.logits(streams[-1].reshape(-1, width)[batch.where])
        found = {"answer": F.cross_entropy(said.float(), batch.labels)}
        if len(batch.words):
            at_lines = self.norm_lines(streams[self.lines_at].reshape(-1, width)[batch.words])
            digits = self.lines(at_lines).float().reshape(-1, 11)
            found["lines"] = F.cross_entropy(digits, digits_of(batch.lines).reshape(-1))
            at_kinds = self.norm_kinds(streams[self.kinds_at].reshape(-1, width)[batch.words])
            found["kinds"] = F.cross_entropy(self.kinds(at_kinds).float(), batch.kinds)
        if len(batch.lookers):
            each = [self._looks(model, n, streams[n], batch) for n in self.lookers_at]
            found["looks"] = torch.stack(each).mean()
        return found

    def _looks(self, model: Starter, number: int, stream: Tensor, batch: Batch) -> Tensor:
        """How far the first head of a layer is from looking where it should."""
        scores, wanted = look_scores(model, number, stream, batch.lookers), batch.looks
        return F.cross_entropy(scores, wanted)


def look_scores(model: Starter, number: int, stream: Tensor, lookers: Tensor) -> Tensor:
    """Attention scores (n, length) of the first head of a layer from the flat positions `lookers`."""
    layer = model.layers[number]
    assert isinstance(layer, Block)  # noqa: S101  (a module list does not say what it holds)
    batch, length, width = stream.shape
    head = model.shape.head
    normed = layer.input_layernorm(stream)
    keys = F.linear(normed, layer.self_attn.k_proj.weight[:head])
    keys = rotate(keys, model.cos[:length], model.sin[:length])
    rows, at = lookers // length, lookers % length
    queries = F.linear(normed.reshape(-1, width)[lookers], layer.self_attn.q_proj.weight[:head])
    queries = rotate(queries, model.cos[at], model.sin[at])
    counts = torch.bincount(rows, minlength=batch)
    most = int(counts.max())
    starts = torch.cumsum(counts, 0) - counts
    slots = torch.arange(len(rows), device=rows.device) - starts[rows]
    packed = queries.new_zeros(batch * most, head).index_copy(0, rows * most + slots, queries)
    scores = (packed.view(batch, most, head) @ keys.transpose(1, 2)).reshape(batch * most, length)
    scores = scores[rows * most + slots].float() * head**-0.5
    late = torch.arange(length, device=at.device)[None] > at[:, None]
    return scores.masked_fill(late, -torch.inf)


def digits_of(lines: Tensor) -> Tensor:
    """The digits of line ids from the left, (n, 3); 10 where there is no further one."""
    hundreds, tens, ones = lines // 100 % 10, lines // 10 % 10, lines % 10
    none = torch.full_like(lines, 10)
    three = torch.stack((hundreds, tens, ones), 1)
    two = torch.stack((tens, ones, none), 1)
    one = torch.stack((ones, none, none), 1)
    chosen = torch.where((lines >= 10)[:, None], two, one)
    return torch.where((lines >= 100)[:, None], three, chosen)


def total(found: dict[str, Tensor]) -> Tensor:
    """One number to be made small."""
    return sum((WORTH[name] * loss for name, loss in found.items()), torch.zeros((), device=_device(found)))


def _device(found: dict[str, Tensor]) -> torch.device:
    return next(iter(found.values())).device


def rightly(said: Sequence[int], labels: Sequence[int], begins: dict[int, str]) -> list[tuple[str, bool]]:
    """Whether each field of an answer came out right to the last token, where all before it were given.

    `begins` are the tokens with which a field begins, and their words.
    """
    found: list[tuple[str, bool]] = []
    name, right = "first", True
    for mine, theirs in zip(said, labels, strict=True):
        if theirs in begins:
            found.append((name, right and mine == theirs))
            name, right = begins[theirs].strip("\n -:"), True
        else:
            right = right and mine == theirs
    found.append((name, right))
    return found
