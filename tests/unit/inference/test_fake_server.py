"""What a client sees of the fake vLLM: the same paths, bodies, counts and refusals."""

import asyncio
import base64
import json
import math
import re
import struct
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lemma_inference.engines.fakevllm.asks import Ask, Reader, Refused
from lemma_inference.engines.fakevllm.tokens import Tokens, Writing, cut
from tests.unit.inference.fake_engine import HELLO, PATIENCE, Fake, fake, told, until

PERSON = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
    "required": ["name", "age"],
    "additionalProperties": False,
}


def said(response: httpx.Response) -> str:
    assert response.status_code == 200, response.text
    return str(response.json()["choices"][0]["message"]["content"])


async def test_an_answer_is_counted_and_is_the_same_every_time() -> None:
    async with fake() as engine:
        first = (await engine.chat(max_tokens=8)).json()
        assert first["object"] == "chat.completion"
        assert first["id"].startswith("chatcmpl-")
        assert first["choices"][0]["finish_reason"] == "length"
        assert len(first["choices"][0]["message"]["content"]) == 32
        # Role, two tokens of text, end, and the role of the answer.
        assert first["usage"] == {"prompt_tokens": 5, "total_tokens": 13, "completion_tokens": 8}
        assert said(await engine.chat(max_tokens=8)) == first["choices"][0]["message"]["content"]
        assert said(await engine.chat(max_tokens=8, seed=2)) != first["choices"][0]["message"]["content"]


async def test_an_answer_ends_by_itself_unless_it_may_not() -> None:
    async with fake("--answer-tokens", "10") as engine:
        by_itself = (await engine.chat()).json()
        # The token that ends the turn counts, and has no text.
        assert by_itself["usage"]["completion_tokens"] == 11
        assert by_itself["choices"][0]["finish_reason"] == "stop"
        assert len(by_itself["choices"][0]["message"]["content"]) == 40
        for further in ({"ignore_eos": True, "max_tokens": 30}, {"min_tokens": 30, "max_tokens": 30}):
            longer = (await engine.chat(**further)).json()
            assert longer["usage"]["completion_tokens"] == 30
            assert longer["choices"][0]["finish_reason"] == "length"


async def test_completions_have_their_own_form_and_a_bound_of_16() -> None:
    async with fake() as engine:
        answer = (await engine.complete([3, 1, 4, 1, 5])).json()
        assert answer["object"] == "text_completion"
        assert answer["usage"] == {"prompt_tokens": 5, "total_tokens": 21, "completion_tokens": 16}
        assert answer["choices"][0]["finish_reason"] == "length"
        assert (
            told(await engine.stream("/v1/completions", prompt=[3, 1, 4, 1, 5]))
            == (answer["choices"][0]["text"])
        )


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/completions"])
async def test_a_stream_says_the_same_and_counts_as_asked(path: str) -> None:
    async with fake() as engine:
        plain = await engine.stream(path, max_tokens=5)
        assert all("usage" not in chunk for chunk in plain)
        assert plain[-1]["choices"][0]["finish_reason"] == "length"
        at_end = await engine.stream(path, max_tokens=5, stream_options={"include_usage": True})
        assert told(at_end) == told(plain)
        assert [chunk for chunk in at_end if "usage" in chunk] == [at_end[-1]]
        assert at_end[-1]["choices"] == []
        assert at_end[-1]["usage"]["completion_tokens"] == 5
        options = {"include_usage": True, "continuous_usage_stats": True}
        running = await engine.stream(path, max_tokens=5, stream_options=options)
        counts = [chunk["usage"]["completion_tokens"] for chunk in running]
        assert counts == ([0] if "chat" in path else []) + [1, 2, 3, 4, 5, 5]


async def test_forced_usage_is_on_every_chunk_and_details_on_the_last() -> None:
    async with fake("--enable-force-include-usage", "--enable-prompt-tokens-details") as engine:
        chunks = await engine.stream(max_tokens=3)
        assert [chunk["usage"]["completion_tokens"] for chunk in chunks] == [0, 1, 2, 3, 3]
        assert ["prompt_tokens_details" in chunk["usage"] for chunk in chunks] == [False] * 4 + [True]


async def test_a_stream_has_its_head_before_there_is_a_token() -> None:
    async with fake("--max-num-seqs", "1") as engine:
        endless = HELLO | {"stream": True, "ignore_eos": True}
        async with engine.client.stream("POST", "/v1/chat/completions", json=endless) as first:
            await until(lambda: len(engine.server.scheduler.running) == 1)
            async with engine.client.stream("POST", "/v1/chat/completions", json=endless) as second:
                assert second.status_code == 200
                assert engine.server.scheduler.waiting == 1
            assert first.status_code == 200


