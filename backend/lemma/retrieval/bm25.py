"""BM25 by the library bm25s (Lù, arXiv 2407.03618), which scores all passages for a query in one go."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from lemma.reading.passages import Passage
from lemma.retrieval.words import folded, words


class Retriever:
    """Ranks the passages of one customer's material. Deterministic: equal scores keep the given order."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self._passages = tuple(passage for passage in passages if passage.lines)
        tokens = [words(passage.text) for passage in self._passages]
        self._known = {word for each in tokens for word in each}
        self._index = _index(tokens) if self._known else None

    def __call__(self, texts: Sequence[str], most: int) -> list[tuple[Passage, ...]]:
        """For each text the passages that share words with it, the best first, at most `most`."""
        return [self._best(text, most) for text in texts]

    def _best(self, text: str, most: int) -> tuple[Passage, ...]:
        if self._index is None:
            return ()
        # Each word once: a long message says the same many times, and that makes it no more telling.
        query = [word for word in dict.fromkeys(words(text, stop_words())) if word in self._known]
        if not query:
            return ()
        scores = np.asarray(self._index.get_scores(query))
        best = np.argsort(-scores, kind="stable")[:most]
        return tuple(self._passages[at] for at in best if scores[at] > 0)


_LANGUAGES = ("EN_PLUS", "GERMAN", "DUTCH", "FRENCH", "SPANISH", "ITALIAN", "PORTUGUESE", "SWEDISH", "DANISH")


@lru_cache(maxsize=1)
def stop_words() -> frozenset[str]:
    """The words of several languages that say nothing of what a text is about, folded.

    Few passages in several languages make them look rare, so their weight alone does not tell them apart.
    """
    from bm25s import stopwords  # noqa: PLC0415  (as below)

    lists = (getattr(stopwords, f"STOPWORDS_{language}") for language in _LANGUAGES)
    return frozenset(folded(word) for each in lists for word in each)


def _index(tokens: Sequence[list[str]]) -> Any:
    # Imported where it is first needed: it brings scipy along, which takes a second to load.
    import bm25s  # noqa: PLC0415

    index = bm25s.BM25(method="lucene")
    index.index(tokens, show_progress=False)
    return index
