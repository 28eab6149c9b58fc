"""Whether two values are the same, by the rules that the labelled sets are scored with.

Numbers within half a cent, dates by their day, words without case, accents, punctuation and the legal form
of companies; names and addresses may differ by one letter in ten, because labels have typing errors.
"""

import re
import unicodedata
from typing import Any

_FORMS = re.compile(
    r"\b(inc|ltd|llc|gmbh|corp|corporation|limited|co|company|sdn|bhd|bv|b v|ag|sa|sarl|plc)\b\.?"
)
_NAMES = re.compile(r"name|description|address|street|company|advertiser|text|city")
_ISO = re.compile(r"\d{4}-\d\d-\d\d")
HALF_A_CENT = 0.005 + 1e-9


def same(gold: Any, given: Any, key: str = "") -> bool:
    """Whether `given` is what the label says. `key` is the last part of its path: names are forgiving."""
    if given is None:
        return False
    if isinstance(gold, bool):
        return str(given).lower() == str(gold).lower()
    if isinstance(gold, int | float):
        number = number_of(given)
        return number is not None and bool(abs(number - float(gold)) <= HALF_A_CENT)
    if _ISO.fullmatch(str(gold)):
        return str(given)[:10] == str(gold)
    return _same_words(plain(gold), plain(given), forgiving=_NAMES.search(key) is not None)


def _same_words(gold: str, given: str, *, forgiving: bool) -> bool:
    if gold == given:
        return True
    return forgiving and bool(gold and given) and distance(gold, given) <= max(1, int(0.1 * len(gold)))


def plain(value: Any) -> str:
    """Letters (Latin, Greek, Cyrillic) and digits, folded, without the legal form of a company."""
    text = unicodedata.normalize("NFKD", str(value)).casefold()
    text = "".join(each for each in text if not unicodedata.combining(each)).replace("&", " and ")
    return re.sub(r"[^0-9a-z\u0370-\u03ff\u0400-\u04ff]+", "", _FORMS.sub(" ", text))


def number_of(value: Any) -> float | None:
    """A number however it is written; None where there is none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value)
    text = re.sub(r"[^\d,.\-]", "", str(value))
    if not re.search(r"\d", text):
        return None
    if "," in text and "." in text:
        points = text.rfind(".") > text.rfind(",")
        text = text.replace(",", "") if points else text.replace(".", "").replace(",", ".")
    elif "," in text:
        text = text.replace(",", ".") if re.search(r",\d{1,2}$", text) else text.replace(",", "")
    try:
        return float(text)
    except ValueError:
        return None


def distance(left: str, right: str) -> int:
    """Letters to change, add or remove; a large number where the lengths alone are too far apart."""
    if abs(len(left) - len(right)) > max(3, 0.25 * max(len(left), len(right))):
        return 99
    before = list(range(len(right) + 1))
    for i, x in enumerate(left, 1):
        row = [i]
        for j, y in enumerate(right, 1):
            row.append(min(before[j] + 1, row[-1] + 1, before[j - 1] + (x != y)))
        before = row
    return before[-1]
