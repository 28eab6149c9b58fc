"""An address as it was quoted, cut into the parts that labelled sets name."""

import re
from collections.abc import Sequence
from functools import cache

from babel import Locale

_POSTCODE = re.compile(
    r"\b(?:[A-Z]{1,2}-)?(?P<code>"
    r"\d{4} ?[A-Z]{2}\b"  # Dutch
    r"|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b"  # British
    r"|[A-Z]\d[A-Z] ?\d[A-Z]\d\b"  # Canadian
    r"|\d{2}-\d{3}\b|\d{3} \d{2}\b|\d{5}(?:-\d{4})?\b|\d{6}\b|\d{4}\b)"
)
_LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pl", "sv", "da", "el")
_STATE = re.compile(r",?\s*\b[A-Z]{2}\.?$")


def address_parts(runs: Sequence[str]) -> dict[str, str]:
    """Street, postcode, city and country (two letters), as far as they can be told apart.

    >>> address_parts(["Weena 664", "3012 CN Rotterdam", "Netherlands"])
    {'country': 'NL', 'postcode': '3012 CN', 'city': 'Rotterdam', 'street': 'Weena 664'}
    """
    pieces = [piece.strip(" ,;·|-") for run in runs for piece in re.split(r"\s{2,}|[|•·;]|,\s", run)]
    pieces = [piece for piece in pieces if piece]
    parts: dict[str, str] = {}
    if pieces and (code := _country(pieces[-1])):
        parts["country"] = code
        pieces.pop()
    at = next((i for i in range(len(pieces) - 1, -1, -1) if _in_piece(pieces, i)), None)
    if at is None:
        if pieces:
            parts["street"] = pieces[0]
        if len(pieces) > 1:
            parts["city"] = pieces[-1]
        return parts
    match = _in_piece(pieces, at)
    assert match is not None  # noqa: S101  (it was found there a moment ago)
    parts["postcode"] = match["code"]
    before, after = pieces[at][: match.start()].strip(" ,-"), pieces[at][match.end() :].strip(" ,-")
    later = [piece for piece in pieces[at + 1 :] if not _country(piece)]
    streets = pieces[:at]
    if after and not _country(after):
        parts["city"] = after
    elif before and not re.fullmatch(r"[A-Z]{2}\.?", before):
        parts["city"] = _STATE.sub("", before)
    elif len(streets) > 1:
        parts["city"] = streets.pop()
    elif later:
        parts["city"] = later[0]
    if streets:
        parts["street"] = streets[0]
    return parts


def _in_piece(pieces: Sequence[str], at: int) -> re.Match[str] | None:
    """A postcode in a piece; in the first piece only behind words of a street, not a house number."""
    found = list(_POSTCODE.finditer(pieces[at]))
    if not found or (at == 0 and len(pieces) > 1 and len(found[-1]["code"]) <= 4):
        return None
    return found[-1] if found[-1].start() else found[0]


def _country(words: str) -> str | None:
    folded = words.strip(" .()").casefold()
    if len(folded) == 2:
        return folded.upper() if folded.upper() in _codes() else None
    return _names().get(folded)


@cache
def _codes() -> frozenset[str]:
    known = map(str, Locale.parse("en").territories)
    return frozenset(code for code in known if len(code) == 2 and code.isalpha())


@cache
def _names() -> dict[str, str]:
    """Names of countries in the languages of documents, to their codes."""
    names = {"usa": "US", "u.s.a": "US", "uk": "GB", "great britain": "GB", "england": "GB"}
    for language in _LANGUAGES:
        for code, name in Locale.parse(language).territories.items():
            if len(code) == 2 and code.isalpha():
                names.setdefault(name.casefold(), code)
    return names
