"""A text as the words by which it is found, in any language.

Words are folded (case, accents) and cut to their first letters: `return`, `returns` and `returned` meet, and
so do `Rücksendung` and `Rücksendungen`. That is a stemmer that knows no language, and loses little to those
that do (McNamee & Mayfield, "Character n-gram tokenization for European language text retrieval", 2004).
Scripts without spaces are taken in pairs of characters.
"""

import re
import unicodedata
from collections.abc import Container

STEM = 6
_WORD = re.compile(r"[^\W_]+")
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_DIGITS = re.compile(r"[0-9]+")


def words(text: str, but: Container[str] = frozenset()) -> list[str]:
    """The stems of a text, in order, with repetitions. Single letters say nothing and are left out, and so
    are the words of `but`, which are folded and whole.

    >>> words("Rücksendungen: within 30 days")
    ['ruckse', 'within', '30', 'days']
    """
    found: list[str] = []
    for match in _WORD.finditer(folded(text)):
        word = match.group()
        if _UNSPACED.search(word):
            found += [word[at : at + 2] for at in range(max(len(word) - 1, 1))]
        elif _DIGITS.fullmatch(word):
            found.append(word)
        elif len(word) > 1 and word not in but:
            found.append(word[:STEM])
    return found


def folded(text: str) -> str:
    """Without case and accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return unicodedata.normalize("NFC", "".join(c for c in plain if not unicodedata.combining(c)))
