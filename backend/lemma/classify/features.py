"""A text as numbers: words, pairs of words, and pieces of words, each weighed by how rare it is.

Pieces of words carry what was misspelled, inflected or never seen whole, such as the names of shops. Choosing
between words and pieces by what unseen examples say was tried on five sets: it chose by chance, and both
together were best or close to it on all.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

_WORD = r"(?u)\b\w+\b"
MOST_PIECES = 200_000
_TOKEN = re.compile(r"\w+(?:['’-]\w+)*")


@dataclass(frozen=True)
class Features:
    """Fitted vectorisers. `parts` are scikit-learn's."""

    parts: tuple[Any, ...]

    def matrix(self, texts: Sequence[str]) -> Any:
        """A sparse row for each text."""
        from scipy.sparse import hstack  # noqa: PLC0415  (a second of imports, for those who use it)

        rows = [part.transform(texts) for part in self.parts]
        return hstack(rows, format="csr")

    def weights(self, text: str, coefficients: Any) -> list[tuple[float, int, int]]:
        """How much each word of a text says for the label with these coefficients: weight, start, end."""
        spans = [(match.start(), match.end()) for match in _TOKEN.finditer(text)]
        if not spans:
            return []
        row = self.matrix([text[start:end] for start, end in spans])
        scores = row @ coefficients
        return [(float(score), start, end) for score, (start, end) in zip(scores, spans, strict=True)]


def fit_words(texts: Sequence[str]) -> Any:
    """Words and pairs of words alone: quick where lines are many. scikit-learn's vectoriser."""
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415  (as above)

    return TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=_WORD).fit(texts)


def fit_features(texts: Sequence[str]) -> Features:
    """The vocabulary and rarity of these texts."""
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415  (as above)

    pieces = TfidfVectorizer(
        analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, max_features=MOST_PIECES
    )
    return Features((fit_words(texts), pieces.fit(texts)))
