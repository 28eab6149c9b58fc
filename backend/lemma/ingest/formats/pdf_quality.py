"""Whether a text layer can be believed: letters that spell something, words that lie on ink."""

import re
from collections.abc import Sequence
from math import ceil

import numpy as np
from numpy.typing import NDArray

from lemma.ingest.lines import PlacedWord

_WORDLIKE = re.compile(
    r"[^\w]*(?:[^\W\d_]{1,3}\.?|[^\W\d_]?[^\W\d_A-ZÀ-Þ]+(?:[-'’./&+@:][^\W\d_]+)*|[A-ZÀ-Þ][^\W\d_]*"
    r"(?:[-'’./&+@:][^\W\d_]+)*|[A-Z]{0,4}[-+]?\d[\d.,:/%'’\-()]*[A-Za-z€$£%]{0,4})[^\w]*"
)
_VOWEL = re.compile("[aeiouyàáâãäåæèéêëìíîïòóôõöøùúûüýœąęıőű]", re.IGNORECASE)
_LATIN = re.compile("[A-Za-zÀ-ɏ]")
_USUAL = frozenset("etaoinsrlduETAOINSRLDU")
"""The letters that make up three quarters of text in European languages, and half of it in any."""

_UNUSABLE = re.compile("[\ue000-\uf8ff\ufffd\U000f0000-\U0010ffff\x00-\x08\x0e-\x1f\u25a0-\u25ff]")
_FEW_LETTERS = 120
_LEAST_INK = 24
"""How much darker or lighter, of 255, something is than what it lies on, for anyone to see it."""
_FAIR_MARKS = frozenset({"-", "–", "—", "&", "#", "/", "+", "*", "•", ":", ".", "%", "$", "€", "@", "(", ")"})


def is_garbled(words: Sequence[PlacedWord]) -> bool:
    """Whether the letters cannot be what is printed: wrong or missing Unicode tables in the file.

    Three signs, each rare in real documents of any kind: unassigned or replacement characters; tokens
    that are neither words nor numbers; Latin letters in proportions that no language has.
    """
    text = "".join(word.text for word in words)
    if not text:
        return False
    if len(_UNUSABLE.findall(text)) > 0.15 * len(text):
        return True
    letters = _LATIN.findall(text)
    if len(letters) < 0.3 * len(text):  # Other scripts, or pages of figures.
        tokens = [w.text for w in words if len(w.text) >= 3 and _LATIN.search(w.text)]
        return len(tokens) >= 30 and len(tokens) > 0.6 * len(words) and not _mostly_words(tokens)
    if len(letters) >= _FEW_LETTERS and sum(c in _USUAL for c in letters) < 0.45 * len(letters):
        return True
    tokens = [w.text for w in words if len(w.text) >= 3]
    return len(tokens) >= 20 and not _mostly_words(tokens)


def is_untidy(words: Sequence[PlacedWord]) -> bool:
    """Whether a layer that an earlier recognition left under a scan is a poor one, full of stray marks."""
    tokens = [word.text for word in words]
    marks = sum(not any(c.isalnum() for c in t) and t not in _FAIR_MARKS for t in tokens)
    longer = [t for t in tokens if len(t) >= 3]
    odd = len(longer) - _count_words(longer)
    return marks > 0.03 * len(tokens) or odd > 0.12 * max(len(longer), 1)


def _mostly_words(tokens: Sequence[str]) -> bool:
    return _count_words(tokens) >= 0.35 * len(tokens)


def _count_words(tokens: Sequence[str]) -> int:
    """How many of the tokens are spelled like words or numbers."""
    good = 0
    for token in tokens:
        if _WORDLIKE.fullmatch(token):
            good += len(_LATIN.findall(token)) <= 4 or bool(_VOWEL.search(token))
    return good


def on_ink(words: Sequence[PlacedWord], grey: NDArray[np.uint8]) -> list[bool]:
    """For each word whether anything can be seen where it lies; `grey` is the page, rendered."""
    height, width = grey.shape[:2]
    pixels = np.ascontiguousarray(grey).data.cast("B")
    seen = []
    for word in words:
        box = word.box
        x0, x1 = int(box.x0 * width), ceil(box.x1 * width)
        y0, y1 = int(box.y0 * height), ceil(box.y1 * height)
        # Nearly every word has ink at half its height, and bytes are far quicker to ask than arrays.
        row = min((y0 + y1) // 2, height - 1) * width
        middle = pixels[row + x0 : row + x1]
        if middle and max(middle) - min(middle) >= _LEAST_INK:
            seen.append(True)
            continue
        part = grey[y0 : max(y1, y0 + 1), x0 : max(x1, x0 + 1)]
        seen.append(bool(part.size) and int(part.max()) - int(part.min()) >= _LEAST_INK)
    return seen
