"""Which text layers are believed. A page that is not believed goes to recognition."""

import re
from collections.abc import Sequence

import numpy as np

from lemma.ingest.formats.pdf_quality import is_garbled, is_untidy, on_ink
from lemma.ingest.lines import PlacedWord
from lemma.reading.source import Box

ENGLISH = re.findall(
    r"\S+",
    """This agreement is made on the first day of March between the supplier and the customer named below
    and sets out the terms under which goods are delivered and invoices are paid within thirty days""",
)
INVOICE = re.findall(
    r"\S+",
    """Rechnung Nr. RE-2026-0815 Datum 14.03.2026 Pos Artikel Menge Preis 1 GTIN4012345 Schrauben 12 19,90
    238,80 2 ABX-77 Muttern 100 0,05 5,00 IBAN DE89370400440532013000 BIC COBADEFFXXX USt-IdNr.""",
)
CHINESE = ["发票", "号码", "金额", "合计", "人民币"] * 10
RUSSIAN = ["Счёт", "на", "оплату", "от", "первого", "марта"] * 8
PAGE = Box(0.1, 0.1, 0.2, 0.12)


def words(texts: Sequence[str]) -> list[PlacedWord]:
    return [PlacedWord(text, PAGE) for text in texts]


def test_real_text_is_believed() -> None:
    for texts in (ENGLISH, INVOICE, CHINESE, RUSSIAN):
        assert not is_garbled(words(texts))


def test_shifted_letters_are_noticed() -> None:
    shifted = ["".join(chr(max(33, ord(c) - 29)) for c in word) for word in ENGLISH * 2]
    assert is_garbled(words(shifted))


def test_swapped_letters_are_noticed() -> None:
    swapped = str.maketrans("etaoinsrlduhcmfpgwybvkxjqz", "zqjxkvbywgpfmchudlrsnioate")
    assert is_garbled(words([word.lower().translate(swapped) for word in ENGLISH]))


def test_characters_without_meaning_are_noticed() -> None:
    assert is_garbled(words(["\ue001\ue002\ue003", "\ufffd\ufffd", "ab"] * 20))
    assert is_garbled(words(["□□□□", "□□"] * 20))


def test_a_poor_layer_of_an_earlier_recognition_is_noticed() -> None:
    assert not is_untidy(words(ENGLISH * 2))
    assert is_untidy(words([*ENGLISH, "|", "~~", "<a", "=", "_", "aaa=|", "»"]))


def test_words_without_ink_are_noticed() -> None:
    grey = np.full((100, 100), 255, np.uint8)
    grey[10:12, 10:18] = 0
    placed = [PlacedWord("here", PAGE), PlacedWord("nowhere", Box(0.5, 0.5, 0.7, 0.52))]
    assert on_ink(placed, grey) == [True, False]
