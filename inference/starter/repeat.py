"""Lines of random tokens, to be said again by their ids: practice in copying that no frequency can help.

Invented paper is mostly digits and a few hundred words, and a model that has seen only those copies only
those. Here every token of the vocabulary is as likely as any other.
"""

from collections.abc import Iterator
from random import Random

import numpy as np
from tokenizers import Tokenizer

from starter import tokenizer as tok
from starter.marks import NOWHERE, Marked


def sequence(rng: Random, tokenizer: Tokenizer) -> Marked:
    """One such page and its answer."""
    usual = tokenizer.get_vocab_size() - len(tok.whole_of(tokenizer))
    numbers = rng.sample(range(1, 100), rng.randint(2, 8))
    rows = [[rng.randrange(len(tok.SPECIAL), usual) for _ in range(rng.randint(2, 8))] for _ in numbers]
    ids = tokenizer.encode("<|system|>\nrepeat<|user|>").ids
    lines, starts = [0] * len(ids), []
    for number, row in zip(numbers, rows, strict=True):
        ids += tokenizer.encode(f"\n{number}").ids
        starts.append(len(ids))
        ids += row
        lines += [number] * (len(ids) - len(lines))
    ids += tokenizer.encode("\n<|assistant|>\n").ids
    answer = len(ids)
    points = [NOWHERE] * (answer - 1)
    order = list(range(len(rows)))
    rng.shuffle(order)
    for place in order:
        digits = tokenizer.encode(str(numbers[place])).ids
        points += [starts[place]] * len(digits)
        points += range(starts[place], starts[place] + len(rows[place]) + 1)
        ids += [*digits, *rows[place], *tokenizer.encode("\t").ids]
    ids[-1] = tok.end_id(tokenizer)
    points += [NOWHERE] * (len(ids) - len(points))
    lines += [0] * (len(ids) - len(lines))
    return Marked(
        np.array(ids, np.uint16),
        answer,
        np.zeros(len(ids), np.uint16),
        np.array(points, np.uint16),
        np.array(lines, np.uint16),
    )


def sequences(count: int, seed: int, tokenizer: Tokenizer) -> Iterator[Marked]:
    """Such sequences, marked: nothing in them is anything, but each token stands somewhere."""
    rng = Random(f"repeat {seed}")
    for _ in range(count):
        yield sequence(rng, tokenizer)
