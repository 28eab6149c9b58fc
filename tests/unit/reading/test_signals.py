"""What tokens say about values, however the engine cuts and names them."""

import math

import pytest

from lemma.reading.signals import TokenLogprob, answer_signals

TEXT = "a: 12 x é y\nb: -\n"
SPANS = {"a": (3, 11), "b": (15, 16)}


def tokens(*parts: tuple[str, float]) -> list[TokenLogprob]:
    return [TokenLogprob(text, logprob, ((text, logprob), ("other", -2.0))) for text, logprob in parts]


def test_mean_least_and_margin_of_the_decision() -> None:
    made = answer_signals(
        TEXT,
        tokens(
            ("a: ", 0),
            ("1", -0.5),
            ("2", -0.1),
            (" x é y", -0.3),
            ("\n", 0),
            ("b: ", 0),
            ("-", -3.0),
            ("\n", 0),
        ),
        SPANS,
        "masked",
    )
    assert made["a"]["logprob"] == pytest.approx(-0.3)
    assert made["a"]["logprob_min"] == -0.5
    assert made["a"]["logprob_margin"] == 1.5  # the digits choose the line; the words after do not count
    assert made["b"] == {"logprob": -3.0, "logprob_min": -3.0, "logprobs": "masked", "logprob_margin": -1.0}


def test_each_pointer_of_a_value_is_a_decision() -> None:
    text = "a: 1 x\t2 y\n"
    made = answer_signals(
        text,
        tokens(("a: ", 0), ("1", -0.1), (" x", -9), ("\t", 0), ("2", -1.5), (" y", 0), ("\n", 0)),
        {"a": (3, 10)},
        "raw",
    )
    assert made["a"]["logprob_margin"] == 0.5


def test_characters_in_pieces_do_not_lose_the_place() -> None:
    made = answer_signals(
        TEXT,
        tokens(
            ("a: 12 x ", -0.2), ("\ufffd", -4), ("", -1), (" y\n", -0.1), ("b: ", 0), ("-", -0.5), ("\n", 0)
        ),
        SPANS,
        "raw",
    )
    assert made["a"]["logprob_min"] == -4
    assert made["b"]["logprob"] == -0.5


def test_tokens_that_do_not_fit_give_no_signals() -> None:
    assert answer_signals(TEXT, tokens(*[("zzz", -1.0)] * 40), SPANS, "raw") == {}
    assert answer_signals(TEXT, [], SPANS, "raw") == {}


def test_infinities_do_not_reach_json() -> None:
    token = TokenLogprob(TEXT, -math.inf, (("other", -math.inf),))
    made = answer_signals(TEXT, [token], SPANS, "raw")
    assert made["a"]["logprob"] == -100.0
    assert made["a"]["logprob_margin"] == 0.0
    assert answer_signals(TEXT, [TokenLogprob(TEXT, math.nan)], SPANS, "raw")["b"]["logprob"] == -100.0
