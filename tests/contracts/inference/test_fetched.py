"""A model comes from a hub to an answer, and the hub is gone by then."""

from pathlib import Path

import httpx
import pytest

from lemma.gateways.inference import Call, HttpInference
from lemma_inference.assembly import build
from lemma_inference.errors import ModelRefused
from lemma_inference.registry import load_cards, local_folder
from lemma_inference.registry.fetch import Fetcher
from lemma_inference.registry.hub import Hub
from lemma_inference.settings import Settings
from tests.contracts.inference.service import registry, serving
from tests.unit.inference.hub_server import hub_server, resolved

REVISION = "c0ffee" + "0" * 34
CALL = Call("tiny", [{"role": "user", "content": "hello"}], 100, grammar="start: /[a-z]{20}/")


def fetched(folder: Path) -> Settings:
    """A registry whose model is a hub's, and the model fetched from there."""
    (folder / "made").mkdir()
    made = registry(folder / "made")
    models = folder / "models.toml"
    text = made.read_text(encoding="utf-8").replace(
        'repository = "tests"', f'repository = "tests/tiny"\nrevision = "{REVISION}"'
    )
    models.write_text(text, encoding="utf-8")
    settings = Settings(models_file=models, models_folder=folder / "models", model="tiny", slots=1, threads=1)
    card = load_cards(models)["tiny"]
    content = {file.path: (made.parent / file.path).read_bytes() for file in card.files}
    with hub_server(resolved("tests/tiny", REVISION, content)) as hub, httpx.Client() as client:
        Fetcher(client, Hub(hub.url)).fetch(card, local_folder(card, settings))
    return settings


async def test_a_fetched_model_is_served_from_its_files_alone(tmp_path: Path) -> None:
    settings = fetched(tmp_path)
    async with serving(settings, build(settings)) as running, HttpInference(running.url) as gateway:
        assert len((await gateway.complete(CALL)).text) == 20
        async with running.client() as client:
            assert (await client.get("/v1/models/tiny/tokenizer")).status_code == 200


def test_a_fetched_model_with_one_altered_byte_is_refused(tmp_path: Path) -> None:
    settings = fetched(tmp_path)
    weights = tmp_path / "models" / "tiny" / REVISION / "tiny.gguf"
    data = bytearray(weights.read_bytes())
    data[len(data) // 2] ^= 1
    weights.write_bytes(data)
    with pytest.raises(ModelRefused, match="SHA-256"):
        build(settings)


def test_a_file_of_code_beside_a_fetched_model_is_refused(tmp_path: Path) -> None:
    settings = fetched(tmp_path)
    (tmp_path / "models" / "tiny" / REVISION / "modeling_tiny.py").write_text("import os", encoding="utf-8")
    with pytest.raises(ModelRefused, match="is not pinned"):
        build(settings)
