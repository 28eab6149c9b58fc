"""The generator's promises: the same seed gives the same text, and labels stand at their evidence."""

from random import Random

import pytest
from llguidance import LLMatcher, LLTokenizer

from lemma.reading.decode import decode
from lemma.reading.grammar import build_grammar
from lemma.reading.passages import passage_pages
from starter.documents.invoice import design
from starter.lesson import Lesson
from starter.lessons import LESSONS
from starter.texts import as_text, asked_part, invent, lines_of, texts

ASKING = sorted(LESSONS.keys() - {"invoices.copy", "invoices.find"})


def lessons(name: str, count: int = 25) -> list[Lesson]:
    return list(invent(name, count, seed=7))


@pytest.mark.parametrize("name", sorted(LESSONS))
def test_the_same_seed_gives_the_same_texts(name: str) -> None:
    assert list(texts(name, 5, seed=3)) == list(texts(name, 5, seed=3))
    assert list(texts(name, 5, seed=3)) != list(texts(name, 5, seed=4))


@pytest.mark.parametrize("name", ASKING)
def test_every_answer_is_one_that_the_grammar_allows(name: str) -> None:
    tokenizer = LLTokenizer("byte")
    for lesson in lessons(name):
        fields = asked_part(lesson).fields
        _, answer = as_text(lesson)
        tokens = tokenizer.tokenize_str(answer.removesuffix("<|end|>"))
        matcher = LLMatcher(tokenizer, build_grammar(fields, lines_of(lesson), passage_pages(lesson.source)))
        assert matcher.validate_tokens(tokens) == len(tokens)


@pytest.mark.parametrize("name", ASKING)
def test_the_answer_says_what_was_meant(name: str) -> None:
    for lesson in lessons(name):
        fields = asked_part(lesson).fields
        _, answer = as_text(lesson)
        decoded = decode(
            answer.removesuffix("<|end|>"),
            fields,
            lines_of(lesson),
            passages=passage_pages(lesson.source),
        )
        assert dict(decoded.said) == {k: v for k, v in lesson.said.items() if k in lesson.asked}


def test_held_out_layouts_are_never_trained_on() -> None:
    rng = Random(5)
    trained = {design(rng, held_out=False) for _ in range(3000)}
    kept = {design(rng, held_out=True) for _ in range(300)}
    assert len(kept) > 50
    assert not trained & kept


def test_whole_documents_hold_most_fields_and_leave_some_out() -> None:
    shown: dict[str, int] = {}
    documents = lessons("invoices.whole", 60)
    for lesson in documents:
        for name in lesson.said:
            shown[name] = shown.get(name, 0) + 1
    assert {field.name for field in documents[0].task.fields} == shown.keys()
    assert shown["total"] > 0.9 * len(documents)
    assert 0 < shown["iban"] < len(documents)
