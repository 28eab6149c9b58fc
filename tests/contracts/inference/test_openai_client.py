"""The official client before each engine: what it sends is taken, what it gets it understands."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import openai
import pytest
from openai.types.chat import ChatCompletionMessageParam
from pydantic import BaseModel

from lemma_inference.engines.fake import FakeEngine
from lemma_inference.errors import EngineLost
from tests.contracts.inference.service import Running, serving_fake

HELLO: list[ChatCompletionMessageParam] = [{"role": "user", "content": "hello"}]
DIGITS = {"structured_outputs": {"regex": "[0-9]{8}"}}
ENDLESS = {"structured_outputs": {"regex": "[a-z]{1500}"}}


def client_of(service: Running, key: str = "none") -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(base_url=f"{service.url}/v1", api_key=key, max_retries=0, timeout=120.0)


@pytest.fixture
async def client(service: Running) -> AsyncIterator[openai.AsyncOpenAI]:
    async with client_of(service) as client:
        yield client


async def test_a_chat(service: Running, client: openai.AsyncOpenAI) -> None:
    answer = await client.chat.completions.create(
        model=service.model, messages=HELLO, max_tokens=20, seed=1, user="u", extra_body=DIGITS
    )
    [choice] = answer.choices
    assert (choice.finish_reason, choice.message.role) == ("stop", "assistant")
    assert choice.message.content
    assert choice.message.content.isdigit()
    assert answer.usage
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens
    assert 0 < answer.usage.completion_tokens <= 20
    # An answer may be sent back as it is, as a part of the conversation.
    again = await client.chat.completions.create(
        model=service.model,
        messages=[*HELLO, choice.message.model_dump(), *HELLO],  # type: ignore[list-item]  # as people do it
        max_completion_tokens=1,
    )
    assert again.choices[0].finish_reason == "length"


async def test_a_chat_with_probabilities(service: Running, client: openai.AsyncOpenAI) -> None:
    answer = await client.chat.completions.create(
        model=service.model, messages=HELLO, max_tokens=20, logprobs=True, top_logprobs=2, extra_body=DIGITS
    )
    [choice] = answer.choices
    assert choice.logprobs
    assert choice.logprobs.content
    assert "".join(token.token for token in choice.logprobs.content) == choice.message.content
    assert all(token.logprob <= 0.0 and len(token.top_logprobs) <= 2 for token in choice.logprobs.content)


async def test_a_streamed_chat(service: Running, client: openai.AsyncOpenAI) -> None:
    text, usage, finish = "", None, None
    stream = await client.chat.completions.create(
        model=service.model,
        messages=HELLO,
        max_tokens=20,
        stream=True,
        stream_options={"include_usage": True},
        extra_body=DIGITS,
    )
    async for chunk in stream:
        assert chunk.object == "chat.completion.chunk"
        usage = chunk.usage or usage
        for choice in chunk.choices:
            text += choice.delta.content or ""
            finish = choice.finish_reason or finish
    assert (len(text), text.isdigit(), finish) == (8, True, "stop")
    assert usage
    assert usage.completion_tokens > 0


async def test_a_streamed_chat_by_the_clients_own_helper(
    service: Running, client: openai.AsyncOpenAI
) -> None:
    async with client.chat.completions.stream(
        model=service.model, messages=HELLO, max_tokens=20, extra_body=DIGITS
    ) as stream:
        completion = await stream.get_final_completion()
    assert completion.choices[0].message.content
    assert completion.choices[0].message.content.isdigit()


class Person(BaseModel):
    grown: bool


async def test_a_parsed_answer(service: Running, client: openai.AsyncOpenAI) -> None:
    answer = await client.chat.completions.parse(
        model=service.model, messages=HELLO, max_tokens=200, response_format=Person, seed=3
    )
    assert isinstance(answer.choices[0].message.parsed, Person)


@pytest.mark.parametrize("prompt", ["once upon a time", ["once upon a time"], [65, 66, 67], [[65, 66, 67]]])
async def test_a_completion(service: Running, client: openai.AsyncOpenAI, prompt: Any) -> None:
    answer = await client.completions.create(
        model=service.model, prompt=prompt, max_tokens=9, logprobs=1, extra_body=DIGITS
    )
    [choice] = answer.choices
    assert (answer.object, choice.finish_reason, choice.text.isdigit()) == ("text_completion", "stop", True)
    assert choice.logprobs
    assert "".join(choice.logprobs.tokens or ()) == choice.text
    assert choice.logprobs.text_offset == [
        len("".join((choice.logprobs.tokens or [])[:at])) for at in range(len(choice.logprobs.tokens or ()))
    ]
    # The likeliest token, and the chosen one where it is another.
    assert all(len(top) <= 2 for top in choice.logprobs.top_logprobs or ())


@pytest.mark.parametrize("most", [0, 3])
async def test_probabilities_come_with_so_many_others_as_are_wanted(
    service: Running, client: openai.AsyncOpenAI, most: int
) -> None:
    text = await client.completions.create(model=service.model, prompt="once", max_tokens=5, logprobs=most)
    assert text.choices[0].logprobs
    assert text.choices[0].logprobs.tokens
    tops = text.choices[0].logprobs.top_logprobs
    assert all(len(top) == 0 if most == 0 else 0 < len(top) <= most + 1 for top in tops or ())
    chat = await client.chat.completions.create(
        model=service.model, messages=HELLO, max_tokens=5, logprobs=True, top_logprobs=most
    )
    assert chat.choices[0].logprobs
    assert chat.choices[0].logprobs.content
    assert all(len(token.top_logprobs) <= most for token in chat.choices[0].logprobs.content)


async def test_a_streamed_completion(service: Running, client: openai.AsyncOpenAI) -> None:
    stream = await client.completions.create(
        model=service.model,
        prompt="once",
        max_tokens=9,
        stream=True,
        stream_options={"include_usage": True},
        extra_body=DIGITS,
    )
    chunks = [chunk async for chunk in stream]
    text = "".join(choice.text for chunk in chunks for choice in chunk.choices)
    assert (len(text), text.isdigit()) == (8, True)
    assert chunks[-1].usage
    assert chunks[-1].choices == []


async def test_the_same_seed_gives_the_same_answer(service: Running, client: openai.AsyncOpenAI) -> None:
    async def ask() -> str:
        answer = await client.completions.create(
            model=service.model, prompt="once", max_tokens=12, temperature=1.0, seed=-7
        )
        return answer.choices[0].text

    assert await ask() == await ask()


async def test_the_models(service: Running, client: openai.AsyncOpenAI) -> None:
    assert [model.id async for model in client.models.list()] == [service.model]
    assert (await client.models.retrieve(service.model)).id == service.model
    with pytest.raises(openai.NotFoundError, match="not served"):
        await client.models.retrieve("someone/else")


async def test_embeddings() -> None:
    async with serving_fake(FakeEngine()) as service, client_of(service) as client:
        # The client asks for base64 by itself, and turns it into numbers.
        both = await client.embeddings.create(model="fake", input=["one", "two"], dimensions=5)
        plain = await client.embeddings.create(
            model="fake", input="one", dimensions=5, encoding_format="float"
        )
        tokens = await client.embeddings.create(model="fake", input=[[1, 2], [3]])
        # As `vllm bench serve` has it.
        cut = await client.embeddings.create(
            model="fake", input="once upon", extra_body={"truncate_prompt_tokens": 4}
        )
        same = await client.embeddings.create(model="fake", input="once")
    assert (cut.data[0].embedding, cut.usage.total_tokens) == (same.data[0].embedding, 4)
    assert [len(row.embedding) for row in both.data] == [5, 5]
    assert both.data[0].embedding == pytest.approx(plain.data[0].embedding, abs=1e-6)
    assert sum(value * value for value in plain.data[0].embedding) == pytest.approx(1.0)
    assert [row.index for row in tokens.data] == [0, 1]
    assert both.usage.total_tokens == both.usage.prompt_tokens == 6


async def test_embeddings_of_a_model_that_writes(embedded: Running) -> None:
    async with client_of(embedded) as client:
        with pytest.raises(openai.BadRequestError, match="embed"):
            await client.embeddings.create(model=embedded.model, input="x")


Wrong = Callable[[openai.AsyncOpenAI, str], Coroutine[Any, Any, Any]]
WRONG: list[tuple[Wrong, type[openai.APIStatusError], str]] = [
    (lambda c, m: c.chat.completions.create(model="gpt-9", messages=HELLO), openai.NotFoundError, "gpt-9"),
    (lambda c, m: c.chat.completions.create(model=m, messages=[]), openai.BadRequestError, "messages"),
    (lambda c, m: c.chat.completions.create(model=m, messages=HELLO, n=2), openai.BadRequestError, "one ans"),
    (
        lambda c, m: c.chat.completions.create(
            model=m, messages=HELLO, tools=[{"type": "function", "function": {"name": "f"}}]
        ),
        openai.BadRequestError,
        "Tools are not offered",
    ),
    (
        lambda c, m: c.chat.completions.create(model=m, messages=HELLO, extra_body={"guided_json": {}}),
        openai.BadRequestError,
        "structured_outputs",
    ),
    (
        lambda c, m: c.chat.completions.create(model=m, messages=HELLO, stream=True, extra_body={"foo": 1}),
        openai.BadRequestError,
        "'foo'",
    ),
    (lambda c, m: c.completions.create(model=m, prompt=["a", "b"]), openai.BadRequestError, "prompt"),
    (lambda c, m: c.completions.create(model=m, prompt="a", echo=True), openai.BadRequestError, "echo"),
    (lambda c, m: c.completions.create(model=m, prompt="a", suffix="b"), openai.BadRequestError, "suffix"),
    (lambda c, m: c.completions.create(model=m, prompt="a", best_of=2), openai.BadRequestError, "best_of"),
]


@pytest.mark.parametrize(("wrong", "kind", "word"), WRONG)
async def test_what_is_refused_is_an_error_of_the_client(
    service: Running,
    client: openai.AsyncOpenAI,
    wrong: Wrong,
    kind: type[openai.APIStatusError],
    word: str,
) -> None:
    with pytest.raises(kind) as refused:
        await wrong(client, service.model)
    assert word in refused.value.message
    assert refused.value.code in {"invalid_request", "model_unknown"}


async def test_a_wrong_key_is_an_authentication_error() -> None:
    async with serving_fake(FakeEngine(), api_key="right") as service:
        async with client_of(service, "wrong") as client:
            with pytest.raises(openai.AuthenticationError):
                await client.models.list()
        async with client_of(service, "right") as client:
            assert (await client.models.list()).data


async def test_a_full_line_is_a_rate_limit() -> None:
    engine = FakeEngine(slots=1, pace=0.01)
    async with serving_fake(engine, waiting=0) as service, client_of(service) as client:
        first = await client.chat.completions.create(
            model="fake", messages=HELLO, stream=True, max_tokens=1500, extra_body=ENDLESS
        )
        await anext(first)
        with pytest.raises(openai.RateLimitError) as refused:
            await client.with_options(max_retries=0).chat.completions.create(model="fake", messages=HELLO)
        assert int(refused.value.response.headers["Retry-After"]) >= 1
        await first.close()


async def test_a_stream_that_is_left_frees_the_engine(service: Running, client: openai.AsyncOpenAI) -> None:
    stream = await client.chat.completions.create(
        model=service.model, messages=HELLO, stream=True, max_tokens=1500, extra_body=ENDLESS
    )
    await anext(stream)
    await stream.close()
    await service.until_idle()


async def test_an_answer_that_breaks_off_is_an_error_and_no_end() -> None:
    class Dying(FakeEngine):
        async def generate(self, ask: Any) -> Any:
            async for delta in super().generate(ask):
                yield delta
                raise EngineLost("The engine is gone.")

    async with serving_fake(Dying()) as service, client_of(service) as client:
        stream = await client.chat.completions.create(model="fake", messages=HELLO, stream=True)
        with pytest.raises(openai.APIError, match="gone"):
            async for _ in stream:
                pass


async def test_the_load_of_vllms_benchmark_is_taken(service: Running) -> None:
    """As `vllm bench serve` 0.33 sends it, by its backends `openai` and `openai-chat`."""
    parts = [{"role": "user", "content": [{"type": "text", "text": "hello"}]}]
    streamed = {"stream": True, "stream_options": {"include_usage": True}, "model": service.model}
    bodies = {
        "completions": {"prompt": "hello", "repetition_penalty": 1.0, "max_tokens": 9, "logprobs": None},
        "chat/completions": {"messages": parts, "max_completion_tokens": 9},
    }
    drawn = {"ignore_eos": True, "temperature": 0.0, "top_p": 0.9, "top_k": 5, "min_p": 0.01}
    async with service.client() as client:
        for path, body in bodies.items():
            response = await client.post(f"/v1/{path}", json=body | streamed | drawn)
            assert response.status_code == 200, response.text
            *events, done = [line[6:] for line in response.text.split("\n\n") if line]
            assert done == "[DONE]"
            last = json.loads(events[-1])
            assert last["choices"] == []
            assert 0 < last["usage"]["completion_tokens"] <= 9
            assert all("text" in c or "delta" in c for e in events for c in json.loads(e)["choices"])


async def test_counts_come_with_each_part_where_they_are_asked_for(service: Running) -> None:
    body = {
        "model": service.model,
        "prompt": "hello",
        "max_tokens": 9,
        "stream": True,
        "stream_options": {"include_usage": True, "continuous_usage_stats": True},
        **DIGITS,
    }
    async with service.client() as client:
        response = await client.post("/v1/completions", json=body)
    counts = [
        json.loads(line[6:])["usage"]["completion_tokens"]
        for line in response.text.split("\n\n")
        if line and line != "data: [DONE]"
    ]
    assert counts == sorted(counts)
    assert counts[-1] > 0


async def test_many_at_once(service: Running, client: openai.AsyncOpenAI) -> None:
    async def one(n: int) -> str:
        answer = await client.completions.create(
            model=service.model, prompt=f"number {n}", max_tokens=9, extra_body=DIGITS
        )
        return answer.choices[0].text

    texts = await asyncio.gather(*(one(n) for n in range(16)))
    assert all(text.isdigit() for text in texts)
