"""The backend's client: what it retries, what it does not, how long it waits."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from lemma.gateways.inference import (
    Call,
    FakeInference,
    HttpInference,
    InferenceBusy,
    InferenceInterrupted,
    InferenceRefused,
    InferenceTimedOut,
    InferenceUnavailable,
    Retries,
    Timeouts,
)
from lemma.gateways.inference.http import upper_estimate
from lemma.gateways.inference.stream import whole_characters

CALL = Call("m", [{"role": "user", "content": "hello"}], 20)
CHUNKS = [
    {"choices": [{"delta": {"role": "assistant", "content": "he"}, "finish_reason": None}]},
    {"choices": [{"delta": {"content": "llo"}, "finish_reason": None}]},
    {"choices": [{"delta": {}, "finish_reason": "stop"}]},
    {"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 3}},
]
ANSWER = "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in CHUNKS) + "data: [DONE]\n\n"
Answer = httpx.Response | Exception


def gateway(*answers: Answer, sleeps: list[float] | None = None, **options: object) -> HttpInference:
    """A client whose service gives these answers, one for each request, the last for ever."""
    left = list(answers)
    pauses: list[float] = [] if sleeps is None else sleeps

    def answer(_: httpx.Request) -> httpx.Response:
        given = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(given, Exception):
            raise given
        return given

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    transport = httpx.MockTransport(answer)
    return HttpInference("http://service", transport=transport, sleep=sleep, **options)  # type: ignore[arg-type]


def problem(status: int, code: str, **headers: str) -> httpx.Response:
    return httpx.Response(status, json={"code": code, "detail": "because"}, headers=headers)


async def test_chunks_become_one_completion() -> None:
    async with gateway(httpx.Response(200, text=ANSWER)) as client:
        completion = await client.complete(CALL)
    assert (completion.text, completion.finish) == ("hello", "stop")
    assert (completion.prompt_tokens, completion.completion_tokens) == (7, 3)


@pytest.mark.parametrize(
    "failure",
    [
        httpx.ConnectError("refused"),
        httpx.ReadError("reset"),
        problem(503, "engine_unavailable"),
        problem(429, "busy"),
    ],
)
async def test_what_fails_before_the_first_byte_is_sent_again(failure: Answer) -> None:
    sleeps: list[float] = []
    async with gateway(failure, failure, httpx.Response(200, text=ANSWER), sleeps=sleeps) as client:
        assert (await client.complete(CALL)).text == "hello"
    assert len(sleeps) == 2


async def test_retries_end_and_say_the_last_reason() -> None:
    sleeps: list[float] = []
    async with gateway(httpx.ConnectError("refused"), sleeps=sleeps) as client:
        with pytest.raises(InferenceUnavailable, match="cannot be reached"):
            await client.complete(CALL)
    assert len(sleeps) == Retries().attempts - 1
    assert all(pause <= Retries().base * 2**n for n, pause in enumerate(sleeps))


async def test_a_busy_service_says_when_to_come_back() -> None:
    sleeps: list[float] = []
    busy = problem(429, "busy", **{"Retry-After": "3"})
    async with gateway(busy, sleeps=sleeps) as client:
        with pytest.raises(InferenceBusy) as refused:
            await client.complete(CALL)
    assert refused.value.retry_after == 3.0
    assert all(pause >= 3.0 for pause in sleeps)


@pytest.mark.parametrize("status", [400, 401, 413, 422])
async def test_a_refusal_is_final(status: int) -> None:
    sleeps: list[float] = []
    async with gateway(problem(status, "nope"), sleeps=sleeps) as client:
        with pytest.raises(InferenceRefused, match="because") as refused:
            await client.complete(CALL)
    assert refused.value.upstream == "nope"
    assert sleeps == []


@pytest.mark.parametrize(
    "text",
    [
        ANSWER[:100],
        "",
        "data: [DONE]\n\n",
        "data: nonsense\n\n",
        f"data: {json.dumps(CHUNKS[0])}\n\n" + 'data: {"error": {"message": "died"}}\n\n',
    ],
)
async def test_an_answer_that_breaks_off_is_not_asked_for_again(text: str) -> None:
    sleeps: list[float] = []
    async with gateway(httpx.Response(200, text=text), sleeps=sleeps) as client:
        with pytest.raises(InferenceInterrupted):
            await client.complete(CALL)
    assert sleeps == []


async def test_each_phase_has_its_own_time() -> None:
    async def silent(_: httpx.Request) -> httpx.Response:
        await asyncio.sleep(60)
        raise AssertionError

    class Stalling(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            yield ANSWER[:120].encode()
            await asyncio.sleep(60)

    async def stalls(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, stream=Stalling())

    times = Timeouts(first_byte=0.05, between_chunks=0.05)
    for handler, kind in [(silent, InferenceTimedOut), (stalls, InferenceInterrupted)]:
        transport = httpx.MockTransport(handler)
        async with HttpInference("http://service", transport=transport, timeouts=times) as client:
            with pytest.raises(kind):
                await client.complete(CALL)


def test_bytes_of_one_character_in_several_tokens_are_joined() -> None:
    raw = "aü合".encode()
    entries = [{"token": "?", "bytes": [byte], "logprob": -1.0} for byte in raw]
    assert [token.text for token in whole_characters(entries)] == ["a", "", "ü", "", "", "合"]


def test_bytes_that_are_no_character_do_not_swallow_what_follows() -> None:
    entries = [{"token": "?", "bytes": part, "logprob": -1.0} for part in ([0xFF], [0x61], [0xE5, 0x61])]
    assert "".join(token.text for token in whole_characters(entries)).count("a") == 2


@pytest.mark.parametrize(("text", "count"), [("", 0), ("12,50", 5), ("Rechnung", 4), ("ü", 1)])
def test_the_estimate_is_on_the_high_side(text: str, count: int) -> None:
    assert upper_estimate(text) == count


async def test_the_fake_does_as_it_is_told() -> None:
    fake = FakeInference(delay=0.01).will_answer("one", "two").will_fail(InferenceUnavailable("down"))
    with pytest.raises(InferenceUnavailable, match="down"):
        await fake.complete(Call("fake", [], 10))
    texts = [(await fake.complete(Call("fake", [], 10))).text for _ in range(2)]
    assert texts == ["one", "two"]
    assert len(fake.calls) == 3
    fake.script = _by_prompt
    assert (await fake.complete(Call("fake", [{"role": "user", "content": "x"}], 10))).text == "x!"


def _by_prompt(call: Call) -> str | None:
    return f"{call.messages[-1]['content']}!"


def test_the_script_type_is_what_the_fake_takes() -> None:
    script: Callable[[Call], str | None] = _by_prompt
    assert FakeInference(script=script).script is script
