"""Identifiers in their compact form, with their check digits verified by python-stdnum.

A check that fails does not hide what the document says: the words stay, the rule `checksum` reports.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from stdnum import get_cc_module
from stdnum.exceptions import ValidationError


@dataclass(frozen=True, slots=True)
class Checked:
    """An identifier. `valid` is None where nothing is known that could check it, and `why` says so."""

    value: str
    valid: bool | None
    why: str


def _compact(raw: str) -> str:
    return "".join(character for character in raw.upper() if character.isalnum())


def _by_module(module: str, name: str) -> Callable[[str], Checked]:
    """A checker of python-stdnum that needs no country."""

    def check(raw: str) -> Checked:
        value = _compact(raw)
        return _verdict(import_module(f"stdnum.{module}"), value, value, name)

    return check


def _verdict(module: Any, value: str, number: str, name: str) -> Checked:
    try:
        module.validate(number)
    except ValidationError as error:
        return Checked(value, False, f"{value} is not a valid {name}: {_reason(error)}")
    return Checked(value, True, f"{value} is a valid {name}")


def _reason(error: ValidationError) -> str:
    """The kind of defect in plain words; python-stdnum's own sentences are made for its web page."""
    return {
        "InvalidChecksum": "its check digits do not fit",
        "InvalidLength": "it has the wrong length",
        "InvalidFormat": "it has the wrong form",
        "InvalidComponent": "a part of it cannot be",
    }.get(type(error).__name__, "it does not fit its form")


_VAT_COUNTRY = {"EL": "gr", "XI": "gb", "CHE": "ch"}
# Modules that answer for the VAT number of countries for which `get_cc_module` knows no "vat".
_VAT_MODULE = {"ch": "stdnum.ch.vat", "gb": "stdnum.gb.vat", "no": "stdnum.no.mva"}


def check_vat_id(raw: str) -> Checked:
    """A VAT id with its country's prefix, such as DE123456788; each country has its own check."""
    value = _compact(raw)
    prefix = "CHE" if value.startswith("CHE") else value[:2]
    country = _VAT_COUNTRY.get(prefix, prefix.lower())
    if not prefix.isalpha():
        return Checked(value, None, f"{value} names no country, so nothing can check it")
    named = _VAT_MODULE.get(country)
    module = import_module(named) if named else get_cc_module(country, "vat")
    if module is None:
        return Checked(value, None, f"no check is known for VAT ids of {prefix}")
    number = value[2:] if country in {"gr", "gb"} else value
    return _verdict(module, value, number, "VAT id")


# Tax numbers name no country; these have forms of their own. One that fits settles it.
_TAX_MODULES = (
    "de.stnr", "de.idnr", "fr.siret", "fr.siren", "it.codicefiscale", "it.iva", "es.nif", "us.ein",
    "gb.utr", "nl.btw", "pl.nip", "at.tin", "be.nn", "pt.nif", "dk.cvr", "se.orgnr", "fi.ytunnus",
)  # fmt: skip


def check_tax_number(raw: str) -> Checked:
    """A national tax or company number. Forms overlap, so none is ever called wrong, only unknown."""
    value = " ".join(raw.split())
    for name in _TAX_MODULES:
        try:
            import_module(f"stdnum.{name}").validate(value)
        except ValidationError:
            continue
        return Checked(value, True, f"{value} has the form of {name}")
    return Checked(value, None, f"no known form of tax number fits {value}")


CHECKERS: dict[str, Callable[[str], Checked]] = {
    "iban": _by_module("iban", "IBAN"),
    "bic": _by_module("bic", "BIC"),
    "vat_id": check_vat_id,
    "tax_number": check_tax_number,
    "gtin": _by_module("ean", "GTIN"),
    "lei": _by_module("lei", "LEI"),
    "isbn": _by_module("isbn", "ISBN"),
    "luhn": _by_module("luhn", "number by the Luhn formula"),
    "creditor_reference": _by_module("iso11649", "creditor reference"),
}
"""Each checker that a field of kind `identifier` may name."""