@pytest.mark.parametrize("width", ["1", "4"])
async def test_a_stop_string_ends_the_answer_and_is_not_in_it(width: str) -> None:
    async with fake("--bytes-per-token", width) as engine:
        text = said(await engine.chat(max_tokens=60, ignore_eos=True))
        stop = text[20:27]
        end = text.index(stop)
        answer = (await engine.chat(max_tokens=60, ignore_eos=True, stop=["zebra", stop])).json()
        assert answer["choices"][0]["message"]["content"] == text[:end]
        assert answer["choices"][0]["finish_reason"] == "stop"
        assert answer["choices"][0]["stop_reason"] == stop
        chunks = await engine.stream(max_tokens=60, ignore_eos=True, stop=["zebra", stop])
        assert told(chunks) == text[:end]
        assert chunks[-1]["choices"][0]["stop_reason"] == stop


@given(st.text(max_size=40), st.lists(st.text("abé", min_size=1, max_size=3), max_size=3), st.integers(1, 4))
def test_what_is_shown_piece_by_piece_is_the_text_up_to_a_stop(
    text: str, stops: list[str], width: int
) -> None:
    text = text.encode("utf-8", "ignore").decode()
    writing, shown, stopped = Writing(stops), "", False
    for token in cut(iter(text), width):
        stopped = writing.add(token)
        shown += writing.delta(last=stopped)
        if stopped:
            break
    shown += "" if stopped else writing.delta(last=True)
    assert shown == writing.text
    assert not any(stop in shown for stop in stops)
    assert text.startswith(shown)
    assert stopped or shown == text


