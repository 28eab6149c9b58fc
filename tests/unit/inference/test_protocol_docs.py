"""The guide to the API names every field, route and failure."""

from pathlib import Path

from lemma_inference import errors
from lemma_inference.apis.chat.protocol import ChatRequest
from lemma_inference.apis.completions.protocol import CompletionRequest
from lemma_inference.apis.embeddings.protocol import EmbeddingRequest
from lemma_inference.apis.sampling import StreamOptions, StructuredOutputs
from tests.unit.inference.inside import application

PAGE = (Path(__file__).parents[3] / "docs/guides/inference-api.md").read_text(encoding="utf-8")


def missing(words: set[str]) -> list[str]:
    return sorted(word for word in words if f"`{word}`" not in PAGE)


def test_every_field_is_in_the_guide() -> None:
    kinds = (ChatRequest, CompletionRequest, EmbeddingRequest, StreamOptions, StructuredOutputs)
    assert not missing({field.alias or name for kind in kinds for name, field in kind.model_fields.items()})


def test_every_route_is_in_the_guide() -> None:
    paths = application().openapi()["paths"]
    assert not missing({f"{verb.upper()} {path}" for path, verbs in paths.items() for verb in verbs})


def test_every_failure_that_a_client_may_see_is_in_the_guide() -> None:
    def kinds(kind: type[errors.ServiceError]) -> list[type[errors.ServiceError]]:
        return [kind, *(below for direct in kind.__subclasses__() for below in kinds(direct))]

    ours = [kind for kind in kinds(errors.ServiceError) if kind.__module__ == errors.__name__]
    # Of these the command line alone speaks, and the base class is what nobody foresaw.
    local = {"engine_missing", "model_refused", "settings_wrong", "internal_error"}
    assert not missing({kind.code for kind in ours} - local)
