"""What the OpenAPI document says beyond bodies: every failure a Problem, keys, headers, streams."""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field

from lemma_inference import errors
from lemma_inference.apis.problems import problem
from lemma_inference.errors import ServiceError

REF = "#/components/schemas/{model}"
KEY = "key"

_EXAMPLES: dict[int, ServiceError] = {
    400: errors.InvalidRequest(
        "The field 'guided_json' is not supported. It would be ignored, so the request is refused.",
        param="guided_json",
    ),
    401: errors.Unauthorized("Send the service's key as `Authorization: Bearer KEY`."),
    403: errors.Forbidden("The key 'backend-1' is for interactive, not for research."),
    404: errors.ModelUnknown("The model 'gpt-9' is not served here; served: 'starter'."),
    413: errors.TooLarge("The body may have at most 16777216 bytes.", limit=16_777_216),
    429: errors.Busy("The queue of this class is full. Try again in 5 s.", retry_after=5),
    502: errors.EngineRefused("The engine answered 400: no reason given"),
    503: errors.EngineUnavailable("The engine is starting."),
}


class ErrorMember(BaseModel):
    """The error as OpenAI's clients read it."""

    message: str
    type: str
    param: str | None = None
    code: str


class Problem(BaseModel):
    """Any failure (RFC 9457). `code` is stable; `detail` says what to do. Further members belong to the code:
    `param`, `retry_after`, `prompt_tokens`, `context`, `limit` and others."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(description="urn:lemma-inference:error:CODE")
    title: str
    status: int
    code: str
    detail: str
    error: ErrorMember


def failures(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The documented failures of a route, and that all others look the same."""
    return {status: _failure(_EXAMPLES[status]) for status in statuses} | {
        "default": {"description": "Any other failure", "content": _content(None)}
    }


def answer(model: type[BaseModel], *, stream: type[BaseModel] | None = None) -> dict[int | str, Any]:
    """A route's good answer, in one piece and, where there is one, as server-sent events."""
    content: dict[str, Any] = {"application/json": {"schema": {"$ref": REF.format(model=model.__name__)}}}
    if stream is not None:
        content["text/event-stream"] = {"schema": _event(stream.__name__)}
    return {200: {"description": "The answer", "content": content}}


def describe(app: FastAPI, *models: type[BaseModel], keyed: bool) -> None:
    """Makes the document complete: the models that are only referred to, and whether a key is needed."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        document = generate()
        components = document.setdefault("components", {})
        schemas = components.setdefault("schemas", {})
        wanted: tuple[type[BaseModel], ...] = (Problem, *models)
        for model in wanted:
            schema = model.model_json_schema(ref_template=REF, mode="serialization")
            schemas.update(schema.pop("$defs", {}))
            schemas[model.__name__] = schema
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        components["securitySchemes"] = {KEY: {"type": "http", "scheme": "bearer"}}
        for path, operations in document["paths"].items():
            for operation in operations.values():
                operation["responses"].pop("422", None)  # FastAPI's; here a wrong request is a 400.
                operation["responses"] = failures() | operation["responses"]
                if keyed and path != "/health":
                    operation["security"] = [{KEY: []}]
        return document

    app.openapi = openapi  # type: ignore[method-assign]  # The way that FastAPI documents for this.


def _event(chunk: str) -> dict[str, Any]:
    """What one event of a stream is."""
    found = [{"$ref": REF.format(model=name)} for name in (chunk, "Problem")]
    said = f"A {chunk}; at the end `[DONE]`. Where an answer breaks off a Problem, and no [DONE] after it."
    json = {"type": "string", "contentMediaType": "application/json", "contentSchema": {"anyOf": found}}
    data = {"description": said, "anyOf": [{"const": "[DONE]"}, json]}
    return {"type": "object", "properties": {"data": data}, "required": ["data"]}


def _failure(error: ServiceError) -> dict[str, Any]:
    found: dict[str, Any] = {"description": error.title, "content": _content(problem(error))}
    if "retry_after" in error.extra:
        header = {"description": "Seconds", "schema": {"type": "integer"}}
        found["headers"] = {"Retry-After": header}
    return found


def _content(example: Mapping[str, Any] | None) -> dict[str, Any]:
    body: dict[str, Any] = {"schema": {"$ref": REF.format(model="Problem")}}
    if example is not None:
        body["example"] = example
    return {"application/problem+json": body}