@given(st.text(), st.sampled_from([1, 4]))
def test_text_becomes_tokens_and_tokens_text(text: str, width: int) -> None:
    text = "".join(sign for sign in text.encode("utf-8", "ignore").decode() if sign > "\x06")
    tokens = Tokens(width)
    ids = tokens.ids(tokens.text(text))
    assert len(ids) == -(-len(text.encode()) // width)
    assert tokens.decode(tokens.from_ids(ids)) == text


async def test_log_probabilities_of_chat_are_possible_and_spell_the_answer() -> None:
    async with fake() as engine:
        answer = (await engine.chat(max_tokens=6, logprobs=True, top_logprobs=3)).json()
        listed = answer["choices"][0]["logprobs"]["content"]
        assert b"".join(bytes(one["bytes"]) for one in listed).decode() == said(
            await engine.chat(max_tokens=6)
        )
        for one in listed:
            assert one["top_logprobs"][0]["logprob"] == one["logprob"]
            assert len(one["top_logprobs"]) == 3
            assert sum(math.exp(top["logprob"]) for top in one["top_logprobs"]) <= 1.0
        chunks = await engine.stream(max_tokens=6, logprobs=True, top_logprobs=3)
        streamed = [
            one for chunk in chunks for one in (chunk["choices"][0]["logprobs"] or {}).get("content", [])
        ]
        assert streamed == listed


async def test_log_probabilities_of_completions_know_where_tokens_begin() -> None:
    async with fake() as engine:
        answer = (await engine.complete(max_tokens=5, logprobs=2)).json()["choices"][0]
        lists = answer["logprobs"]
        assert "".join(lists["tokens"]) == answer["text"]
        assert lists["text_offset"] == [0, 4, 8, 12, 16]
        assert [len(top) for top in lists["top_logprobs"]] == [2] * 5
        chunks = await engine.stream("/v1/completions", max_tokens=5, logprobs=2)
        offsets = [at for chunk in chunks for at in chunk["choices"][0]["logprobs"]["text_offset"]]
        assert offsets == lists["text_offset"]


@pytest.mark.parametrize(
    ("wish", "allowed"),
    [
        ({"structured_outputs": {"choice": ["yes", "no"]}}, "yes|no"),
        ({"structured_outputs": {"regex": "[a-c]{5}-[0-9]{2}"}}, "[a-c]{5}-[0-9]{2}"),
        ({"structured_outputs": {"grammar": 'start: "x" /[0-9]{3}/ "y"'}}, "x[0-9]{3}y"),
    ],
)
async def test_grammars_are_obeyed(wish: dict[str, Any], allowed: str) -> None:
    async with fake() as engine:
        for seed in range(5):
            response = await engine.chat(seed=seed, **wish)
            assert re.fullmatch(allowed, said(response)), said(response)
            assert response.json()["choices"][0]["finish_reason"] == "stop"
            assert told(await engine.stream(seed=seed, **wish)) == said(response)


@pytest.mark.parametrize(
    "wish",
    [
        {"structured_outputs": {"json": PERSON}},
        {"structured_outputs": {"json": json.dumps(PERSON)}},
        {"response_format": {"type": "json_schema", "json_schema": {"name": "person", "schema": PERSON}}},
    ],
)
async def test_schemas_are_obeyed(wish: dict[str, Any]) -> None:
    async with fake() as engine:
        for seed in range(5):
            person = json.loads(said(await engine.chat(seed=seed, **wish)))
            assert sorted(person) == ["age", "name"]
            assert isinstance(person["age"], int)


async def test_any_object_may_be_asked_for() -> None:
    async with fake() as engine:
        for wish in (
            {"response_format": {"type": "json_object"}},
            {"structured_outputs": {"json_object": True}},
        ):
            assert isinstance(json.loads(said(await engine.chat(**wish))), dict)


async def test_a_grammar_that_is_cut_off_says_so() -> None:
    async with fake() as engine:
        answer = (await engine.chat(max_tokens=2, structured_outputs={"regex": "a{100}"})).json()
        assert answer["choices"][0]["finish_reason"] == "length"
        assert answer["choices"][0]["message"]["content"] == "aaaaaaaa"


async def test_old_names_of_grammars_are_ignored_without_a_word() -> None:
    """So does vLLM (vllm#53975), which is why a gateway must refuse them."""
    async with fake() as engine:
        free = said(await engine.chat(max_tokens=8))
        assert said(await engine.chat(max_tokens=8, guided_json=PERSON, guided_choice=["a"])) == free


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({"messages": []}, "messages"),
        ({"messages": [{"role": "nobody", "content": "x"}]}, "Input should be one of"),
        ({"max_tokens": 0}, "max_tokens must be at least 1"),
        ({"max_tokens": "5"}, "valid integer"),
        ({"n": 2}, "`n` must be 1"),
        ({"stream_options": {"include_usage": True}}, "stream=True"),
        ({"top_logprobs": 2}, "`logprobs` must be set"),
        ({"logprobs": True, "top_logprobs": 21}, "max allowed: 20"),
        ({"stop": [""]}, "empty string"),
        ({"cache_salt": ""}, "cache_salt"),
        ({"tools": [{"type": "function", "function": {"name": "x"}}]}, "--enable-auto-tool-choice"),
        ({"structured_outputs": {"choice": ["a"], "regex": "a"}}, "one kind"),
        ({"structured_outputs": {}}, "one kind"),
        ({"structured_outputs": {"choice": "ab"}}, "is no choice"),
        ({"structured_outputs": {"choice": [1]}}, "is no choice"),
        ({"structured_outputs": {"grammar": "start: missing"}}, "Failed to compile"),
        ({"structured_outputs": {"json": "{"}}, "no JSON"),
        ({"max_tokens": 40_000}, "maximum context length is 32768 tokens"),
    ],
)
async def test_what_vllm_refuses_is_refused_in_its_form(body: dict[str, Any], word: str) -> None:
    async with fake() as engine:
        response = await engine.chat(**body)
        assert response.status_code == 400
        error = response.json()["error"]
        assert word in error["message"]
        assert error.keys() == {"message", "type", "param", "code"}
        assert error["code"] == 400


async def test_a_prompt_that_fills_the_context_is_refused_with_both_numbers() -> None:
    async with fake("--max-model-len", "64") as engine:
        for body in ({"prompt": "x" * 260}, {"prompt": "x" * 200, "max_tokens": 20}):
            refused = await engine.client.post("/v1/completions", json=body)
            assert refused.status_code == 400
            message = refused.json()["error"]["message"]
            assert re.search(
                r"maximum context length is 64 tokens\. .* contains (65|50) input tokens", message
            )
        assert (await engine.complete("x" * 192)).status_code == 200


async def test_paths_models_and_keys() -> None:
    async with fake("--model", "small", "--api-key", "secret") as engine:
        assert (await engine.client.get("/v1/models")).status_code == 401
        assert (await engine.chat()).json() == {"error": "Unauthorized"}
        for path in ("/health", "/metrics", "/version", "/load"):
            assert (await engine.client.get(path)).status_code == 200
        assert (await engine.client.post("/tokenize", json={"prompt": "x"})).status_code == 200
        engine.client.headers["authorization"] = "Bearer secret"
        (card,) = (await engine.client.get("/v1/models")).json()["data"]
        assert (card["id"], card["max_model_len"]) == ("small", 32_768)
        assert (await engine.chat(model="small")).status_code == 200
        unknown = await engine.chat(model="large")
        assert unknown.status_code == 404
        assert unknown.json()["error"]["type"] == "NotFoundError"
        assert (await engine.client.get("/nowhere")).status_code == 404
        assert (await engine.client.get("/v1/completions")).status_code == 405
        assert (await engine.client.post("/v1/completions", content=b"{")).status_code == 400
        assert (await engine.client.post("/v1/completions", content=b"[]")).status_code == 400
        assert (await engine.client.post("/fault", json={})).status_code == 404


