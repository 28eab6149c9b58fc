"""Grammars, the guard, and what each dialect makes of a refusal."""

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lemma_inference.engines.fake import FakeEngine, walk
from lemma_inference.engines.grammar import Guard, choice_lark, regex_lark
from lemma_inference.engines.llamacpp import LlamaCpp
from lemma_inference.engines.protocol import Ask, Delta, EmbedAsk, Usage
from lemma_inference.engines.upstream import Upstream
from lemma_inference.engines.vllm import Vllm
from lemma_inference.errors import (
    EngineRefused,
    GrammarBroken,
    GrammarInvalid,
    NotOffered,
)

ASK = Ask(messages=[{"role": "user", "content": "hello"}], max_tokens=50)


def test_a_guard_follows_an_answer_in_any_pieces() -> None:
    guard = Guard('start: "number: " /[0-9]+/ "\\n"')
    for piece in ["num", "ber", ": 4", "2", "", "\n"]:
        guard.follow(piece)
    guard.finish()


def test_a_guard_stops_what_the_grammar_forbids() -> None:
    guard = Guard('start: "ja" | "nein"')
    guard.follow("ne")
    with pytest.raises(GrammarBroken, match="withheld"):
        guard.follow("xt")


def test_a_guard_does_not_take_a_part_for_the_whole() -> None:
    guard = Guard('start: "ja" | "nein"')
    guard.follow("ne")
    with pytest.raises(GrammarBroken, match="before"):
        guard.finish()


def test_a_wrong_grammar_is_told_by_line_and_column() -> None:
    with pytest.raises(GrammarInvalid, match=r"2\(4\).*missing"):
        Guard("start: a\na: missing")


@settings(max_examples=30, deadline=None)
@given(st.lists(st.text(min_size=1), min_size=1, max_size=5), st.integers())
def test_a_choice_is_exactly_one_of_its_texts(choices: list[str], seed: int) -> None:
    assert "".join(walk(choice_lark(choices), random.Random(seed))) in choices


@pytest.mark.parametrize(
    ("pattern", "text"), [("a/b", "a/b"), (r"a\/b", "a/b"), (r"\\/", "\\/"), ("[/]", "/"), ("x\ny", "x\ny")]
)
def test_a_pattern_may_hold_slashes_and_newlines(pattern: str, text: str) -> None:
    guard = Guard(regex_lark(pattern))
    guard.follow(text)
    guard.finish()


async def deltas(engine: Upstream | FakeEngine, ask: Ask = ASK) -> list[Delta]:
    return [delta async for delta in engine.generate(ask)]


def test_each_dialect_asks_in_its_own_form() -> None:
    ask = Ask(
        messages=[{"role": "user", "content": "x"}],
        max_tokens=9,
        grammar="start: A",
        stop=("s",),
        seed=1,
        top_logprobs=0,
        repetition_penalty=1.5,
        ignore_eos=True,
    )
    assert LlamaCpp().body(ask)["grammar"] == "%llguidance {}\nstart: A"
    assert Vllm("m").body(ask)["structured_outputs"] == {"grammar": "start: A"}
    for dialect in (LlamaCpp(), Vllm("m")):
        body = dialect.body(ask)
        assert (body["max_tokens"], body["stop"], body["seed"]) == (9, ["s"], 1)
        assert (body["logprobs"], body["ignore_eos"]) == (True, True)
        assert "top_p" in body
        assert "presence_penalty" not in body
        # What nobody asked for is what asks for nothing, whatever a model's own files say.
        assert (body["top_k"], body["min_p"]) == (0, 0.0)
    assert Vllm("m").body(ASK)["repetition_penalty"] == 1.0
    assert LlamaCpp().body(ask)["repeat_penalty"] == Vllm("m").body(ask)["repetition_penalty"] == 1.5


def test_a_dialect_refuses_what_its_engine_would_ignore() -> None:
    with pytest.raises(NotOffered, match="min_tokens"):
        LlamaCpp().body(replace(ASK, min_tokens=5))
    with pytest.raises(NotOffered, match="dimensions"):
        LlamaCpp().embed_body(EmbedAsk(("x",), dimensions=5))
    with pytest.raises(NotOffered, match="truncate_prompt_tokens"):
        LlamaCpp().embed_body(EmbedAsk(("x",), truncate=5))
    assert Vllm("m").embed_body(EmbedAsk(("x",), truncate=-1))["truncate_prompt_tokens"] == -1
    assert Vllm("m").body(replace(ASK, min_tokens=5))["min_tokens"] == 5
    assert Vllm("m").embed_body(EmbedAsk(("x",), dimensions=5))["dimensions"] == 5


async def test_the_fake_holds_its_caller_to_the_number_of_slots() -> None:
    engine = FakeEngine(slots=1)
    first = engine.generate(ASK)
    await anext(first)
    with pytest.raises(EngineRefused, match="slots"):
        await deltas(engine)
    await first.aclose()
    assert (engine.aborted, engine.running) == (1, 0)
    assert (await deltas(engine))[-1] == Delta(finish="stop", usage=Usage(5, 0, 4))
