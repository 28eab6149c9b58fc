"""An engine over HTTP: what goes over the wire, and what each way of failing is called."""

import asyncio
import base64
import json
import socket
import struct
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from lemma_inference.engines.connections import Patience
from lemma_inference.engines.llamacpp import LlamaCpp
from lemma_inference.engines.protocol import Ask, Delta, EmbedAsk, Usage
from lemma_inference.engines.replica import Replica
from lemma_inference.engines.upstream import Dialect, Upstream
from lemma_inference.engines.vllm import Vllm
from lemma_inference.errors import (
    ContextOverflow,
    EngineAbsent,
    EngineLost,
    EngineRefused,
    EngineUnavailable,
    InvalidRequest,
    NotOffered,
    ServiceError,
)
from tests.unit.inference.scripted import Behaviour, Wire, stream, told, upstream

ASK = Ask(messages=[{"role": "user", "content": "hello"}], max_tokens=50, request_id="r-1")
PATIENT = 30.0


async def deltas(engine: Upstream, ask: Ask = ASK) -> list[Delta]:
    return [delta async for delta in engine.generate(ask)]


def answers(status: int, body: object) -> Behaviour:
    return lambda wire: wire.answer(body, status)


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


VLLM_FAR_TOO_LONG = {
    "error": {
        "message": "This model's maximum context length is 2048 tokens. However, your prompt contains 99999 "
        "characters (more than 65504 characters, which is the upper bound for 2047 input tokens). Please "
        "reduce the length of the input prompt.",
        "code": 400,
    }
}


@pytest.mark.parametrize(
    ("dialect", "body", "prompt"),
    [
        (LlamaCpp(), LLAMACPP_OVERFLOW, 3004),
        (Vllm("m"), VLLM_OVERFLOW, 2039),
        (Vllm("m"), VLLM_FAR_TOO_LONG, 2048),
    ],
)
async def test_an_overflow_comes_with_its_numbers(dialect: Dialect, body: object, prompt: int) -> None:
    async with upstream(dialect, answers(400, body)) as (engine, _):
        with pytest.raises(ContextOverflow) as refused:
            await deltas(engine)
    assert refused.value.extra == {"prompt_tokens": prompt, "context": 2048}


@pytest.mark.parametrize(
    ("behave", "kind"),
    [
        (answers(500, {"error": {"message": "boom"}}), EngineUnavailable),
        (answers(503, b"queue full"), EngineUnavailable),
        (answers(429, {"error": "slow down"}), EngineUnavailable),
        (answers(400, {"error": {"message": "no such thing"}}), EngineRefused),
        (answers(404, b"not json"), EngineRefused),
        (answers(307, b""), EngineRefused),
        (stream(), EngineLost),
        (stream("{not json"), EngineLost),
        (stream("[1]"), EngineLost),
        (stream({"error": {"message": "died"}}), EngineLost),
        (stream({"choices": [{"delta": {"content": "x"}}]}), EngineLost),
        (stream({"choices": [{"delta": {"content": "x"}}]}, done=False), EngineLost),
    ],
)
async def test_what_an_engine_does_wrong_has_a_name(behave: Behaviour, kind: type[ServiceError]) -> None:
    async with upstream(LlamaCpp(), behave) as (engine, _):
        with pytest.raises(ServiceError) as failed:
            await deltas(engine)
    assert type(failed.value) is kind


async def test_an_engine_is_never_followed_elsewhere() -> None:
    async def redirect(wire: Wire) -> None:
        await wire.send(b"HTTP/1.1 307 X\r\nLocation: /v1/load_lora_adapter\r\nContent-Length: 0\r\n\r\n")

    async with upstream(Vllm("m"), redirect) as (engine, scripted):
        with pytest.raises(EngineRefused, match="307"):
            await deltas(engine)
    assert [wire.path for wire in scripted.seen] == ["/v1/chat/completions"]


async def test_a_chunk_may_come_in_any_pieces() -> None:
    text = "".join(f"data: {json.dumps(chunk, ensure_ascii=False)}\r\n\r\n" for chunk in told(["grö", "ße"]))
    data = (": a comment\n\n" + text + "data: [DONE]\n\n").encode()

    async def bytewise(wire: Wire) -> None:
        await wire.begin()
        for at in range(len(data)):
            await wire.part(data[at : at + 1])
        await wire.end()

    async with upstream(LlamaCpp(), bytewise) as (engine, _):
        assert [delta.text for delta in await deltas(engine)] == ["grö", "ße"]