async def test_tokens_can_be_seen() -> None:
    async with fake() as engine:
        seen = (await engine.client.post("/tokenize", json={"prompt": "hello"})).json()
        assert (seen["count"], seen["max_model_len"], len(seen["tokens"])) == (2, 32_768, 2)
        back = await engine.client.post("/detokenize", json={"tokens": seen["tokens"]})
        assert back.json() == {"prompt": "hello"}
        chat = (await engine.client.post("/tokenize", json=HELLO)).json()
        assert chat["count"] == (await engine.chat()).json()["usage"]["prompt_tokens"]
        assert (await engine.client.post("/tokenize", json={})).status_code == 400
        assert (await engine.client.post("/detokenize", json={"tokens": "x"})).status_code == 400


async def test_embeddings_are_unit_vectors_that_depend_on_the_text() -> None:
    async with fake("--embedding-size", "64") as engine:

        async def embed(given: Any, **body: Any) -> dict[str, Any]:
            response = await engine.client.post("/v1/embeddings", json={"input": given} | body)
            assert response.status_code == 200, response.text
            return dict(response.json())

        both = await embed(["cat", "dog"])
        cat, dog = (one["embedding"] for one in both["data"])
        assert len(cat) == 64
        assert math.fsum(number * number for number in cat) == pytest.approx(1.0)
        assert cat != dog
        assert both["usage"]["prompt_tokens"] == 2
        assert (await embed("dog"))["data"][0]["embedding"] == dog
        packed = (await embed("dog", encoding_format="base64"))["data"][0]["embedding"]
        assert struct.unpack("<64f", base64.b64decode(packed)) == pytest.approx(dog, rel=1e-6)
        assert len((await embed([1, 2, 3], dimensions=8))["data"][0]["embedding"]) == 8
        refused: list[dict[str, Any]] = [{"input": ""}, {"input": []}, {"input": "x", "dimensions": 65}, {}]
        for wrong in refused:
            assert (await engine.client.post("/v1/embeddings", json=wrong)).status_code == 400
        await engine.idle()


async def order_of(engine: Fake, urgent: dict[str, Any], other: dict[str, Any]) -> list[str]:
    """Who is answered first, of two that wait behind one that blocks the only seat."""
    done: list[str] = []

    async def ask(name: str, given: dict[str, Any]) -> None:
        response = await engine.chat(max_tokens=2, **given)
        assert response.status_code == 200
        done.append(name)

    scheduler = engine.server.scheduler
    blocking = HELLO | {"stream": True, "ignore_eos": True}
    async with engine.client.stream("POST", "/v1/chat/completions", json=blocking):
        await until(lambda: len(scheduler.running) == 1)
        waiting = [asyncio.create_task(ask("other", other))]
        await until(lambda: scheduler.waiting == 1)
        waiting.append(asyncio.create_task(ask("urgent", urgent)))
        await until(lambda: scheduler.waiting == 2)
    await asyncio.wait_for(asyncio.gather(*waiting), PATIENCE)
    return done


async def test_the_header_goes_before_the_body_and_lower_is_earlier() -> None:
    async with fake("--scheduling-policy", "priority", "--max-num-seqs", "1") as engine:
        assert await order_of(engine, {"priority": -1}, {}) == ["urgent", "other"]
        header = {"headers": {"X-Vllm-Priority": "-100"}, "priority": 900}
        assert await order_of(engine, header, {"priority": -50}) == ["urgent", "other"]
        assert (await engine.chat({"X-Vllm-Priority": "soon"})).status_code == 400


async def test_without_the_policy_the_header_does_nothing() -> None:
    async with fake("--max-num-seqs", "1") as engine:
        assert await order_of(engine, {"headers": {"X-Vllm-Priority": "-100"}}, {}) == ["other", "urgent"]


