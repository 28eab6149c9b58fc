"""What any OpenAI client may rely on, over each engine."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from lemma_inference.engines.fake import FakeEngine
from tests.contracts.inference.service import Running, serving_fake

CHAT = "/v1/chat/completions"
ENDLESS = {"grammar": "start: /[a-z]{1500}/", "max_tokens": 1500}


def body(service: Running, **fields: Any) -> dict[str, Any]:
    if grammar := fields.pop("grammar", None):
        fields["structured_outputs"] = {"grammar": grammar}
    return {
        "model": service.model,
        "messages": [{"role": "user", "content": "hello"}],
        "max_tokens": 60,
        "temperature": 0,
        **fields,
    }


async def ask(service: Running, **fields: Any) -> tuple[int, dict[str, Any]]:
    async with service.client() as client:
        response = await client.post(CHAT, json=body(service, **fields))
        return response.status_code, response.json()


@pytest.mark.parametrize(
    ("fields", "code", "word"),
    [
        ({"guided_json": {}}, "invalid_request", "guided_json"),
        ({"cache_salt": "x"}, "invalid_request", "cache_salt"),
        ({"max_tokens": 0}, "invalid_request", "max_tokens"),
        ({"temperature": -1}, "invalid_request", "temperature"),
        ({"temperature": "hot"}, "invalid_request", "temperature"),
        ({"messages": []}, "invalid_request", "messages"),
        ({"messages": "x"}, "invalid_request", "messages"),
        ({"messages": [{"role": "tool", "content": "x"}]}, "invalid_request", "role"),
        ({"messages": [{"role": "user", "content": None}]}, "invalid_request", "content"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, "invalid_request", "content"),
        ({"n": 2}, "invalid_request", "n"),
        ({"top_logprobs": 5}, "invalid_request", "logprobs"),
        ({"logprobs": True, "top_logprobs": 21}, "invalid_request", "top_logprobs"),
        ({"stream_options": {"include_usage": True}}, "invalid_request", "stream"),
        ({"structured_outputs": {}}, "invalid_request", "exactly one"),
        ({"structured_outputs": {"grammar": "x", "json": {}}}, "invalid_request", "exactly one"),
        ({"structured_outputs": {"grammar": "start: foo"}}, "grammar_invalid", "foo"),
        ({"structured_outputs": {"regex": "("}}, "grammar_invalid", ""),
        ({"structured_outputs": {"json": {"type": "nonsense"}}}, "grammar_invalid", "nonsense"),
        ({"response_format": {"type": "json_schema"}}, "invalid_request", "json_schema"),
    ],
)
async def test_wrong_requests_are_refused_by_name(
    service: Running, fields: dict[str, Any], code: str, word: str
) -> None:
    status, problem = await ask(service, **fields)
    assert (status, problem["code"]) == (400, code)
    assert word in problem["detail"]
    assert problem["error"]["message"] == problem["detail"]


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"null", b'"x"', b"\xff", b'{"model": NaN', b"[" * 20_000])
async def test_bodies_that_are_no_request_are_a_400(service: Running, raw: bytes) -> None:
    async with service.client(headers={"Content-Type": "application/json"}) as client:
        response = await client.post(CHAT, content=raw)
    assert response.status_code == 400
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["code"] == "invalid_request"


async def test_paths_and_methods_that_are_not_there_answer_in_the_same_form(service: Running) -> None:
    async with service.client() as client:
        for method, path, status in [("GET", "/nope", 404), ("GET", CHAT, 405), ("POST", "/health", 405)]:
            response = await client.request(method, path)
            assert response.status_code == status
            assert response.headers["content-type"] == "application/problem+json"
            assert response.json()["status"] == status


async def test_an_unknown_class_is_refused(service: Running) -> None:
    async with service.client(headers={"X-Lemma-Class": "boss"}) as client:
        response = await client.post(CHAT, json=body(service))
    assert response.status_code == 400
    assert "X-Lemma-Class" in response.json()["detail"]


@pytest.mark.parametrize(
    ("form", "allowed"),
    [
        ({"structured_outputs": {"choice": ["ja", 'ne"in', "ünknown"]}}, {"ja", 'ne"in', "ünknown"}),
        ({"structured_outputs": {"regex": "a/b|c\\/d"}}, {"a/b", "c/d"}),
        ({"structured_outputs": {"json": {"enum": ["x", "y"]}}}, {'"x"', '"y"'}),
        (
            {
                "response_format": {
                    "type": "json_schema",
                    "json_schema": {"name": "n", "schema": {"const": 7}},
                }
            },
            {"7"},
        ),
    ],
)
async def test_every_form_of_structured_output_is_obeyed(
    service: Running, form: dict[str, Any], allowed: set[str]
) -> None:
    for seed in range(3):
        status, answer = await ask(service, temperature=1, seed=seed, **form)
        assert status == 200
        assert answer["choices"][0]["message"]["content"] in allowed
        assert answer["choices"][0]["finish_reason"] == "stop"


async def test_content_may_come_in_parts(service: Running) -> None:
    parts = [{"type": "text", "text": "he"}, {"type": "text", "text": "llo"}]
    _, whole = await ask(service, grammar="start: /[a-z]{3}/")
    _, split = await ask(service, grammar="start: /[a-z]{3}/", messages=[{"role": "user", "content": parts}])
    assert whole["usage"]["prompt_tokens"] == split["usage"]["prompt_tokens"]
    assert whole["choices"][0]["message"] == split["choices"][0]["message"]


async def test_a_stream_says_the_same_as_a_whole_answer(service: Running) -> None:
    grammar = 'start: "Grüße, " /[a-z]{5,20}/ " 合計"'
    _, whole = await ask(service, grammar=grammar, logprobs=True, top_logprobs=1)
    fields = {"stream": True, "stream_options": {"include_usage": True}, "logprobs": True, "top_logprobs": 1}
    async with service.client() as client:
        response = await client.post(CHAT, json=body(service, grammar=grammar, **fields))
    assert response.headers["content-type"].startswith("text/event-stream")
    events = [line.removeprefix("data: ") for line in response.text.split("\n\n") if line]
    assert events[-1] == "[DONE]"
    chunks = [json.loads(event) for event in events[:-1]]
    assert chunks[0]["choices"][0]["delta"]["role"] == "assistant"
    text = "".join(c["choices"][0]["delta"].get("content", "") for c in chunks if c["choices"])
    assert text == whole["choices"][0]["message"]["content"]
    tokens = [
        t for c in chunks if c["choices"] for t in (c["choices"][0].get("logprobs") or {}).get("content", ())
    ]
    assert b"".join(bytes(t["bytes"]) for t in tokens) == text.encode()
    assert len(tokens) == len(whole["choices"][0]["logprobs"]["content"])
    usage = chunks[-1]["usage"]
    assert (usage["prompt_tokens"], usage["completion_tokens"]) == (
        whole["usage"]["prompt_tokens"],
        whole["usage"]["completion_tokens"],
    )


async def test_a_stop_word_ends_the_answer_and_is_not_in_it(service: Running) -> None:
    status, answer = await ask(service, grammar='start: "abc" "STOP" "def"', stop="STOP")
    assert status == 200
    text = answer["choices"][0]["message"]["content"]
    assert text.rstrip("STO") == "abc"
    assert answer["choices"][0]["finish_reason"] == "stop"


async def test_tokens_can_be_counted(service: Running) -> None:
    async with service.client() as client:
        response = await client.post("/tokenize", json={"text": "größer"})
    assert response.json() == {"count": 8} or response.json() == {"count": 7}


async def test_a_closed_stream_frees_its_seat(service: Running) -> None:
    endless = body(service, stream=True, **ENDLESS)
    async with service.client() as client, client.stream("POST", CHAT, json=endless) as response:
        assert response.status_code == 200
        await anext(response.aiter_lines())
    await service.until_idle()


async def test_a_closed_plain_request_frees_its_seat_too(service: Running) -> None:
    async with service.client() as client:
        task = asyncio.create_task(client.post(CHAT, json=body(service, **ENDLESS)))
        await asyncio.sleep(0.05)
        task.cancel()
        await asyncio.wait({task})
    await service.until_idle()


async def test_the_engine_never_holds_more_than_its_slots(service: Running) -> None:
    most = 0
    grammar = "start: /[a-z]{40}/"
    asked = [asyncio.create_task(ask(service, grammar=grammar, max_tokens=100)) for _ in range(8)]
    while not all(task.done() for task in asked):
        most = max(most, (await service.health())["running"])
        await asyncio.sleep(0.005)
    assert [task.result()[0] for task in asked] == [200] * 8
    assert 0 < most <= service.built.houses[0].members["1"].engine.slots


async def test_all_that_was_used_is_counted_also_when_broken_off(service: Running) -> None:
    before = (await service.health())["used"].get(
        "batch", {"requests": 0, "unfinished": 0, "completion_tokens": 0}
    )
    client = service.client(headers={"X-Lemma-Class": "batch"})
    endless = body(service, stream=True, **ENDLESS)
    async with client, client.stream("POST", CHAT, json=endless) as response:
        lines = response.aiter_lines()
        for _ in range(9):
            await anext(lines)
    await service.until_idle()
    after = (await service.health())["used"]["batch"]
    assert after["requests"] == before["requests"] + 1
    assert after["unfinished"] == before["unfinished"] + 1
    assert after["completion_tokens"] >= before["completion_tokens"] + 4


async def test_a_request_that_waits_and_goes_away_leaves_the_queue() -> None:
    engine = FakeEngine(slots=1, pace=0.01)
    async with serving_fake(engine) as service, service.client() as client:
        long = body(service, grammar="start: /a{200}/", max_tokens=200)
        first = asyncio.create_task(client.post(CHAT, json=long))
        await service.until(lambda health: health["running"])
        second = asyncio.create_task(client.post(CHAT, json=body(service)))
        await service.until(lambda health: health["waiting"]["interactive"])
        second.cancel()
        await asyncio.wait({second})
        await service.until(lambda health: not health["waiting"]["interactive"])
        assert (await first).status_code == 200
        assert engine.served == 1


def waits_in(request_class: str) -> Callable[[dict[str, Any]], object]:
    return lambda health: health["waiting"][request_class]


async def test_research_overtakes_interactive_overtakes_batch() -> None:
    engine = FakeEngine(slots=1, pace=0.005)
    done: list[str] = []
    async with serving_fake(engine) as service, service.client() as client:

        async def send(request_class: str) -> None:
            fields = body(service, grammar="start: /a{200}/", max_tokens=200)
            response = await client.post(CHAT, json=fields, headers={"X-Lemma-Class": request_class})
            assert response.status_code == 200
            done.append(request_class)

        tasks = [asyncio.create_task(send("batch"))]
        await service.until(lambda health: health["running"])
        for request_class in ["batch", "interactive", "research"]:
            tasks.append(asyncio.create_task(send(request_class)))
            await service.until(waits_in(request_class))
        await asyncio.gather(*tasks)
    assert done == ["batch", "research", "interactive", "batch"]


async def test_a_full_queue_answers_429_with_a_time_to_come_back_but_never_to_research() -> None:
    engine = FakeEngine(slots=1, pace=0.01)
    async with serving_fake(engine, waiting=1) as service, service.client() as client:
        tasks = []
        for seen in (
            lambda health: health["running"],
            lambda health: health["waiting"]["interactive"],
        ):
            long = body(service, grammar="start: /a{200}/", max_tokens=200)
            tasks.append(asyncio.create_task(client.post(CHAT, json=long)))
            await service.until(seen)
        refused = await client.post(CHAT, json=body(service))
        assert refused.status_code == 429
        assert int(refused.headers["Retry-After"]) >= 1
        assert refused.json()["code"] == "busy"
        research = await client.post(CHAT, json=body(service), headers={"X-Lemma-Class": "research"})
        assert research.status_code == 200
        assert [response.status_code for response in await asyncio.gather(*tasks)] == [200, 200]


async def test_the_key_is_asked_for_everywhere_but_at_health() -> None:
    async with serving_fake(FakeEngine(), api_key="secret") as service, service.client() as client:
        assert (await client.get("/health")).status_code == 200
        for method, path in [("GET", "/v1/models"), ("POST", CHAT), ("POST", "/tokenize")]:
            for key in [b"", b"Bearer wrong", "Bearer sécret".encode(), b"Basic secret"]:
                headers = {b"Authorization": key}
                response = await client.request(method, path, headers=headers, json={"text": "x"})
                assert response.status_code == 401
        allowed = await client.get("/v1/models", headers={"Authorization": "Bearer secret"})
        assert allowed.status_code == 200


async def test_a_body_beyond_the_limit_is_refused_with_and_without_its_length() -> None:
    async with serving_fake(FakeEngine(), max_body_bytes=1000) as service, service.client() as client:
        long = json.dumps({"text": "x" * 2000}).encode()

        async def pieces() -> Any:
            for at in range(0, len(long), 100):
                yield long[at : at + 100]

        headers = {"Content-Type": "application/json"}
        for content in (long, pieces()):
            response = await client.post("/tokenize", content=content, headers=headers)
            assert (response.status_code, response.json()["code"]) == (413, "too_large")