@pytest.mark.parametrize("last", ["", "b"])
async def test_the_token_that_ends_the_turn_is_no_part_of_the_answer(last: str) -> None:
    def chunk(text: str, tokens: list[str], finish: str | None) -> dict[str, Any]:
        entries = [{"token": token, "bytes": list(token.encode()), "logprob": -0.1} for token in tokens]
        choice = {"delta": {"content": text}, "finish_reason": finish, "logprobs": {"content": entries}}
        return {"choices": [choice]}

    ended = stream(chunk("a", ["a"], None), chunk(last, [*last, "<|end|>"], "stop"))
    async with upstream(Vllm("m"), ended) as (engine, _):
        assert [token.text for delta in await deltas(engine) for token in delta.tokens] == ["a", *last]


async def test_a_completion_has_a_path_and_probabilities_of_its_own() -> None:
    logprobs = {
        "tokens": [" a", "b"],
        "token_logprobs": [-0.5, -1.0],
        "top_logprobs": [{" a": -0.5, "c": -2.0}, {"b": -1.0}],
        "text_offset": [0, 2],
    }
    choice = {"text": " ab", "finish_reason": "length", "logprobs": logprobs}
    usage = {"prompt_tokens": 3, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 1}}
    async with upstream(Vllm("m"), stream({"choices": [choice], "usage": usage})) as (engine, scripted):
        [delta] = await deltas(engine, Ask(prompt=(1, 2, 3), top_logprobs=2))
    assert (delta.text, delta.finish, delta.usage) == (" ab", "length", Usage(3, 1, 2))
    assert [(token.text, token.logprob) for token in delta.tokens] == [(" a", -0.5), ("b", -1.0)]
    assert [token.text for token in delta.tokens[0].top] == [" a", "c"]
    [wire] = scripted.seen
    assert (wire.path, wire.body["prompt"], wire.body["logprobs"]) == ("/v1/completions", [1, 2, 3], 2)
    assert "messages" not in wire.body


async def test_vllm_is_told_what_only_the_gateway_may_say() -> None:
    told_by_us = replace(ASK, priority=-100, cache_salt="s", traceparent="00-1-2-01")
    async with upstream(Vllm("m"), stream(*told(["x"]))) as (engine, scripted):
        await deltas(engine, told_by_us)
    [wire] = scripted.seen
    named = ("authorization", "x-request-id", "x-vllm-priority", "traceparent")
    assert [wire.headers[name] for name in named] == ["Bearer key", "r-1", "-100", "00-1-2-01"]
    assert wire.body["cache_salt"] == "s"
    assert "priority" not in wire.body


async def test_embeddings_come_in_their_order_in_either_form() -> None:
    packed = base64.b64encode(struct.pack("<2f", 0.5, -1.0)).decode()
    rows = [{"index": 1, "embedding": packed}, {"index": 0, "embedding": [0.25, 1]}]
    body = {"data": rows, "usage": {"prompt_tokens": 4, "total_tokens": 4}}
    async with upstream(Vllm("m"), answers(200, body)) as (engine, scripted):
        found = await engine.embed(EmbedAsk(("a", (1, 2)), priority=100, cache_salt="s"))
    assert found.vectors == ((0.25, 1.0), (0.5, -1.0))
    assert found.usage == Usage(prompt=4)
    [wire] = scripted.seen
    # vLLM takes the priority of embeddings from the body alone.
    assert (wire.path, wire.body["priority"], wire.body["cache_salt"]) == ("/v1/embeddings", 100, "s")


@pytest.mark.parametrize(
    "body", [{}, {"data": []}, {"data": [{"index": 0}]}, {"data": [{"index": 0, "embedding": "?"}]}, []]
)
async def test_what_is_no_embedding_is_not_passed_on(body: object) -> None:
    async with upstream(Vllm("m"), answers(200, body)) as (engine, _):
        with pytest.raises(EngineLost):
            await engine.embed(EmbedAsk(("a",)))


@pytest.mark.parametrize(
    ("dialect", "status", "message"),
    [
        (Vllm("m"), 404, "Not Found"),
        (Vllm("m"), 400, "Model 'm' does not support Matryoshka embeddings; dimensions must be unset"),
        (LlamaCpp(), 501, "This server does not support embeddings."),
    ],
)
async def test_what_a_model_cannot_do_is_the_requests_fault(
    dialect: Dialect, status: int, message: str
) -> None:
    async with upstream(dialect, answers(status, {"error": {"message": message}})) as (engine, _):
        with pytest.raises(NotOffered):
            await engine.embed(EmbedAsk(("a",)))


async def test_a_model_that_the_engine_has_not_is_not_the_requests_fault() -> None:
    body = {"error": {"message": "The model `m` does not exist.", "type": "NotFoundError"}}
    async with upstream(Vllm("m"), answers(404, body)) as (engine, _):
        with pytest.raises(EngineRefused):
            await deltas(engine)


