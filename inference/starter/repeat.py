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
    newline = tokenizer.encode("\n").ids
    vocabulary = tokenizer.get_vocab_size()
    rows = []
    for number in range(1, rng.randint(3, 9)):
        words = [rng.randrange(len(tok.SPECIAL), vocabulary) for _ in range(rng.randint(2, 8))]
        rows.append(tokenizer.encode(f"{number} ").ids[:-1] + words + newline)
    ids = tokenizer.encode("<|system|>\ninvoices\n<|user|>\n").ids
    lines, starts = [0] * len(ids), []
    for number, row in enumerate(rows, start=1):
        starts.append(len(ids))
        ids += row
        lines += [number] * len(row)
    ids += tokenizer.encode("<|assistant|>\n").ids
    answer = len(ids)
    points = [NOWHERE] * (answer - 1)
    order = list(range(len(rows)))
    rng.shuffle(order)
    for row in order:
        points += [starts[row] + 1, *range(starts[row] + 1, starts[row] + len(rows[row]))]
        ids += rows[row]
    ids.append(tok.end_id(tokenizer))
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
