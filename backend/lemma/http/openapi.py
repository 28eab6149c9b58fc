"""The OpenAPI document: readable operation ids, every error a Problem, and one stable text of it."""

import json
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from pydantic import BaseModel

from lemma.http.problems import Problem


def operation_id(route: APIRoute) -> str:
    """`runs-create`: the noun, then what is done with it. Clients name their methods after it."""
    noun = str(route.tags[0]) if route.tags else "service"
    return f"{noun}-{route.name.replace('_', '-')}"


def describe(app: FastAPI, *models: type[BaseModel]) -> None:
    """Make the app's OpenAPI complete: the Problem that errors refer to, and `models` that only the
    description of a body names."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        document = generate()
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        wanted: tuple[type[BaseModel], ...] = (Problem, *models)
        for model in wanted:
            if model.__name__ not in schemas:
                schemas[model.__name__] = model.model_json_schema(ref_template="#/components/schemas/{model}")
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        return document

    app.openapi = openapi  # type: ignore[method-assign]  # The way that FastAPI documents for this.


def text_of(app: FastAPI) -> str:
    """The document as it stands in `docs/openapi.json`."""
    return json.dumps(app.openapi(), indent=2, ensure_ascii=False) + "\n"