@pytest.mark.parametrize(
    ("dialect", "message"),
    [(Vllm("m"), "Token id 999 is out of vocabulary"), (LlamaCpp(), "Prompt contains invalid tokens")],
)
async def test_a_token_that_the_model_has_not_is_the_requests_fault(dialect: Dialect, message: str) -> None:
    async with upstream(dialect, answers(400, {"error": {"message": message}})) as (engine, _):
        with pytest.raises(InvalidRequest, match="token id"):
            await deltas(engine, Ask(prompt=(999,)))


async def test_tokens_are_counted_by_the_engine() -> None:
    async with upstream(Vllm("m"), answers(200, {"tokens": [1, 2, 3]})) as (engine, scripted):
        assert await engine.count("text") == 3
    assert scripted.seen[0].path == "/tokenize"


async def test_an_engine_that_is_not_there_says_why() -> None:
    engine = Upstream(Replica(), LlamaCpp(), slots=1)
    assert not engine.health().ready
    with pytest.raises(EngineUnavailable, match="is starting"):
        await deltas(engine)
    assert not await engine.wait_ready(0.01)
    await engine.aclose()


async def test_an_engine_that_does_not_listen_never_had_the_request() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        replica = Replica()
        replica.up(f"http://127.0.0.1:{free.getsockname()[1]}", None)
        engine = Upstream(replica, LlamaCpp(), slots=1)
        with pytest.raises(EngineAbsent, match="reached") as failed:
            await deltas(engine)
        await engine.aclose()
    assert type(failed.value) is EngineAbsent


async def test_a_connection_is_used_again() -> None:
    async with upstream(LlamaCpp(), stream(*told(["a", "b"]))) as (engine, scripted):
        for _ in range(3):
            await deltas(engine)
    assert [(wire.connection, wire.turn) for wire in scripted.seen] == [(0, 0), (0, 1), (0, 2)]


def dies_on_reuse(die: Callable[[Wire], Any]) -> Behaviour:
    """Answers the first request of a connection and fails the second."""
    answer = stream(*told(["ok"]))

    async def behave(wire: Wire) -> None:
        if wire.turn == 0:
            await answer(wire)
        elif (dying := die(wire)) is not None:
            await dying

    return behave


async def test_connections_that_went_stale_are_not_noticed() -> None:
    async with upstream(LlamaCpp(), dies_on_reuse(Wire.reset)) as (engine, scripted):
        together = await asyncio.gather(*(deltas(engine) for _ in range(4)))
        again = await asyncio.gather(*(deltas(engine) for _ in range(4)))
    assert [delta.text for one in [*together, *again] for delta in one] == ["ok"] * 8
    assert len([wire for wire in scripted.seen if wire.turn == 1]) == 4


async def test_nothing_is_sent_again_once_a_byte_has_come() -> None:
    async def half_a_head(wire: Wire) -> None:
        await wire.send(b"HTTP/1.1 200 OK\r\nContent-")
        wire.writer.close()

    async with upstream(LlamaCpp(), dies_on_reuse(half_a_head)) as (engine, scripted):
        await deltas(engine)
        with pytest.raises(EngineLost, match="broke off"):
            await deltas(engine)
    assert len(scripted.seen) == 2


async def test_a_fresh_connection_that_breaks_is_the_engines_fault() -> None:
    async def die(wire: Wire) -> None:
        wire.reset()

    async with upstream(LlamaCpp(), die) as (engine, scripted):
        with pytest.raises(EngineLost, match="before it answered"):
            await deltas(engine)
    assert len(scripted.seen) == 1


QUIET = Patience(first_byte=0.2, between_chunks=0.2, errand=0.2)


async def silent(wire: Wire) -> None:
    await wire.hung_up()


async def silent_after_the_head(wire: Wire) -> None:
    await wire.begin()
    await wire.hung_up()


async def silent_after_a_chunk(wire: Wire) -> None:
    await wire.begin()
    await wire.part(b'data: {"choices": [{"delta": {"content": "x"}}]}\n\n')
    await wire.hung_up()


@pytest.mark.parametrize(
    ("behave", "word"),
    [(silent, "begin"), (silent_after_the_head, "silent"), (silent_after_a_chunk, "silent")],
)
async def test_each_phase_has_its_patience(behave: Behaviour, word: str) -> None:
    async with upstream(LlamaCpp(), behave, QUIET) as (engine, _):
        async with asyncio.timeout(PATIENT):
            with pytest.raises(EngineLost, match=f"{word}.*0.2 s"):
                await deltas(engine)


async def test_an_answer_that_never_ends_is_ended() -> None:
    async def for_ever(wire: Wire) -> None:
        await wire.begin()
        while not wire.writer.is_closing():
            await wire.part(b'data: {"choices": [{"delta": {"content": "x"}}]}\n\n')
            await asyncio.sleep(0.01)

    async with upstream(LlamaCpp(), for_ever, Patience(first_byte=0.1, whole=0.3)) as (engine, _):
        async with asyncio.timeout(PATIENT):
            with pytest.raises(EngineLost, match=r"did not finish within 0\.3 s"):
                await deltas(engine)


