"""What all normalisers do first: one form for digits, dashes, spaces and full-width characters."""

import unicodedata

_SAME = str.maketrans(
    {
        "−": "-", "–": "-", "—": "-", "‐": "-", "‑": "-", "‒": "-", "﹣": "-", "－": "-",
        "’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'",
        "٫": ".", "٬": ",", "，": ",", "．": ".", "。": ".", "：": ":", "／": "/", "％": "%",
        "（": "(", "）": ")", "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u2007": " ", "\u3000": " ",
    }
)  # fmt: skip


def plain(text: str) -> str:
    """`text` with ASCII digits, dashes, apostrophes and spaces, without invisible characters.

    Only for reading a value out of it; the words themselves are kept as they stand.
    """
    text = text.translate(_SAME)
    return "".join(
        str(unicodedata.decimal(character)) if character.isdecimal() else character
        for character in text
        if unicodedata.category(character) != "Cf"
    )
