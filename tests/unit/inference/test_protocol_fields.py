"""The fields of a request: what is taken, what it becomes, and what is refused in what words."""

from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from lemma_inference.apis.chat.protocol import ChatRequest
from lemma_inference.apis.completions.protocol import CompletionRequest
from lemma_inference.apis.embeddings.protocol import EmbeddingRequest
from lemma_inference.engines.protocol import Ask, EmbedAsk
from tests.unit.inference.inside import client

CHAT: dict[str, Any] = {"model": "fake", "messages": [{"role": "user", "content": "hello"}]}
PLAIN = Ask(messages=[{"role": "user", "content": "hello"}])
TEXT: dict[str, Any] = {"model": "fake", "prompt": "hello"}
BOTH = [(ChatRequest, CHAT), (CompletionRequest, TEXT)]


def chat(**fields: Any) -> Ask:
    return ChatRequest.model_validate(CHAT | fields).ask()


def text(**fields: Any) -> Ask:
    return CompletionRequest.model_validate(TEXT | fields).ask()


@pytest.mark.parametrize(("kind", "least"), BOTH)
def test_null_is_the_same_as_nothing(
    kind: type[ChatRequest | CompletionRequest], least: dict[str, Any]
) -> None:
    nulls = {name: None for name in kind.model_fields if name not in least}
    assert kind.model_validate(least | nulls).ask() == kind.model_validate(least).ask()


@pytest.mark.parametrize(
    "nothing",
    [
        {"tools": [], "tool_choice": "none", "parallel_tool_calls": True},
        {"user": "u", "safety_identifier": "s", "prompt_cache_key": "k", "metadata": {"a": "b"}},
        {"store": False, "logit_bias": {}, "n": 1},
        {"priority": -1000},
        {"response_format": {"type": "text"}},
        {"stop": []},
        {"stop": ""},
        {"top_logprobs": 0},
    ],
)
def test_what_asks_for_nothing_changes_nothing(nothing: dict[str, Any]) -> None:
    assert chat(**nothing) == PLAIN


def test_every_field_that_shapes_an_answer_arrives() -> None:
    drawn = {
        "temperature": 0.5,
        "top_p": 0.9,
        "top_k": 5,
        "min_p": 0.1,
        "presence_penalty": 1.0,
        "frequency_penalty": -1.0,
        "repetition_penalty": 1.5,
        "min_tokens": 3,
        "max_tokens": 4,
        "ignore_eos": True,
        "seed": 7,
    }
    for ask in (chat(**drawn), text(**drawn)):
        assert {name: getattr(ask, name) for name in drawn} == drawn
    assert chat(stop="x").stop == ("x",)
    assert text(stop=["x", "y"]).stop == ("x", "y")
    assert chat(logprobs=True, top_logprobs=3).top_logprobs == 3
    assert chat(logprobs=True).top_logprobs == 0
    assert text(logprobs=0).top_logprobs == 0
    assert text().top_logprobs is None


def test_the_length_of_an_answer_has_two_names_and_two_defaults() -> None:
    assert chat().max_tokens is None
    assert chat(max_completion_tokens=5).max_tokens == chat(max_tokens=5).max_tokens == 5
    assert text().max_tokens == text(max_tokens=None).max_tokens == 16


def test_a_number_is_a_number_however_it_is_written() -> None:
    assert chat(max_tokens=5.0, seed=3.0) == chat(max_tokens=5, seed=3)
    assert text(prompt=[1.0, 2]).prompt == (1, 2)


@pytest.mark.parametrize("seed", [-(2**63), -1, 0, 2**63 - 1, 2**64, 10**40])
def test_any_seed_is_one_that_an_engine_can_keep(seed: int) -> None:
    found = chat(seed=seed).seed
    assert found is not None
    assert 0 <= found < 2**63


@pytest.mark.parametrize(
    ("form", "lark"),
    [
        ({"structured_outputs": {"grammar": "start: A"}}, "start: A"),
        ({"structured_outputs": {"choice": ["a", "b"]}}, 'start: "a" | "b"'),
        ({"structured_outputs": {"regex": "a+", "json": None}}, "start: /a+/"),
        ({"structured_outputs": {"json": {"const": 1}}}, 'start: %json {"const": 1}'),
        ({"response_format": {"type": "json_object"}}, 'start: %json {"type": "object"}'),
        (
            {
                "response_format": {
                    "type": "json_schema",
                    "json_schema": {"name": "n", "strict": True, "schema": {"const": 1}},
                }
            },
            'start: %json {"const": 1}',
        ),
    ],
)
def test_every_form_of_structure_becomes_lark(form: dict[str, Any], lark: str) -> None:
    assert chat(**form).grammar == text(**form).grammar == lark


def test_an_answer_may_be_sent_back_and_a_developer_is_the_system() -> None:
    answer: dict[str, Any] = {
        "role": "assistant",
        "content": "hi",
        "refusal": None,
        "tool_calls": None,
        "annotations": [],
    }
    messages = [{"role": "developer", "content": [{"type": "text", "text": "a"}]}, answer]
    assert list(chat(messages=messages).messages) == [
        {"role": "system", "content": "a"},
        {"role": "assistant", "content": "hi"},
    ]


