"""Labels by example: what is learned, what is left to a person, and that it is always the same."""

import random

import pytest

from lemma.classify import Taught, classifier, decide
from lemma.classify.decide import Decision

_WORDS = {
    "delivery": "parcel courier late tracking shipment arrive depot doorstep",
    "refund": "money back refund return credited reimbursed bank cancel",
    "account": "password login reset locked username email sign profile",
    "none": "hello please my the order with",
    "elsewhere": "weather song football recipe moon joke river paint",
}


def _texts(labels: tuple[str, ...], count: int, seed: int) -> list[Taught]:
    """Messages of a few words of their topics among words of none."""
    rng = random.Random(seed)
    found = []
    for number in range(count):
        topic = labels[number % len(labels)]
        words = rng.sample(_WORDS[topic].split(), 3) + rng.sample(_WORDS["none"].split(), 3)
        rng.shuffle(words)
        found.append(Taught(" ".join(words), (topic,)))
    return found


def test_one_label_of_many() -> None:
    fitted = classifier(_texts(("delivery", "refund", "account"), 60, 1))
    assert fitted is not None
    guess = fitted.guess("where is my parcel, the tracking says depot")
    assert guess.labels == ("delivery",)
    assert guess.probability > 0.6
    assert sum(guess.probabilities.values()) == pytest.approx(1.0)
    text = "where is my parcel, the tracking says depot"
    assert {text[start:end] for start, end in guess.words} & {"parcel", "tracking", "depot"}
    unseen = _texts(("delivery", "refund", "account"), 60, 2)
    assert sum(fitted.guess(each.text).labels == each.labels for each in unseen) >= 57


def test_the_same_examples_make_the_same_model_once() -> None:
    examples = _texts(("delivery", "refund"), 20, 3)
    first, second = classifier(examples), classifier(list(examples))
    assert first is second
    assert first is not None
    assert first.guess("refund me").probabilities == first.guess("refund me").probabilities


def test_several_labels() -> None:
    one = _texts(("delivery", "refund", "account"), 60, 4)
    rng = random.Random(5)
    both = [
        Taught(f"{left.text} {right.text}", (*left.labels, *right.labels))
        for left, right in (rng.sample(one, 2) for _ in range(60))
        if left.labels != right.labels
    ]
    fitted = classifier([*one, *both])
    assert fitted is not None
    assert fitted.several
    found = fitted.guess("my parcel is late, courier lost it; and I want my money back, a refund, reimbursed")
    assert set(found.labels) == {"delivery", "refund"}


def test_what_belongs_to_no_label_waits_for_a_person() -> None:
    rng = random.Random(6)
    others = [Taught(" ".join(rng.sample(_WORDS["elsewhere"].split(), 5)), ()) for _ in range(30)]
    fitted = classifier([*_texts(("delivery", "refund", "account"), 60, 7), *others])
    assert fitted is not None
    assert fitted.guess("a joke of the moon and a recipe").labels == ()
    assert fitted.guess("password reset, login locked").labels == ("account",)


def test_too_little_is_nothing() -> None:
    assert classifier([]) is None
    assert classifier([Taught("a", ("x",))] * 10) is None


@pytest.mark.parametrize(
    ("model", "example", "n", "shown", "listed", "by"),
    [
        (("a",), None, 500, 3, 3, "model"),
        (("a",), ("b",), 19, 3, 3, "model"),
        (("a",), ("b",), 20, 3, 3, "examples"),
        (("a",), ("b",), 100, 77, 77, "model"),
        (("a",), ("b",), 154, 77, 77, "examples"),
        (("a",), ("b",), 100, 2, 5, "model"),
        ((), ("b",), 3, 2, 2, "examples"),
        (("a",), (), 50, 2, 2, "examples"),
    ],
)
def test_whose_answer_counts(
    model: tuple[str, ...], example: tuple[str, ...] | None, n: int, shown: int, listed: int, by: str
) -> None:
    decision = decide(model, example, n, shown, listed)
    assert decision == Decision(model if by == "model" else example or (), decision.by)
    assert decision.by == by
