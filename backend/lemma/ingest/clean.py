"""Cleaning of text: what a person cannot see must not reach a model, and one space is one space.

Invisible characters carry hidden instructions and break word-for-word evidence, so they go: controls,
zero-width characters, bidirectional controls, variation selectors, the tag block (U+E0000 to U+E007F).
Everything visible stays as it is: no compatibility normalisation, because evidence is literal.
"""

import re

_DROPPED = (
    "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f"  # Controls that are not white space.
    "\xad"  # Soft hyphen: shown only where a line breaks, and there a hyphen is drawn.
    "\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"  # Zero width, directions, invisible operators.
    "\u180b-\u180f\ufe00-\ufe0f"  # Variation selectors.
    "\ufff9-\ufffb\ufdd0-\ufdef\ufffe\uffff"  # Annotation marks and noncharacters.
    "\U000e0000-\U000e007f\U000e0100-\U000e01ef"  # Tags, further variation selectors.
)
_SPACES = "\t\n\x0b\x0c\r\x1c-\x1f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_ODD = re.compile(f"[{_DROPPED}{_SPACES}\ud800-\udfff]")
_DROP = re.compile(f"[{_DROPPED}]")
_SPACE = re.compile(f"[{_SPACES}]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_RUN = re.compile(" {2,}")


def clean(text: str) -> str:
    """`text` without what cannot be seen, each white-space character a plain space; length may shrink."""
    if (text.isascii() and text.isprintable()) or not _ODD.search(text):
        return text
    text = _DROP.sub("", text)
    text = _SPACE.sub(" ", text)
    return _SURROGATE.sub("\ufffd", text)


def one_spaced(text: str) -> str:
    """`clean(text)` with single spaces and no space at either end."""
    text = clean(text)
    if " " not in text:
        return text
    return _RUN.sub(" ", text).strip(" ")
