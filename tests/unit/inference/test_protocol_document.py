"""The OpenAPI document says what the service does: its answers have the documented shapes."""

import json
from typing import Any

import pytest
from pydantic import BaseModel

from lemma_inference.apis import answers
from lemma_inference.apis.openapi import Problem
from tests.unit.inference.inside import application, client

CHAT = {"model": "fake", "messages": [{"role": "user", "content": "hello"}]}
TEXT = {"model": "fake", "prompt": "hello"}
COUNTED = {"stream": True, "stream_options": {"include_usage": True, "continuous_usage_stats": True}}


def references(part: object) -> list[str]:
    if isinstance(part, dict):
        own = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
        return own + [ref for value in part.values() for ref in references(value)]
    return [ref for value in part for ref in references(value)] if isinstance(part, list) else []


def test_whatever_the_document_names_is_in_it() -> None:
    document = application().openapi()
    named = set(references(document))
    assert {"#/components/schemas/Problem", "#/components/schemas/ChatCompletionChunk"} <= named
    for name in named:
        assert name.removeprefix("#/components/schemas/") in document["components"]["schemas"]


def test_every_failure_is_a_problem_and_a_wrong_request_is_a_400() -> None:
    for path, operations in application().openapi()["paths"].items():
        for operation in operations.values():
            assert "422" not in operation["responses"]
            failures = {s: r for s, r in operation["responses"].items() if s == "default" or s >= "4"}
            assert "default" in failures
            if path != "/health":  # A report of what is not ready is a report.
                assert all("application/problem+json" in failure["content"] for failure in failures.values())


def test_the_document_says_whether_a_key_is_needed() -> None:
    for key in (None, "secret"):
        paths = application(api_key=key).openapi()["paths"]
        assert ("security" in paths["/v1/completions"]["post"]) == (key is not None)
        assert "security" not in paths["/health"]["get"]


def test_the_examples_are_examples() -> None:
    schemas = application().openapi()["components"]["schemas"]
    for name in ("ChatRequest", "CompletionRequest", "EmbeddingRequest"):
        [example] = schemas[name]["examples"]
        assert set(schemas[name]["required"]) <= set(example) <= set(schemas[name]["properties"])


@pytest.mark.parametrize(
    ("path", "body", "shape"),
    [
        ("/v1/chat/completions", CHAT, answers.ChatCompletion),
        ("/v1/chat/completions", CHAT | {"logprobs": True, "top_logprobs": 2}, answers.ChatCompletion),
        ("/v1/completions", TEXT, answers.Completion),
        ("/v1/completions", TEXT | {"logprobs": 2}, answers.Completion),
        ("/v1/embeddings", {"model": "fake", "input": ["a", "b"]}, answers.EmbeddingList),
        (
            "/v1/embeddings",
            {"model": "fake", "input": "a", "encoding_format": "base64"},
            answers.EmbeddingList,
        ),
    ],
)
async def test_answers_have_the_documented_shape(
    path: str, body: dict[str, Any], shape: type[BaseModel]
) -> None:
    async with client() as http:
        response = await http.post(path, json=body)
        assert response.status_code == 200, response.text
        shape.model_validate_json(response.content)


@pytest.mark.parametrize("options", [{"stream": True}, COUNTED])
@pytest.mark.parametrize(
    ("path", "body", "shape"),
    [
        ("/v1/chat/completions", CHAT, answers.ChatCompletionChunk),
        ("/v1/chat/completions", CHAT | {"logprobs": True, "top_logprobs": 1}, answers.ChatCompletionChunk),
        ("/v1/completions", TEXT, answers.Completion),
        ("/v1/completions", TEXT | {"logprobs": 1}, answers.Completion),
    ],
)
async def test_chunks_have_the_documented_shape(
    path: str, body: dict[str, Any], shape: type[BaseModel], options: dict[str, Any]
) -> None:
    async with client() as http:
        response = await http.post(path, json=body | options)
    *events, done = [event for event in response.text.split("\n\n") if event]
    assert done == "data: [DONE]"
    assert len(events) > 2
    for event in events:
        shape.model_validate_json(event.removeprefix("data: "))
        assert ("usage" in json.loads(event.removeprefix("data: "))) == (options is COUNTED)


async def test_models_and_failures_have_the_documented_shape() -> None:
    async with client("someone/model") as http:
        answers.ModelList.model_validate_json((await http.get("/v1/models")).content)
        for path in ("/v1/models/someone/model", "/v1/models/someone%2Fmodel"):
            answers.ModelBody.model_validate_json((await http.get(path)).content)
        assert (await http.get("/v1/models/someone/model/tokenizer")).status_code == 204
        for response in (
            await http.get("/v1/models/else"),
            await http.get("/nowhere"),
            await http.put("/v1/completions"),
            await http.post("/v1/completions", json={}),
        ):
            problem = Problem.model_validate_json(response.content)
            assert problem.status == response.status_code
            assert problem.error.message == problem.detail