@pytest.mark.parametrize(
    ("prompt", "found"), [("x", "x"), (["x"], "x"), ([1, 2], (1, 2)), ([[1, 2]], (1, 2))]
)
def test_a_prompt_has_four_forms(prompt: Any, found: Any) -> None:
    assert text(prompt=prompt).prompt == found


@pytest.mark.parametrize(
    "prompt", ["", [], [[]], [""], ["x", "y"], [[1], [2]], [True], [-1], [2**31], [1.5], ["x", 1], None, {}]
)
def test_and_no_others(prompt: Any) -> None:
    with pytest.raises(ValidationError):
        text(prompt=prompt)


@pytest.mark.parametrize(
    ("given", "inputs"),
    [("x", ("x",)), (["x", "y"], ("x", "y")), ([1, 2], ((1, 2),)), ([[1], [2, 3]], ((1,), (2, 3)))],
)
def test_inputs_to_embed_have_four_forms(given: Any, inputs: Any) -> None:
    fields = {"model": "m", "input": given, "dimensions": 3, "truncate_prompt_tokens": -1, "user": "u"}
    assert EmbeddingRequest.model_validate(fields).ask() == EmbedAsk(inputs, 3, -1)


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"guided_json": {}}, 'structured_outputs, for example {"structured_outputs": {"json"'),
    ({"guided_json": None}, "guided_json"),
    ({"guided_regex": "x"}, '{"regex"'),
    ({"guided_decoding_backend": "outlines"}, "compiles grammars itself"),
    ({"structured_outputs": {"structural_tag": "x"}}, "Use grammar, json, regex or choice"),
    ({"structured_outputs": {"json_object": True}}, "response_format"),
    ({"structured_outputs": {"regex": "x", "choice": ["x"]}}, "exactly one"),
    ({"structured_outputs": {"regex": "x"}, "response_format": {"type": "json_object"}}, "not both"),
    ({"response_format": {"type": "structural_tag"}}, "response_format.type"),
    ({"response_format": {"type": "json_schema", "json_schema": {"name": "n"}}}, "schema"),
    ({"cache_salt": "x"}, "the key says"),
    ({"n": 2}, "one answer"),
    ({"store": True}, "Nothing is stored"),
    ({"logit_bias": {"1": 1}}, "cannot be favoured"),
    ({"stop_token_ids": [1]}, "'stop_token_ids'"),
    ({"use_beam_search": True}, "'use_beam_search'"),
    ({"max_tokens": "5"}, "max_tokens"),
    ({"max_tokens": True}, "max_tokens"),
    ({"temperature": "1"}, "temperature"),
    ({"stream": 1}, "stream"),
    ({"min_tokens": 6, "max_tokens": 5}, "min_tokens is more than max_tokens"),
    ({"stream_options": {}}, "needs stream: true"),
    ({"stream": True, "stream_options": {"continuous_usage_stats": True}}, "include_usage"),
    ({"stream": True, "stream_options": {"chunk_size": 1}}, "stream_options.chunk_size"),
]
CHAT_ONLY: list[tuple[dict[str, Any], str]] = [
    ({"tools": [{"type": "function"}]}, "Tools are not offered"),
    ({"tool_choice": "required"}, "Tools are not offered"),
    ({"functions": []}, "Tools are not offered"),
    ({"top_logprobs": 2}, "needs logprobs: true"),
    ({"logprobs": 2}, "logprobs"),
    ({"max_tokens": 5, "max_completion_tokens": 5}, "not both"),
    ({"messages": [{"role": "user", "content": "x", "name": "n"}]}, "name"),
    ({"messages": [{"role": "tool", "content": "x"}]}, "role"),
    ({"messages": [{"role": "assistant", "content": "x", "tool_calls": [{}]}]}, "tool_calls"),
    ({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {}}]}]}, "content"),
    ({"reasoning_effort": "low"}, "'reasoning_effort'"),
]
TEXT_ONLY: list[tuple[dict[str, Any], str]] = [
    ({"echo": True}, "The prompt is not repeated"),
    ({"echo": 0}, "echo"),
    ({"suffix": "x"}, "continued, not filled in"),
    ({"best_of": 2}, "one answer"),
    ({"logprobs": True}, "logprobs"),
    ({"max_completion_tokens": 5}, "'max_completion_tokens'"),
]
WRONG_INPUTS: list[dict[str, Any]] = [
    {"input": []},
    {"input": [""]},
    {"encoding_format": "int8"},
    {"dimensions": 0},
    {"truncate_prompt_tokens": -2},
    {"truncate_prompt_tokens": 0},
    {"normalize": True},
]


async def refusal(http: httpx.AsyncClient, path: str, body: dict[str, Any]) -> str:
    response = await http.post(path, json=body)
    assert response.status_code == 400
    assert response.headers["content-type"] == "application/problem+json"
    detail: str = response.json()["detail"]
    return detail


async def test_what_is_refused_is_named_and_told_what_to_do_instead() -> None:
    async with client() as http:
        for fields, word in [*REFUSED, *CHAT_ONLY]:
            assert word in await refusal(http, "/v1/chat/completions", CHAT | fields)
        for fields, word in [*REFUSED, *TEXT_ONLY]:
            assert word in await refusal(http, "/v1/completions", TEXT | fields)
        for fields in WRONG_INPUTS:
            body = {"model": "fake", "input": "x"} | fields
            assert next(iter(fields)) in await refusal(http, "/v1/embeddings", body)
