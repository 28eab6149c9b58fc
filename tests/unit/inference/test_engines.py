"""Grammars, the guard, and what each dialect makes of a refusal."""

import json
import random

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lemma_inference.engines.fake import FakeEngine, walk
from lemma_inference.engines.grammar import Guard, choice_lark, regex_lark
from lemma_inference.engines.llamacpp import LlamaCpp
from lemma_inference.engines.protocol import Ask, Delta, Usage
from lemma_inference.engines.replica import Replica
from lemma_inference.engines.upstream import Dialect, Upstream
from lemma_inference.engines.vllm import Vllm
from lemma_inference.errors import (
    ContextOverflow,
    EngineLost,
    EngineRefused,
    EngineUnavailable,
    GrammarBroken,
    GrammarInvalid,
    ServiceError,
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


def upstream(dialect: Dialect, response: httpx.Response | httpx.TransportError) -> Upstream:
    def answer(request: httpx.Request) -> httpx.Response:
        if isinstance(response, httpx.TransportError):
            raise response
        return response

    replica = Replica()
    replica.up("http://engine", "key")
    return Upstream(replica, dialect, slots=1, transport=httpx.MockTransport(answer))


LLAMACPP_OVERFLOW = {
    "error": {
        "code": 400,
        "message": "request (3004 tokens) exceeds the available context size (2048 tokens)",
        "type": "exceed_context_size_error",
        "n_prompt_tokens": 3004,
        "n_ctx": 2048,
    }
}
VLLM_OVERFLOW = {
    "error": {
        "message": "This model's maximum context length is 2048 tokens. However, you requested 10 output "
        "tokens and your prompt contains at least 2039 input tokens, for a total of at least 2049 tokens.",
        "type": "BadRequestError",
        "param": "input_tokens",
        "code": 400,
    }
}


@pytest.mark.parametrize(
    ("dialect", "body", "prompt"), [(LlamaCpp(), LLAMACPP_OVERFLOW, 3004), (Vllm("m"), VLLM_OVERFLOW, 2039)]
)
async def test_an_overflow_comes_with_its_numbers(
    dialect: Dialect, body: dict[str, object], prompt: int
) -> None:
    engine = upstream(dialect, httpx.Response(400, json=body))
    with pytest.raises(ContextOverflow) as refused:
        await deltas(engine)
    assert refused.value.extra == {"prompt_tokens": prompt, "context": 2048}
    await engine.aclose()


@pytest.mark.parametrize(
    ("response", "kind"),
    [
        (httpx.Response(500, json={"error": {"message": "boom"}}), EngineUnavailable),
        (httpx.Response(400, json={"error": {"message": "no such thing"}}), EngineRefused),
        (httpx.Response(404, text="not json"), EngineRefused),
        (httpx.ConnectError("refused"), EngineLost),
        (httpx.Response(200, text="data: [DONE]\n\n"), EngineLost),
        (httpx.Response(200, text='data: {"error": {"message": "died"}}\n\n'), EngineLost),
        (httpx.Response(200, text='data: {"choices": [{"delta": {"content": "x"}}]}\n\n'), EngineLost),
    ],
)
async def test_what_an_engine_does_wrong_has_a_name(
    response: httpx.Response | httpx.TransportError, kind: type[ServiceError]
) -> None:
    engine = upstream(LlamaCpp(), response)
    with pytest.raises(kind) as failed:
        await deltas(engine)
    assert type(failed.value) is kind
    await engine.aclose()


@pytest.mark.parametrize("last", ["", "b"])
async def test_the_token_that_ends_the_turn_is_no_part_of_the_answer(last: str) -> None:
    def chunk(text: str, tokens: list[str], finish: str | None) -> str:
        entries = [{"token": token, "bytes": list(token.encode()), "logprob": -0.1} for token in tokens]
        choice = {"delta": {"content": text}, "finish_reason": finish, "logprobs": {"content": entries}}
        return f"data: {json.dumps({'choices': [choice]})}\n\n"

    ended = chunk("a", ["a"], None) + chunk(last, [*last, "<|end|>"], "stop")
    engine = upstream(Vllm("m"), httpx.Response(200, text=ended))
    assert [token.text for delta in await deltas(engine) for token in delta.tokens] == ["a", *last]
    await engine.aclose()


async def test_an_engine_that_is_not_there_says_why() -> None:
    engine = Upstream(Replica(), LlamaCpp(), slots=1)
    assert not engine.health().ready
    with pytest.raises(EngineUnavailable, match="is starting"):
        await deltas(engine)
    assert not await engine.wait_ready(0.01)
    await engine.aclose()


def test_each_dialect_asks_in_its_own_form() -> None:
    ask = Ask([{"role": "user", "content": "x"}], 9, grammar="start: A", stop=("s",), seed=1, top_logprobs=0)
    assert LlamaCpp().body(ask)["grammar"] == "%llguidance {}\nstart: A"
    assert Vllm("m").body(ask)["structured_outputs"] == {"grammar": "start: A"}
    for dialect in (LlamaCpp(), Vllm("m")):
        body = dialect.body(ask)
        assert (body["max_tokens"], body["stop"], body["seed"]) == (9, ["s"], 1)
        assert (body["logprobs"], body["top_logprobs"]) == (True, 0)


async def test_the_fake_holds_its_caller_to_the_number_of_slots() -> None:
    engine = FakeEngine(slots=1)
    first = engine.generate(ASK)
    await anext(first)
    with pytest.raises(EngineRefused, match="slots"):
        await deltas(engine)
    await first.aclose()
    assert (engine.aborted, engine.running) == (1, 0)
    assert (await deltas(engine))[-1] == Delta(finish="stop", usage=Usage(5, 0, 4))
