"""What goes wrong on demand goes wrong in that way, and in no other."""

import asyncio
import json
from typing import Any

import httpx
import pytest

from lemma_inference.engines.fakevllm.faults import Faults, Luck
from tests.unit.inference.fake_engine import HELLO, PATIENCE, Fake, address, fake, process, raw, until

LONG = HELLO | {"max_tokens": 20, "ignore_eos": True}


async def lines(engine: Fake, **body: Any) -> list[str]:
    """What comes of a stream until it ends. Raises what httpx raises where it does not end well."""
    asked = LONG | {"stream": True} | body
    async with engine.client.stream("POST", "/v1/chat/completions", json=asked) as one:
        return [line async for line in one.aiter_lines() if line]


async def switch(engine: Fake, **faults: Any) -> None:
    response = await engine.client.post("/fault", json=faults)
    assert response.status_code == 200, response.text
    assert (await engine.client.get("/fault")).json() == Faults().as_dict() | faults


def test_a_share_is_counted_and_not_drawn() -> None:
    luck, faults = Luck(), Faults(share=0.3)
    assert [place for place in range(1, 11) if luck.hit(faults)] == [4, 7, 10]
    luck, faults = Luck(), Faults(times=2)
    assert [luck.hit(faults) for _ in range(4)] == [True, True, False, False]


@pytest.mark.parametrize(
    "wrong",
    [
        "[1]",
        "{",
        '{"nothing": 1}',
        '{"freeze": 1}',
        '{"freeze": null}',
        '{"stall_after": true}',
        '{"share": -1}',
        '{"share": 1.5}',
        '{"refuse_seconds": NaN}',
        '{"times": "2"}',
    ],
)
async def test_a_fault_that_makes_no_sense_is_refused(wrong: str) -> None:
    async with fake("--faults") as engine:
        assert (await engine.client.post("/fault", content=wrong)).status_code == 400
        assert (await engine.client.get("/fault")).json() == Faults().as_dict()


async def test_a_status_for_a_share_of_the_requests() -> None:
    async with fake("--faults") as engine:
        await switch(engine, status=503, share=0.5)
        assert [(await engine.chat(max_tokens=1)).status_code for _ in range(4)] == [200, 503, 200, 503]
        await switch(engine, status=500, times=1)
        assert [(await engine.chat(max_tokens=1)).status_code for _ in range(3)] == [500, 200, 200]
        assert (await engine.client.get("/health")).status_code == 200


async def test_frozen_it_takes_everything_and_answers_nothing_until_it_thaws() -> None:
    async with fake("--faults") as engine:
        await switch(engine, freeze=True)
        health = asyncio.create_task(engine.client.get("/health"))
        answer = asyncio.create_task(engine.chat(max_tokens=2))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.shield(health), 0.2)
        await switch(engine)
        assert (await health).status_code == 200
        assert (await answer).json()["usage"]["completion_tokens"] == 2


async def test_who_leaves_a_frozen_one_is_forgotten() -> None:
    async with fake("--faults") as engine:
        await switch(engine, freeze=True)
        _, writer = await asyncio.open_connection(*address(engine.url))
        writer.write(raw(LONG))
        await until(lambda: len(engine.server._held) == 1)
        writer.close()
        await until(lambda: not engine.server._held)


async def test_a_stream_stalls_and_stays_open() -> None:
    async with fake("--faults") as engine:
        await switch(engine, stall_after=3)
        reader, writer = await asyncio.open_connection(*address(engine.url))
        writer.write(raw(LONG | {"stream": True}))
        for _ in range(1 + 3):
            await asyncio.wait_for(reader.readuntil(b"data: "), PATIENCE)
        await engine.idle()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.readuntil(b"data: "), 0.2)
        assert not reader.at_eof()
        writer.close()


@pytest.mark.parametrize("faults", [{"close_first": True}, {"close_after": 0}])
async def test_a_connection_closes_before_the_first_byte(faults: dict[str, Any]) -> None:
    async with fake("--faults") as engine:
        await switch(engine, **faults)
        with pytest.raises(httpx.RemoteProtocolError):
            await engine.client.post("/v1/chat/completions", json=LONG)
        with pytest.raises(httpx.TransportError):
            await lines(engine)
        await engine.idle()


async def test_a_stream_breaks_off_after_some_tokens() -> None:
    async with fake("--faults") as engine:
        await switch(engine, close_after=2, share=0.5)
        assert len(await lines(engine)) == 22
        with pytest.raises(httpx.TransportError):
            await lines(engine)
        await engine.idle()