async def test_a_slow_reader_is_not_the_engines_silence() -> None:
    parts = told([str(n) for n in range(5)])
    async with upstream(LlamaCpp(), stream(*parts), Patience(between_chunks=1.0)) as (engine, _):
        seen = []
        async for delta in engine.generate(ASK):
            seen.append(delta.text)
            await asyncio.sleep(1.2 if len(seen) == 2 else 0.0)
    assert seen == ["0", "1", "2", "3", "4"]


async def test_a_slow_reader_stops_the_engine_and_not_the_memory() -> None:
    sent = 0
    part = b'data: {"choices": [{"delta": {"content": "%s"}}]}\n\n' % (b"x" * 60_000)

    async def flood(wire: Wire) -> None:
        nonlocal sent
        await wire.begin()
        while not wire.writer.is_closing():
            await wire.part(part)
            sent += len(part)

    async with upstream(LlamaCpp(), flood) as (engine, _):
        answer = engine.generate(ASK)
        await anext(answer)
        before = -1
        while before != sent:  # Until nothing moves any more.
            before = sent
            await asyncio.sleep(0.3)
        # What the kernel takes for a connection on this machine, and little more.
        assert sent < 32 * 1024 * 1024
        await answer.aclose()


async def test_leaving_early_closes_the_connection() -> None:
    closed = asyncio.Event()

    async def endless(wire: Wire) -> None:
        await wire.begin()
        await wire.part(b'data: {"choices": [{"delta": {"content": "x"}}]}\n\n')
        await wire.hung_up()
        closed.set()

    async with upstream(LlamaCpp(), endless) as (engine, _):
        answer = engine.generate(ASK)
        await anext(answer)
        await answer.aclose()
        async with asyncio.timeout(PATIENT):
            await closed.wait()


async def test_who_waits_for_the_beginning_of_an_answer_learns_too_that_the_engine_is_gone() -> None:
    async with upstream(LlamaCpp(), silent) as (engine, scripted):
        waiting = asyncio.ensure_future(deltas(engine))
        async with asyncio.timeout(PATIENT):
            while not scripted.seen:  # noqa: ASYNC110 - the engine's side has no event for it
                await asyncio.sleep(0.01)
            engine.replica.down("It is gone.")
            with pytest.raises(EngineLost, match="before it answered"):
                await waiting


async def test_who_waits_for_an_engine_that_goes_down_learns_it_at_once() -> None:
    async with upstream(LlamaCpp(), silent_after_a_chunk) as (engine, scripted):
        answer = engine.generate(ASK)
        await anext(answer)
        waiting = asyncio.ensure_future(anext(answer))
        await asyncio.sleep(0)
        engine.replica.down("It is gone.")
        async with asyncio.timeout(PATIENT):
            with pytest.raises(EngineLost, match="broke off"):
                await waiting
        with pytest.raises(EngineUnavailable, match="gone"):
            await deltas(engine)
        engine.replica.up(scripted.url, "key")
        assert (await anext(engine.generate(ASK))).text == "x"


async def test_an_answer_that_is_complete_is_not_lost_by_what_comes_after() -> None:
    async def breaks(wire: Wire) -> None:
        await wire.begin()
        await wire.part(b'data: {"choices": [{"delta": {"content": "x"}, "finish_reason": "stop"}]}\n\n')
        wire.reset()

    async def never_ends(wire: Wire) -> None:
        await wire.begin()
        await wire.part(b'data: {"choices": [{"delta": {"content": "x"}, "finish_reason": "stop"}]}\n\n')
        await wire.part(b"data: [DONE]\n\n")
        await wire.hung_up()

    for behave in (breaks, never_ends):
        async with upstream(LlamaCpp(), behave) as (engine, _), asyncio.timeout(PATIENT):
            assert [delta.text for delta in await deltas(engine)] == ["x"]


async def test_what_was_cut_on_a_kept_connection_is_not_sent_to_the_silent_engine_once_more() -> None:
    """Broken off before a byte on a connection that was used before, it looks as if that had been stale."""

    async def then_silent(wire: Wire) -> None:
        if len(scripted.seen) == 1:
            await stream(*told(["once"]))(wire)
        else:
            await asyncio.sleep(PATIENT)

    async with upstream(LlamaCpp(), then_silent) as (engine, scripted):
        await deltas(engine)
        waiting = asyncio.ensure_future(deltas(engine))
        async with asyncio.timeout(PATIENT):
            while len(scripted.seen) < 2:  # noqa: ASYNC110 - the engine's side has no event for it
                await asyncio.sleep(0.01)
            assert scripted.seen[1].turn == 1
            engine.replica.down("It is silent.")
            with pytest.raises(EngineLost, match="before it answered"):
                await waiting
    assert len(scripted.seen) == 2
