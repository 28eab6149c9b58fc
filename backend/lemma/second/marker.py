"""The marker: for each word of a document, how likely it is what. A few matrices, and numpy."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from lemma.second.features import BUCKETS, Described

Floats = np.ndarray[Any, np.dtype[np.float32]]

REACH = 2
"""A word is judged with what its neighbours look like, so many to each side."""
NOTHING = "-"


@dataclass(frozen=True)
class Marker:
    """Fitted weights.

    `classes` are paths such as `number` or `lines.amount`; the first is NOTHING. `table` (buckets, width) in
    eighths of bytes with a scale for each column, `near` (width * (2 * reach + 1), width), `out`
    (width, classes).
    """

    classes: tuple[str, ...]
    table: np.ndarray[Any, np.dtype[np.int8]]
    scale: Floats
    bias: Floats
    near: Floats
    near_bias: Floats
    out: Floats
    out_bias: Floats

    def probabilities(self, words: Sequence[Described]) -> Floats:
        """A row for each word, a column for each class; the rows add up to one."""
        width = len(self.bias)
        sums = np.empty((len(words), width), np.float32)
        for number, word in enumerate(words):
            sums[number] = self.table[list(word.features)].sum(axis=0, dtype=np.int32)
        seen = np.maximum(sums * self.scale + self.bias, 0)
        padded = np.pad(seen, ((REACH, REACH), (0, 0)))
        beside = np.concatenate([padded[at : at + len(words)] for at in range(2 * REACH + 1)], axis=1)
        judged = np.maximum(beside @ self.near + self.near_bias, 0)
        logits = judged @ self.out + self.out_bias
        logits -= logits.max(axis=1, keepdims=True)
        likely = np.exp(logits)
        return np.asarray(likely / likely.sum(axis=1, keepdims=True), np.float32)

    def save(self, path: Path) -> None:
        np.savez_compressed(
            path,
            classes=np.array(self.classes),
            table=self.table,
            **{
                name: getattr(self, name).astype(np.float16)
                for name in ("scale", "bias", "near", "near_bias", "out", "out_bias")
            },
        )


@lru_cache(maxsize=4)
def load_marker(path: Path) -> Marker:
    """The weights of a file. Raises ValueError where it is of another version of the features."""
    with np.load(path) as file:
        if len(file["table"]) != BUCKETS:
            raise ValueError(f"{path.name} was fitted for {len(file['table'])} features, not {BUCKETS}")
        floats = {
            name: file[name].astype(np.float32)
            for name in ("scale", "bias", "near", "near_bias", "out", "out_bias")
        }
        return Marker(tuple(str(name) for name in file["classes"]), file["table"], **floats)
