"""Names of months, in the languages of the documents that businesses send each other."""

import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from babel import Locale

LANGUAGES = (
    "en", "de", "fr", "es", "it", "pt", "nl", "da", "sv", "nb", "fi", "pl", "cs", "sk", "sl", "hr", "hu",
    "ro", "bg", "el", "et", "lv", "lt", "tr", "uk", "ru", "ca", "id", "vi", "ar", "he", "th",
)  # fmt: skip

# Written on paper, and not among the forms that the Unicode locale data gives.
_ALSO = {
    "sept": 9, "januar": 1, "jänner": 1, "jaenner": 1, "feber": 2, "maerz": 3, "mrz": 3, "juno": 6,
    "julei": 7,
}  # fmt: skip


def folded(name: str) -> str:
    """A name without case, accents and full stops, as OCR and typists leave it."""
    parts = unicodedata.normalize("NFKD", name.casefold())
    return "".join(character for character in parts if not unicodedata.combining(character)).strip(". ")


@lru_cache(maxsize=1)
def month_names() -> Mapping[str, int]:
    """Each name and short form with its month, 1 to 12; one that two languages use differently is left
    out unless it is English or German."""
    names: dict[str, int] = {}
    clashing: set[str] = set()
    trusted: dict[str, int] = {folded(name): month for name, month in _ALSO.items()}
    for language in LANGUAGES:
        months = Locale.parse(language).months
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for month, name in months[context][width].items():
                    key = folded(name)
                    if not key or key.isdigit():
                        continue
                    if language in {"en", "de"}:
                        trusted.setdefault(key, month)
                    if names.setdefault(key, month) != month:
                        clashing.add(key)
    kept = {name: month for name, month in names.items() if name not in clashing}
    return MappingProxyType(kept | trusted)
