"""What the backend relies on, held by the fake and by the real client before each engine."""

import asyncio
import re
from dataclasses import replace

import pytest

from lemma.gateways.inference import (
    Call,
    ContextOverflow,
    InferenceGateway,
    InferenceRefused,
    ModelUnknown,
)

GRAMMAR = r"""
start: "number: " pointer "\n" "total: " pointer "\n"
pointer: "1 " line_1 | "2 " line_2 | "-"
line_1: %regex {"substring_words": "Rechnung Nr. 4711 für Zoë Müller"}
line_2: %regex {"substring_words": "合計 12,50 EUR"}
"""
ANSWER = re.compile(r"number: (-|1 .*|2 .*)\ntotal: (-|1 .*|2 .*)\n")
LINES = {"1": "Rechnung Nr. 4711 für Zoë Müller", "2": "合計 12,50 EUR"}


async def a_call(gateway: InferenceGateway, text: str = "1 Rechnung") -> Call:
    [model] = await gateway.models()
    return Call(
        model=model.id,
        messages=[{"role": "system", "content": "invoices"}, {"role": "user", "content": text}],
        max_tokens=200,
        grammar=GRAMMAR,
    )


async def test_the_served_model_states_what_a_prompt_needs(gateway: InferenceGateway) -> None:
    [model] = await gateway.models()
    assert model.context >= 2048
    assert model.style in {"compact", "full"}
    assert model.logprobs in {"raw", "masked"}


@pytest.mark.parametrize("seed", range(4))
async def test_answers_obey_the_grammar(gateway: InferenceGateway, seed: int) -> None:
    call = replace(await a_call(gateway), temperature=1.0, seed=seed)
    completion = await gateway.complete(call)
    assert completion.finish == "stop"
    match = ANSWER.fullmatch(completion.text)
    assert match
    for pointer in match.groups():
        if pointer != "-":
            line, _, words = pointer.partition(" ")
            assert words in LINES[line]


async def test_the_same_greedy_call_has_the_same_answer(gateway: InferenceGateway) -> None:
    call = await a_call(gateway)
    assert (await gateway.complete(call)).text == (await gateway.complete(call)).text


async def test_tokens_are_counted(gateway: InferenceGateway) -> None:
    call = await a_call(gateway)
    short = await gateway.complete(call)
    long = await gateway.complete(await a_call(gateway, "1 Rechnung" * 20))
    assert 0 < short.prompt_tokens < long.prompt_tokens
    assert 0 < short.completion_tokens <= call.max_tokens


async def test_an_answer_is_cut_off_at_max_tokens(gateway: InferenceGateway) -> None:
    completion = await gateway.complete(replace(await a_call(gateway), max_tokens=4))
    assert completion.finish == "length"
    assert completion.completion_tokens <= 4
    assert "number: ".startswith(completion.text[:8])


async def test_token_texts_join_to_the_answer(gateway: InferenceGateway) -> None:
    for seed in range(4):
        call = replace(await a_call(gateway), top_logprobs=2, temperature=1.0, seed=seed)
        completion = await gateway.complete(call)
        assert "".join(token.text for token in completion.tokens) == completion.text
        for token in completion.tokens:
            assert token.logprob <= 0.0
            assert 1 <= len(token.top) <= 2


async def test_without_top_logprobs_there_are_no_tokens(gateway: InferenceGateway) -> None:
    assert (await gateway.complete(await a_call(gateway))).tokens == ()


async def test_a_wrong_grammar_is_refused_not_ignored(gateway: InferenceGateway) -> None:
    with pytest.raises(InferenceRefused, match="foo") as refused:
        await gateway.complete(replace(await a_call(gateway), grammar="start: foo"))
    assert refused.value.upstream == "grammar_invalid"


async def test_a_prompt_beyond_the_context_is_refused_with_both_counts(gateway: InferenceGateway) -> None:
    [model] = await gateway.models()
    with pytest.raises(ContextOverflow) as refused:
        await gateway.complete(await a_call(gateway, "x" * (model.context + 1)))
    assert refused.value.context == model.context
    assert refused.value.prompt_tokens > model.context


async def test_another_model_is_not_found(gateway: InferenceGateway) -> None:
    with pytest.raises(ModelUnknown):
        await gateway.complete(replace(await a_call(gateway), model="gpt-9"))


async def test_more_calls_than_seats_are_all_answered(gateway: InferenceGateway) -> None:
    calls = [await a_call(gateway, f"{n} Rechnung") for n in range(12)]
    completions = await asyncio.gather(*(gateway.complete(call) for call in calls))
    assert all(ANSWER.fullmatch(completion.text) for completion in completions)


async def test_a_cancelled_call_does_no_harm_to_the_next(gateway: InferenceGateway) -> None:
    call = await a_call(gateway)
    task = asyncio.create_task(gateway.complete(call))
    await asyncio.sleep(0.005)
    task.cancel()
    await asyncio.wait({task})
    assert ANSWER.fullmatch((await gateway.complete(call)).text)


async def test_texts_can_be_counted_without_further_requests(gateway: InferenceGateway) -> None:
    [model] = await gateway.models()
    count = await gateway.counter(model.id)
    assert count("") == 0
    assert 0 < count("12") <= count("12 Rechnung") <= len("12 Rechnung")