async def test_beyond_the_bound_everyone_is_refused() -> None:
    async with fake("--max-num-queued-reqs", "1", "--scheduling-policy", "priority") as engine:
        endless = HELLO | {"stream": True, "ignore_eos": True}
        async with engine.client.stream("POST", "/v1/chat/completions", json=endless):
            await until(lambda: engine.server.scheduler.full)
            refused = await engine.chat({"X-Vllm-Priority": "-100"})
            assert refused.status_code == 503
            assert refused.json()["error"]["code"] == 503


async def test_what_was_read_before_is_told_and_salts_keep_it_apart() -> None:
    async with fake("--enable-prompt-tokens-details") as engine:

        async def cached(**body: Any) -> int:
            usage = (await engine.complete("a long prompt " * 20, **body)).json()["usage"]
            return int(usage["prompt_tokens_details"]["cached_tokens"])

        assert await cached() == 0
        assert await cached() == 64
        assert await cached(cache_salt="org-1") == 0
        assert await cached(cache_salt="org-1") == 64


async def test_a_conversation_that_goes_on_is_known_up_to_its_last_answer() -> None:
    async with fake("--enable-prompt-tokens-details") as engine:
        opening = [{"role": "user", "content": "Tell me a story. " * 10}]
        answer = said(await engine.chat(messages=opening, max_tokens=64, ignore_eos=True))
        turns = [*opening, {"role": "assistant", "content": answer}, {"role": "user", "content": "Go on."}]
        usage = (await engine.chat(messages=turns)).json()["usage"]
        # 46 tokens of the first prompt and 63 of the answer: the last one was written and never read.
        assert usage["prompt_tokens_details"]["cached_tokens"] == (46 + 63) // 16 * 16


async def test_the_metrics_agree_with_what_the_clients_were_told() -> None:
    async with fake("--enable-prompt-tokens-details") as engine:
        usages = [(await engine.chat(max_tokens=5)).json()["usage"] for _ in range(3)]
        chunks = await engine.stream(max_tokens=7, stream_options={"include_usage": True})
        usages.append(chunks[-1]["usage"])
        metrics = await engine.metrics()
        assert metrics["vllm:prompt_tokens_total"] == sum(one["prompt_tokens"] for one in usages)
        assert metrics["vllm:generation_tokens_total"] == sum(one["completion_tokens"] for one in usages)
        assert metrics['vllm:request_success_total{,finished_reason="length"}'] == 4
        assert metrics["vllm:time_to_first_token_seconds_count"] == 4
        for name in (
            "vllm:num_requests_running",
            "vllm:num_requests_waiting",
            "vllm:kv_cache_usage_perc",
            "vllm:num_preemptions_total",
            "vllm:prompt_tokens_cached_total",
        ):
            assert metrics[name] == 0
        assert metrics["vllm:prefix_cache_queries_total"] == 20


async def test_headers_that_vllm_can_send() -> None:
    async with fake("--enable-request-id-headers") as engine:
        response = await engine.chat({"X-Request-Id": "abc", "endpoint-load-metrics-format": "json"})
        assert response.json()["id"] == "chatcmpl-abc"
        assert response.headers["x-request-id"] == "abc"
        load = json.loads(response.headers["endpoint-load-metrics"].removeprefix("JSON "))
        assert load["named_metrics"].keys() == {"kv_cache_usage_perc", "num_requests_waiting"}


ANY = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 40)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
FIELDS = [
    *("messages", "prompt", "input", "model", "max_tokens", "max_completion_tokens", "min_tokens", "stream"),
    *("stream_options", "stop", "logprobs", "top_logprobs", "seed", "priority", "cache_salt", "ignore_eos"),
    *("structured_outputs", "response_format", "n", "tools", "tool_choice", "echo"),
]


def read_or_refuse(read: Callable[[], list[Ask]]) -> list[Ask] | Refused:
    try:
        return read()
    except Refused as refused:
        return refused


@settings(max_examples=400, deadline=None)
@given(st.dictionaries(st.sampled_from(FIELDS), ANY, max_size=6))
def test_any_body_is_read_or_refused(wishes: dict[str, Any]) -> None:
    reader = Reader(Tokens(4), "fake", 512)
    body = {"messages": HELLO["messages"], "prompt": "x", "input": "x"} | wishes
    for outcome in (
        read_or_refuse(lambda: [reader.chat(body, None)]),
        read_or_refuse(lambda: [reader.completion(body, 3)]),
        read_or_refuse(lambda: reader.embeddings(body)),
    ):
        if isinstance(outcome, Refused):
            assert outcome.status in (400, 404)
            json.dumps(outcome.body)
        else:
            assert all(ask.prompt and 0 <= ask.max_tokens < 512 for ask in outcome)
