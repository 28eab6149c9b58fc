"""Invented parties: companies and private persons, with everything that paper prints about them."""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from starter.documents import words
from starter.documents.values import company_name, digits, made_up, pick, spell

PATTERNS: Mapping[str, Mapping[str, list[str]]] = words.vocabulary("parties")
"""How countries and languages write towns, tax numbers and the like."""


@dataclass(slots=True)
class Party:
    """A company or person with everything that paper prints about it."""

    name: str
    street: str
    extra: str | None
    town: str
    country: str
    code: str
    vat_id: str
    tax_number: str
    phone: str
    fax: str
    mail: str
    web: str
    person: str


ELSEWHERE = {
    "CHE": "CH",
    "US": "GB",
    "AU": "GB",
    "MY": "DE",
    "IN": "GB",
    "CA": "GB",
    "SG": "DE",
    "MX": "ES",
}
"""Whose kind of account a country has on these papers, where it has none of its own."""


def iban(rng: Random, code: str) -> str:
    """A plausible IBAN; its check digits are right, so that the checker of the task agrees."""
    code = ELSEWHERE.get(code, code)
    accounts = PATTERNS["account"]
    body = spell(rng, pick(rng, accounts.get(code, accounts["other"])))
    number = "".join(str(int(c, 36)) for c in f"{body}{code}00")
    whole = f"{code}{98 - int(number) % 97:02d}{body}"
    if rng.random() < 0.7:
        return " ".join(whole[i : i + 4] for i in range(0, len(whole), 4))
    return whole


def vat_id(rng: Random, code: str) -> str:
    """A VAT id in the form of this country, by chance in groups or without the country's letters."""
    forms = PATTERNS["vat_id"]
    text = spell(rng, pick(rng, forms.get(code, forms["other"])))
    if code not in forms or code in ("CHE", "NL", "ES", "AT"):
        return text
    if rng.random() < 0.25:
        body = text[2:]
        grouped = f"{body[:3]} {body[3:6]} {body[6:]}".strip()
        return f"{code} {grouped}" if rng.random() < 0.6 else f"{code}{grouped}"
    return text[2:] if rng.random() < 0.12 else text


def tax_number(rng: Random, code: str) -> str:
    """A national tax number."""
    forms = PATTERNS["tax_number"]
    return spell(rng, pick(rng, forms.get(code, forms["other"])))


def phone(rng: Random) -> str:
    """A telephone number in any of many spellings."""
    return spell(rng, pick(rng, PATTERNS["any"]["phones"]))


def party(rng: Random, language: str, code: str, *, person: bool = False) -> Party:
    """A company, or a private person as a buyer."""
    surname = pick(rng, words.LAST[language]) if rng.random() < 0.5 else made_up(rng)
    who = f"{pick(rng, words.FIRST[language])} {surname}"
    stem = made_up(rng) if rng.random() < 0.6 else pick(rng, words.LAST[language])
    names = [name for name, prefix, _ in words.COUNTRY[language] if prefix == code]
    every = PATTERNS["any"]
    domain = stem.lower() + pick(rng, every["domains"])
    return Party(
        name=who if person else company_name(rng, language),
        street=_street(rng, language, stem),
        extra=spell(rng, pick(rng, every["extras"])) if rng.random() < 0.18 else None,
        town=_town(rng, language, code),
        country=rng.choice(names) if names else rng.choice(words.COUNTRY[language])[0],
        code=code,
        vat_id=vat_id(rng, code),
        tax_number=tax_number(rng, code),
        phone=phone(rng),
        fax=phone(rng),
        mail=f"{pick(rng, every['mailboxes'])}@{domain}",
        web=f"{rng.choice(('www.', 'https://www.', ''))}{domain}",
        person=f"{pick(rng, words.FIRST[language])} {pick(rng, words.LAST[language])}",
    )


def _street(rng: Random, language: str, stem: str) -> str:
    house = spell(rng, rng.choice(("^", "^#", "^##"))) + rng.choice(("", "", "", "", "a", "B"))
    return pick(rng, words.STREET[language]).format(n=stem, h=house, u=rng.randint(1, 40), b=digits(rng, 4))


def _town(rng: Random, language: str, code: str) -> str:
    """Postcode and town, as the country or else the language writes them; by chance the town in capitals."""
    place = pick(rng, words.PLACE[language]) if rng.random() < 0.55 else made_up(rng)
    forms = PATTERNS["town"]
    form = pick(rng, forms.get(code, forms.get(language, forms["en"])))
    if rng.random() < 0.12 and language != "en":
        place = place.upper()
    return spell(rng, form, place=place, state=pick(rng, words.STATES))
