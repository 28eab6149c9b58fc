"""Figures against ones that were worked out by hand."""

import math

import pytest

from lemma.evaluation import figures
from lemma.evaluation.reference import f1, tally
from lemma.evaluation.same import number_of, same
from lemma.evaluation.sets.addresses import address_parts


def test_f1_over_documents() -> None:
    counts = [{"right": 3, "wrong": 1, "missed": 0, "invented": 0}, {"right": 1, "missed": 2, "invented": 1}]
    # 4 right, 1 wrong, 2 missed, 1 invented: precision 4/6, recall 4/7, F1 8/13.
    assert figures.over_documents(counts, figures.precision, 6).value == pytest.approx(4 / 6)
    assert figures.over_documents(counts, figures.recall, 7).value == pytest.approx(4 / 7)
    made = figures.over_documents(counts, figures.f1, 7)
    assert made.value == pytest.approx(8 / 13)
    # Drawn again, two documents are both of one kind or one of each: the interval spans the two.
    assert made.low == pytest.approx(2 / 5)
    assert made.high == pytest.approx(6 / 8)
    assert made.how == "documents"


def test_nothing_counted_is_no_figure() -> None:
    assert figures.over_documents([], figures.f1, 0).value is None
    assert figures.over_documents([{"absent": 2}], figures.f1, 0).value is None
    assert figures.reliability([]) is None


def test_one_document_says_nothing_of_others() -> None:
    made = figures.over_documents([{"right": 5}], figures.f1, 5)
    assert (made.value, made.low, made.high) == (1.0, 0.0, 1.0)


def test_macro_f1() -> None:
    pairs = [("a", "a"), ("a", "b"), ("b", "b"), ("c", "(nothing)")]
    value, labels = figures.macro_f1(pairs)
    # a: 2*1/(2+1); b: 2*1/(1+2); c: 0.
    assert value == pytest.approx((2 / 3 + 2 / 3 + 0) / 3)
    assert labels["a"] == {"n": 2, "precision": 1.0, "recall": 0.5, "f1": 0.6667}
    assert figures.macro_figure([[pair] for pair in pairs]).value == pytest.approx(value)


def test_calibration_error() -> None:
    # Ten values at 0.9 of which 6 are right, ten at 0.5 of which 5 are: one bin holds two values of equal
    # probability, so bins of 0.9 are off by their own share.
    pairs = [(0.9, number < 6) for number in range(10)] + [(0.5, number < 5) for number in range(10)]
    made = figures.reliability(pairs)
    assert made is not None
    assert sum(n for _, _, n in made.bins) == 20
    by_hand = sum(abs(mean - right) * n for mean, right, n in made.bins) / 20
    assert made.error.value == pytest.approx(by_hand)
    assert made.covered.n == 16


def test_same_values() -> None:
    assert same(12.5, "12,50")
    assert same(1234.5, "1.234,50")
    assert not same(12.5, "12.51")
    assert same("2026-03-01", "2026-03-01T00:00")
    assert same("Müller GmbH", "MULLER", "seller.name")
    assert same("Musterstrasse 12", "Musterstraße 12", "street")
    assert not same("AB-17", "AB-18", "number")
    assert same(True, "true")
    assert not same(1.0, None)
    assert number_of("1'234") == pytest.approx(1234)
    assert math.isclose(number_of("-3,5") or 0, -3.5)
    assert number_of("none") is None


def test_the_outside_scorers_sums() -> None:
    expected = {
        "number": "7",
        "total": 10.0,
        "seller": {"name": "Acme Ltd"},
        "lines": [{"description": "Soap", "quantity": 2.0}, {"description": "Tea", "quantity": 1.0}],
    }
    predicted = {
        "number": "8",
        "seller": {"name": "ACME"},
        "due_date": "2026-01-01",
        "lines": [{"description": "Tea", "quantity": "1"}, {"description": "Salt"}],
    }
    counts = tally(expected, predicted, {})
    # number wrong, total missed, name right; Tea right twice, Soap missed twice, Salt a false one.
    assert counts == {"tp": 3, "fp": 2, "fn": 4, "invented": 1}
    assert f1(counts) == pytest.approx(6 / (6 + 2 + 4))


@pytest.mark.parametrize(
    ("runs", "parts"),
    [
        (["215 Vine St, Scranton PA 18503, USA"], ("215 Vine St", "18503", "Scranton", "US")),
        (["Hafenstraße 4", "20457 Hamburg"], ("Hafenstraße 4", "20457", "Hamburg", None)),
        (["Weena 664", "3012 CN Rotterdam", "Nederland"], ("Weena 664", "3012 CN", "Rotterdam", "NL")),
        (["5 High Street", "Leeds", "LS1 4AP"], ("5 High Street", "LS1 4AP", "Leeds", None)),
    ],
)
def test_addresses_in_parts(runs: list[str], parts: tuple[str, str, str, str | None]) -> None:
    found = address_parts(runs)
    assert (found["street"], found["postcode"], found["city"], found.get("country")) == parts