async def test_an_error_in_the_stream_has_vllms_form() -> None:
    async with fake("--faults") as engine:
        await switch(engine, error_after=2)
        got = await lines(engine)
        assert got[-1] == "data: [DONE]"
        assert json.loads(got[-2].removeprefix("data: "))["error"]["code"] == 500
        assert len(got) == 1 + 2 + 2
        assert (await engine.chat()).status_code == 500
        await engine.idle()


async def test_garbage_comes_once_and_the_stream_goes_on() -> None:
    async with fake("--faults") as engine:
        await switch(engine, garbage_after=2)
        got = await lines(engine)
        assert got.count('data: {"id": "chatcmpl-') == 1
        assert len(got) == 1 + 20 + 1 + 1
        with pytest.raises(json.JSONDecodeError):
            (await engine.chat()).json()


async def test_usage_can_be_wrong_and_a_grammar_left() -> None:
    async with fake("--faults") as engine:
        await switch(engine, wrong_usage=2.0)
        assert (await engine.chat(max_tokens=5)).json()["usage"]["completion_tokens"] == 10
        await switch(engine, leave_grammar=True)
        wish = {"structured_outputs": {"choice": ["yes", "no"]}}
        assert (await engine.chat(**wish)).json()["choices"][0]["message"]["content"] not in ("yes", "no")


async def test_a_pooled_connection_is_stale() -> None:
    async with fake("--faults") as engine:
        await switch(engine, cut_keep_alive=True)
        reader, writer = await asyncio.open_connection(*address(engine.url))
        writer.write(raw(HELLO | {"max_tokens": 1}))
        await reader.readuntil(b"\r\n\r\n")
        writer.write(raw(HELLO | {"max_tokens": 1}))
        # The rest of the first answer, and then the end; no second one.
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await asyncio.wait_for(reader.readuntil(b"HTTP/1.1"), PATIENCE)
        writer.close()


async def test_the_cache_can_be_emptied() -> None:
    async with fake("--faults", "--enable-prompt-tokens-details") as engine:
        prompt = "a long prompt " * 20
        for expected in (0, 64):
            usage = (await engine.complete(prompt)).json()["usage"]
            assert usage["prompt_tokens_details"]["cached_tokens"] == expected
        assert (await engine.client.post("/reset_prefix_cache")).status_code == 200
        usage = (await engine.complete(prompt)).json()["usage"]
        assert usage["prompt_tokens_details"]["cached_tokens"] == 0


@pytest.mark.parametrize(
    ("faults", "answered"), [({"die_after_requests": 2}, 2), ({"die_after_tokens": 45}, 2)]
)
async def test_it_dies_when_it_was_told_to(faults: dict[str, Any], answered: int) -> None:
    async with (
        process("--fault", json.dumps(faults)) as (child, url),
        httpx.AsyncClient(timeout=PATIENCE) as client,
    ):
        for _ in range(answered):
            assert (await client.post(f"{url}/v1/chat/completions", json=LONG)).status_code == 200
        with pytest.raises(httpx.TransportError):
            await client.post(f"{url}/v1/chat/completions", json=LONG)
        assert await asyncio.wait_for(child.wait(), PATIENCE) == 1


async def test_its_parent_can_make_it_deaf_and_refuse_and_wake_it() -> None:
    async with process("--faults", "--model", "x") as (child, url):
        assert child.stdin is not None

        def say(**faults: Any) -> None:
            assert child.stdin is not None
            child.stdin.write(json.dumps(faults).encode() + b"\n")

        async def answers() -> bool:
            try:
                async with httpx.AsyncClient(timeout=0.5) as client:
                    return (await client.get(f"{url}/health")).status_code == 200
            except httpx.TransportError:
                return False

        async def refuses() -> bool:
            try:
                _, writer = await asyncio.open_connection(*address(url))
            except ConnectionRefusedError:
                return True
            writer.close()
            return False

        async def silent() -> bool:
            return not await answers()

        assert await answers()
        say(half_open=True)
        await until(silent)
        assert not await refuses(), "it still takes connections"
        say()
        await until(answers)
        say(refuse_seconds=1.0)
        await until(refuses)
        await until(answers)


async def test_it_ends_when_told_while_its_parent_lives() -> None:
    async with process() as (child, _):
        child.terminate()
        assert await asyncio.wait_for(child.wait(), PATIENCE) == 0


async def test_it_ends_with_its_parent_and_at_once_when_told() -> None:
    async with process() as (child, _):
        assert child.stdin is not None
        child.stdin.close()
        assert await asyncio.wait_for(child.wait(), PATIENCE) == 0
    async with process("--foreground", "--start-seconds", "0.1") as (child, url):
        assert child.stdin is not None
        child.stdin.close()
        async with httpx.AsyncClient(timeout=PATIENCE) as client:
            assert (await client.get(f"{url}/health")).status_code == 200
        child.terminate()
        assert await asyncio.wait_for(child.wait(), PATIENCE) == 0
