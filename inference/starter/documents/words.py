"""Words and labels from which invented documents are put together, by language.

They stand in `languages/*.toml`. Half of all names are made of syllables instead, so that a model has to
copy what stands on the page and cannot learn the names by heart.
"""

import tomllib
from pathlib import Path
from typing import Any

LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pl", "pt")

SYLLABLES = """
    ba be bi bo bra bu ca ce co cu da de di do dra du el en er fa fe fi fo fra ga ge go gra ha he hi ho
    ja jo ka ke ki ko kra ku la le li lo lu ma me mi mo mu na ne ni no nu on or pa pe pi po pra qua ra re
    ri ro ru sa schu se si so sta ste sto su ta te ti to tra tu va ve vi vo wa we wi wo xa ya yo za ze zi zo
""".split()  # noqa: SIM905  (a list of two hundred strings is harder to read)
ENDINGS = "n r s t l m ck nd st ng x tt ll rn lt nk ss sch ng z y o a e i".split()  # noqa: SIM905  (as above)
QUALITIES = (
    "XL",
    "2024",
    "Pro",
    "blue",
    "500 ml",
    "A4",
    "10 mm",
    "Basic",
    "Premium",
    "M8 x 40",
    "white",
    "black",
    "(set)",
    "Nr. 3",
    "Typ B",
    "16 GB",
    "rot",
    "noir",
    "1 kg",
    "250 g",
    "12V",
    "Set",
    "Plus",
    "March",
    "Q3",
    "Phase 2",
    "incl. VAT",
    "DE",
    "- Standard",
    "v2.1",
    "pack of 10",
)
STATES = """
    AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH
    OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY DC
""".split()  # noqa: SIM905  (as above)


def vocabulary(name: str) -> dict[str, Any]:
    """The words in a TOML file below this folder, such as `till/words`."""
    path = Path(__file__).parent / f"{name}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


_FILES = {language: vocabulary(f"languages/{language}") for language in LANGUAGES}


def _words(name: str) -> dict[str, tuple[str, ...]]:
    return {language: tuple(file["words"][name]) for language, file in _FILES.items()}


LABELS: dict[str, dict[str, tuple[str, ...]]] = {
    language: {key: tuple(labels) for key, labels in file["labels"].items()}
    for language, file in _FILES.items()
}
"""Language to fact to the labels that print it."""

COMPANY, TRADES, FIRST, LAST = _words("company"), _words("trades"), _words("first"), _words("last")
STREET, PLACE, GOODS, UNITS = _words("street"), _words("place"), _words("goods"), _words("units")
MONTHS, PROSE = _words("months"), _words("prose")
COUNTRY: dict[str, tuple[tuple[str, str, str], ...]] = {
    language: tuple((name, code, currency) for name, code, currency in file["words"]["country"])
    for language, file in _FILES.items()
}
"""Name as printed, VAT prefix, usual currency."""
