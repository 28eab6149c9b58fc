"""Lines of random tokens, to be said again by their ids: practice in copying that no frequency can help.

Invented paper is mostly digits and a few hundred words, and a model that has seen only those copies only
those. Here every token of the vocabulary is as likely as any other.
"""

from pathlib import Path
from random import Random

import numpy as np
from tokenizers import Tokenizer

from starter import tokenizer as tok


def sequence(rng: Random, tokenizer: Tokenizer) -> tuple[list[int], int]:
    """Token ids, and where the answer begins."""
    newline = tokenizer.encode("\n").ids
    rows = []
    for number in range(1, rng.randint(3, 9)):
        words = [rng.randrange(len(tok.SPECIAL), tok.VOCAB) for _ in range(rng.randint(2, 8))]
        rows.append(tokenizer.encode(f"{number} ").ids[:-1] + words + newline)
    ids = tokenizer.encode("<|system|>\ninvoices\n<|user|>\n").ids
    for row in rows:
        ids += row
    ids += tokenizer.encode("<|assistant|>\n").ids
    answer = len(ids)
    rng.shuffle(rows)
    for row in rows:
        ids += row
    return [*ids, tok.end_id(tokenizer)], answer


def write(path: Path, sequences: int, seed: int, tokenizer: Tokenizer) -> int:
    """A shard of such sequences, in the layout of `starter.data`. Returns the tokens written."""
    rng = Random(f"repeat {seed}")
    ids: list[int] = []
    ends: list[int] = []
    answers: list[int] = []
    for _ in range(sequences):
        made, answer = sequence(rng, tokenizer)
        ids += made
        ends.append(len(ids))
        answers.append(answer)
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(
        path, ids=np.array(ids, np.uint16), ends=np.array(ends, np.int64), answers=np.array(answers, np.int32)
    )
    return len(ids)
