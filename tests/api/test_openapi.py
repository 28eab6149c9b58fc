"""The OpenAPI document: fresh, readable, complete about errors."""

import json
import re
from pathlib import Path
from typing import Any

from lemma.openapi import document

STORED = Path(__file__).parents[2] / "docs" / "openapi.json"
API: dict[str, Any] = json.loads(document())
OPERATIONS = [operation for methods in API["paths"].values() for operation in methods.values()]


def test_the_stored_document_is_fresh() -> None:
    assert STORED.read_text() == document(), "run `python -m lemma.openapi > docs/openapi.json`"


def test_operation_ids_read_well_and_are_unique() -> None:
    ids = [operation["operationId"] for operation in OPERATIONS]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)+", name) for name in ids)
    assert {"runs-create", "runs-list", "runs-get", "runs-events", "tasks-list"} <= set(ids)


def test_every_operation_is_described() -> None:
    for operation in OPERATIONS:
        assert operation["summary"], operation["operationId"]
        assert operation["description"], operation["operationId"]
        assert operation["tags"]


def test_every_error_is_a_problem_with_a_code() -> None:
    for operation in OPERATIONS:
        for status, response in operation["responses"].items():
            if int(status) >= 400:
                assert list(response["content"]) == ["application/problem+json"]
                assert re.search(r"`[a-z_]+`: ", response["description"])


def test_every_reference_leads_somewhere() -> None:
    names = set(re.findall(r"#/components/schemas/([A-Za-z_]+)", json.dumps(API)))
    assert names <= set(API["components"]["schemas"])
